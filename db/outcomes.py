"""Recording how sending and looking ended. A message that arrived has arrived, whoever held it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, assert_never, cast

from sqlalchemy import ColumnElement, Table, bindparam, case, select, update
from sqlalchemy.orm import Session

from db.claims import Claimed, Look
from db.deliveries import NOTICE, Delivery, Destination, Lane, Occurrence, Queue, State, destination, still

_D = cast("Table", Delivery.__table__)
_L = cast("Table", Lane.__table__)
MAX_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)  # eight attempts last about three hours


class End(Enum):
    """How sending ended: arrived, certainly not for now, certainly never, or nobody knows."""

    ARRIVED = "arrived"
    LATER = "later"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one sending ended. `free_in` is after how long its lane may send again; `counts` is False for patience."""

    held: Claimed
    end: End
    message_id: str = ""
    error: str = ""
    free_in: timedelta = timedelta()
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery of which nobody knows whether it arrived, and who wants to find out now: see `fence`."""

    id: str
    lane_id: int
    queue: Queue
    destination: Destination
    not_before: datetime
    attempts: int
    fence: int


def backoff(failures: int) -> timedelta:
    """Return how long to wait after so many failures."""
    return min(FIRST_WAIT * 4 ** (failures - 1), LONGEST_WAIT) if failures > 0 else timedelta()


# --- sending -------------------------------------------------------------------------------------------------------


def record(session: Session, outcomes: Sequence[Outcome], *, now: datetime) -> list[Outcome]:
    """Record how sendings ended, and free their lanes; return those whose lanes somebody else has just now.

    Nobody waits for a lane here while holding others: two transactions could then wait for each other.
    """
    mine = _lock(session, {outcome.held.lane_id for outcome in outcomes})
    ended = [outcome for outcome in outcomes if outcome.held.lane_id in mine]
    for end in End:
        if rows := [_row(outcome, now) for outcome in ended if outcome.end is end]:
            session.connection().execute(_STATEMENTS[end], rows)
    _free(session, [(outcome.held.lane_id, outcome.held.queue, outcome.free_in) for outcome in ended], now)
    return [outcome for outcome in outcomes if outcome.held.lane_id not in mine]


def _lock(session: Session, lane_ids: Iterable[int]) -> set[int]:
    wanted = sorted(lane_ids)
    if not wanted:
        return set()
    found = select(_L.c.id).where(_L.c.id.in_(wanted)).order_by(_L.c.id).with_for_update(skip_locked=True)
    return set(session.scalars(found))


def _free(session: Session, lanes: Sequence[tuple[int, Queue, timedelta]], now: datetime) -> None:
    """Have lanes looked at as soon as they may send again; of posts, nothing overtakes what has to wait."""
    rows = [
        {"lane": lane_id, "next": now + free_in, "until": now + free_in}
        if queue is Queue.POST
        else {"lane": lane_id, "next": now, "until": None}
        for lane_id, queue, free_in in lanes
    ]
    if rows:
        session.connection().execute(_FREED, rows)


_FREED = (
    update(_L)
    .where(_L.c.id == bindparam("lane"))
    .values(next_at=bindparam("next", type_=_L.c.next_at.type), held_until=bindparam("until", type_=_L.c.next_at.type))
)
_NOW = bindparam("now", type_=_D.c.sent_at.type)
_TRIES = bindparam("tries", type_=_D.c.attempts.type)
_STILL = (_D.c.id == bindparam("delivery"), _D.c.state == State.SENDING.value, _D.c.fence == bindparam("held_fence"))


def _back(otherwise: State, now: Any = _NOW) -> ColumnElement[str]:
    """Return where a delivery goes that certainly did not arrive. The row decides: it may have been called back."""
    return case(
        (_D.c.recalled, State.CANCELLED.value), (_D.c.expires_at <= now, State.EXPIRED.value), else_=otherwise.value
    )


_STATEMENTS = {
    End.ARRIVED: update(_D)
    .where(_D.c.id == bindparam("delivery"), _D.c.state != State.SENT.value)
    .values(state=State.SENT.value, message_id=bindparam("message"), error="", lease_until=None, sent_at=_NOW),
    End.LATER: update(_D)
    .where(*_STILL)
    .values(
        state=case((_TRIES >= MAX_ATTEMPTS, _back(State.DEAD)), else_=_back(State.PENDING)),
        attempts=_TRIES, not_before=bindparam("again", type_=_D.c.not_before.type),
        error=bindparam("why"), lease_until=None,
    ),
    End.NEVER: update(_D)
    .where(*_STILL)
    .values(state=_back(State.DEAD), error=bindparam("why"), lease_until=None),
    End.UNKNOWN: update(_D)
    .where(*_STILL)
    .values(state=State.VERIFY.value, error=bindparam("why"), lease_until=None),
}  # fmt: skip


def _row(outcome: Outcome, now: datetime) -> dict[str, Any]:
    held = outcome.held
    match outcome.end:
        case End.ARRIVED:
            return {"delivery": held.id, "message": outcome.message_id, "now": now}
        case End.LATER:
            # a post keeps its place: its lane waits. A reply lets others pass, and so waits by itself
            again = held.not_before if held.queue is Queue.POST else now + outcome.free_in
            return {
                "delivery": held.id, "held_fence": held.fence, "why": outcome.error, "now": now, "again": again,
                "tries": held.attempts if outcome.counts else held.attempts - 1,
            }  # fmt: skip
        case End.NEVER:
            return {"delivery": held.id, "held_fence": held.fence, "why": outcome.error, "now": now}
        case End.UNKNOWN:
            return {"delivery": held.id, "held_fence": held.fence, "why": outcome.error}
        case _:
            assert_never(outcome.end)


# --- looking first -------------------------------------------------------------------------------------------------


def looked(session: Session, look: Look, found: Mapping[str, str], *, now: datetime) -> bool:
    """Record what was found of deliveries that waited; False when somebody else has the lane just now."""
    if not _lock(session, [look.lane_id]):
        return False
    for delivery_id in look.deliveries:
        waiting = update(_D).where(_D.c.id == delivery_id, _D.c.state == State.PENDING.value)
        session.execute(
            waiting.values(state=State.SENT.value, message_id=found[delivery_id], sent_at=now, looked_at=now)
            if delivery_id in found
            else waiting.values(looked_at=now)
        )
    _again(session, look.lane_id, now)
    return True


def cannot_look(session: Session, look: Look, *, restored_at: datetime | None, now: datetime) -> bool:
    """Go on where nobody can look: what waits is sent, because the rows say that nobody sent it.

    Only in a database that was put back as an older copy they may be wrong: then a person is asked, and nothing
    is repeated by itself. Return False when somebody else has the lane just now.
    """
    if not _lock(session, [look.lane_id]):
        return False
    mine = update(_D).where(_D.c.id.in_(list(look.deliveries)), still(State.PENDING))
    if restored_at is not None:
        told = select(Occurrence.id).where(Occurrence.kind == NOTICE, Occurrence.created_at > restored_at)
        old = mine.where(_D.c.not_before <= restored_at, _D.c.occurrence_id.not_in(told))  # better twice than never
        session.execute(old.values(state=State.VERIFY.value, asked_at=now, error="database restored", looked_at=now))
    session.execute(mine.values(looked_at=now))
    _again(session, look.lane_id, now)
    return True


def look_later(session: Session, look: Look, *, again_at: datetime) -> bool:
    """Look for these again at that moment: the lane waits until then. False when somebody else has it just now."""
    if not _lock(session, [look.lane_id]):
        return False
    session.execute(update(_L).where(_L.c.id == look.lane_id).values(next_at=again_at))
    return True


def _again(session: Session, lane_id: int, now: datetime) -> None:
    session.execute(update(_L).where(_L.c.id == lane_id).values(next_at=now))


# --- settling what nobody knows ------------------------------------------------------------------------------------


def in_doubt(session: Session, platforms: Iterable[str], *, now: datetime, limit: int) -> dict[tuple[str, int], str]:
    """Return the deliveries of which nobody knows whether they arrived, and that nobody looks for at the moment.

    The keys are ids with the fence, because a delivery can be in doubt a second time; the values are platforms.
    """
    rows = session.execute(
        select(_D.c.id, _D.c.fence, _D.c.platform)
        .where(_D.c.state == State.VERIFY.value, _D.c.asked_at.is_(None), _D.c.platform.in_(list(platforms)))
        .where(_D.c.lease_until.is_(None) | (_D.c.lease_until <= now))
        .order_by(_D.c.not_before)
        .limit(limit)
    )
    return {(row.id, row.fence): row.platform for row in rows}


def take_doubts(session: Session, ids: Iterable[str], *, owner: str, now: datetime, lease: timedelta) -> list[Doubt]:
    """Take deliveries in doubt to look for them; others leave them alone until the lease ends."""
    statement = (
        update(_D)
        .where(_D.c.id.in_(list(ids)), still(State.VERIFY), _D.c.asked_at.is_(None))
        .where(_D.c.lease_until.is_(None) | (_D.c.lease_until <= now))
        .values(owner=owner, lease_until=now + lease, fence=_D.c.fence + 1)
        .returning(
            _D.c.id, _D.c.lane_id, _D.c.platform, _D.c.address, _D.c.thread, _D.c.only_for, _D.c.not_before,
            _D.c.attempts, _D.c.fence, select(_L.c.queue).where(_L.c.id == _D.c.lane_id).scalar_subquery(),
        )
    )  # fmt: skip
    return [
        Doubt(row.id, row.lane_id, Queue(row[-1]), destination(row), row.not_before, row.attempts, row.fence)
        for row in session.execute(statement)
    ]


def settle(session: Session, doubts: Sequence[Doubt], found: Mapping[str, str], *, now: datetime) -> None:
    """Record what looking in one lane showed: what is there has arrived; what is not is sent again, or had its tries.

    The first try after a doubt comes at once: looking took longer than the first pause.
    """
    _hold(session, doubts)
    for doubt in doubts:
        wait = timedelta()
        if doubt.id in found:
            change: dict[str, Any] = {"state": State.SENT.value, "message_id": found[doubt.id], "error": ""}
            change |= {"sent_at": now, "looked_at": now}
        else:
            wait = backoff(doubt.attempts - 1)
            change = {"state": _back(State.DEAD if doubt.attempts >= MAX_ATTEMPTS else State.PENDING, now)}
            change |= {"looked_at": now} if doubt.queue is Queue.POST else {"looked_at": now, "not_before": now + wait}
        session.execute(_doubted(doubt).values(lease_until=None, **change))
        _free(session, [(doubt.lane_id, doubt.queue, wait)], now)


def _hold(session: Session, doubts: Sequence[Doubt]) -> None:
    """Wait for the lanes before anything else is held, in one order."""
    lanes = sorted({doubt.lane_id for doubt in doubts})
    session.execute(select(_L.c.id).where(_L.c.id.in_(lanes)).order_by(_L.c.id).with_for_update())


def settle_later(session: Session, doubts: Iterable[Doubt], *, again_at: datetime) -> None:
    """Look for these again at that moment."""
    for doubt in doubts:
        session.execute(_doubted(doubt).values(lease_until=again_at))


def ask_a_person(session: Session, doubts: Sequence[Doubt], *, now: datetime) -> None:
    """Put deliveries to a person, where nobody else can find out. They hold up nothing any more."""
    _hold(session, doubts)
    for doubt in doubts:
        session.execute(_doubted(doubt).values(lease_until=None, asked_at=now))
        _free(session, [(doubt.lane_id, doubt.queue, timedelta())], now)


def _doubted(doubt: Doubt) -> Any:
    return update(_D).where(_D.c.id == doubt.id, _D.c.state == State.VERIFY.value, _D.c.fence == doubt.fence)


# --- what is over --------------------------------------------------------------------------------------------------


def expire(session: Session, *, now: datetime, limit: int = 1000) -> int:
    """Give up what is past its time to be useful and neither being sent nor held; return how many deliveries."""
    waits = (_D.c.state == State.PENDING.value, _D.c.held.is_(False))
    late = select(_D.c.id).where(*waits, _D.c.expires_at <= now).limit(limit)
    late = late.with_for_update(skip_locked=True)  # whoever takes one of them finds out as well
    statement = update(_D).where(_D.c.id.in_(late), still(State.PENDING))
    return len(session.execute(statement.values(state=State.EXPIRED.value).returning(_D.c.id)).all())


def abandon_others(session: Session, *, owner: str, now: datetime) -> None:
    """Put in doubt whatever another process was sending, at once: for a database that only one process may have."""
    gone = [_D.c.state == State.SENDING.value, _D.c.owner != owner]
    lanes = session.scalars(select(_D.c.lane_id).where(*gone)).all()
    session.execute(
        update(_D)
        .where(*gone)
        .values(
            state=State.VERIFY.value, lease_until=None, error="sender vanished", fence=_D.c.fence + 1,
            attempts=_D.c.attempts - 1,
        )
    )  # fmt: skip
    session.execute(update(_L).where(_L.c.id.in_(lanes)).values(next_at=now))
