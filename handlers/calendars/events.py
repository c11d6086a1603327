"""Meetings and booked training as entries of a calendar: never a person's name, never what a paper says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from db import feeds
from db.bookings import ENDED, Booking, BookingState
from db.meetings import Meeting, MeetingState
from db.training import Course, SessionState, TrainingSession
from handlers.context import Context
from knowledge.calendar import instant
from knowledge.calendar_event import Event, Status

MEETING, PLACE = "meeting", "session"  # before the number that a button carries
# No source says how long: calendars ask once a day at the least, and a holiday lasts for weeks.
PAST, CANCELLED = timedelta(days=90), timedelta(days=60)
# Whole seconds from here are a number that rises with each change and stays below 2**31 until the year 2094.
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_HELD = (BookingState.CONFIRMED.value, *ENDED)
_WAITS = MappingProxyType(
    {
        BookingState.REQUESTED.value: "You asked for a place. It is not confirmed yet.",
        BookingState.WAITING.value: "You are on the waiting list. You have no place yet.",
        BookingState.OFFERED.value: "You are offered a place. Take it in chat, or it lapses.",
    }
)


def every(context: Context, person_id: int) -> dict[str, Event]:
    """Return what stands in a person's calendar today, by what a button says of each, such as "meeting:12".

    These are the meetings of their groups, and the training that they booked.
    """
    today = context.today
    gone = today - CANCELLED
    met = feeds.meetings_of(context.session, person_id, on=today, since=today - PAST, cancelled_since=gone)
    places = feeds.places_of(context.session, person_id, since=_begins(context, today - PAST))
    found = {f"{MEETING}:{row.id}": of_meeting(context, group, row, member=True) for group, row in met}
    for booking, held, course in places:
        event = of_place(context, booking, held, course)
        if event.status is not Status.CANCELLED or held.starts_at >= _begins(context, gone):
            found[f"{PLACE}:{booking.id}"] = event
    return found


def of_meeting(context: Context, group: str, row: Meeting, *, member: bool) -> Event:
    """Return a meeting as an entry; the link for joining is in it for a `member` of the group alone."""
    cancelled = row.state == MeetingState.CANCELLED.value
    link = row.link if member and not cancelled else ""
    starts, ends = (row.on, row.on + timedelta(days=1)) if row.starts_at is None else (
        row.starts_at, row.starts_at + timedelta(minutes=row.minutes)
    )  # fmt: skip
    return Event(
        uid=_uid(context, row.ref),
        sequence=row.sequence,
        stamp=_FIRST + timedelta(minutes=row.sequence),  # when it was changed is not kept; the order is what counts
        starts=starts,
        ends=ends,
        summary=f"{group}: {row.title}" if row.title else group,
        place=row.place,
        description=_told(f"{row.ref}. Ask the assistant for its agenda and papers.", link),
        url=link,
        status=Status.CANCELLED if cancelled else Status.CONFIRMED,
    )


def of_place(context: Context, booking: Booking, held: TrainingSession, course: Course) -> Event:
    """Return a booked session as an entry; the link for joining is in it once the place is confirmed."""
    confirmed = booking.state in _HELD and held.state != SessionState.CANCELLED.value
    waits = booking.state in _WAITS and held.state != SessionState.CANCELLED.value
    link = held.link if confirmed else ""
    changes = int((booking.changed_at - _FIRST).total_seconds())
    return Event(
        uid=_uid(context, held.ref),
        sequence=changes + held.sequence,  # it rises with the booking and with the session
        stamp=booking.changed_at + timedelta(seconds=held.sequence),
        starts=held.starts_at,
        ends=held.ends_at,
        summary=course.title,
        place=held.place if confirmed or waits else "",
        description=_told(f"{held.ref}. {_WAITS.get(booking.state, '') if waits else ''}".strip(), link),
        url=link,
        status=Status.CONFIRMED if confirmed else Status.TENTATIVE if waits else Status.CANCELLED,
    )


def written(context: Context, events: Iterable[Event], name: str) -> bytes:
    """Return entries as the text of a calendar."""
    from knowledge import calendar_text  # noqa: PLC0415 - what writes it takes long to load, and a start needs none

    return calendar_text.calendar(events, name=name, zone=context.house.time_zone)


def _begins(context: Context, day: date) -> datetime:
    return instant(day, time(), context.house.time_zone)


def _told(text: str, link: str) -> str:
    return f"{text}\nJoin here: {link}" if link else text


def _uid(context: Context, ref: str) -> str:
    return f"{ref}@{urlsplit(context.house.public_url).hostname or 'thscp'}"
