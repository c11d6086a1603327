"""What people say of a training before it, after it and three months later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert

MAX_CHANGE = 500


class Evaluation(Base):
    """The evaluation of one booking. Confidence goes from 1 to 5 and is empty until somebody says it.

    `change` is the one thing that they mean to do differently, and `effect` what came of it after three months.
    """

    __tablename__ = "evaluations"
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    before: Mapped[int | None]
    before_at: Mapped[datetime | None]
    after: Mapped[int | None]
    after_at: Mapped[datetime | None]
    change: Mapped[str] = mapped_column(default="")
    later: Mapped[int | None]
    later_at: Mapped[datetime | None]
    effect: Mapped[str] = mapped_column(default="")


def get(session: Session, booking_id: int) -> Evaluation | None:
    """Return what somebody said so far of one session."""
    return session.get(Evaluation, booking_id)


def keep(session: Session, booking_id: int, **said: int | str | datetime) -> None:
    """Keep what somebody says of one session, in the place of what they said at the same time before."""
    row = insert(session, Evaluation).values(booking_id=booking_id, **{"change": "", "effect": ""} | said)
    session.execute(row.on_conflict_do_update(index_elements=[Evaluation.booking_id], set_=said))
    session.expire_all()
