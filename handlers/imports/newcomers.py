"""Rows without a reference: escalations and risks that were kept elsewhere, read into records or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeVar

from db import directory, people
from db.people import SECRETARIAT
from handlers import naming
from handlers.context import Context, UserError
from handlers.imports import values
from handlers.imports.comparing import New
from handlers.imports.matching import KINDS
from handlers.imports.reading import Problem
from handlers.imports.values import CellError
from handlers.papers.table import Value
from knowledge.calendar import instant

T = TypeVar("T")
_NOON = time(12)  # of the day that a file names, which says no hour
_SCORES = ("inherent", "current", "target")
_AS_NEW = {"urgency": "routine"}  # what a column that something new cannot bring may say all the same
_NEEDED = {
    ("escalations", "responded"): ("executive_response", "decision_type", "decided_on"),
    ("escalations", "closed"): ("outcome",),
    ("risks", "open"): ("owner", "current_l", "current_i", "response"),
    ("risks", "closed"): ("evidence",),
}  # what has to be there for something to be taken over in such a state


@dataclass(slots=True)
class Wanted:
    """One record to be taken over: its columns by their names here, and the state in which it begins."""

    number: int
    status: str
    group: str = ""
    owner_id: int | None = None
    texts: dict[str, Value] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    in_three: bool = False

    def moment(self, context: Context, name: str) -> datetime | None:
        """Return the moment that stands for a day of the file; never one that is still to come."""
        if name not in self.days:
            return None
        return min(instant(self.days[name], _NOON, context.house.time_zone), context.now)


class Reader:
    """Reads rows without a reference, and keeps what is wrong with them. It lives as long as one file is looked at."""

    def __init__(self, context: Context, kind: str, problems: list[Problem]) -> None:
        self._context = context
        self._kind = kind
        self._problems = problems
        self._fields = {one.name: one for one in KINDS[kind]}
        self._groups: dict[str, str] = {}
        self._people: dict[str, list[directory.Entry]] = {}
        for one in directory.everybody(context.session):
            if one.left_on is None or one.left_on > context.today:
                self._people.setdefault(one.name.casefold(), []).append(one)

    def read(self, new: New) -> Wanted | None:
        """Return what a row asks for; None when something is wrong with it."""
        before = len(self._problems)
        wanted = Wanted(new.number, self._tried(new, "status", lambda text: values.standing(self._kind, text)) or "")
        for name in new.cells.keys() - {"status", "ref", "version"}:
            if self._fields[name].new:
                self._cell(new, name, wanted)
            elif values.tidy(new.cells[name]).casefold() not in ("", _AS_NEW.get(name, "")):
                self._wrong(new.number, name, "Something new cannot bring this. Leave it empty.")
        for one in self._fields.values():
            if one.needed and not new.cells.get(one.name, "").strip():
                self._wrong(new.number, one.name, "Please fill this in.")
        self._together(new, wanted)
        return wanted if len(self._problems) == before else None

    def _cell(self, new: New, name: str, wanted: Wanted) -> None:
        one = self._fields[name]
        if name == "group":
            wanted.group = self._tried(new, name, self._group) or ""
        elif name == "owner":
            wanted.owner_id = self._tried(new, name, self._owner)
        elif name.endswith(("_on", "_date")):
            found = self._tried(new, name, values.day)
            wanted.days.update({name: found} if found else {})
        elif name.endswith(("_l", "_i")):
            step = self._tried(new, name, values.step)
            wanted.steps.update({name: step} if step else {})
            wanted.in_three = wanted.in_three or values.in_three(new.cells[name].strip())
        elif new.cells[name].strip() or not one.needed:
            read = self._tried(new, name, lambda text: values.read(one, text))
            wanted.texts.update({name: read} if read else {})

    def _together(self, new: New, wanted: Wanted) -> None:
        """Look at what has to be there, or in order, together."""
        days, today = wanted.days, self._context.today
        for name in ("raised_on", "decided_on", "closed_on"):
            if name in days and days[name] > today:
                self._wrong(new.number, name, "This day is still to come.")
            elif name in days and "raised_on" in days and days[name] < days["raised_on"]:
                self._wrong(new.number, name, "This is before the day on which it was raised.")
        for which in _SCORES:
            if (f"{which}_l" in wanted.steps) is not (f"{which}_i" in wanted.steps):
                missing = f"{which}_i" if f"{which}_l" in wanted.steps else f"{which}_l"
                self._wrong(new.number, missing, "A score needs a likelihood and an impact.")
        for name in self._missing(wanted):
            title = self._fields[name].title
            if not any(one.row == new.number and one.column == title for one in self._problems):
                self._wrong(new.number, name, f"Status '{new.cells.get('status', '').strip()}' needs this.")

    def _missing(self, wanted: Wanted) -> list[str]:
        """Return what a record lacks for the state in which it is taken over."""
        there = {*wanted.texts, *wanted.days, *wanted.steps, *(["owner"] if wanted.owner_id else [])}
        needed = _NEEDED.get((self._kind, wanted.status), ())
        return [name for name in needed if name not in there]

    def _tried(self, new: New, name: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(values.tidy(new.cells.get(name, "")))
        except CellError as error:
            self._wrong(new.number, name, str(error))
        except UserError as error:
            self._wrong(new.number, name, f"{error} {error.hint}".strip())
        return None

    def _wrong(self, number: int, name: str, message: str) -> None:
        self._problems.append(Problem(number, self._fields[name].title, message))

    def _group(self, text: str) -> str:
        if text and text not in self._groups:
            self._groups[text] = naming.group(self._context, text)
        return self._groups.get(text, "")

    def _owner(self, text: str) -> int | None:
        """Return who is named. Raises CellError for nobody, several, and the secretariat, which owns no risk."""
        if not text:
            return None
        found = self._people.get(" ".join(text.split()).casefold(), [])
        if len(found) != 1:
            raise CellError(
                "Two people of that name are enrolled. Leave it empty, and choose the owner in chat."
                if found
                else "Nobody of that name is enrolled. Enrol them first, or leave it empty."
            )
        if people.roles(self._context.session, found[0].id, on=self._context.today) & SECRETARIAT:
            raise CellError("The secretariat owns no risk. Leave it empty, and choose the owner in chat.")
        return found[0].id
