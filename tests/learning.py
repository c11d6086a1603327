"""Courses, sessions and bookings as tests need them before anybody comes: added to the tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import engine as database
from db import records
from db.bookings import Booking, BookingState
from db.evaluations import Evaluation
from db.people import Identity
from db.training import COURSE_PREFIX, SESSION_PREFIX, Course, CourseKind, SessionState, TrainingSession
from tests.fakes import Bot
from tests.promises import number

STARTS = datetime(2027, 1, 20, 9, 30, tzinfo=UTC)  # a Wednesday
LINK = "https://example.org/join/1"


def course(bot: Bot, title: str = "Working with neglect", **changed: Any) -> int:
    """Add a course, unless there is one of that title, and return its number."""
    with database.transaction(bot.engine) as session:
        if known := session.scalar(select(Course.id).where(Course.title == title)):
            return known
        columns: dict[str, Any] = {
            "ref": records.next_ref(session, COURSE_PREFIX, 2026), "title": title, "kind": CourseKind.COURSE.value,
            "category": "B", "level": "", "aims": "", "audience": "", "prerequisites": "", "hours": 6,
            "mode": "online", "owner_role": "", "review_on": None, "source": "", "historic": False, "retired_on": None,
        }  # fmt: skip
        row = Course(**columns | changed)
        session.add(row)
        session.flush()
        return row.id


def session(bot: Bot, course_id: int = 0, *, starts_at: datetime = STARTS, **changed: Any) -> int:
    """Add a session of three hours, of the first course unless another is given, and return its number."""
    course_id = course_id or course(bot)
    with database.transaction(bot.engine) as opened:
        columns: dict[str, Any] = {
            "ref": records.next_ref(opened, SESSION_PREFIX, 2026), "course_id": course_id, "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=3), "mode": "online", "place": "", "link": LINK, "trainer": "",
            "capacity": 20, "least": 0, "waiting_list": True, "opens_on": date(2026, 11, 1),
            "closes_on": starts_at.date(), "campaign": "", "access": "", "book_at": "",
            "state": SessionState.OPEN.value, "moved_from": None, "sequence": 0, "uid": "",
        }  # fmt: skip
        row = TrainingSession(**columns | changed)
        opened.add(row)
        opened.flush()
        return row.id


def booking(bot: Bot, session_id: int, who: Identity, **changed: Any) -> int:
    """Give somebody a confirmed place, unless it is changed, and return the number of the booking."""
    person_id, now = number(bot, who), bot.clock.now
    with database.transaction(bot.engine) as opened:
        columns: dict[str, Any] = {
            "session_id": session_id, "person_id": person_id, "agency": "Example Council", "work": "",
            "state": BookingState.CONFIRMED.value, "line": 0, "asked_at": now, "changed_at": now, "held_until": None,
            "manager_person_id": None, "manager_email": "", "agreed_at": None, "agreed_by": "",
            "for_booking_id": None, "certificate": "", "certified_at": None,
        }  # fmt: skip
        row = Booking(**columns | changed)
        opened.add(row)
        opened.flush()
        return row.id


def evaluated(bot: Bot, booking_id: int, **said: Any) -> None:
    """Keep what somebody said of a session."""
    with database.transaction(bot.engine) as opened:
        opened.add(Evaluation(booking_id=booking_id, **said))


def set_booking(bot: Bot, booking_id: int, **changed: Any) -> None:
    """Change columns of a booking."""
    _set(bot, Booking, booking_id, changed)


def set_session(bot: Bot, session_id: int, **changed: Any) -> None:
    """Change columns of a session, which then has another version."""
    with database.transaction(bot.engine) as opened:
        row = opened.get_one(TrainingSession, session_id)
        row.version += 1
    _set(bot, TrainingSession, session_id, changed)


def _set(bot: Bot, table: type[Booking | TrainingSession], row_id: int, changed: dict[str, Any]) -> None:
    with database.transaction(bot.engine) as opened:
        row = opened.get_one(table, row_id)
        for name, value in changed.items():
            setattr(row, name, value)


def kept(bot: Bot, booking_id: int) -> Booking:
    """Return a booking as it is now."""
    with Session(bot.engine) as opened:
        return opened.scalars(select(Booking).where(Booking.id == booking_id)).one()


def kept_session(bot: Bot, session_id: int) -> TrainingSession:
    """Return a session as it is now."""
    with Session(bot.engine) as opened:
        return opened.scalars(select(TrainingSession).where(TrainingSession.id == session_id)).one()


def said_by(bot: Bot, booking_id: int) -> Evaluation:
    """Return what somebody said of a session."""
    with Session(bot.engine) as opened:
        return opened.scalars(select(Evaluation).where(Evaluation.booking_id == booking_id)).one()


def owed(bot: Bot, who: Identity) -> None:
    """Let somebody have attended two sessions four months ago, and said after one of them what they took from it."""
    course_id = course(bot, "Listening to children")
    for days, said in (
        (120, {}),
        (121, {"before": 2, "after": 4, "after_at": bot.clock.now, "change": "I ask first."}),
    ):
        starts_at = bot.clock.now - timedelta(days=days)
        place = booking(bot, session(bot, course_id, starts_at=starts_at), who, state=BookingState.ATTENDED.value)
        if said:
            evaluated(bot, place, **said)
