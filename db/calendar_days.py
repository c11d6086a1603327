"""Days to keep clear of when a year is planned: school holidays, religious dates, meetings of other boards."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base

MAX_WHAT, MAX_SOURCE = 100, 200


class DayKind(StrEnum):
    """Why a day is kept clear."""

    HOLIDAY = "holiday"
    RELIGIOUS = "religious"
    BOARD = "board"


class CalendarDay(Base):
    """Days from `first_on` until `last_on`, both included, that somebody loaded, with where they were read."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("kind", "first_on", "last_on", "what"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]
    what: Mapped[str]
    source: Mapped[str]
    added_at: Mapped[datetime]
    added_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Days(TypedDict):
    """Days with what stands against them, as they are kept."""

    kind: str
    first_on: date
    last_on: date
    what: str
    source: str


def add(session: Session, days: Days, *, at: datetime, by: int | None) -> CalendarDay | None:
    """Keep days; None when they are there already under the same name."""
    same = select(CalendarDay.id).where(
        CalendarDay.kind == days["kind"],
        CalendarDay.first_on == days["first_on"],
        CalendarDay.last_on == days["last_on"],
        CalendarDay.what == days["what"],
    )
    if session.scalar(same) is not None:
        return None
    row = CalendarDay(**days, added_at=at, added_by_person_id=by)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # somebody else kept them in the same moment
        return None
    return row


def remove(session: Session, day_id: int) -> CalendarDay | None:
    """Take days away, and return what they were; None when they are not there."""
    found = session.get(CalendarDay, day_id, with_for_update=True)
    if found is not None:
        session.delete(found)
        session.flush()
    return found


def between(session: Session, first: date, last: date) -> list[CalendarDay]:
    """Return all that has a day from the first until the last, in order of time."""
    wanted = select(CalendarDay).where(CalendarDay.first_on <= last, CalendarDay.last_on >= first)
    return list(session.scalars(wanted.order_by(CalendarDay.first_on, CalendarDay.id)))


def coming(session: Session, on: date, *, skip: int, limit: int) -> list[CalendarDay]:
    """Return what is not over on a day, kind by kind, each in order of time."""
    wanted = select(CalendarDay).where(CalendarDay.last_on >= on)
    ordered = wanted.order_by(CalendarDay.kind, CalendarDay.first_on, CalendarDay.id)
    return list(session.scalars(ordered.offset(skip).limit(limit)))
