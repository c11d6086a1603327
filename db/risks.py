"""Risks: the shared register, the controls of each risk, and every score that it ever had. Source: domain.md 2.4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.actions import ActionItem
from db.base import Base, take_turns
from db.people import Person
from db.records import Versioned


class Status(StrEnum):
    """Where a risk stands."""

    ALERT = "alert"
    OPEN = "open"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    MERGED = "merged"
    NOT_A_RISK = "not-a-risk"


LIVE = frozenset({Status.ALERT, Status.OPEN, Status.ESCALATED, Status.ACCEPTED})


class Risk(Versioned, Base):
    """One risk, from the alert to its end.

    The alert's own words stay in `title`, `event`, `children`, `agencies_affected` and `doing`. `owner_id` is whom the
    Strategy Manager asked; they own it from `owner_accepted_at`. Scores are steps from 1 to 5, empty until given.
    `clocks` are the periods as they were when it was raised.
    """

    __tablename__ = "risks"
    __table_args__ = (
        Index("ix_risks_status_next_review", "status", "next_review"),
        Index("ix_risks_status_raised_at", "status", "raised_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    cause: Mapped[str] = mapped_column(Text, default="")
    event: Mapped[str] = mapped_column(Text, default="")
    consequence: Mapped[str] = mapped_column(Text, default="")
    children: Mapped[str] = mapped_column(Text, default="")
    agencies_affected: Mapped[str] = mapped_column(Text, default="")
    doing: Mapped[str] = mapped_column(Text, default="")
    executive_now: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str] = mapped_column(default="emerging")
    agency_raising: Mapped[str] = mapped_column(default="")
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    raised_by_role: Mapped[str] = mapped_column(default="")
    raised_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="alert")
    priority_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    owner_accepted_at: Mapped[datetime | None]
    lead_group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"), index=True)
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    inherent_l: Mapped[int | None]
    inherent_i: Mapped[int | None]
    current_l: Mapped[int | None]
    current_i: Mapped[int | None]
    target_l: Mapped[int | None]
    target_i: Mapped[int | None]
    target_date: Mapped[date | None]
    entry_scale: Mapped[str] = mapped_column(default="3x3")
    scored_at: Mapped[datetime | None]
    proximity: Mapped[str] = mapped_column(default="")
    appetite: Mapped[str] = mapped_column(default="")
    response: Mapped[str] = mapped_column(default="")
    review_frequency: Mapped[int] = mapped_column(default=0)  # months
    next_review: Mapped[date | None]
    status: Mapped[str] = mapped_column(default=Status.ALERT.value)
    trend: Mapped[str] = mapped_column(default="same")
    marking: Mapped[str] = mapped_column(default="OFFICIAL")
    reason: Mapped[str] = mapped_column(Text, default="")  # of the last decision: merged, not a risk, reopened
    merged_into: Mapped[str] = mapped_column(default="")
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    accepted_at: Mapped[datetime | None]
    accepted_how: Mapped[str] = mapped_column(default="")
    acceptance_reason: Mapped[str] = mapped_column(Text, default="")
    acceptance_expiry: Mapped[date | None]
    escalation_ref: Mapped[str] = mapped_column(default="")
    escalated_at: Mapped[datetime | None]
    closure_reason: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    closure_asked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    clocks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime]


class RiskControl(Base):
    """Something that is in place against a risk. It is never deleted: `ended_at` says since when it is not any more."""

    __tablename__ = "risk_controls"
    id: Mapped[int] = mapped_column(primary_key=True)
    risk_id: Mapped[int] = mapped_column(ForeignKey("risks.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    kind: Mapped[str]
    effective: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]


class RiskScore(Base):
    """One score that a risk was given: which of the three, by whom, why. Rows are only ever added."""

    __tablename__ = "risk_scores"
    id: Mapped[int] = mapped_column(primary_key=True)
    risk_id: Mapped[int] = mapped_column(ForeignKey("risks.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    which: Mapped[str]  # inherent, current or target
    likelihood: Mapped[int]
    impact: Mapped[int]
    trend: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)


SCORE = Risk.current_l * Risk.current_i  # for conditions on the current score; no row where it is not scored


def take_turns_to_merge(session: Session) -> None:
    """Make whoever merges risks wait for each other: what a risk is merged into must not change meanwhile."""
    take_turns(session, "merge risks")


def find(session: Session, ref: str) -> Risk | None:
    """Return the risk with a reference, however it is written. Callers check who may see it."""
    return session.scalar(select(Risk).where(Risk.ref == ref.strip().upper()))


def raise_one(session: Session, **columns: object) -> Risk:
    """Keep a new risk and return it."""
    risk = Risk(**columns)
    session.add(risk)
    session.flush()
    return risk


def of_status(session: Session, statuses: Iterable[Status]) -> list[Risk]:
    """Return the risks that stand so, oldest first."""
    wanted = [one.value for one in statuses]
    return list(session.scalars(select(Risk).where(Risk.status.in_(wanted)).order_by(Risk.raised_at, Risk.id)))


def matching(session: Session, status: Status, *which: ColumnElement[bool]) -> list[Risk]:
    """Return the risks that stand so and fit, oldest first."""
    return list(session.scalars(select(Risk).where(Risk.status == status.value, *which).order_by(Risk.id)))


def controls(session: Session, risk_id: int) -> list[RiskControl]:
    """Return what is in place against a risk, oldest first."""
    rows = select(RiskControl).where(RiskControl.risk_id == risk_id, RiskControl.ended_at.is_(None))
    return list(session.scalars(rows.order_by(RiskControl.id)))


def with_controls(session: Session, ids: Sequence[int] | None = None) -> set[int]:
    """Return which risks have any control in place that is not said to do nothing."""
    rows = select(RiskControl.risk_id).where(RiskControl.ended_at.is_(None), RiskControl.effective != "no").distinct()
    return set(session.scalars(rows if ids is None else rows.where(RiskControl.risk_id.in_(ids))))


def with_open_actions(session: Session) -> set[str]:
    """Return the references of the risks about which something is still to be done."""
    rows = select(ActionItem.of_ref).where(ActionItem.done_on.is_(None), ActionItem.of_ref.like("RSK-%")).distinct()
    return set(session.scalars(rows))


def owners_who_left(session: Session, on: date) -> set[int]:
    """Return the owners who have left by that day."""
    return set(
        session.scalars(select(Risk.owner_id).join(Person, Person.id == Risk.owner_id).where(Person.left_on <= on))
    )


def add_control(session: Session, **columns: object) -> RiskControl:
    """Keep a new control of a risk."""
    control = RiskControl(**columns)
    session.add(control)
    session.flush()
    return control


def control(session: Session, risk_id: int, control_id: int) -> RiskControl | None:
    """Return one control of a risk that is in place."""
    found = session.get(RiskControl, control_id)
    return found if found is not None and found.risk_id == risk_id and found.ended_at is None else None


def add_score(session: Session, **columns: object) -> RiskScore:
    """Add a score to the history of a risk."""
    row = RiskScore(**columns)
    session.add(row)
    session.flush()
    return row


def scores(session: Session, risk_id: int, *, limit: int = 0) -> list[RiskScore]:
    """Return every score that a risk was given, newest first; at most `limit` where that is not 0."""
    rows = select(RiskScore).where(RiskScore.risk_id == risk_id).order_by(RiskScore.id.desc())
    return list(session.scalars(rows.limit(limit) if limit else rows))


def cells(session: Session, *which: ColumnElement[bool]) -> dict[tuple[int, int], int]:
    """Count the risks that fit in each cell of the matrix, by likelihood and impact of the current score."""
    rows = session.execute(
        select(Risk.current_l, Risk.current_i, func.count())
        .where(Risk.current_l.is_not(None), Risk.current_i.is_not(None), *which)
        .group_by(Risk.current_l, Risk.current_i)
    )
    return {(likelihood or 0, impact or 0): count for likelihood, impact, count in rows}
