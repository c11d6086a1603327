"""Private calendar feeds: one address a person, kept as a hash, which they can take back at any time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.bookings import Booking
from db.groups import Group, Membership
from db.meetings import NOT_ON, Meeting, MeetingState
from db.people import Person, here
from db.training import Course, TrainingSession


class Feed(Base):
    """The address of one person's calendar. Of when it was read last only the day is kept."""

    __tablename__ = "calendar_feeds"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    read_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


def make(session: Session, *, person_id: int, token_hash: str, at: datetime) -> Feed:
    """Keep a new address for a person, whose earlier one ends with it. Two at once leave one that is good."""
    session.scalar(select(Person.id).where(Person.id == person_id).with_for_update())
    revoke(session, person_id=person_id, at=at)
    feed = Feed(person_id=person_id, token_hash=token_hash, made_at=at)
    session.add(feed)
    session.flush()
    return feed


def revoke(session: Session, *, person_id: int, at: datetime) -> bool:
    """Take the address of a person back; return False when they have none."""
    good = (Feed.person_id == person_id, Feed.revoked_at.is_(None))
    gone = session.scalars(update(Feed).where(*good).values(revoked_at=at).returning(Feed.id))
    return bool(gone.all())


def of_person(session: Session, person_id: int) -> Feed | None:
    """Return the address that a person has; None when they have none."""
    return session.scalar(select(Feed).where(Feed.person_id == person_id, Feed.revoked_at.is_(None)))


def read(session: Session, token_hash: str, *, on: date) -> int | None:
    """Return whose calendar an address is, and note that it was read that day; None for one that is not good."""
    feed = session.scalar(
        select(Feed)
        .join(Person, Person.id == Feed.person_id)
        .where(Feed.token_hash == token_hash, Feed.revoked_at.is_(None), here(on))
    )
    if feed is None:
        return None
    if feed.read_on != on:
        feed.read_on = on
    return feed.person_id


def drop(session: Session, person_id: int) -> None:
    """Drop every address that a person ever had."""
    session.execute(delete(Feed).where(Feed.person_id == person_id))


def sits_in(session: Session, person_id: int, group_id: int, *, on: date) -> bool:
    """Say whether somebody sits in a group on that day, as a member or a deputy."""
    return session.scalar(_seats(person_id, on).where(Membership.group_id == group_id).limit(1)) is not None


def meetings_of(
    session: Session, person_id: int, *, on: date, since: date, cancelled_since: date
) -> list[tuple[str, Meeting]]:
    """Return the meetings of the groups in which somebody sits on that day, each with its group's name, in order.

    Those that took place go back until `since`, and those that were cancelled until `cancelled_since`.
    """
    cancelled = Meeting.state == MeetingState.CANCELLED.value
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.group_id.in_(_seats(person_id, on)))
        .where(
            or_(
                and_(cancelled, Meeting.on >= cancelled_since),
                and_(Meeting.state.not_in(NOT_ON), Meeting.on >= since),
            )
        )
        .order_by(Meeting.on, Group.name, Meeting.id)
    )
    return [(name, row) for name, row in session.execute(wanted)]


def places_of(session: Session, person_id: int, *, since: datetime) -> list[tuple[Booking, TrainingSession, Course]]:
    """Return what somebody booked, whatever became of it, with its session and its course, in order."""
    wanted = _places().where(Booking.person_id == person_id, TrainingSession.starts_at >= since)
    ordered = wanted.order_by(TrainingSession.starts_at, Booking.id)
    return [(booking, held, course) for booking, held, course in session.execute(ordered)]


def place(session: Session, booking_id: int) -> tuple[Booking, TrainingSession, Course] | None:
    """Return one booking with its session and its course."""
    found = session.execute(_places().where(Booking.id == booking_id)).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


def _places() -> Select[Booking, TrainingSession, Course]:
    return (
        select(Booking, TrainingSession, Course)
        .join(TrainingSession, TrainingSession.id == Booking.session_id)
        .join(Course, Course.id == TrainingSession.course_id)
    )


def _seats(person_id: int, on: date) -> Select[int]:
    """Return the query of the groups in which somebody sits; somebody who has left sits in none."""
    return (
        select(Membership.group_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.person_id == person_id, Membership.in_force(on), here(on))
    )
