"""Places in training as they are given: a session held, who is booked or waits, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.base import insert, take_turns
from db.bookings import ENDED, HOLDS, Booking, BookingState, ManagerLink
from db.evaluations import Evaluation
from db.people import Agency, Person, PostHolder
from db.training import Course, SessionState, TrainingSession

RUNS = (SessionState.OPEN.value, SessionState.CLOSED.value)  # a session for which places still move


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking with what it is for and whose it is. `manager` is a name, or empty where there is only an address."""

    booking: Booking
    held: TrainingSession
    course: str
    name: str
    manager: str


@dataclass(frozen=True, slots=True)
class Asker:
    """What is known of somebody who asks for a place: their agency and their posts, as they are enrolled."""

    agency: str
    posts: tuple[str, ...]


# --- one session, held -----------------------------------------------------------------------------------------


def in_turn(session: Session) -> None:
    """Let nobody else who moves places go on until this transaction has ended. Call it before a session is held."""
    take_turns(session, "places")


def hold(session: Session, session_id: int) -> TrainingSession | None:
    """Return a session that nobody else books or changes until this transaction has ended.

    All who move places take turns besides, so that no two who hold several sessions wait for each other.
    """
    in_turn(session)
    return session.scalars(
        select(TrainingSession)
        .where(TrainingSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def held(session: Session, session_id: int) -> int:
    """Count the places of a session that somebody has or is kept for."""
    counted = select(func.count()).where(Booking.session_id == session_id, Booking.state.in_(HOLDS))
    return session.scalar(counted) or 0


def waiting(session: Session, session_id: int, *, limit: int) -> list[tuple[int, int]]:
    """Return who waits for a session, the first of the line first: the place in the line, and the booking."""
    rows = session.execute(
        select(Booking.line, Booking.id)
        .where(Booking.session_id == session_id, Booking.state == BookingState.WAITING.value)
        .order_by(Booking.line)
        .limit(limit)
    )
    return [(line, booking_id) for line, booking_id in rows]


def end_of_line(session: Session, session_id: int) -> int:
    """Return the place in the line behind everybody who ever waited for a session."""
    return (session.scalar(select(func.max(Booking.line)).where(Booking.session_id == session_id)) or 0) + 1


def before(session: Session, booking: Booking) -> int:
    """Count those who wait for the same session further ahead."""
    ahead = select(func.count()).where(
        Booking.session_id == booking.session_id,
        Booking.state == BookingState.WAITING.value,
        Booking.line < booking.line,
    )
    return session.scalar(ahead) or 0


def run_out(session: Session, session_id: int, *, now: datetime) -> list[Booking]:
    """Return the bookings of a session whose time has run out, or who waited in vain, the first one first."""
    found = _run_out(now).where(Booking.session_id == session_id)
    return list(session.scalars(found.order_by(Booking.held_until, Booking.line)))


def _run_out(now: datetime) -> Select[Booking]:
    waits = Booking.state == BookingState.WAITING.value
    states = (BookingState.REQUESTED.value, BookingState.OFFERED.value, BookingState.WAITING.value)
    return (
        select(Booking)
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .where(Booking.state.in_(states))
        .where(or_(Booking.held_until <= now, and_(waits, TrainingSession.starts_at <= now)))
    )


def due(session: Session, *, now: datetime) -> list[int]:
    """Return the sessions for which places have run out, or have come free while somebody waits."""
    over = (
        _run_out(now)
        .with_only_columns(Booking.session_id)
        .where(TrainingSession.state.in_((*RUNS, SessionState.DONE.value)))
    )
    taken = aliased(Booking)
    number = select(func.count()).where(taken.session_id == TrainingSession.id, taken.state.in_(HOLDS))
    free = (
        select(Booking.session_id)
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .where(Booking.state == BookingState.WAITING.value)
        .where(TrainingSession.state.in_(RUNS), TrainingSession.starts_at > now)
        .where(number.scalar_subquery() < TrainingSession.capacity)
    )
    return sorted({*session.scalars(over), *session.scalars(free)})


# --- one booking -----------------------------------------------------------------------------------------------


def get(session: Session, booking_id: int) -> Booking | None:
    """Return a booking as it is now."""
    return session.scalars(
        select(Booking).where(Booking.id == booking_id).execution_options(populate_existing=True)
    ).one_or_none()


def of_person(session: Session, session_id: int, person_id: int) -> Booking | None:
    """Return the booking of somebody for a session."""
    return session.scalars(
        select(Booking)
        .where(Booking.session_id == session_id, Booking.person_id == person_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def keep(session: Session, session_id: int, person_id: int, *, at: datetime, **values: object) -> Booking:
    """Return a new booking of somebody with these values, or the one that they had before with them."""
    row = of_person(session, session_id, person_id)
    if row is None:
        row = Booking(session_id=session_id, person_id=person_id, asked_at=at, changed_at=at, line=0)
        row.manager_email = row.agreed_by = row.certificate = ""
    row.agreed_at, row.agreed_by, row.held_until, row.for_booking_id = None, "", None, None
    row.asked_at = row.changed_at = at
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row


def confident(session: Session, booking_id: int, number: int, *, at: datetime) -> None:
    """Keep how confident somebody is before a session; what they said before that is replaced."""
    said = {"before": number, "before_at": at}
    adding = insert(session, Evaluation).values(booking_id=booking_id, change="", effect="", **said)
    session.execute(adding.on_conflict_do_update(index_elements=[Evaluation.booking_id], set_=said))


def asker(session: Session, person_id: int, *, on: date) -> Asker:
    """Return what is known of somebody on a day."""
    agency = session.scalar(
        select(Agency.name).join(Person, Person.agency_id == Agency.id).where(Person.id == person_id)
    )
    posts = session.scalars(
        select(PostHolder.post)
        .where(PostHolder.person_id == person_id, PostHolder.in_force(on))
        .order_by(PostHolder.id)
    )
    return Asker(agency or "", tuple(posts))


# --- lists -----------------------------------------------------------------------------------------------------


def entry(session: Session, booking_id: int) -> Entry | None:
    """Return a booking as lists show it."""
    found = _entries(session, Booking.id == booking_id, order=(Booking.id,), skip=0, limit=1)
    return found[0] if found else None


def of_mine(session: Session, person_id: int, *, now: datetime, skip: int, limit: int) -> list[Entry]:
    """Return the bookings of somebody for sessions that are not over, the next session first."""
    own = (Booking.person_id == person_id, TrainingSession.ends_at > now)
    return _entries(session, *own, order=(TrainingSession.starts_at, Booking.id), skip=skip, limit=limit)


def of_manager(session: Session, person_id: int, *, now: datetime, skip: int, limit: int) -> list[Entry]:
    """Return the bookings to which somebody has to agree, those first that run out first."""
    return _entries(
        session,
        Booking.manager_person_id == person_id,
        *undecided(now),
        order=(TrainingSession.starts_at, Booking.asked_at, Booking.id),
        skip=skip,
        limit=limit,
    )


def of_session(session: Session, session_id: int, *, skip: int, limit: int) -> list[Entry]:
    """Return the bookings of a session: who has a place, then who waits in their order, then the others."""
    rank = or_(Booking.state.in_(HOLDS), Booking.state.in_(ENDED))
    order = (rank.desc(), (Booking.state == BookingState.WAITING.value).desc(), Booking.line, Booking.id)
    return _entries(session, Booking.session_id == session_id, order=order, skip=skip, limit=limit)


def to_decide(session: Session, session_id: int, *, now: datetime, limit: int) -> list[Entry]:
    """Return the bookings of a session to which no manager has agreed yet, the oldest first."""
    which = (Booking.session_id == session_id, *undecided(now))
    return _entries(session, *which, order=(Booking.asked_at, Booking.id), skip=0, limit=limit)


def undecided(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Say which bookings a manager can still decide about: their session is still to come."""
    kept = or_(Booking.state == BookingState.WAITING.value, Booking.held_until > now)
    states = (BookingState.REQUESTED.value, BookingState.OFFERED.value, BookingState.WAITING.value)
    return (
        Booking.state.in_(states), Booking.agreed_at.is_(None), kept,
        TrainingSession.state.in_(RUNS), TrainingSession.starts_at > now,
    )  # fmt: skip


def _entries(
    session: Session, *which: ColumnElement[bool], order: Iterable[SQLColumnExpression[Any]], skip: int, limit: int
) -> list[Entry]:
    manager = aliased(Person)
    rows = session.execute(
        select(Booking, TrainingSession, Course.title, Person.name, manager.name)
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .join(Course, Course.id == TrainingSession.course_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(manager, manager.id == Booking.manager_person_id)
        .where(*which)
        .order_by(*order)
        .offset(skip)
        .limit(limit)
    )
    return [Entry(booking, held, course, name, boss or "") for booking, held, course, name, boss in rows]


def title(session: Session, session_id: int) -> str:
    """Return what the course of a session is called."""
    found = select(Course.title).join(TrainingSession).where(TrainingSession.id == session_id)
    return session.scalar(found) or ""


def others(session: Session, of: TrainingSession, *, now: datetime, today: date, limit: int) -> list[TrainingSession]:
    """Return other sessions of the same course that can be booked now, the next one first."""
    return list(
        session.scalars(
            select(TrainingSession)
            .where(TrainingSession.course_id == of.course_id, TrainingSession.id != of.id)
            .where(TrainingSession.state == SessionState.OPEN.value, TrainingSession.starts_at > now)
            .where(TrainingSession.opens_on <= today, TrainingSession.closes_on >= today)
            .order_by(TrainingSession.starts_at)
            .limit(limit)
        )
    )


def pass_on(session: Session, *, other: int, into: int) -> list[int]:
    """Let the places of one person be another's, but for sessions in which those have one; return which they are.

    Their reminders are planned anew.
    """
    own = list(session.scalars(select(Booking.session_id).where(Booking.person_id == into)))
    theirs = update(Booking).where(Booking.person_id == other, Booking.session_id.not_in(own))
    asked = update(Booking).where(Booking.manager_person_id == other, Booking.person_id != into)
    moved = session.scalars(theirs.values(person_id=into, reminded=0).returning(Booking.id)).all()
    session.execute(asked.values(manager_person_id=into))
    return list(moved)


# --- links of managers -----------------------------------------------------------------------------------------


def link(session: Session, booking_id: int, token_hash: str, *, at: datetime, until: datetime) -> None:
    """Keep a new link for the manager of a booking; the ones before work no more."""
    close_links(session, booking_id, at=at)
    session.add(ManagerLink(booking_id=booking_id, token_hash=token_hash, made_at=at, until=until))
    session.flush()


def linked(session: Session, token_hash: str, *, at: datetime) -> int | None:
    """Return the booking of a link that still works; looking does not use it up."""
    return session.scalar(
        select(ManagerLink.booking_id).where(
            ManagerLink.token_hash == token_hash, ManagerLink.used_at.is_(None), ManagerLink.until > at
        )
    )


def close_links(session: Session, booking_id: int, *, at: datetime) -> None:
    """Let no link of a booking work any more."""
    session.execute(
        update(ManagerLink)
        .where(ManagerLink.booking_id == booking_id, ManagerLink.used_at.is_(None))
        .values(used_at=at)
    )
