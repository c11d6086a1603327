"""What comes before and after a session: whose reminders are to be planned, who was there, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from db.bookings import ENDED, Booking, BookingState
from db.evaluations import Evaluation
from db.people import Person
from db.training import Course, SessionState, TrainingSession

CONFIRMED, ATTENDED, NO_SHOW = (
    BookingState.CONFIRMED.value, BookingState.ATTENDED.value, BookingState.NO_SHOW.value,
)  # fmt: skip
_ON = (SessionState.OPEN.value, SessionState.CLOSED.value)
_TOOK_PLACE = (*_ON, SessionState.DONE.value)
_WITH_PLACE = (CONFIRMED, *ENDED)


@dataclass(frozen=True, slots=True)
class Place:
    """A booking, with the session and the course that it is for."""

    booking: Booking
    session: TrainingSession
    course: Course


@dataclass(frozen=True, slots=True)
class Held:
    """A session with its course, and how many of its places are counted."""

    session: TrainingSession
    course: Course
    number: int


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said of a session at the three times; None where they did not. They are not named."""

    agency: str
    before: int | None
    after: int | None
    later: int | None
    change: str


# --- reminders -------------------------------------------------------------------------------------------------


def to_remind(session: Session, *, now: datetime, limit: int) -> list[Place]:
    """Return confirmed places whose reminders are not planned for their session as it is now, soonest first."""
    wanted = _places().where(
        Booking.state == CONFIRMED,
        Booking.reminded != TrainingSession.version,
        TrainingSession.state.in_(_ON),
        TrainingSession.starts_at > now,
    )
    return _read(session, wanted.order_by(TrainingSession.starts_at, Booking.id).limit(limit))


def to_forget(session: Session, *, limit: int) -> list[Booking]:
    """Return bookings with reminders that hold no place any more, or whose session does not take place."""
    gone = or_(Booking.state != CONFIRMED, TrainingSession.state.not_in(_TOOK_PLACE))
    found = select(Booking).join(TrainingSession, TrainingSession.id == Booking.session_id)
    return list(session.scalars(found.where(Booking.reminded != 0, gone).order_by(Booking.id).limit(limit)))


def reminded(session: Session, versions: Iterable[tuple[int, int]]) -> None:
    """Keep for bookings, by number, for which version of their session reminders are planned; 0 for none."""
    rows = [{"id": booking_id, "reminded": version} for booking_id, version in versions]
    if rows:
        session.execute(update(Booking), rows)


def few(session: Session, *, after: datetime, until: datetime) -> list[Held]:
    """Return the sessions that begin in some time and have fewer confirmed places than they need, soonest first."""
    wanted = and_(
        TrainingSession.state.in_(_ON),
        TrainingSession.starts_at > after,
        TrainingSession.starts_at < until,
        TrainingSession.book_at == "",
    )
    return [one for one in _held(session, wanted, states=(CONFIRMED,)) if one.number < one.session.least]


# --- attendance ------------------------------------------------------------------------------------------------


def get(session: Session, session_id: int) -> tuple[TrainingSession, Course] | None:
    """Return a session that takes place or took place, with its course."""
    found = session.execute(
        select(TrainingSession, Course)
        .join(Course, Course.id == TrainingSession.course_id)
        .where(TrainingSession.id == session_id, TrainingSession.state.in_(_TOOK_PLACE))
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def begun(session: Session, *, now: datetime, skip: int, limit: int) -> list[Held]:
    """Return sessions that have begun, newest first, with how many people are still to be marked."""
    wanted = and_(
        TrainingSession.state.in_(_TOOK_PLACE), TrainingSession.starts_at <= now, TrainingSession.book_at == ""
    )
    return _held(session, wanted, states=(CONFIRMED,), newest=True, skip=skip, limit=limit)


def people_of(session: Session, session_id: int, *, hold: bool = False) -> list[tuple[Booking, str]]:
    """Return who had a place at a session, by name. `hold`: as it is now, and unchanged until the transaction ends."""
    found = (
        select(Booking, Person.name)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.session_id == session_id, Booking.state.in_(_WITH_PLACE))
        .order_by(Person.name, Booking.id)
    )
    if hold:
        found = found.with_for_update(of=Booking).execution_options(populate_existing=True)
    return [(booking, name) for booking, name in session.execute(found)]


# --- one's own -------------------------------------------------------------------------------------------------


def place(session: Session, booking_id: int, *, hold: bool = False) -> Place | None:
    """Return one booking with its session. `hold`: as it is now, and unchanged until the transaction ends."""
    found = _places().where(Booking.id == booking_id)
    if hold:
        found = found.with_for_update(of=Booking).execution_options(populate_existing=True)
    return next(iter(_read(session, found)), None)


def attended(session: Session, person_id: int, *, skip: int, limit: int) -> list[Place]:
    """Return the sessions that somebody attended, newest first."""
    found = _places().where(Booking.person_id == person_id, Booking.state == ATTENDED)
    newest = found.order_by(TrainingSession.starts_at.desc(), Booking.id.desc())
    return _read(session, newest.offset(skip).limit(limit))


# --- figures ---------------------------------------------------------------------------------------------------


def counted(session: Session, *, since: datetime, until: datetime, noted: datetime) -> list[tuple[str, str, int]]:
    """Return how many places of each agency stood in each state, for sessions that began in some time.

    What was noted only from the moment `noted` on counts as not noted yet.
    """
    state = case((Booking.changed_at < noted, Booking.state), else_=CONFIRMED).label("stood")
    found = session.execute(
        select(Booking.agency, state, func.count())
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .where(*_in(since, until), Booking.state.in_(_WITH_PLACE))
        .group_by(Booking.agency, "stood")
        .order_by(Booking.agency, "stood")
    )
    return [(agency, state, number) for agency, state, number in found]


def said_in(session: Session, *, since: datetime, until: datetime, noted: datetime) -> list[Said]:
    """Return what people said before the moment `noted` of sessions that they attended, which began in some time."""
    return _said(session, *_in(since, until), noted=noted)


def said_of(session: Session, session_id: int) -> list[Said]:
    """Return what people said of one session that they attended, in no order that tells who they are."""
    return sorted(_said(session, Booking.session_id == session_id), key=lambda one: one.change.casefold())


def _said(session: Session, *which: ColumnElement[bool], noted: datetime | None = None) -> list[Said]:
    after = Evaluation.after if noted is None else case((Evaluation.after_at < noted, Evaluation.after))
    later = Evaluation.later if noted is None else case((Evaluation.later_at < noted, Evaluation.later))
    found = session.execute(
        select(Booking.agency, Evaluation.before, after, later, Evaluation.change)
        .join(Evaluation, Evaluation.booking_id == Booking.id)
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .where(Booking.state == ATTENDED, *which)
    )
    return [Said(*row) for row in found]


def _in(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    begins = TrainingSession.starts_at
    return (begins >= since, begins < until, TrainingSession.state.in_(_TOOK_PLACE))


def _places() -> Select[Booking, TrainingSession, Course]:
    return (
        select(Booking, TrainingSession, Course)
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .join(Course, Course.id == TrainingSession.course_id)
    )


def _read(session: Session, found: Select[Booking, TrainingSession, Course]) -> list[Place]:
    return [Place(booking, when, course) for booking, when, course in session.execute(found)]


def _held(
    session: Session, wanted: ColumnElement[bool], *, states: Iterable[str], newest: bool = False, skip: int = 0,
    limit: int | None = None,
) -> list[Held]:  # fmt: skip
    number = (
        select(func.count())
        .where(Booking.session_id == TrainingSession.id, Booking.state.in_(list(states)))
        .scalar_subquery()
    )
    begins = TrainingSession.starts_at
    found = (
        select(TrainingSession, Course, number)
        .join(Course, Course.id == TrainingSession.course_id)
        .where(wanted)
        .order_by(begins.desc() if newest else begins, TrainingSession.id)
        .offset(skip)
        .limit(limit)
    )
    return [Held(when, course, many) for when, course, many in session.execute(found)]
