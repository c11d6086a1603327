"""The meetings that are proposed and not yet confirmed, month by month: confirmed, moved or dropped."""

from __future__ import annotations

from db import escalations, meetings
from db import proposed as stored
from db.meetings import Meeting
from handlers import meeting_days, meeting_news
from handlers.context import Context, Request, UserError, number
from handlers.messages import MAX_TABLE_ROWS, Button, Card, Choice, Errors, Field, Form, Table, Text, Tone

ALL = "all"
_PLAN = Button("Plan a year", "plan.show", "|0")
_DO = (
    Choice("confirm", "Confirm it"),
    Choice("move", "Move it to another day"),
    Choice("drop", "Drop it"),
)


def show(context: Context, request: Request) -> Card:
    """Show the proposed meetings of a month; by itself, of the first one that has any."""
    return listed(context, request.value)


def listed(context: Context, month: str = "", *, title: str = "Proposed meetings", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of the proposed meetings of a month, such as 2027-05."""
    rows = stored.coming(context.session, context.today)
    months = sorted({_month(row) for _, row in rows})
    if not months:
        return Card(title, (Text("No meeting is waiting to be confirmed."),), (_PLAN,), tone)
    month = month if month in months else months[0]
    here = [(name, row) for name, row in rows if _month(row) == month]
    cells = tuple(
        (
            meeting_days.said(row.on),
            row.title or name,
            meeting_days.said(row.cut_off_on),
            meeting_days.said(row.pack_on),
        )
        for name, row in here
    )
    more = f"and {len(cells) - MAX_TABLE_ROWS} more" if len(cells) > MAX_TABLE_ROWS else ""
    called = f"{here[0][1].on:%B %Y}"
    later = [one for one in months if one > month]
    buttons = [
        Button("Change one", "plan.choose", month, opens=True),
        Button(f"Confirm {called}", "plan.confirm", month, style="primary"),
    ]
    if later or month != months[0]:
        buttons.append(Button("Next month" if later else "First month", "plan.proposed", (later or months)[0]))
    buttons.append(Button("Confirm all", "plan.sure", "confirm"))
    buttons.append(Button("Drop all", "plan.sure", "drop"))
    return Card(
        title,
        (
            Text(f"{_count(len(rows))} {'waits' if len(rows) == 1 else 'wait'} to be confirmed. In {called}:"),
            Table(("Day", "What", "Items in by", "Papers go out"), cells[:MAX_TABLE_ROWS], more),
        ),
        tuple(buttons),
        tone,
    )


def sure(context: Context, request: Request) -> Card:
    """Ask whether all proposed meetings are really to be confirmed or dropped, and say how many they are."""
    count = len(stored.coming(context.session, context.today))
    if not count:
        return listed(context)
    if request.value == "drop":
        return Card(
            title=f"Drop {_count(count)}?",
            body=(Text("They are taken off the list. Meetings that are confirmed stay."),),
            actions=(Button("Yes, drop them all", "plan.drop", ALL, style="danger"), _BACK),
        )
    return Card(
        title=f"Confirm {_count(count)}?",
        body=(Text("Everybody who is enrolled then sees them among the dates of groups."),),
        actions=(Button("Yes, confirm them all", "plan.confirm", ALL, style="primary"), _BACK),
    )


_BACK = Button("Back", "plan.proposed")


def confirm(context: Context, request: Request) -> Card:
    """Confirm the proposed meetings of a month, or all of them."""
    rows = [row for row in stored.held(context.session, context.today) if request.value in (ALL, _month(row))]
    for row in rows:
        _confirm(context, row)
    if not rows:
        return listed(context, title="Nothing was left to confirm")
    return listed(context, title=f"{_count(len(rows))} confirmed", tone=Tone.GOOD)


def drop(context: Context, request: Request) -> Card:
    """Drop all proposed meetings."""
    rows = stored.held(context.session, context.today) if request.value == ALL else []
    for row in rows:
        _drop(context, row)
    return listed(context, title=f"{_count(len(rows))} dropped", tone=Tone.GOOD if rows else Tone.PLAIN)


# --- one of them -----------------------------------------------------------------------------------------------


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one proposed meeting of a month is confirmed, moved or dropped."""
    rows = [(name, row) for name, row in stored.coming(context.session, context.today) if _month(row) == request.value]
    if not rows:
        raise _gone()
    choices = tuple(Choice(str(row.id), f"{row.on:%-d %B}, {row.title or name}"[:75]) for name, row in rows)
    return Form(
        title="Change a proposal",
        action="plan.change",
        token=context.token,
        fields=(
            Field("meeting", "Which meeting?", "choice", choices=choices),
            Field("do", "What should happen?", "choice", choices=_DO),
            Field("on", "New day", "date", hint="Only when it is moved.", required=False),
        ),
        submit="Do it",
    )


def change(context: Context, request: Request) -> Card | Errors:
    """Confirm, move or drop the chosen meeting."""
    wanted = number(request.fields.get("meeting", ""))
    row = next((one for one in stored.held(context.session, context.today) if one.id == wanted), None)
    if row is None:
        raise _gone()
    month = _month(row)
    match request.fields.get("do", ""):
        case "confirm":
            _confirm(context, row)
            return listed(context, month, title=f"Confirmed for {meeting_days.said(row.on)}", tone=Tone.GOOD)
        case "move":
            return _move(context, row, request.fields.get("on", ""))
        case "drop":
            _drop(context, row)
            return listed(context, month, title="Dropped", tone=Tone.GOOD)
    return Errors({"do": "Please choose what should happen."})


def _move(context: Context, row: Meeting, text: str) -> Card | Errors:
    day = meeting_days.read_day(context, text)
    if isinstance(day, str):
        return Errors({"on": day})
    before, days = row.on, meeting_days.days(context, day, meeting_days.time_of(context, row))
    if meetings.taken(context.session, row, day) or not stored.move(context.session, row, days):
        return Errors({"on": "The group has that day on its list already. Please give another day."})
    meeting_days.note(context, "moved a proposed meeting", row, before=before.isoformat())
    return listed(context, _month(row), title=f"Moved to {meeting_days.said(row.on)}", tone=Tone.GOOD)


def _confirm(context: Context, row: Meeting) -> None:
    stored.confirm(context.session, row)
    meeting_news.again(context, escalations.group_name(context.session, row.group_id), row)
    meeting_days.note(context, "confirmed a meeting", row)


def _drop(context: Context, row: Meeting) -> None:
    meeting_days.note(context, "dropped a proposed meeting", row)
    stored.drop(context.session, row)


def _gone() -> UserError:
    return UserError("That meeting is not proposed any more.", hint="Type plan year to see the plan.")


def _month(row: Meeting) -> str:
    return f"{row.on:%Y-%m}"


def _count(count: int) -> str:
    return "One meeting" if count == 1 else f"{count} meetings"
