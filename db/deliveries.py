"""What is to be sent to whom: occurrences under a natural key, and one delivery for every destination.

The states are those that survived being killed at every point: see `docs/decisions.md`. These functions
only read and write rows; `bot/outbox.py` sends.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Update,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from db.base import Base, insert

_QUEUED = "deliveries queued"
REPLY = "reply"  # the kind of what goes to the one who asked
URGENT = "urgent reply"  # the same in danger: it goes first and waits for nothing
_NAMESPACE = uuid.UUID("6f1c1f0e-7f6b-5d39-9c6e-2d8f9d0f4b11")


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
    __table_args__ = (
        Index("ix_deliveries_state_not_before", "state", "not_before"),
        Index("ix_deliveries_platform_address_state", "platform", "address", "state"),
    )
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
    """A delivery that one worker holds until its lease ends, and what it is to send.

    `attempts` counts this one. `fence` grows with every claim: what an earlier holder says later is not heard.
    """

    id: str
    destination: Destination
    card: dict[str, Any]
    attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """A delivery that a person must know about: what kind of message did not arrive, or may not have, and where."""

    id: str
    kind: str
    destination: Destination
    state: State


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
    occurrence_id = session.scalar(
        insert(session, Occurrence)
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
        session.execute(insert(session, Delivery), rows)
        session.info[_QUEUED] = True
    return True


def queued_in(session: Session) -> bool:
    """Say whether this session has queued anything, so that the worker is woken after its commit."""
    return bool(session.info.get(_QUEUED))


def expire(session: Session, *, now: datetime) -> list[Unsent]:
    """Give up what is past its time to be useful and not being sent; return what it was."""
    late = select(Occurrence.id).where(Occurrence.expires_at <= now)
    ids = session.scalars(
        update(Delivery)
        .where(Delivery.state == State.PENDING.value, Delivery.occurrence_id.in_(late))
        .values(state=State.EXPIRED.value)
        .returning(Delivery.id)
    ).all()
    return _unsent(session, ids)


def claim(
    session: Session, *, owner: str, platforms: Iterable[str], now: datetime, lease: timedelta, limit: int
) -> list[Claimed]:
    """Take up to `limit` due deliveries and mark them as being sent; other workers pass over them.

    One destination gets its messages one after the other, in the order in which they were due. A reply does not
    wait for a message that is only waiting for its next try; an urgent one waits for none.
    """
    urgent = Occurrence.kind == URGENT
    ids = session.scalars(
        select(Delivery.id)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Delivery.state == State.PENDING.value, Delivery.not_before <= now)
        .where(Delivery.platform.in_(list(platforms)), or_(urgent, ~_held_back(now)))
        .order_by(urgent.desc(), Delivery.due_at, Delivery.occurrence_id, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()
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
        .order_by(urgent.desc(), Delivery.due_at, Delivery.occurrence_id, Delivery.id)
        .execution_options(populate_existing=True)
    )
    return [
        Claimed(row.id, Destination(row.platform, row.address, row.thread, row.only_for), card, row.attempts, row.fence)
        for row, card in rows
    ]


def _held_back(now: datetime) -> ColumnElement[bool]:
    """Say that an earlier message for the same readers of the same place comes first."""
    earlier = aliased(Delivery)
    tried_again_later = and_(earlier.not_before > now, Occurrence.kind == REPLY)
    return exists().where(
        earlier.platform == Delivery.platform,
        earlier.address == Delivery.address,
        earlier.only_for == Delivery.only_for,
        or_(
            earlier.state == State.SENDING.value,
            and_(earlier.state == State.PENDING.value, not_(tried_again_later)),
        ),
        tuple_(earlier.due_at, earlier.occurrence_id, earlier.id)
        < tuple_(Delivery.due_at, Delivery.occurrence_id, Delivery.id),
    )


def sent(session: Session, held: Claimed, *, message_id: str, at: datetime) -> None:
    """Record that a message arrived. That is true whoever holds the delivery by now, so no fence is asked for."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == held.id)
        .values(state=State.SENT.value, message_id=message_id, error="", lease_until=None, sent_at=at)
    )


def retry(session: Session, held: Claimed, *, not_before: datetime, error: str) -> None:
    """Put back a delivery that certainly did not arrive, to be tried again from then on."""
    session.execute(
        _still(held).values(state=State.PENDING.value, not_before=not_before, error=error, lease_until=None)
    )


def give_up(session: Session, held: Claimed, state: Literal[State.VERIFY, State.DEAD], *, error: str) -> list[Unsent]:
    """Record that nobody knows whether a message arrived (`verify`), or that it never will (`dead`).

    Return it for a person to be told; nothing when somebody else holds the delivery by now.
    """
    statement = _still(held).values(state=state.value, error=error, lease_until=None)
    return _unsent(session, session.scalars(statement.returning(Delivery.id)).all())


def doubt_abandoned(session: Session, *, now: datetime) -> list[Unsent]:
    """Mark deliveries whose sender vanished as not known, and return them. What that sender says later is not heard."""
    ids = session.scalars(
        update(Delivery)
        .where(Delivery.state == State.SENDING.value, Delivery.lease_until <= now)
        .values(state=State.VERIFY.value, lease_until=None, error="sender vanished", fence=Delivery.fence + 1)
        .returning(Delivery.id)
    ).all()
    return _unsent(session, ids)


def forget_replies(session: Session, *, before: datetime) -> None:
    """Drop the replies that were queued before then and are not to be sent any more, whether they arrived or not."""
    other, open_states = aliased(Delivery), [State.PENDING.value, State.SENDING.value]
    waits = exists().where(other.occurrence_id == Occurrence.id, other.state.in_(open_states))
    old = (Occurrence.kind.in_([REPLY, URGENT]), Occurrence.created_at < before, ~waits)
    gone = delete(Delivery).where(Delivery.occurrence_id.in_(select(Occurrence.id).where(*old)))
    for statement in (gone, delete(Occurrence).where(*old)):
        session.execute(statement, execution_options={"synchronize_session": False})


def counts(session: Session) -> dict[str, int]:
    """Count the deliveries in each state."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows are not pairs to the type checker


def _still(held: Claimed) -> Update:
    return update(Delivery).where(
        Delivery.id == held.id, Delivery.state == State.SENDING.value, Delivery.fence == held.fence
    )


def _unsent(session: Session, ids: Sequence[str]) -> list[Unsent]:
    if not ids:
        return []
    rows = session.execute(
        select(Delivery, Occurrence.kind)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.due_at, Delivery.occurrence_id, Delivery.id)
        .execution_options(populate_existing=True)
    )
    return [
        Unsent(row.id, kind, Destination(row.platform, row.address, row.thread, row.only_for), State(row.state))
        for row, kind in rows
    ]
