"""Places in training: who asked for one, who holds one, who waits and in which order, and what their manager said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class BookingState(StrEnum):
    """Where a booking stands. The first three hold a place, `offered` and `requested` only until a moment."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    OFFERED = "offered"
    WAITING = "waiting"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled-late"
    SUBSTITUTED = "substituted"
    CALLED_OFF = "called-off"  # the session was cancelled
    ATTENDED = "attended"
    PARTIAL = "partial"
    NO_SHOW = "no-show"


HOLDS = (BookingState.REQUESTED.value, BookingState.CONFIRMED.value, BookingState.OFFERED.value)
ENDED = (BookingState.ATTENDED.value, BookingState.PARTIAL.value, BookingState.NO_SHOW.value)


class Booking(Base):
    """One person at one session, whatever becomes of it: who books again after cancelling changes the same row.

    `agency` and `work` are as they were when it was asked for. A place is held until `held_until`, which is when the
    manager has to have agreed (requested) or the person to have accepted (offered). `line` orders who waits: lower is
    first. `for_booking_id` is the booking whose place a substitute took. `reminded` is the version of the session for
    which reminders are planned, 0 for none. A `certificate` is good as long as it has `certified_at`.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        Index("ix_bookings_session_id_state", "session_id", "state", "line"),
        Index("ix_bookings_state_held_until", "state", "held_until"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("training_sessions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    agency: Mapped[str]
    work: Mapped[str]
    state: Mapped[str]
    line: Mapped[int]
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    manager_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    manager_email: Mapped[str]
    agreed_at: Mapped[datetime | None]
    agreed_by: Mapped[str]
    for_booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    certificate: Mapped[str]
    certified_at: Mapped[datetime | None]
    reminded: Mapped[int] = mapped_column(default=0)


class ManagerLink(Base):
    """A signed link by which a manager without an account agrees or declines, once. Only its hash is kept."""

    __tablename__ = "manager_links"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    used_at: Mapped[datetime | None]
