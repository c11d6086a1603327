"""When groups meet: the coming dates, with the day by which items must be in and the day on which papers go out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import date, time

from db import audit, escalations, meetings
from db.meetings import EXECUTIVE, Days, Meeting
from db.people import SECRETARIAT
from handlers import naming, persons
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Note, Table, Text, Tone
from handlers.prose import escape
from knowledge import clocks
from knowledge import groups as shelf
from knowledge.calendar import CalendarError, instant, is_working_day, working_days_before

_NAMES = sorted({word for one in shelf.shipped().values() for word in (one.name, *one.also)}, key=len, reverse=True)
TAKES = re.compile(rf"(?:{'|'.join(map(re.escape, _NAMES))})?", re.IGNORECASE)
PAGE, LOOKED_AT = 10, 24
FURTHER = tuple(f"on_{number}" for number in range(2, 7))  # a year has six meetings of the Executive
DAYS = ("on", *FURTHER)
LONGEST_GAP = 62  # days between two meetings of the Executive: at least every two months (arrangements-2019, s15)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def show(context: Context, request: Request) -> Card:
    """Show when groups meet next, page by page; with a name, when that group does."""
    _known(context)
    group, _, page = request.value.partition("|") if request.value else (request.text.strip(), "", "0")
    skip = number(page) * PAGE
    if group:
        group = naming.group(context, group)
        rows = [(group, one) for one in meetings.coming(context.session, group, context.today, skip=skip, limit=11)]
    else:
        rows = meetings.all_coming(context.session, context.today, skip=skip, limit=PAGE + 1)
    shown, more = rows[:PAGE], len(rows) > PAGE
    buttons = [Button("Later dates", "dates.show", f"{group}|{number(page) + 1}")] if more else []
    if context.actor.roles & SECRETARIAT:
        buttons.append(Button("Executive dates", "dates.new", group or EXECUTIVE, style="primary", opens=True))
        if shown:
            buttons.append(Button("Move a meeting", "dates.move", f"{group}|{page}", opens=True))
            buttons.append(Button("Cancel a meeting", "dates.choose", f"{group}|{page}", opens=True))
    title = f"When {group} meets" if group else "When groups meet"
    return Card(title, (_table(context, shown), *_gaps(context)), tuple(buttons))


def open_new(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat adds days on which a group meets."""
    known = naming.group_names(context)
    group = request.value if request.value in known else EXECUTIVE
    return Form(
        title="Dates of a group",
        action="dates.add",
        token=context.token,
        intro=f"Items must be in {_periods()['cut_off']} working days before, and papers go out "
        f"{_periods()['pack']} working days before. Both days are worked out for you.",
        fields=(
            Field("group", "Group", "choice", choices=tuple(Choice(name, name) for name in known), value=group),
            Field("on", "Day", "date"),
            Field("at", "Time", "time", hint="London time. Leave it empty if it is not fixed.", required=False),
            *(Field(name, "Another day", "date", required=False) for name in FURTHER),
        ),
        submit="Add",
    )


def add(context: Context, request: Request) -> Card | Errors:
    """Add the days of that form, all of them or none, and say by when items must be in for each."""
    fields = request.fields
    group, known = fields.get("group", ""), naming.group_names(context)
    if group not in known:
        return Errors({"group": "Please choose a group from the list."})
    at = _read_time(fields.get("at", ""))
    if isinstance(at, str):
        return Errors({"at": at})
    days = {
        name: _read_day(context, fields.get(name, "")) for name in DAYS if name == "on" or fields.get(name, "").strip()
    }
    if wrong := {name: day for name, day in days.items() if isinstance(day, str)}:
        return Errors(wrong)
    wanted = sorted({day for day in days.values() if isinstance(day, date)})
    added = [row for day in wanted if (row := _add(context, group, day, at))]
    if not added:
        return Errors({"on": f"{group} meets then already."})
    return Card(
        title="Added",
        body=(_table(context, [(group, row) for row in added]), *_gaps(context)),
        actions=(Button("All dates", "dates.show", "|0"),),
        tone=Tone.GOOD,
    )


def open_move(context: Context, request: Request) -> Form:
    """Open the form in which a meeting gets another day."""
    return Form(
        title="Move a meeting",
        action="dates.moved",
        token=context.token,
        intro="Escalations for it go on waiting for it, and their groups are told the new day. Others are not told.",
        fields=(
            _which(context, request),
            Field("on", "New day", "date"),
            Field("at", "New time", "time", hint="London time. Leave it empty to keep the time.", required=False),
        ),
        submit="Move it",
    )


def move(context: Context, request: Request) -> Card | Errors:
    """Give the chosen meeting another day, with its cut-off and the day of its papers; what waits for it waits on."""
    if not request.fields.get("meeting", ""):
        return _NOT_CHOSEN
    row = meetings.planned(context.session, number(request.fields["meeting"]))
    if row is None or row.on < context.today:
        raise _no_meeting()
    day, at = _read_day(context, request.fields.get("on", "")), _read_time(request.fields.get("at", ""))
    if isinstance(day, str) or isinstance(at, str):
        return Errors({name: found for name, found in (("on", day), ("at", at)) if isinstance(found, str)})
    group = escalations.group_name(context.session, row.group_id)
    if meetings.taken(context.session, row, day):
        return Errors(
            {"on": f"{group} has that day on its list already, or it was cancelled. Please give another day."}
        )
    before, zone = row.on, context.house.time_zone
    if at is None and row.starts_at is not None:
        at = row.starts_at.astimezone(zone).time()
    meetings.move(context.session, row, _days(context, day, at), today=context.today)
    _note(context, "moved a meeting", row, before=before.isoformat())
    return Card(
        title="Moved",
        body=(
            Text(f"{escape(group)} meets on {_day(row.on)} instead of {_day(before)}."),
            _table(context, [(group, row)]),
            *_gaps(context),
        ),
        actions=(Button("All dates", "dates.show", "|0"),),
        tone=Tone.GOOD,
    )


def choose(context: Context, request: Request) -> Form:
    """Open the form in which a meeting is chosen that does not take place."""
    return Form(
        title="Cancel a meeting",
        action="dates.cancel",
        token=context.token,
        intro="Escalations for it then wait for the next meeting, and their groups are told so. Others are not told.",
        fields=(_which(context, request),),
        submit="Cancel it",
    )


def _which(context: Context, request: Request) -> Field:
    """Return the box with the meetings of the page from which it was opened."""
    group, _, page = request.value.partition("|")
    skip = number(page) * PAGE
    rows = meetings.all_coming(context.session, context.today, skip=skip, limit=PAGE)
    if group:
        rows = [(group, one) for one in meetings.coming(context.session, group, context.today, skip=skip, limit=PAGE)]
    if not rows:
        raise _no_meeting()
    choices = tuple(Choice(str(one.id), f"{name}, {_day(one.on)}") for name, one in rows)
    return Field("meeting", "Which meeting?", "choice", choices=choices)


_NOT_CHOSEN = Errors({"meeting": "Please choose a meeting."})


def _no_meeting() -> UserError:
    return UserError("I cannot find that meeting.", hint="Type dates to see when groups meet.")


def cancel(context: Context, request: Request) -> Card | Errors:
    """Cancel the chosen meeting."""
    if not request.fields.get("meeting", ""):
        return _NOT_CHOSEN
    row = meetings.cancel(context.session, number(request.fields["meeting"]))
    if row is None or row.on < context.today:
        raise _no_meeting()
    _note(context, "cancelled a meeting", row)
    return Card(
        title="Cancelled",
        body=(Text(f"The meeting on {_day(row.on)} does not take place."),),
        actions=(Button("All dates", "dates.show", "|0"),),
        tone=Tone.GOOD,
    )


def _known(context: Context) -> None:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")


def _periods() -> dict[str, int]:
    return clocks.numbers("escalations")


def _add(context: Context, group: str, day: date, at: time | None) -> Meeting | None:
    row = meetings.add(context.session, group, **_days(context, day, at))
    if row is not None:
        _note(context, "added a meeting", row)
    return row


def _days(context: Context, day: date, at: time | None) -> Days:
    """Work out when a meeting begins, by when items must be in, and when its papers go out."""
    periods = _periods()
    return {
        "on": day,
        "cut_off_on": working_days_before(day, periods["cut_off"]),
        "pack_on": working_days_before(day, periods["pack"]),
        "starts_at": instant(day, at, context.house.time_zone) if at else None,
    }


def _note(context: Context, action: str, row: Meeting, **detail: str) -> None:
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{context.actor.person_id}",
        action=action,
        subject=f"meeting {row.id}",
        on=row.on.isoformat(),
        **detail,
    )


def _read_day(context: Context, text: str) -> date | str:
    """Return a day on which a group can meet, or what is wrong with it."""
    found = persons.read_day(context, text)
    if not isinstance(found, date):
        return found or "Please give a day."
    if found < context.today:
        return f"{_day(found)} is over."
    try:
        if not is_working_day(found):
            return f"{_day(found)} is a weekend or a bank holiday. Please give a working day."
        working_days_before(found, max(_periods().values()))
    except CalendarError as error:
        return str(error)
    return found


def _read_time(text: str) -> time | str | None:
    if not text.strip():
        return None
    found = _TIME.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else "Please give a time such as 14:30."


def _table(context: Context, rows: list[tuple[str, Meeting]]) -> Element:
    if not rows:
        return Text("No dates are known. The secretariat adds them here.")
    cells = tuple((name, _starts(context, one), _day(one.cut_off_on), _day(one.pack_on)) for name, one in rows)
    return Table(("Group", "Meets", "Items in by", "Papers go out"), cells)


def _starts(context: Context, one: Meeting) -> str:
    at = f", {one.starts_at.astimezone(context.house.time_zone):%H:%M}" if one.starts_at else ""
    return f"{_day(one.on)}{at}"


def _gaps(context: Context) -> Iterable[Element]:
    """Say where two meetings of the Executive are further apart than they should be."""
    rows = meetings.coming(context.session, EXECUTIVE, context.today, limit=LOOKED_AT)
    for one, other in itertools.pairwise(rows):
        if (other.on - one.on).days > LONGEST_GAP:
            said = f"Between {_day(one.on)} and {_day(other.on)} are more than two months without an Executive."
            yield Note(escape(said))


def _day(day: date) -> str:
    return f"{day:%A %-d %B %Y}"
