"""The challenge log: who asked whom for assurance, what was answered, and what changed. Source: domain.md 2.7."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.records import Versioned


class Status(StrEnum):
    """Where a challenge stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    NOT_SATISFIED = "not-satisfied"
    ESCALATED = "escalated"
    CLOSED = "closed"


LIVE = frozenset(Status) - {Status.CLOSED}


class Challenge(Versioned, Base):
    """One challenge. Agencies and roles are named in it; the people behind them are kept for what they owe."""

    __tablename__ = "challenges"
    __table_args__ = (Index("ix_challenges_status_response_due", "status", "response_due"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    raised_at: Mapped[datetime]
    raised_by: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    forum: Mapped[str] = mapped_column(default="group")
    challenger_role: Mapped[str] = mapped_column(default="")
    agency: Mapped[str] = mapped_column(default="")
    challenged: Mapped[str]  # an agency or a board
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)  # who is to answer
    theme: Mapped[str] = mapped_column(default="")
    priority: Mapped[str] = mapped_column(default="")
    linked_risk: Mapped[str] = mapped_column(default="", index=True)
    linked_escalation: Mapped[str] = mapped_column(default="")
    challenge: Mapped[str] = mapped_column(Text)
    assurance_sought: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    response_due: Mapped[date]
    response: Mapped[str] = mapped_column(Text, default="")
    responded_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    responded_at: Mapped[datetime | None]
    impact: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")  # why an answer does not satisfy
    status: Mapped[str] = mapped_column(default=Status.RAISED.value)
    closed_at: Mapped[datetime | None]
    marking: Mapped[str] = mapped_column(default="OFFICIAL")
    clocks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime]


def find(session: Session, ref: str) -> Challenge | None:
    """Return the challenge with a reference, however it is written. Callers check who may see it."""
    return session.scalar(select(Challenge).where(Challenge.ref == ref.strip().upper()))


def raise_one(session: Session, **columns: object) -> Challenge:
    """Keep a new challenge and return it."""
    challenge = Challenge(**columns)
    session.add(challenge)
    session.flush()
    return challenge


def of_risk(session: Session, ref: str, *which: ColumnElement[bool]) -> list[Challenge]:
    """Return the challenges to a risk that fit, oldest first."""
    return list(session.scalars(select(Challenge).where(Challenge.linked_risk == ref, *which).order_by(Challenge.id)))


def hide(session: Session, risk_ref: str) -> None:
    """Mark the challenges to a risk as OFFICIAL-SENSITIVE, like the risk that they speak of."""
    session.execute(update(Challenge).where(Challenge.linked_risk == risk_ref).values(marking="OFFICIAL-SENSITIVE"))


def of_status(session: Session, statuses: Iterable[Status]) -> list[Challenge]:
    """Return the challenges that stand so, oldest first."""
    wanted = [one.value for one in statuses]
    return list(session.scalars(select(Challenge).where(Challenge.status.in_(wanted)).order_by(Challenge.id)))
