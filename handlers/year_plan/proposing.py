"""The proposed meetings of a business year: shown with what stands against them, and kept as proposed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from db import calendar_days, meetings
from db import proposed as stored
from db.calendar_days import DayKind
from db.meetings import Meeting, MeetingState
from handlers import meeting_days
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Element, Table, Text, Tone
from handlers.prose import escape
from handlers.year_plan import proposed
from knowledge import cycle, groups, year_plan
from knowledge.calendar import CalendarError
from knowledge.year_plan import Blocked, Plan, Why

TAKES = re.compile(r"year(?: \d{4})?", re.IGNORECASE)
PAGE, MOST_WARNED = 12, 12
SERIES = ("rapid-review-working-group",)
WHY = {DayKind.HOLIDAY: Why.HOLIDAY, DayKind.RELIGIOUS: Why.RELIGIOUS, DayKind.BOARD: Why.BOARD}
_YEARS = (2000, 2100)
_APRIL = 4


@dataclass(frozen=True, slots=True)
class _Year:
    """A plan, with the meetings of its year that are on the list already."""

    year: int
    plan: Plan
    there: list[tuple[str, Meeting]]

    @property
    def mark(self) -> str:
        """Return what tells this plan from another one, for a button."""
        said = "|".join(f"{one.group} {one.on.isoformat()}" for one in self.plan.proposals)
        return hashlib.sha256(said.encode()).hexdigest()[:12]


def show(context: Context, request: Request) -> Card:
    """Show the plan of a year, page by page; by itself that of the next business year that begins."""
    said, _, page = request.value.partition("|")
    return _card(context, _planned(context, said or request.text), number(page))


def check(context: Context, request: Request) -> Card:
    """Ask whether the proposed days are to be kept, and say how many they are."""
    found = _planned(context, request.value)
    if not found.plan.proposals:
        return _card(context, found, 0)
    count = len(found.plan.proposals)
    meant = f"{_count(count)} from {_spoken(found.plan.proposals[0].on)} to {_spoken(found.plan.proposals[-1].on)}"
    return Card(
        title=f"Keep {_count(count)} as proposed?",
        body=(
            Text(f"I will keep {meant}. They are proposals: nobody is told, and the list of dates does not show them."),
            Text("You then confirm them, move them or drop them."),
        ),
        actions=(
            Button("Yes, keep them", "plan.keep", f"{found.year}|{found.mark}", style="primary"),
            Button("Back to the plan", "plan.show", f"{found.year}|0"),
        ),
    )


def keep(context: Context, request: Request) -> Card:
    """Keep the days that were shown, each as a proposed meeting; nothing is added twice."""
    year, _, mark = request.value.partition("|")
    found = _planned(context, year)
    if not found.plan.proposals:
        return proposed.listed(context, title="These dates are kept already")
    if mark != found.mark:
        return Card(
            title="The plan has changed",
            body=(Text("Days or meetings were added or taken away since you saw it. Please look at it again."),),
            actions=(Button("Look again", "plan.show", f"{found.year}|0", style="primary"),),
            tone=Tone.WARNING,
        )
    kept = 0
    for one in found.plan.proposals:
        days = meeting_days.days(context, one.on, None)
        name = groups.shipped()[one.group].name
        row = meetings.add(context.session, name, **days, state=MeetingState.PROPOSED, title=one.title)
        if row is not None:
            row.title = one.title  # it may have been cancelled under another one
            meeting_days.note(context, "proposed a meeting", row)
            kept += 1
    return proposed.listed(context, title=f"{_count(kept)} kept as proposed", tone=Tone.GOOD)


# --- making the plan -------------------------------------------------------------------------------------------


def _planned(context: Context, said: str) -> _Year:
    """Plan the year that somebody asks for. Raises UserError when there is none to plan."""
    year = _year(context, said)
    first, last = date(year, _APRIL, 1), date(year + 1, 3, 31)
    there = stored.between(context.session, first, last)
    keys = {one.name: key for key, one in groups.shipped().items()}
    before = {key: row.on for name, key in keys.items() if (row := meetings.last_meeting(context.session, name, first))}
    known = cycle.shipped()
    try:
        plan = year_plan.propose(
            year,
            list(_blocked(context, first, last)),
            sub_groups=known.sub_groups,
            series=SERIES,
            before=before,
            there=[(keys.get(name, name), row.on) for name, row in there],
            after=context.today,
            of=known,
        )
        for one in plan.proposals:
            meeting_days.days(context, one.on, None)
    except CalendarError as error:
        raise UserError(f"I cannot plan the year {_called(year)} yet.", hint=str(error)) from error
    return _Year(year, plan, there)


def _year(context: Context, said: str) -> int:
    found = re.search(r"\d{4}", said)
    today = context.today
    year = int(found[0]) if found else today.year + (today >= date(today.year, _APRIL, 1))
    if not _YEARS[0] <= year < _YEARS[1] or date(year + 1, 3, 31) <= today:
        raise UserError(f"I cannot plan the year {_called(year)}: it is over, or too far away.", hint="Type plan year.")
    return year


def _blocked(context: Context, first: date, last: date) -> Iterator[Blocked]:
    for row in calendar_days.between(context.session, first, last):
        yield Blocked(row.first_on, row.last_on, WHY[DayKind(row.kind)], row.what)
    for begins, ends in context.house.school_holidays:
        yield Blocked(begins, ends, Why.HOLIDAY, "school holidays of the settings")


# --- what is shown ---------------------------------------------------------------------------------------------


def _card(context: Context, found: _Year, page: int) -> Card:
    rows = sorted(_rows(context, found))
    page = page if page * PAGE < len(rows) else 0
    shown = tuple(cells for _, cells in rows[page * PAGE : (page + 1) * PAGE])
    body: list[Element] = [] if page else [*_told(found)]
    table = Table(("Day", "What", "What stands against it"), shown)
    body.append(table if shown else Text("There is nothing to propose."))
    buttons = []
    if found.plan.proposals:
        buttons.append(Button("Keep these dates", "plan.check", f"{found.year}", style="primary"))
    if (page + 1) * PAGE < len(rows):
        buttons.append(Button("Later dates", "plan.show", f"{found.year}|{page + 1}"))
    if any(row.state == MeetingState.PROPOSED.value for _, row in found.there):
        buttons.append(Button("Proposed meetings", "plan.proposed"))
    buttons.append(Button("Days to keep clear of", "clear.show", "0"))
    buttons.append(Button("The year after", "plan.show", f"{found.year + 1}|0"))
    return Card(f"Meetings from April {found.year} to March {found.year + 1}", tuple(body), tuple(buttons))


def _rows(context: Context, found: _Year) -> Iterator[tuple[date, tuple[str, str, str]]]:
    """Give the proposed meetings, and those that are on the list already."""
    for one in found.plan.proposals:
        what = f"{one.title}. {one.note}." if one.note else one.title
        against = "; ".join(one.compromises) or "nothing"
        yield one.on, (_spoken(one.on), what.replace("..", "."), against[:1].upper() + against[1:])
    for name, row in found.there:
        state = "proposed" if row.state == MeetingState.PROPOSED.value else "on the list"
        over = " It is over." if row.on < context.today else ""
        yield row.on, (_spoken(row.on), row.title or name, f"Already {state}.{over}")


def _told(found: _Year) -> Iterator[Element]:
    """Say what was not known, and which rules the plan breaks."""
    count = len(found.plan.proposals)
    if count:
        loaded = len(found.plan.unknown) < len(Why)
        avoid = " They avoid the days that you loaded, where they can." if loaded else ""
        yield Text(f"I propose {_count(count)}.{avoid}")
    told = [*found.plan.unknown, *found.plan.warnings]
    if told:
        more = f"\n- And {len(told) - MOST_WARNED} more." if len(told) > MOST_WARNED else ""
        said = "\n".join(f"- {escape(one)}" for one in told[:MOST_WARNED])
        yield Text(f"**Please note:**\n{said}{more}")


def _called(year: int) -> str:
    return f"{year} to {year + 1}"


def _count(count: int) -> str:
    return "one meeting" if count == 1 else f"{count} meetings"


def _spoken(day: date) -> str:
    return f"{day:%a %-d %B %Y}"
