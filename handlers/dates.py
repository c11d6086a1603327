"""When groups meet: the coming dates, with the day by which items must be in and the day on which papers go out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import date, time

from db import escalations, meetings
from db.meetings import EXECUTIVE, Meeting
from db.people import SECRETARIAT
from handlers import meeting_days, meeting_news, naming
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Note, Table, Text, Tone
from handlers.prose import escape
from knowledge import cycle
from knowledge import groups as shelf

_NAMES = sorted({word for one in shelf.shipped().values() for word in (one.name, *one.also)}, key=len, reverse=True)
TAKES = re.compile(rf"(?:{'|'.join(map(re.escape, _NAMES))})?", re.IGNORECASE)
PAGE, LOOKED_AT = 10, 200
ONE = "meeting:"  # begins the value of a button on the card of one meeting
FURTHER = tuple(f"on_{number}" for number in range(2, 7))  # a year has six meetings of the Executive
DAYS = ("on", *FURTHER)
MOST_GAPS = 5  # that are said on one card


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
        buttons.append(Button("Add dates", "dates.new", group or EXECUTIVE, style="primary", opens=True))
        if shown:
            buttons.append(Button("Move a meeting", "dates.move", f"{group}|{page}", opens=True))
            buttons.append(Button("Cancel a meeting", "dates.choose", f"{group}|{page}", opens=True))
    title = f"When {group} meets" if group else "When groups meet"
    return Card(title, (_table(context, shown), *_gaps(context, group)), tuple(buttons))


def open_new(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat adds days on which a group meets."""
    known = naming.group_names(context)
    group = request.value if request.value in known else EXECUTIVE
    return Form(
        title="Dates of a group",
        action="dates.add",
        token=context.token,
        intro=f"Items must be in {meeting_days.periods()['cut_off']} working days before, and papers go out "
        f"{meeting_days.periods()['pack']} working days before. Both days are worked out for you.",
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
    at = meeting_days.read_time(fields.get("at", ""))
    if isinstance(at, str):
        return Errors({"at": at})
    days = {
        name: meeting_days.read_day(context, fields.get(name, ""))
        for name in DAYS
        if name == "on" or fields.get(name, "").strip()
    }
    if wrong := {name: day for name, day in days.items() if isinstance(day, str)}:
        return Errors(wrong)
    wanted = sorted({day for day in days.values() if isinstance(day, date)})
    added = [row for day in wanted if (row := _add(context, group, day, at))]
    if not added:
        return Errors({"on": f"{group} meets then already."})
    told = sum(meeting_news.again(context, group, row) for row in added)
    again = (Text(f"It was cancelled before. {_told(told)}"),) if told else ()
    return Card(
        title="Added",
        body=(*again, _table(context, [(group, row) for row in added]), *_gaps(context, group)),
        actions=(Button("All dates", "dates.show", "|0"),),
        tone=Tone.GOOD,
    )


def open_move(context: Context, request: Request) -> Form:
    """Open the form in which a meeting gets another day."""
    return Form(
        title="Move a meeting",
        action="dates.moved",
        token=context.token,
        intro="Escalations for it go on waiting for it, and whoever was told of it is told the new day.",
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
    day = meeting_days.read_day(context, request.fields.get("on", ""))
    at = meeting_days.read_time(request.fields.get("at", ""))
    if isinstance(day, str) or isinstance(at, str):
        return Errors({name: found for name, found in (("on", day), ("at", at)) if isinstance(found, str)})
    group = escalations.group_name(context.session, row.group_id)
    if day == row.on:
        return Errors({"on": "That is its day now. To change the time alone, open the meeting and press Details."})
    before, told = row.on, meeting_news.when(context, row)
    days = meeting_days.days(context, day, at or meeting_days.time_of(context, row))
    if meetings.taken(context.session, row, day) or not meetings.move(context.session, row, days, today=context.today):
        return Errors(
            {"on": f"{group} has that day on its list already, or it was cancelled. Please give another day."}
        )
    meeting_days.note(context, "moved a meeting", row, before=before.isoformat())
    number_told = meeting_news.moved(context, group, row, told)
    instead = f"{meeting_days.said(row.on)} instead of {meeting_days.said(before)}"
    return Card(
        title="Moved",
        body=(
            Text(f"{escape(group)} meets on {instead}. {_told(number_told)}"),
            _table(context, [(group, row)]),
            *_gaps(context, group),
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
        intro="Escalations for it then wait for the next meeting, and whoever was told of this one is told so.",
        fields=(_which(context, request, past=True),),
        submit="Cancel it",
    )


def _which(context: Context, request: Request, *, past: bool = False) -> Field:
    """Return the box with the meetings of the page from which it was opened, or with the one of a card."""
    rows, chosen = _rows(context, request.value), ""
    if not rows or (rows[0][1].on < context.today and not past):
        raise _no_meeting()
    choices = tuple(Choice(str(one.id), f"{name}, {meeting_days.said(one.on)}") for name, one in rows)
    if request.value.startswith(ONE):
        chosen = choices[0].value
    return Field("meeting", "Which meeting?", "choice", choices=choices, value=chosen)


def _rows(context: Context, value: str) -> list[tuple[str, Meeting]]:
    if value.startswith(ONE):
        row = meetings.planned(context.session, number(value.removeprefix(ONE)))
        return [(escalations.group_name(context.session, row.group_id), row)] if row else []
    group, _, page = value.partition("|")
    skip = number(page) * PAGE
    if group:
        return [(group, one) for one in meetings.coming(context.session, group, context.today, skip=skip, limit=PAGE)]
    return meetings.all_coming(context.session, context.today, skip=skip, limit=PAGE)


_NOT_CHOSEN = Errors({"meeting": "Please choose a meeting."})


def _no_meeting() -> UserError:
    return UserError("I cannot find that meeting.", hint="Type dates to see when groups meet.")


def cancel(context: Context, request: Request) -> Card | Errors:
    """Cancel the chosen meeting, or note of one whose day is over that it did not take place."""
    if not request.fields.get("meeting", ""):
        return _NOT_CHOSEN
    row = meetings.cancel(context.session, number(request.fields["meeting"]))
    if row is None:
        raise _no_meeting()
    meeting_days.note(context, "cancelled a meeting", row)
    told = meeting_news.cancelled(context, escalations.group_name(context.session, row.group_id), row)
    said = f"The meeting on {meeting_days.said(row.on)} does not take place. {_told(told)}"
    if row.on < context.today:
        said = f"It is noted that the meeting on {meeting_days.said(row.on)} did not take place. Nobody is told."
    return Card(
        title="Cancelled",
        body=(Text(said),),
        actions=(Button("All dates", "dates.show", "|0"),),
        tone=Tone.GOOD,
    )


def _told(count: int) -> str:
    if not count:
        return "Nobody had been told of it yet."
    return f"{count} {'person who knew of it is' if count == 1 else 'people who knew of it are'} told."


def _known(context: Context) -> None:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")


def _add(context: Context, group: str, day: date, at: time | None) -> Meeting | None:
    row = meetings.add(context.session, group, **meeting_days.days(context, day, at))
    if row is not None:
        meeting_days.note(context, "added a meeting", row)
    return row


def _table(context: Context, rows: list[tuple[str, Meeting]]) -> Element:
    if not rows:
        return Text("No dates are known. The secretariat adds them here.")
    cells = tuple(
        (name, _starts(context, one), meeting_days.said(one.cut_off_on), meeting_days.said(one.pack_on))
        for name, one in rows
    )
    return Table(("Group", "Meets", "Items in by", "Papers go out"), cells)


def _starts(context: Context, one: Meeting) -> str:
    at = f", {one.starts_at.astimezone(context.house.time_zone):%H:%M}" if one.starts_at else ""
    return f"{meeting_days.said(one.on)}{at}"


def _gaps(context: Context, group: str) -> Iterable[Element]:
    """Say where two meetings of a group, or of any where none is named, are further apart than they should be."""
    days: dict[str, list[date]] = {}
    for name, row in meetings.all_coming(context.session, context.today, limit=LOOKED_AT):
        if group in ("", name):
            days.setdefault(name, []).append(row.on)
    said = [one for name, row in days.items() for one in _too_far(name, row)]
    yield from (Note(escape(one)) for one in said[:MOST_GAPS])
    if len(said) > MOST_GAPS:
        yield Note("There are more of these. Type dates and a group to see those of one group.")


def _too_far(name: str, days: list[date]) -> Iterable[str]:
    known = shelf.named(name)
    gap = cycle.gap_of(known.key) if known else None
    for one, other in itertools.pairwise(days):
        if gap is not None and other > gap.latest(one):
            between = f"Between {meeting_days.said(one)} and {meeting_days.said(other)}"
            yield f"{between} are more than {gap} without a meeting of: {name}."
