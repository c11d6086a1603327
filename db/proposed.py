"""Meetings that are only proposed: nobody goes there until they are confirmed. They are rows of `db.meetings`."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import meetings
from db.groups import Group
from db.meetings import Days, Meeting, MeetingState

_PROPOSED, _CANCELLED = MeetingState.PROPOSED.value, MeetingState.CANCELLED.value


def between(session: Session, first: date, last: date) -> list[tuple[str, Meeting]]:
    """Return the meetings from a day until another, each with its group's name; cancelled ones are not in it."""
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.on.between(first, last), Meeting.state != _CANCELLED)
        .order_by(Meeting.on, Group.name)
    )
    return [(name, row) for name, row in session.execute(wanted)]


def coming(session: Session, on: date) -> list[tuple[str, Meeting]]:
    """Return what is proposed for that day and later, each with the group's name."""
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.on >= on, Meeting.state == _PROPOSED)
        .order_by(Meeting.on, Group.name)
    )
    return [(name, row) for name, row in session.execute(wanted)]


def held(session: Session, on: date) -> list[Meeting]:
    """Return what is proposed for that day and later, held for a change until the transaction ends."""
    wanted = select(Meeting).where(Meeting.on >= on, Meeting.state == _PROPOSED)
    found = session.scalars(wanted.order_by(Meeting.on, Meeting.id).with_for_update())
    return list(found)


def confirm(session: Session, meeting: Meeting) -> None:
    """Let a meeting that is held for it take place. Calendars have to know."""
    meeting.state, meeting.sequence = MeetingState.CONFIRMED.value, meeting.sequence + 1
    session.flush()


def move(session: Session, meeting: Meeting, days: Days) -> bool:
    """Propose another day for a meeting that is held for it. Nobody was told the first, so it is not kept.

    Returns False when its group got a meeting on that day in the same moment.
    """
    return meetings.put_on(session, meeting, days)


def drop(session: Session, meeting: Meeting) -> None:
    """Take a meeting away that is held for it, as if it had never been; what refers to it sees it cancelled."""
    try:
        with session.begin_nested():
            session.delete(meeting)
            session.flush()
    except IntegrityError:
        meeting.state = _CANCELLED
        session.flush()
