"""What a file would change, worked out before anything is changed: what is new, what differs, what is wrong where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from db import papers
from db.escalations import Escalation
from db.risks import Risk, Status
from handlers.context import Context
from handlers.imports import matching, values
from handlers.imports.matching import Matched
from handlers.imports.reading import Line, Problem
from handlers.imports.values import CellError
from handlers.papers import columns, making
from handlers.papers.columns import Change, Field
from handlers.papers.saying import WITHHELD
from handlers.papers.table import Value
from knowledge import workflows

_NOT_COMPARED = frozenset({"ref", "version", "days_open"})  # how it is found, and what changes by itself
_ENDED = (Status.CLOSED, Status.MERGED, Status.NOT_A_RISK)


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that is not as the record is: what stands there now, and what the file says."""

    field: Field
    before: str
    after: str
    value: Value


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that a file would change, in the version that the file knows."""

    row: Escalation | Risk
    version: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class New:
    """A row without a reference: what it says, by the names of the columns."""

    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class Outcome:
    """What a file would do; `there` counts rows without a reference whose title is on the list already."""

    new: list[New] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    there: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Say whether everything is so already."""
        return not (self.new or self.changed)


def compare(context: Context, kind: str, found: Matched, lines: Iterable[Line]) -> Outcome:
    """Return what the rows of a file would change, and every mistake in them. It changes nothing."""
    fields = matching.KINDS[kind]
    read = [(line.number, matching.cells(fields, found, line)) for line in lines]
    outcome = Outcome()
    with_ref = {number: cells["ref"].strip().upper() for number, cells in read if found.own and cells["ref"].strip()}
    known = _known(context, kind, set(with_ref.values()))
    seen: dict[str, int] = {}
    for number, cells in read:
        ref = with_ref.get(number, "")
        if not ref:
            outcome.new.append(New(number, cells))
        elif ref in seen:
            outcome.problems.append(Problem(number, "Ref", f"The same stands in row {seen[ref]}. Leave one out."))
        elif ref not in known:
            outcome.problems.append(Problem(number, "Ref", f"There is no {ref}. Leave it empty for something new."))
        else:
            _differences(kind, number, cells, known[ref], outcome)
        seen.setdefault(ref, number)
    return outcome


@dataclass(frozen=True, slots=True)
class _Known:
    """A record that is there, with what an export of it says in each column."""

    row: Escalation | Risk
    said: Mapping[str, Value]


def _known(context: Context, kind: str, refs: set[str]) -> dict[str, _Known]:
    made, floor = making.when(context, annex=True), context.house.risk_floor
    if kind == "escalations":
        tracked = papers.escalations(context.session, Escalation.ref.in_(refs))
        return {one.row.ref: _Known(one.row, columns.of_escalation(one, made)) for one in tracked}
    registered = papers.risks(context.session, Risk.ref.in_(refs))
    return {one.row.ref: _Known(one.row, columns.of_risk(one, made, floor=floor)) for one in registered}


def _differences(kind: str, number: int, cells: Mapping[str, str], known: _Known, outcome: Outcome) -> None:
    """Compare one row with its record, column by column."""
    current = cells["version"].strip() == str(known.row.version)
    mine: list[Difference] = []
    wrong: list[Problem] = []
    for one in matching.KINDS[kind]:
        if one.name not in cells or one.name in _NOT_COMPARED or not _differs(known.said[one.name], cells[one.name]):
            continue
        if one.change is not Change.NEVER:
            try:
                mine += _difference(one, known, cells[one.name])
            except CellError as error:
                wrong.append(Problem(number, one.title, str(error)))
        elif current:
            wrong.append(Problem(number, one.title, _IN_CHAT))
    if mine and not current:
        now = f"It was changed since this file was made: it is version {known.row.version} now. Export it again."
        wrong.append(Problem(number, "Version", now))
    if mine and not _open(kind, known.row):
        wrong.append(Problem(number, "Status", f"It is {known.row.status}, so its words stay. Open it again in chat."))
    outcome.problems += wrong
    if mine and not wrong:
        outcome.changed.append(Changed(known.row, known.row.version, tuple(mine)))
    elif not wrong:
        outcome.unchanged += 1


def _differs(value: Value, cell: str) -> bool:
    text = values.tidy(cell)
    return text not in (values.as_cell(value), WITHHELD) and not _same_day(value, text)


def _difference(one: Field, known: _Known, cell: str) -> list[Difference]:
    """Return what a cell would change; nothing where it says the same in other words. Raises CellError."""
    text = values.tidy(cell)
    value = values.read(one, text)
    if values.as_cell(value) == values.as_cell(getattr(known.row, one.name)):
        return []
    return [Difference(one, values.as_cell(known.said[one.name]), text, value)]


_IN_CHAT = "This is decided in chat, or has changed since the export. Put back what stood there, or export it again."


def _same_day(value: Value, text: str) -> bool:
    """Say whether a cell names the same day in another way, as spreadsheets like to."""
    if not isinstance(value, date):
        return False
    try:
        return values.day(text) == value
    except CellError:
        return False


def _open(kind: str, row: Escalation | Risk) -> bool:
    """Say whether the words of a record may still be put right."""
    if kind == "escalations":
        return workflows.escalations().step(row.status, "correct") is not None
    return row.status not in _ENDED
