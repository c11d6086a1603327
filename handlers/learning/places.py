"""Places and sessions as they are fetched: one's own, and those of which the secretariat keeps the attendance."""

from __future__ import annotations

from db import learning
from db.bookings import BookingState
from db.learning import Place
from db.people import SECRETARIAT
from db.training import Course, TrainingSession
from handlers.context import Context, UserError, number

KIND = "notice about training"


def own(context: Context, value: str, *, hold: bool = False) -> Place:
    """Return a session that the one who asks attended. Raises UserError for every other number."""
    found = learning.place(context.session, number(value), hold=hold)
    if (
        found is None
        or context.actor.person_id is None
        or found.booking.person_id != context.actor.person_id
        or found.booking.state != BookingState.ATTENDED.value
    ):
        raise UserError(
            "I cannot find that session among those that you attended.",
            hint="Type learning to see yours. If you were there and it is missing, tell the secretariat.",
        )
    return found


def of_session(context: Context, value: str) -> tuple[TrainingSession, Course]:
    """Return a session that has begun, to the secretariat. Raises UserError for everybody else."""
    found = learning.get(context.session, number(value))
    if found is None or not context.actor.roles & SECRETARIAT or found[0].starts_at > context.now:
        raise UserError(
            "I cannot find a session with that number that has begun.",
            hint="Type learning and press Attendance to see the sessions.",
        )
    return found


def day(context: Context, session: TrainingSession) -> str:
    """Return the day of a session as people read it."""
    return f"{context.day(session.starts_at):%-d %B %Y}"


def named(context: Context, session: TrainingSession, course: Course) -> str:
    """Return the title of a course with the day of the session, as plain text."""
    return f"{course.title}, {day(context, session)}"


def subject(booking_id: int, when: str = "") -> str:
    """Return what reminders of a place are about: before the session, `after` it or `later`."""
    return f"booking{when and f'-{when}'}:{booking_id}"
