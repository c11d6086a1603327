"""Training: courses of the catalogue, and the sessions and events at which people can meet them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, ScalarSelect, Select, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import records
from db.base import Base, insert
from db.bookings import ENDED, HOLDS, Booking, BookingState
from db.records import Versioned

COURSE_PREFIX, SESSION_PREFIX = "CRS", "TRN"
MAX_TITLE, MAX_TEXT, MAX_LINK = 150, 1000, 500


class CourseKind(StrEnum):
    """What kind of learning something is."""

    COURSE = "course"
    CONFERENCE = "conference"
    LUNCH = "lunch-and-learn"
    DROP_IN = "drop-in"
    ROADSHOW = "roadshow"
    WEBINAR = "webinar"
    WORKSHOP = "workshop"
    LEARNING = "learning-event"
    BRIEFING = "briefing-session"


class SessionState(StrEnum):
    """Where a session stands. Whether it is full is counted, never stored."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    DONE = "done"


_KEPT = (BookingState.CONFIRMED.value, *ENDED)  # those whose attendance is noted
SHOWN = (SessionState.OPEN.value, SessionState.CLOSED.value)  # to everybody, while they are to come


class Course(Versioned, Base):
    """One course of the catalogue. `historic`: it comes from an old list and shows what there was.

    `category` is A, B, C or empty, and `source` where it was read. `hours` is its length, 0 where nobody says.
    """

    __tablename__ = "courses"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    category: Mapped[str]
    level: Mapped[str]
    aims: Mapped[str]
    audience: Mapped[str]
    prerequisites: Mapped[str]
    hours: Mapped[int]
    mode: Mapped[str]
    owner_role: Mapped[str]
    review_on: Mapped[date | None]
    source: Mapped[str]
    historic: Mapped[bool]
    retired_on: Mapped[date | None]


class TrainingSession(Versioned, Base):
    """One session of a course. `link` is only for those with a confirmed place; `book_at` is where else it is booked.

    `least` is how many it needs to run. `campaign` is the month or week that it belongs to. `sequence` counts the
    changes that a calendar has to know, and `moved_from` is when it began before it was moved last. `uid` is what the
    calendar calls it from which it was brought, empty for one that was written here.
    """

    __tablename__ = "training_sessions"
    __table_args__ = (Index("ix_training_sessions_state_starts_at", "state", "starts_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    mode: Mapped[str]
    place: Mapped[str]
    link: Mapped[str]
    trainer: Mapped[str]
    capacity: Mapped[int]
    least: Mapped[int]
    waiting_list: Mapped[bool]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    campaign: Mapped[str]
    access: Mapped[str]
    book_at: Mapped[str]
    state: Mapped[str]
    moved_from: Mapped[datetime | None]
    sequence: Mapped[int]
    uid: Mapped[str] = mapped_column(default="", index=True)


class DatesChannel(Base):
    """A registered channel in which the coming dates are posted."""

    __tablename__ = "training_channels"
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    since: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Listed:
    """One session with its course, and how many hold a place in it or wait for one."""

    session: TrainingSession
    course: Course
    held: int
    waiting: int


# --- courses -----------------------------------------------------------------------------------------------


def known_refs(session: Session, *, refs: Collection[str]) -> frozenset[str]:
    """Return those of these references that there are."""
    return frozenset(session.scalars(select(Course.ref).where(Course.ref.in_(refs))))


def keep(session: Session, *, rows: Sequence[dict[str, Any]]) -> int:
    """Keep courses under references of their own, and leave alone what is there under one of them, or so called."""
    if not rows:
        return 0
    statement = insert(session, Course).values(list(rows)).on_conflict_do_nothing().returning(Course.id)
    return len(session.scalars(statement).all())


def course(session: Session, *, ref: str = "", title: str = "", id: int = 0) -> Course | None:  # noqa: A002
    """Return the course with this reference, this title however it is written, or this number."""
    which = Course.ref == ref if ref else Course.id == id if id else func.lower(Course.title) == title.lower()
    return session.scalar(select(Course).where(which).limit(1))


def courses(session: Session, *, historic: bool | None = None, skip: int = 0, limit: int | None = None) -> list[Course]:
    """Return the courses that were not retired, in the order of their titles; historic ones at the end."""
    wanted = select(Course).where(Course.retired_on.is_(None))
    if historic is not None:
        wanted = wanted.where(Course.historic.is_(historic))
    return list(session.scalars(wanted.order_by(Course.historic, func.lower(Course.title)).offset(skip).limit(limit)))


def add_course(session: Session, *, year: int, **columns: Any) -> Course:
    """Keep a new course under the next reference of the year."""
    row = Course(ref=records.next_ref(session, COURSE_PREFIX, year), version=1, **columns)
    session.add(row)
    session.flush()
    return row


# --- sessions ----------------------------------------------------------------------------------------------


def add_session(session: Session, *, year: int, **columns: Any) -> TrainingSession:
    """Keep a new session, a draft at first, under the next reference of the year."""
    common = {"state": SessionState.DRAFT.value, "moved_from": None, "sequence": 0}
    row = TrainingSession(ref=records.next_ref(session, SESSION_PREFIX, year), version=1, **(common | columns))
    session.add(row)
    session.flush()
    return row


def one(session: Session, *, ref: str) -> Listed | None:
    """Return the session with a reference."""
    return next(iter(_listed(session, _sessions().where(TrainingSession.ref == ref))), None)


def coming(
    session: Session,
    *,
    since: datetime,
    until: datetime | None = None,
    words: str = "",
    kind: str = "",
    course_id: int = 0,
    states: Collection[str] = SHOWN,
    skip: int = 0,
    limit: int | None = None,
) -> list[Listed]:
    """Return the sessions that begin from then on, the next one first."""
    wanted = _sessions().where(TrainingSession.starts_at >= since, TrainingSession.state.in_(states))
    if until is not None:
        wanted = wanted.where(TrainingSession.starts_at < until)
    if kind:
        wanted = wanted.where(Course.kind == kind)
    if course_id:
        wanted = wanted.where(Course.id == course_id)
    for word in words.split():
        places = (Course.title, Course.aims, Course.level, TrainingSession.campaign)
        wanted = wanted.where(or_(*(place.icontains(_stem(word), autoescape=True) for place in places)))
    return _listed(session, wanted.offset(skip).limit(limit))


def months(session: Session, *, since: datetime) -> list[datetime]:
    """Return when each coming session begins that is shown to everybody, the next one first."""
    starts = select(TrainingSession.starts_at).where(
        TrainingSession.starts_at >= since, TrainingSession.state.in_(SHOWN)
    )
    return list(session.scalars(starts.order_by(TrainingSession.starts_at)))


def with_dates(session: Session, *, after: datetime) -> frozenset[int]:
    """Return the numbers of the courses of which a session begins after a moment that is shown to everybody."""
    begins, state = TrainingSession.starts_at, TrainingSession.state
    return frozenset(session.scalars(select(TrainingSession.course_id).where(begins > after, state.in_(SHOWN))))


def brought(session: Session, *, uid: str, course_id: int, starts_at: datetime) -> TrainingSession | None:
    """Return the session that a row of a calendar means: by its own number there, or by course and beginning."""
    by_uid = select(TrainingSession).where(TrainingSession.uid == uid) if uid else None
    found = session.scalar(by_uid.limit(1)) if by_uid is not None else None
    if found is not None:
        return found
    same = (TrainingSession.course_id == course_id, TrainingSession.starts_at == starts_at)
    return session.scalar(select(TrainingSession).where(*same).order_by(TrainingSession.id).limit(1))


def drafts(session: Session, *, refs: Collection[str], after: datetime) -> list[Listed]:
    """Return those of these sessions that are not open yet and begin after a moment, the next one first."""
    begins, state = TrainingSession.starts_at, TrainingSession.state
    wanted = _sessions().where(TrainingSession.ref.in_(refs), state == SessionState.DRAFT.value, begins > after)
    return _listed(session, wanted)


def renamed(session: Session, *, course_id: int, after: datetime) -> None:
    """Let reminders and calendars know that the sessions of a course that begin after a moment are called otherwise."""
    live = (SessionState.DRAFT.value, *SHOWN)
    session.execute(
        update(TrainingSession)
        .where(
            TrainingSession.course_id == course_id, TrainingSession.starts_at > after, TrainingSession.state.in_(live)
        )
        .values(version=TrainingSession.version + 1, sequence=TrainingSession.sequence + 1)
    )


def unattended(session: Session, *, before: datetime, limit: int) -> list[TrainingSession]:
    """Return sessions that ended before a moment and are not over yet, of which no attendance is to be kept."""
    kept = select(Booking.id).where(Booking.session_id == TrainingSession.id, Booking.state.in_(_KEPT))
    wanted = select(TrainingSession).where(
        TrainingSession.state.in_(SHOWN), TrainingSession.starts_at < before, TrainingSession.ends_at < before
    )
    wanted = wanted.where(~kept.exists()).order_by(TrainingSession.id).limit(limit)
    return list(session.scalars(wanted.with_for_update(skip_locked=True)))


def noted(session: Session, *, session_id: int) -> bool:
    """Say whether it is noted of anybody whether they were at a session."""
    wanted = select(Booking.id).where(Booking.session_id == session_id, Booking.state.in_(ENDED)).limit(1)
    return session.scalar(wanted) is not None


def booked(session: Session, *, session_id: int, for_update: bool = False) -> list[Booking]:
    """Return the bookings of those who hold a place or wait for one, in the order of their numbers."""
    states = (*HOLDS, BookingState.WAITING.value)
    wanted = select(Booking).where(Booking.session_id == session_id, Booking.state.in_(states)).order_by(Booking.id)
    return list(session.scalars(wanted.with_for_update() if for_update else wanted))


def _stem(word: str) -> str:
    """Leave out the ending of several, so that "thresholds" finds "threshold"."""
    return word.removesuffix("s") if len(word) > 4 else word  # noqa: PLR2004 - "abuse" stays, "bus" too


def _sessions() -> Select[TrainingSession, Course, int, int]:
    held, waiting = _counted(*HOLDS), _counted(BookingState.WAITING.value)
    return (
        select(TrainingSession, Course, held, waiting)
        .join(Course, Course.id == TrainingSession.course_id)
        .order_by(TrainingSession.starts_at, TrainingSession.id)
    )


def _counted(*states: str) -> ScalarSelect[int]:
    counted = select(func.count()).where(Booking.session_id == TrainingSession.id, Booking.state.in_(states))
    return counted.correlate(TrainingSession).scalar_subquery()


def _listed(session: Session, wanted: Select[TrainingSession, Course, int, int]) -> list[Listed]:
    return [Listed(row, course, held, waiting) for row, course, held, waiting in session.execute(wanted)]


# --- channels ----------------------------------------------------------------------------------------------


def post_in(session: Session, *, channel_id: int, at: datetime) -> None:
    """Post the coming dates in a registered channel from now on."""
    values = {"channel_id": channel_id, "since": at}
    session.execute(insert(session, DatesChannel).values(**values).on_conflict_do_nothing())


def post_no_more(session: Session, *, channel_id: int) -> None:
    """Post no dates in a channel any more."""
    session.execute(delete(DatesChannel).where(DatesChannel.channel_id == channel_id))


def posted_in(session: Session) -> frozenset[int]:
    """Return the numbers of the channels in which the coming dates are posted."""
    return frozenset(session.scalars(select(DatesChannel.channel_id)))
