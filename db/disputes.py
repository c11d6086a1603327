"""Disputes between statutory partners: who, about what in one line, how far it is and what comes next."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import records
from db.base import Base
from db.records import Versioned

PREFIX = "DIS"


class PartnerDispute(Versioned, Base):
    """One dispute. Only the partners, the scrutineer and the strategy manager see it."""

    __tablename__ = "partner_disputes"
    id: Mapped[int] = mapped_column(primary_key=True)
    parties: Mapped[str]
    subject: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    stage: Mapped[str]
    next_step: Mapped[str]
    next_on: Mapped[date | None]
    outcome: Mapped[str]
    review_delayed: Mapped[bool]


def open_one(
    session: Session, *, parties: str, subject: str, by: int, at: datetime, year: int, stage: str
) -> PartnerDispute:
    """Open a dispute under the next reference, and return it."""
    row = PartnerDispute(
        ref=records.next_ref(session, PREFIX, year),
        version=1,
        parties=parties,
        subject=subject,
        opened_at=at,
        opened_by=by,
        stage=stage,
        next_step="",
        next_on=None,
        outcome="",
        review_delayed=False,
    )
    session.add(row)
    session.flush()
    return row


def of_ref(session: Session, ref: str) -> PartnerDispute | None:
    """Return the dispute with a reference; None when there is none."""
    return session.scalar(select(PartnerDispute).where(PartnerDispute.ref == ref.strip().upper()))


def listed(session: Session) -> list[PartnerDispute]:
    """Return every dispute, newest first."""
    return list(session.scalars(select(PartnerDispute).order_by(PartnerDispute.id.desc())))
