"""What is to be sent to whom: occurrences under a natural key, and one delivery for every destination.

Every destination has a lane for each queue, and a lane sends one message after the other. The states are those that
survived being killed at every point: see `docs/decisions.md`. `db/claims.py` takes and records, `db/doubts.py` settles
what nobody knows, and `bot/outbox.py` sends.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from db.base import Base, insert

_QUEUED = "deliveries queued"
_AT_ONCE = 1000  # rows of one statement: both databases limit its parameters
REPLY = "reply"  # the kind of what goes to the one who asked
URGENT = "urgent reply"  # the same in danger: it goes first and waits for nothing
NOTICE = "notice of an undelivered message"  # tells the secretariat what did not arrive
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


class Queue(StrEnum):
    """What a lane carries: posts in strict order and at a pace, replies, or what waits for nothing."""

    POST = "post"
    REPLY = "reply"
    URGENT = "urgent"


class Occurrence(Base):
    """Something that is said once, whatever happens: its natural key is unique. Its card never changes."""

    __tablename__ = "occurrences"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    card: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Lane(Base):
    """The queue of one destination. `next_at` says when to look at it, and never too late; None when nothing waits.

    Nothing leaves a lane of posts before `held_until`: for its pace, and for a pause after a failure.
    """

    __tablename__ = "lanes"
    __table_args__ = (
        UniqueConstraint("platform", "address", "only_for", "queue"),
        Index("ix_lanes_platform_queue_next_at", "platform", "queue", "next_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    address: Mapped[str]
    only_for: Mapped[str]
    queue: Mapped[str]
    next_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]


class Pace(Base):
    """When the next post may go to a platform as a whole, whichever of the replicas sends it."""

    __tablename__ = "paces"
    platform: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


_FAILING = text("state IN ('dead', 'expired', 'verify')")


class Delivery(Base):
    """One occurrence for one destination. The id is derived from both, so that it survives a restore.

    `held` ones wait until they are resumed; `recalled` ones are cancelled unless they turn out to have arrived.
    `looked_at`: when it was last found not to have arrived; `asked_at`: since when a person has to say whether it
    did; `told_at`: when the secretariat was told that it did not, or may not have.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_lane", "lane_id", "state", "not_before", "due_at", "occurrence_id", "id"),
        Index("ix_deliveries_state_not_before", "state", "not_before"),
        Index("ix_deliveries_state_expires_at", "state", "expires_at"),
        Index("ix_deliveries_failed", "told_at", "due_at", sqlite_where=_FAILING, postgresql_where=_FAILING),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrences.id"), index=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lanes.id"))
    platform: Mapped[str]
    address: Mapped[str]
    thread: Mapped[str]
    only_for: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    fence: Mapped[int]
    owner: Mapped[str]
    lease_until: Mapped[datetime | None]
    held: Mapped[bool]
    recalled: Mapped[bool]
    looked_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
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
class Posted:
    """What became of one delivery, for a report."""

    delivery_id: str
    destination: Destination
    state: State
    sent_at: datetime | None
    message_id: str
    error: str


_STAYED = (State.PENDING.value, State.CANCELLED.value, State.EXPIRED.value)
_LEFT = (State.PENDING.value, State.SENDING.value, State.VERIFY.value)  # not known to have arrived, and may still


# --- queueing ------------------------------------------------------------------------------------------------------


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
    queue: Queue | None = None,
) -> bool:
    """Queue a card for its destinations; return False when the natural key was queued before.

    Replies have queues of their own by their kind; everything else is a post, unless the caller says otherwise.
    """
    due = due_at or now
    occurrence_id = session.scalar(
        insert(session, Occurrence)
        .values(key=key, kind=kind, due_at=due, expires_at=expires_at, card=card, created_at=now)
        .on_conflict_do_nothing()
        .returning(Occurrence.id)
    )
    if occurrence_id is None:
        return False
    queue = queue or {REPLY: Queue.REPLY, URGENT: Queue.URGENT}.get(kind, Queue.POST)
    everybody = sorted(set(destinations), key=_place)  # in one order, so that no two wait for each other's lanes
    for start in range(0, len(everybody), _AT_ONCE):
        some = everybody[start : start + _AT_ONCE]
        lanes = _lanes(session, some, queue, due)
        rows = [
            {
                "id": str(uuid.uuid5(_NAMESPACE, f"{key}|{to.platform}|{to.address}|{to.thread}|{to.only_for}")),
                "occurrence_id": occurrence_id, "lane_id": lanes[_place(to)], "platform": to.platform,
                "address": to.address, "thread": to.thread, "only_for": to.only_for, "state": State.PENDING.value,
                "due_at": due, "expires_at": expires_at, "not_before": due, "attempts": 0, "fence": 0, "owner": "",
                "held": False, "recalled": False, "message_id": "", "error": "",
            }
            for to in some
        ]  # fmt: skip
        session.execute(insert(session, Delivery), rows)
        session.info[_QUEUED] = True
    return True


def known(session: Session, keys: Iterable[str]) -> dict[str, datetime]:
    """Return which of these natural keys were queued, and when."""
    wanted = select(Occurrence.key, Occurrence.created_at).where(Occurrence.key.in_(list(keys)))
    return {row.key: row.created_at for row in session.execute(wanted)}


def _place(to: Destination) -> tuple[str, str, str]:
    return to.platform, to.address, to.only_for


def _lanes(session: Session, everybody: Sequence[Destination], queue: Queue, due: datetime) -> dict[Any, int]:
    """Return the lane of each destination, made where there was none, to be looked at when this is due."""
    places = list(dict.fromkeys(map(_place, everybody)))
    rows = [
        {"platform": platform, "address": address, "only_for": only_for, "queue": queue.value, "next_at": due}
        for platform, address, only_for in places
    ]
    statement = insert(session, Lane).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=[Lane.platform, Lane.address, Lane.only_for, Lane.queue],
        set_={"next_at": _sooner(statement.excluded.next_at)},
    )
    found = session.execute(statement.returning(Lane.platform, Lane.address, Lane.only_for, Lane.id))
    return {(row.platform, row.address, row.only_for): row.id for row in found}


def _sooner(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(Lane.next_at.is_(None), Lane.next_at > moment), moment), else_=Lane.next_at)


def queued_in(session: Session) -> bool:
    """Say whether this session has queued anything, so that the worker is woken after its commit."""
    return bool(session.info.get(_QUEUED))


# --- what people and features decide -------------------------------------------------------------------------------


def cancel(session: Session, key: str, *, now: datetime) -> int:  # noqa: ARG001 - every decision has its moment
    """Call back what has not left of an occurrence; return how many deliveries.

    One that is being sent, or in doubt, is cancelled when it turns out not to have arrived.
    """
    gone = case((Delivery.state == State.PENDING.value, State.CANCELLED.value), else_=Delivery.state)
    return _decide(session, key, state=gone, recalled=True)


def hold(session: Session, key: str, *, now: datetime) -> int:  # noqa: ARG001 - every decision has its moment
    """Stop what has not left of an occurrence until it is resumed; return how many deliveries."""
    return _decide(session, key, held=True)


def resume(session: Session, key: str, *, now: datetime) -> int:
    """Let go on what was held of an occurrence; return how many deliveries. An expiry that has passed is lifted."""
    held = [Delivery.occurrence_id == _occurrence(key), Delivery.held, Delivery.state.in_(_LEFT)]
    lanes = _lanes_of(session, *held)
    for start in range(0, len(lanes), _AT_ONCE):
        _look_at(session, lanes[start : start + _AT_ONCE], now)
    not_before = case((Delivery.not_before < now, now), else_=Delivery.not_before)
    expires_at = case((Delivery.expires_at <= now, None), else_=Delivery.expires_at)
    freed = update(Delivery).where(*held).values(held=False, not_before=not_before, expires_at=expires_at)
    freed = freed.returning(Delivery.id)
    return len(session.scalars(freed, execution_options={"synchronize_session": False}).all())


def replay(session: Session, delivery_id: str, *, now: datetime) -> bool:
    """Send again what died, expired or was put to a person; return False for anything else. Its expiry is lifted."""
    return settle(
        session, delivery_id, failed(), now,
        state=case((Delivery.recalled, State.CANCELLED.value), else_=State.PENDING.value), not_before=now, attempts=0,
        asked_at=None, told_at=None, expires_at=None, held=False, lease_until=None, error="",
    )  # fmt: skip


def for_a_person() -> ColumnElement[bool]:
    """Say that nobody but a person can find out whether a delivery arrived."""
    return and_(Delivery.state == State.VERIFY.value, Delivery.asked_at.is_not(None))


def failed() -> ColumnElement[bool]:
    """Say that a person has to decide about a delivery. The first condition has the words of the index."""
    return and_(_FAILING, or_(Delivery.state != State.VERIFY.value, Delivery.asked_at.is_not(None)))


def settle(session: Session, delivery_id: str, which: ColumnElement[bool], now: datetime, **values: Any) -> bool:
    """Change one delivery for which something holds, as a person decided; say whether it did."""
    _look_at(session, _lanes_of(session, Delivery.id == delivery_id, which), now)
    # the fence grows, so that whoever still looks for the delivery is not heard
    statement = update(Delivery).where(Delivery.id == delivery_id, which).values(fence=Delivery.fence + 1, **values)
    changed = session.scalars(statement.returning(Delivery.id), execution_options={"synchronize_session": False})
    return bool(changed.all())


def _decide(session: Session, key: str, **values: Any) -> int:
    """Change what has not left of an occurrence: in one statement, so that nothing slips from one state to another."""
    which = [Delivery.occurrence_id == _occurrence(key), Delivery.state.in_(_LEFT)]
    _lanes_of(session, *which)
    changed = update(Delivery).where(*which).values(**values).returning(Delivery.id)
    return len(session.scalars(changed, execution_options={"synchronize_session": False}).all())


def _occurrence(key: str) -> Any:
    return select(Occurrence.id).where(Occurrence.key == key).scalar_subquery()


def _lanes_of(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """Return the lanes of some deliveries, and hold them: a lane comes before its deliveries, here as everywhere."""
    lanes = select(Lane.id).where(Lane.id.in_(select(Delivery.lane_id).where(*which)))
    return list(session.scalars(lanes.order_by(Lane.id).with_for_update()))


def _look_at(session: Session, lanes: Sequence[int], now: datetime) -> None:
    """Have lanes looked at now."""
    if lanes:
        session.execute(
            update(Lane).where(Lane.id.in_(lanes)).values(next_at=now),
            execution_options={"synchronize_session": False},
        )
        session.info[_QUEUED] = True


# --- what became of them -------------------------------------------------------------------------------------------


def report(session: Session, key_prefix: str) -> list[Posted]:
    """Return what became of every delivery of the occurrences whose key begins so, in the order they were due."""
    rows = session.scalars(
        select(Delivery)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Occurrence.key.startswith(key_prefix, autoescape=True))
        .order_by(Delivery.due_at, Delivery.occurrence_id, Delivery.id)
        .execution_options(populate_existing=True)
    )
    return [Posted(row.id, destination(row), State(row.state), row.sent_at, row.message_id, row.error) for row in rows]


def keys_of(session: Session, key_prefix: str) -> dict[str, bool]:
    """Return the occurrences whose key begins so, and whether anything of each has left, or may have."""
    rows = select(Occurrence.key, Delivery.state).join(Delivery, Delivery.occurrence_id == Occurrence.id)
    begins = Occurrence.key.startswith(key_prefix, autoescape=True)
    found: dict[str, bool] = {}
    for key, state in session.execute(rows.where(begins).order_by(Occurrence.id)):
        found[key] = found.get(key, False) or state not in _STAYED
    return found


def still(state: State) -> ColumnElement[bool]:
    """Return the condition that a delivery that was found by its id is in this state.

    It hides the column from the index of states: through that, SQLite would read a whole backlog to find forty rows.
    """
    return Delivery.state.concat("") == state.value


def destination(row: Any) -> Destination:
    """Return where a row of deliveries goes."""
    return Destination(row.platform, row.address, row.thread, row.only_for)


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
