"""The report of training by agency: who booked, attended and was not there, and what it changed; no small numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from db import learning
from db.bookings import BookingState
from db.learning import Said
from db.people import SECRETARIAT, Role
from handlers.context import Context, Request, UserError
from handlers.learning import answers
from handlers.messages import Button, Card, Element, Note, Table, Text
from handlers.wording import words
from knowledge import clocks, suppression
from knowledge.calendar import instant

READERS = SECRETARIAT | {Role.SCRUTINEER, Role.STATUTORY_PARTNER}
HIDDEN, NO_AGENCY, EVERYBODY = "hidden", "No agency", "All agencies"
MOST = 29  # agencies in a table, under which stands their total
_APRIL = 4
_FIRST = 2000
_THERE, _MISSED, _OTHER = "there", "missed", "other"
_KINDS = {BookingState.ATTENDED.value: _THERE, BookingState.NO_SHOW.value: _MISSED}

Numbers = Mapping[str, Mapping[str, int]]  # of each agency: how many of each kind


def show(context: Context, request: Request) -> Card:
    """Show the report of a year, which begins in April, to those who may read it."""
    if not context.actor.roles & READERS:
        raise UserError(
            "The report of training is for the secretariat, the scrutineer and the statutory partners.",
            hint="Type learning to see your own sessions.",
        )
    year = _year(context, request.value or request.text.rpartition(" ")[2])
    since, until = (_begins(context, one) for one in (year, year + 1))
    noted = instant(context.today.replace(day=1), time(0), context.house.time_zone)
    until = min(until, noted)
    numbers = _counted(context, since, until, noted)
    said = learning.said_in(context.session, since=since, until=until, noted=noted)
    least = clocks.numbers("training")["hidden_below"]
    buttons = (Button("The year before", "learning.report", str(year - 1)),) if year > _FIRST else ()
    note = Note(
        f"Counted as it was noted by the end of {noted - timedelta(days=1):%B %Y}, by the agency at the time of "
        "booking. The report changes once a month: from one each day, it could be told who came between."
    )
    if not numbers:
        body: tuple[Element, ...] = (Text("No session with bookings took place in the months that are over."), note)
    else:
        body = (
            _places(numbers, least), _changes(said, least),
            Text(words("learning_report", least=least, later=_looked_back(said, least))),
            note,
        )  # fmt: skip
    return Card(f"Training from April {year} to March {year + 1}", body, buttons)


def _year(context: Context, text: str) -> int:
    """Return the year that was asked for, or else the one that is running."""
    running = context.today.year - (context.today.month < _APRIL)
    return min(max(int(text), _FIRST), running) if text.isdecimal() and len(text) == 4 else running  # noqa: PLR2004


def _begins(context: Context, year: int) -> datetime:
    return instant(date(year, _APRIL, 1), time(0), context.house.time_zone)


def _counted(context: Context, since: datetime, until: datetime, noted: datetime) -> Numbers:
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys((_THERE, _MISSED, _OTHER), 0))
    for agency, state, number in learning.counted(context.session, since=since, until=until, noted=noted):
        found[agency or NO_AGENCY][_KINDS.get(state, _OTHER)] += number
    return found


def _places(numbers: Numbers, least: int) -> Table:
    """Return the table of places. The sum of a row is shown where nothing of the row is hidden: it could tell."""
    kinds = {
        kind: suppression.hidden({agency: row[kind] for agency, row in numbers.items()}, least)
        for kind in (_THERE, _MISSED, _OTHER)
    }

    def cells(name: str, row: Mapping[str, int], hidden: set[str]) -> tuple[str, ...]:
        booked = HIDDEN if hidden else str(sum(row.values()))
        return (name, booked, *(HIDDEN if kind in hidden else str(row[kind]) for kind in (_THERE, _MISSED)))

    rows = [
        cells(agency, row, {kind for kind, found in kinds.items() if agency in found.names})
        for agency, row in numbers.items()
    ]
    total = {kind: sum(row[kind] for row in numbers.values()) for kind in kinds}
    last = cells(EVERYBODY, total, {kind for kind, found in kinds.items() if found.total})
    more = f"And {len(rows) - MOST} more agencies." if len(rows) > MOST else ""
    return Table(("Agency", "Booked", "Attended", "Not there"), (*rows[:MOST], last), more)


def _changes(said: list[Said], least: int) -> Table:
    """Return by how much confidence changed, for agencies with enough people who said it both times.

    There is no row for all of them: from their mean and those of the others, that of few people could be worked out.
    """
    by_agency: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        by_agency[one.agency or NO_AGENCY].append(one)
    rows = [
        (
            agency,
            _change(answers.mean(found, lambda one: _less(one.after, one.before), least)),
            _change(answers.mean(found, lambda one: _less(one.later, one.before), least)),
        )
        for agency, found in sorted(by_agency.items())
    ]
    more = f"And {len(rows) - MOST} more agencies." if len(rows) > MOST else ""
    return Table(("Agency", "Confidence after", "Three months later"), tuple(rows[:MOST]), more)


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


def _change(mean: float | None) -> str:
    return "too few answers" if mean is None else f"{mean:+.1f}"


def _looked_back(said: list[Said], least: int) -> str:
    number = sum(one.later is not None for one in said)
    return str(number) if number >= least else f"fewer than {least}"
