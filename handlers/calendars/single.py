"""One meeting, or one booked session, as a calendar file that is fetched with the browser."""

from __future__ import annotations

from db import escalations, feeds, meetings, people
from db.meetings import MeetingState
from db.people import SECRETARIAT
from handlers import files
from handlers.calendars import events
from handlers.context import Context, Request, UserError, number
from handlers.files import File
from handlers.messages import Card, Text
from handlers.wording import words
from knowledge.calendar_event import Event

CALENDAR = "text/calendar; charset=utf-8"


def link(context: Context, request: Request) -> Card:
    """Give you a link to a calendar file of a meeting of your group, or of a session that you booked."""
    person_id = context.actor.person_id
    if person_id is None:
        raise _not_found()
    event = _access(context, request.value, person_id)
    return Card(
        f"{_ref(event)} for your calendar",
        (Text(words("calendars_link")),),
        (files.link(context, "calendar", request.value),),
    )


def make(context: Context, about: str, person_id: int) -> File:
    """Return the calendar file of a meeting or a session, as it is when it is fetched."""
    event = _access(context, about, person_id)
    return File(f"{_ref(event).lower()}.ics", events.written(context, [event], event.summary), CALENDAR)


def _access(context: Context, about: str, person_id: int) -> Event:
    """Return the entry to somebody who may have it. Raises UserError, the same for what is not there."""
    kind, _, which = about.partition(":")
    find = {events.MEETING: _meeting, events.PLACE: _place}.get(kind)
    event = find(context, number(which), person_id) if find else None
    if event is None:
        raise _not_found()
    return event


def _meeting(context: Context, meeting_id: int, person_id: int) -> Event | None:
    row = meetings.get(context.session, meeting_id)
    if row is None or row.state == MeetingState.PROPOSED.value:
        return None
    member = feeds.sits_in(context.session, person_id, row.group_id, on=context.today)
    if not member and not people.roles(context.session, person_id, on=context.today) & SECRETARIAT:
        return None
    return events.of_meeting(context, escalations.group_name(context.session, row.group_id), row, member=member)


def _place(context: Context, booking_id: int, person_id: int) -> Event | None:
    found = feeds.place(context.session, booking_id)
    if found is None or found[0].person_id != person_id:
        return None
    return events.of_place(context, *found)


def _ref(event: Event) -> str:
    return event.uid.partition("@")[0]


def _not_found() -> UserError:
    return UserError("I cannot find that in your calendar.", hint="Type calendar to see what is in it.")
