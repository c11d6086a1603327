"""What the secretariat does with a meeting: its next step, and the time, length, place, link and chair of it."""

from __future__ import annotations

import re

from db import meetings, proposed
from db.attending import MAX_NOTE
from db.meetings import AHEAD, Meeting, MeetingState
from handlers import meeting_days, meeting_news
from handlers.context import Context, Request, UserError
from handlers.meetings import cards, records
from handlers.meetings.records import FLOW
from handlers.messages import Card, Errors, Field, Form, Tone
from knowledge.calendar import instant
from knowledge.workflows import Refusal

MAX_PLACE, MAX_CHAIR = 120, 80
_SHORTEST, _LONGEST = 15, 480  # minutes: what is no slip of the keyboard
_LINK = re.compile(r"https://[^\s<>()\"\\\[\]]+")


def step(context: Context, request: Request) -> Card:
    """Take the next step of a meeting."""
    about, _, do = request.value.partition("|")
    seen = records.kept(context, about)
    facts = {"its day"} if seen.row.on <= context.today else set()
    found = FLOW.decide(seen.row.state, do, {one.value for one in context.actor.roles}, facts)
    if do not in cards.STEPS:
        raise records.not_found()
    if isinstance(found, Refusal):
        raise UserError(found.reason, hint=f"Type meeting {seen.row.ref} to see what comes next.")
    take(context, seen.group, seen.row, do, found.to)
    return cards.card(context, seen, title=f"{seen.row.ref} is {FLOW.states[found.to].words}", tone=Tone.GOOD)


def take(context: Context, group: str, row: Meeting, do: str, to: str, *, clock: bool = False) -> None:
    """Bring a meeting that is held for it into another state, and note it."""
    if to == MeetingState.LOCKED:
        meetings.lock(context.session, row, at=context.now)
    elif do == "confirm":
        proposed.confirm(context.session, row)
        meeting_news.again(context, group, row)
    else:
        row.state = to
    if to in (MeetingState.OPEN, MeetingState.HELD) and not row.chair:
        row.chair = records.chair(context, group, row)
    context.session.flush()
    records.note(context, do, row, clock=clock, state=to)


def open_details(context: Context, request: Request) -> Form:
    """Open the form with the time, the length, the place, the link and the chair of a meeting."""
    seen = _open(context, request.value)
    row = seen.row
    at = f"{row.starts_at.astimezone(context.house.time_zone):%H:%M}" if row.starts_at else ""
    chair = records.chair(context, seen.group, row)
    return Form(
        title="Details of a meeting",
        action="meetings.save",
        token=context.token,
        about=str(row.id),
        intro=f"{seen.group}, {cards.day(row.on)}. Whoever was told of it learns of another time.",
        fields=(
            Field("at", "Time", "time", hint="London time. Leave it empty if it is not fixed.", required=False,
                  value=at),
            Field("minutes", "Minutes it lasts", max_length=3, value=str(row.minutes)),
            Field("place", "Place", required=False, max_length=MAX_PLACE, value=row.place),
            Field("link", "Link to join", hint="It begins with https:// and only the group sees it.", required=False,
                  max_length=MAX_NOTE, value=row.link),
            Field("chair", "Who leads it", hint="A seat, a post or a name.", required=False, max_length=MAX_CHAIR,
                  value=chair),
        ),
        submit="Save",
    )  # fmt: skip


def save(context: Context, request: Request) -> Card | Errors:
    """Save that form. Calendars learn of it, and whoever was told of the meeting learns of another time."""
    seen = _open(context, request.value)
    row, fields = seen.row, {name: " ".join(value.split()) for name, value in request.fields.items()}
    at = meeting_days.read_time(fields.get("at", ""))
    problems = _problems(fields)
    if isinstance(at, str):
        return Errors({"at": at} | problems)
    if problems:
        return Errors(problems)
    before, was = meeting_news.when(context, row), _details(row)
    row.starts_at = instant(row.on, at, context.house.time_zone) if at else None
    row.minutes, row.place = int(fields["minutes"]), fields.get("place", "")
    row.link, row.chair = fields.get("link", ""), fields.get("chair", "")
    if _details(row) != was:
        row.sequence += 1
        context.session.flush()
        records.note(context, "changed details", row)
        ahead = row.state in AHEAD and row.on >= context.today
        if ahead and meeting_news.when(context, row) != before:
            meeting_news.moved(context, seen.group, row, before)
    return cards.card(context, seen, title=f"{row.ref} saved", tone=Tone.GOOD)


def _open(context: Context, value: str) -> records.Seen:
    seen = records.kept(context, value)
    if FLOW.step(seen.row.state, "change details") is None:
        raise UserError(
            f"{seen.row.ref} is {FLOW.states[seen.row.state].words}.", hint="It cannot be changed any more."
        )
    return seen


def _details(row: Meeting) -> tuple[object, ...]:
    return row.starts_at, row.minutes, row.place, row.link, row.chair


def _problems(fields: dict[str, str]) -> dict[str, str]:
    problems = {
        name: f"Please use at most {most} characters."
        for name, most in (("place", MAX_PLACE), ("link", MAX_NOTE), ("chair", MAX_CHAIR))
        if len(fields.get(name, "")) > most
    }
    minutes = fields.get("minutes", "")
    if not (minutes.isascii() and minutes.isdecimal() and _SHORTEST <= int(minutes) <= _LONGEST):
        problems["minutes"] = f"Please give a number of minutes from {_SHORTEST} to {_LONGEST}."
    if fields.get("link") and not _LINK.fullmatch(fields["link"]):
        problems["link"] = "Please give one link that begins with https:// and holds no brackets or spaces."
    return problems
