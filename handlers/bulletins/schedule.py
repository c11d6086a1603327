"""When a bulletin goes out: chosen, moved, paused, let on, cancelled; and whom it goes to, by name, before that."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import groupby

from db import bulletin_issues, bulletins, deliveries, people
from db.bulletin_issues import Recipient
from db.bulletins import Bulletin, State
from db.people import SECRETARIAT
from handlers.bulletins import board, reading, records, sending, series, states
from handlers.bulletins.audience import recipients
from handlers.bulletins.states import IN_WORDS, Action
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Errors, Facts, Field, Form, Note, Table, Text, Tone
from handlers.prose import escape
from handlers.wording import words
from knowledge import calendar

NAMES = 60  # on one card
PAGE = 2  # each with two buttons
# Source: domain.md 5.3. Outside of it is possible, with a warning.
DAYS, OPENS, CLOSES = (1, 2, 3), time(9), time(16)
SCHOOLS = "schools"
NOBODY = "Nobody would get this bulletin."
OTHERS = "Press Title and readers and choose others, or ask the people it is for to enrol."


def show_readers(context: Context, request: Request) -> Card:
    """Show how many people a bulletin would go to today, their names by agency, and who cannot be reached."""
    bulletin = records.access_written(context, request.value)
    page = number(request.value.partition(":")[2])
    found = recipients(context, bulletin)
    shown = found[page * NAMES : (page + 1) * NAMES]
    counted = Counter(one.agency or "No agency" for one in found if one.destination)
    facts = [("In all", str(counted.total())), *((agency, str(times)) for agency, times in sorted(counted.items())[:8])]
    body = [
        Text(_names([one for one in shown if one.destination])),
        *_unreached([one for one in shown if not one.destination]),
    ]
    more = Button("More names", "bulletins.readers", f"{bulletin.id}:{page + 1}")
    return Card(
        title=f"{bulletin.ref}: who gets it",
        body=(
            *([] if page else [Facts(tuple(facts))]),
            *[part for part in body if not isinstance(part, Text) or part.markdown],
        ),
        actions=(
            *([more] if len(found) > (page + 1) * NAMES else []),
            Button("Back", "bulletins.open", str(bulletin.id)),
        ),
    )


def _names(found: list[Recipient]) -> str:
    by_agency = groupby(found, key=lambda one: one.agency or "No agency")
    return "\n".join(
        f"- **{escape(agency)}**: {', '.join(escape(one.name) for one in group)}" for agency, group in by_agency
    )


def _unreached(found: list[Recipient]) -> list[Text]:
    if not found:
        return []
    return [Text(f"**Cannot be reached**, because no platform that is switched on knows them:\n\n{_names(found)}")]


def open_when(context: Context, request: Request) -> Form:
    """Open the form for the day and the time, with a suggestion and how many people it goes to."""
    bulletin = records.access_written(context, request.value)
    at = bulletin.scheduled_for or _suggested(context)
    local = at.astimezone(context.house.time_zone)
    return Form(
        title="Choose when",
        action="bulletins.schedule",
        token=context.token,
        about=f"{bulletin.id}:{bulletin.version}",
        intro=_reach(context, bulletin),
        fields=(
            Field("day", "Day", "date", value=f"{local:%Y-%m-%d}"),
            Field("time", "Time", "time", hint="London time, such as 09:00.", value=f"{local:%H:%M}"),
        ),
        submit="Schedule it",
    )


def schedule(context: Context, request: Request) -> Card | Errors:
    """Keep when a bulletin goes out. Refuse the past, and a time that does not exist."""
    bulletin = records.access_written(context, request.value)
    records.same_version(bulletin, request.value)
    try:
        day, at = date.fromisoformat(request.fields.get("day", "")), time.fromisoformat(request.fields.get("time", ""))
    except ValueError:
        return Errors({"day": "Please choose a day and a time, such as 2026-12-01 and 09:00."})
    zone = context.house.time_zone
    if not calendar.exists(day, at, zone):
        return Errors(
            {"time": f"On {day:%-d %B %Y} the clocks go forward, and {at:%H:%M} does not exist. Choose 02:00 or later."}
        )
    moment = calendar.instant(day, at, zone)
    if moment <= context.now:
        return Errors({"day": "That is in the past. Choose a later time, or send it now."})
    _begin(context, bulletin, moment)
    shown = board.show(context, bulletin)
    return Card(shown.title, (*_warnings(context, bulletin, day, at), *shown.body), shown.actions)


def open_now(context: Context, request: Request) -> Form:
    """Ask once more before a bulletin goes out at once."""
    bulletin = records.access_written(context, request.value)
    return Form(
        title="Send it now",
        action="bulletins.send",
        token=context.token,
        about=f"{bulletin.id}:{bulletin.version}",
        intro=_reach(context, bulletin),
        fields=(Field("sure", "I have read it, and it is to go out now", "confirm"),),
        submit="Send it",
    )


def send_now(context: Context, request: Request) -> Card | Errors:
    """Begin to send a bulletin at once."""
    bulletin = records.access_written(context, request.value)
    records.same_version(bulletin, request.value)
    if request.fields.get("sure") != "yes":
        return Errors({"sure": "Please confirm that it is to go out now."})
    _begin(context, bulletin, context.now)
    sending.queue(context, bulletin)
    return board.show(context, bulletin)


def _begin(context: Context, bulletin: Bulletin, moment: datetime) -> None:
    if records.APPROVAL not in bulletins.agreements(context.session, bulletin):
        raise UserError(f"{bulletin.ref} is not approved.", hint="Send it for approval first.")
    if not any(one.destination for one in recipients(context, bulletin)):
        raise UserError(NOBODY, hint=OTHERS)
    records.move(context, bulletin, Action.SCHEDULE)
    bulletin.scheduled_for = moment


def _reach(context: Context, bulletin: Bulletin) -> str:
    """Say how many it goes to."""
    found = recipients(context, bulletin)
    reached = sum(one.destination is not None for one in found)
    if not reached:
        return f"{NOBODY} {OTHERS}"
    missing = f" {len(found) - reached} cannot be reached." if len(found) > reached else ""
    return f"It goes to {reached} {'place' if reached == 1 else 'places'}.{missing} Who gets it lists the names."


def _suggested(context: Context) -> datetime:
    """Return the next opening of the hours in which bulletins usually go out."""
    day = context.today + timedelta(days=1)
    while day.weekday() not in DAYS:
        day += timedelta(days=1)
    return calendar.instant(day, OPENS, context.house.time_zone)


def _warnings(context: Context, bulletin: Bulletin, day: date, at: time) -> list[Note]:
    unusual = day.weekday() not in DAYS or not OPENS <= at <= CLOSES
    away = bulletin.kind == SCHOOLS and any(first <= day <= last for first, last in context.house.school_holidays)
    if not unusual and not away:
        return []
    said = words("bulletins_unusual", day=day, at=at, opens=OPENS, closes=CLOSES, unusual=unusual, away=away)
    return [Note(said)]


# --- pausing and cancelling ---------------------------------------------------------------------------------


def list_scheduled(context: Context, request: Request) -> Card:
    """Show what is going to be sent and when, to those who may pause it."""
    page = number(request.value)
    found = bulletins.scheduled(context.session, states.CAN_BE_PAUSED, skip=page * PAGE, limit=PAGE + 1)
    shown, after = found[:PAGE], found[PAGE:]
    rows = tuple((row.ref, row.title, IN_WORDS[State(row.state)], board.when(context, row)) for row in shown)
    more = [Button("More", "bulletins.scheduled", str(page + 1))] if after else []
    if context.actor.roles & SECRETARIAT:
        more.append(series.list_button())
    return Card(
        title="Bulletins that are scheduled",
        body=(Table(("Bulletin", "Title", "State", "Goes out"), rows) if rows else Text("No bulletin is scheduled."),),
        actions=(*(button for row in shown for button in (_switch(row), _look(row))), *more),
    )


def _switch(bulletin: Bulletin) -> Button:
    if bulletin.state in (State.SCHEDULED, State.SENDING):
        return Button(f"Pause {bulletin.ref}", "bulletins.pause", str(bulletin.id))
    return Button(f"Let {bulletin.ref} go on", "bulletins.go-on", str(bulletin.id))


def _look(bulletin: Bulletin) -> Button:
    return Button(f"Read {bulletin.ref}", "bulletins.look", str(bulletin.id))


def pause(context: Context, request: Request) -> Card:
    """Stop a bulletin from going out until somebody lets it go on, and tell the strategy manager."""
    bulletin = records.access_scheduled(context, request.value)
    records.move(context, bulletin, Action.PAUSE)
    for key in _keys(context, bulletin):
        deliveries.hold(context.session, key, now=context.now)
    return _told(context, bulletin, "paused", "It stays until somebody lets it go on or cancels it.")


def go_on(context: Context, request: Request) -> Card:
    """Let a paused bulletin go on, at its time, or at once when that has passed."""
    bulletin = records.access_scheduled(context, request.value)
    records.move(context, bulletin, Action.GO_ON)
    for key in _keys(context, bulletin):
        deliveries.resume(context.session, key, now=context.now)
    if bulletin.state == State.SCHEDULED and bulletin.scheduled_for and bulletin.scheduled_for < context.now:
        bulletin.scheduled_for = context.now
    return _told(context, bulletin, "going on", f"It goes out {board.when(context, bulletin)}.")


def open_stop(context: Context, request: Request) -> Form:
    """Ask once more before a bulletin is cancelled."""
    bulletin = records.access_written(context, request.value)
    return Form(
        title=f"Cancel {bulletin.ref}",
        action="bulletins.cancel",
        token=context.token,
        about=str(bulletin.id),
        intro="What has been sent already stays where it is. Nothing more is sent.",
        fields=(Field("sure", "Cancel it", "confirm"),),
        submit="Cancel it",
    )


def cancel(context: Context, request: Request) -> Card | Errors:
    """Cancel a bulletin: nothing more of it is sent."""
    bulletin = records.access_written(context, request.value)
    if request.fields.get("sure") != "yes":
        return Errors({"sure": "Please confirm that it is to be cancelled."})
    keys = _keys(context, bulletin)
    records.move(context, bulletin, Action.CANCEL)
    series.finished(context, bulletin)
    reading.finished(context, bulletin)
    stopped = sum(deliveries.cancel(context.session, key, now=context.now) for key in keys)
    said = f"{stopped} that had not left are stopped." if keys else "Nothing of it was sent."
    return _told(context, bulletin, "cancelled", said)


def _keys(context: Context, bulletin: Bulletin) -> list[str]:
    issue = bulletin_issues.latest(context.session, bulletin.id)
    under_way = issue is not None and issue.ended_at is None
    return bulletin_issues.keys(bulletin, issue.version, issue.parts) if issue and under_way else []


def _told(context: Context, bulletin: Bulletin, done: str, what: str) -> Card:
    """Tell the strategy managers and the author, except whoever did it, and return the card for that one."""
    said = words("bulletins_switched", bulletin=bulletin, done=done, what=what, by=context.actor.name)
    notice = Card(f"{bulletin.ref} is {done}", (Text(said),), (board.open_button(bulletin),), Tone.WARNING)
    to = dict.fromkeys(
        [*people.reach(context.session, roles=states.APPROVERS, on=context.today), *records.writers(context, bulletin)]
    )
    own = people.places(context.session, [records.me(context)], on=context.today)
    key = f"bulletin:{bulletin.ref}:{done}:{context.token}"
    records.tell(context, [one for one in to if one not in own], notice, key=key)
    back = Button("What is scheduled", "bulletins.scheduled", "0")
    return Card(f"{bulletin.ref} is {done}", (Text(escape(what)),), (back,), Tone.GOOD)
