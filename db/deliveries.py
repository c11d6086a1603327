"""What is to be sent to whom: occurrences under a natural key, and one delivery for every destination.

The states are those that survived being killed at every point: see `docs/decisions.md`. These functions
only read and write rows; `bot/outbox.py` sends.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base

_NAMESPACE = uuid.UUID("6f1c1f0e-7f6b-5d39-9c6e-2d8f9d0f4b11")
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class State(StrEnum):
    """Where a delivery stands. `verify` means that nobody knows whether it arrived."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    VERIFY = "verify"
    DEAD = "dead"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Occurrence(Base):
    """Something that is said once, whatever happens: its natural key is unique."""

    __tablename__ = "occurrences"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    card: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Delivery(Base):
    """One occurrence for one destination. The id is derived from both, so that it survives a restore."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_state_not_before", "state", "not_before"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrences.id"), index=True)
    platform: Mapped[str]
    address: Mapped[str]
    thread: Mapped[str]
    only_for: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    fence: Mapped[int]
    owner: Mapped[str]
    lease_until: Mapped[datetime | None]
    message_id: Mapped[str]
    error: Mapped[str]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes: a conversation or a person of a platform.

    `thread` is the message that it answers; `only_for` makes it visible to one person of a channel.
    """

    platform: str
    address: str
    thread: str = ""
    only_for: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that one worker holds until its lease ends, and what it is to send."""

    id: str
    destination: Destination
    card: dict[str, Any]
    attempts: int
    fence: int


def put(
    session: Session,
    *,
    key: str,
    kind: str,
    card: dict[str, Any],
    destinations: Iterable[Destination],
    now: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Queue a card for its destinations; return False when the natural key was queued before."""
    due = due_at or now
    insert = _INSERTS[session.get_bind().dialect.name]
    occurrence_id = session.scalar(
        insert(Occurrence)
        .values(key=key, kind=kind, due_at=due, expires_at=expires_at, card=card, created_at=now)
        .on_conflict_do_nothing()
        .returning(Occurrence.id)
    )
    if occurrence_id is None:
        return False
    rows = [
        {
            "id": str(uuid.uuid5(_NAMESPACE, f"{key}|{to.platform}|{to.address}|{to.thread}|{to.only_for}")),
            "occurrence_id": occurrence_id, "platform": to.platform, "address": to.address, "thread": to.thread,
            "only_for": to.only_for, "state": State.PENDING.value, "due_at": due, "not_before": due, "attempts": 0,
            "fence": 0, "owner": "", "message_id": "", "error": "",
        }
        for to in dict.fromkeys(destinations)
    ]  # fmt: skip
    if rows:
        session.execute(insert(Delivery), rows)
    return True


def claim(
    session: Session, *, owner: str, platforms: Iterable[str], now: datetime, lease: timedelta, limit: int
) -> list[Claimed]:
    """Take up to `limit` due deliveries and mark them as being sent; other workers pass over them.

    Those that are past their time to be useful expire instead.
    """
    due = (
        select(Delivery.id, Occurrence.expires_at)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Delivery.state == State.PENDING.value, Delivery.not_before <= now)
        .where(Delivery.platform.in_(list(platforms)))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    found = session.execute(due).all()
    late = [row.id for row in found if row.expires_at is not None and row.expires_at <= now]
    if late:
        session.execute(update(Delivery).where(Delivery.id.in_(late)).values(state=State.EXPIRED.value))
    ids = [row.id for row in found if row.id not in set(late)]
    if not ids:
        return []
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(
            state=State.SENDING.value, owner=owner, lease_until=now + lease,
            fence=Delivery.fence + 1, attempts=Delivery.attempts + 1,
        )
    )  # fmt: skip
    rows = session.execute(
        select(Delivery, Occurrence.card)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.due_at, Delivery.id)
        .execution_options(populate_existing=True)
    )
    return [
        Claimed(row.id, Destination(row.platform, row.address, row.thread, row.only_for), card, row.attempts, row.fence)
        for row, card in rows
    ]


def settle(session: Session, delivery_id: str, state: State, *, message_id: str = "", error: str = "", at: datetime) -> None:
    """Record how a sending ended: sent, not known (`verify`), or never to be sent (`dead`)."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(
            state=state.value, message_id=message_id, error=error, lease_until=None,
            sent_at=at if state is State.SENT else None,
        )
    )  # fmt: skip


def retry(session: Session, delivery_id: str, *, not_before: datetime, error: str) -> None:
    """Put back a delivery that certainly did not arrive, to be tried again from then on."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state=State.PENDING.value, not_before=not_before, error=error, lease_until=None)
    )


def doubt_abandoned(session: Session, *, now: datetime) -> int:
    """Mark deliveries whose sender vanished as not known; return how many there were."""
    rows = session.scalars(
        update(Delivery)
        .where(Delivery.state == State.SENDING.value, Delivery.lease_until <= now)
        .values(state=State.VERIFY.value, lease_until=None, error="sender vanished")
        .returning(Delivery.id)
    ).all()
    return len(rows)


def counts(session: Session) -> dict[str, int]:
    """Count the deliveries in each state."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows are not pairs to the type checker


