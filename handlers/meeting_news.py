"""What people are told when a meeting is moved or does not take place: those who know of it, and each of them once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db import attending, deliveries, reminders
from db.meetings import Meeting
from handlers import telling
from handlers.context import Context
from handlers.messages import Button, Card, Text, Tone
from handlers.prose import escape

KIND = "notice about a meeting"
_MOVED, _CANCELLED, _AGAIN = "moved", "cancelled", "again"


@dataclass(frozen=True, slots=True)
class When:
    """The day of a meeting, and its time in London, as people are told them."""

    day: str
    time: str

    @property
    def words(self) -> str:
        """Say it, such as `Thursday 3 December 2026 at 14:30`."""
        said = f"{datetime.fromisoformat(self.day):%A %-d %B %Y}"
        return f"{said} at {self.time.replace('.', ':')}" if self.time else said


def when(context: Context, row: Meeting) -> When:
    """Return when a meeting is."""
    at = f"{row.starts_at.astimezone(context.house.time_zone):%H.%M}" if row.starts_at else ""
    return When(row.on.isoformat(), at)


def subjects(row: Meeting) -> tuple[str, str]:
    """Return under which names a meeting's reminders are planned: for who comes, and for the secretariat."""
    return f"meeting:{row.ref}", f"meeting-desk:{row.ref}"


def key(row: Meeting, what: str, person_id: int, detail: str) -> str:
    """Return the natural key of a message to one person about a meeting."""
    return f"meeting:{row.ref}:{what}:{person_id}:{detail}"


def moved(context: Context, group: str, row: Meeting, before: When) -> int:
    """Tell everybody who was told of a meeting that it has another day or time; return how many.

    A notice of an earlier move that still waits is taken back: its reader learns the last day that they knew, and the
    new one.
    """
    told = 0
    now = when(context, row)
    for person_id, known in _knows(context, row, before).items():
        if known != now:
            said = f"{escape(group)} meets on {now.words}, not on {known.words}."
            detail = f"{known.day}T{known.time}:{row.sequence}"
            again = " You will be asked again whether you come." if known.day != now.day else ""
            told += _tell(context, row, _MOVED, person_id, detail, f"A meeting has moved: {group}", said + again)
    return told


def cancelled(context: Context, group: str, row: Meeting) -> int:
    """Tell everybody who was told of a meeting that it does not take place; return how many.

    Nobody is told once its day is over.
    """
    told = 0
    known_by = _knows(context, row, when(context, row))
    if row.on < context.today:
        return 0
    for person_id, known in known_by.items():
        said = f"The meeting of {escape(group)} on {known.words} does not take place."
        title = f"A meeting is cancelled: {group}"
        told += _tell(context, row, _CANCELLED, person_id, str(row.sequence), title, said)
    return told


def again(context: Context, group: str, row: Meeting) -> int:
    """Tell everybody who learned that a meeting is cancelled that it takes place after all; return how many.

    Their answers are forgotten, so that nobody counts on them. A notice that still waits is taken back.
    """
    told: list[int] = []
    for said, left in deliveries.keys_of(context.session, f"meeting:{row.ref}:{_CANCELLED}:").items():
        if left:
            told.append(int(said.split(":", 4)[3]))
        else:
            deliveries.cancel(context.session, said, now=context.now)
    attending.forget(context.session, row.id, told)
    said = f"{escape(group)} meets on {when(context, row).words} after all. Please say again whether you come."
    title = f"A meeting takes place after all: {group}"
    return sum(_tell(context, row, _AGAIN, one, str(row.sequence), title, said) for one in dict.fromkeys(told))


def _knows(context: Context, row: Meeting, before: When) -> dict[int, When]:
    """Return who was told of a meeting and when it was as they know it. What waits to be sent is taken back."""
    session = context.session
    who = attending.answered_ever(session, row.id) | reminders.reminded(session, subjects(row)[0])
    known = dict.fromkeys(sorted(who), before)
    for said, left in deliveries.keys_of(session, f"meeting:{row.ref}:").items():
        _, _, what, person, detail = said.split(":", 4)
        if left:
            known[int(person)] = before
        elif deliveries.cancel(session, said, now=context.now) and what == _MOVED:
            day, _, time = detail.partition(":")[0].partition("T")
            known[int(person)] = When(day, time)
    for subject in subjects(row):
        reminders.cancel(session, subject)
    return known


def _tell(  # noqa: PLR0917 - what happened to whom, and the two parts of the message
    context: Context, row: Meeting, what: str, person_id: int, detail: str, title: str, said: str
) -> bool:
    card = Card(title, (Text(said),), (Button("Open it", "meetings.open", str(row.id)),), Tone.WARNING)
    return telling.tell_people(context, [person_id], card, key=key(row, what, person_id, detail), kind=KIND)
