"""Taking what is due out of the lanes, and marking it as being sent. Lanes make the order, leases the safety.

A lane's `next_at` is only a hint, and never too late: what holds is read from the deliveries each time a lane is
looked at. So a backlog costs nothing: only lanes that are due are read, and of each only its first delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, assert_never, cast

from sqlalchemy import Integer, Row, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from db.base import insert
from db.deliveries import Delivery, Destination, Lane, Occurrence, Pace, Queue, State, destination, still

_D = cast("Table", Delivery.__table__)
_L = cast("Table", Lane.__table__)
_P = cast("Table", Pace.__table__)
_MOMENT = _L.c.next_at.type
# Built once: each claim asks this of every queue of every platform, and building took longer than asking.
DUE = (
    select(_L.c.id, _L.c.held_until)
    .where(_L.c.platform == bindparam("platform"), _L.c.queue == bindparam("queue"))
    .where(_L.c.next_at <= bindparam("now", type_=_MOMENT))
    .order_by(_L.c.next_at)
    .limit(bindparam("free", type_=Integer))
    .with_for_update(skip_locked=True)
)  # lanes to look at: an index gives them, however many deliveries wait
_NEXT = select(func.min(_L.c.next_at)).where(_L.c.platform == bindparam("platform"), _L.c.queue == bindparam("queue"))
_AFTER = _L.c.next_at > bindparam("horizon", type_=_MOMENT)
_DUE_AFTER, _NEXT_AFTER = DUE.where(_AFTER), _NEXT.where(_AFTER)
LOOKED_AT_ONCE = 200  # deliveries of one lane that are looked for together
_BURST = timedelta(seconds=0.25)  # for which a platform's pace may be caught up: as long as a round may take

Quiet = Callable[[Sequence[Destination], datetime], Mapping[Destination, datetime]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that one worker holds until its lease ends.

    `attempts` counts this one. `fence` grows with every claim: what an earlier holder says of failure is not heard.
    """

    id: str
    lane_id: int
    occurrence_id: int
    queue: Queue
    destination: Destination
    due_at: datetime
    not_before: datetime
    attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class Look:
    """Deliveries of one destination that may have been sent although they stand as waiting: find them first."""

    lane_id: int
    destination: Destination
    deliveries: Mapping[str, datetime]  # before when each cannot have been sent


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker can take now: of one platform and queue, so many, for so long, at such a pace for all of them."""

    platform: str
    queue: Queue
    free: int
    lease: timedelta
    per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the rows can be believed that say of a delivery that it waits.

    Each of `doubts` is (before, since): what could have been sent by the one moment is looked for, unless it was
    looked for since the other. `ready` is False while a message that another process sent may still be arriving.
    """

    doubts: tuple[tuple[datetime, datetime], ...] = ()
    ready: bool = True

    def asks(self, not_before: datetime, looked_at: datetime | None) -> bool:
        """Say whether a delivery has to be looked for before it is sent."""
        return any(not_before <= before and (looked_at is None or looked_at < since) for before, since in self.doubts)

    @property
    def horizon(self) -> datetime | None:
        """Return until when anything is in doubt."""
        return max((before for before, _ in self.doubts), default=None)


@dataclass(slots=True)
class Taken:
    """What a worker took: deliveries to send, and deliveries to look for."""

    claimed: list[Claimed] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    examined: int = 0


# --- taking --------------------------------------------------------------------------------------------------------


def claim(
    session: Session,
    *,
    owner: str,
    wanted: Iterable[Wanted],
    now: datetime,
    trust: Trust = Trust(),
    quiet: Quiet = lambda _destinations, _now: {},
) -> Taken:
    """Take what is due out of its lanes and mark it as being sent; other workers pass over these lanes.

    The first of `wanted` is served first, and of one platform it says what all have together. A lane that has nothing
    to send now is told when to be looked at again.
    """
    taken = Taken()
    left: dict[str, int] = {}
    for want in wanted:
        free = min(_allowed(session, want, now), left.setdefault(want.platform, want.free))
        lanes = _due(session, want, free, now, trust) if free > 0 else []
        if not lanes:
            continue
        taken.examined += len(lanes)
        begun = len(taken.claimed)
        _Taking(session, owner, want, now, trust, quiet).take(lanes, taken)
        left[want.platform] -= len(taken.claimed) - begun
        _used(session, want, len(taken.claimed) - begun, now)
    return taken


def soonest(session: Session, wanted: Iterable[Wanted], trust: Trust) -> datetime | None:
    """Return when the next of these lanes is to be looked at; None when nothing waits."""
    moments = []
    for want in wanted:
        lanes: dict[str, Any] = {"platform": want.platform, "queue": want.queue.value}
        if (horizon := _unready(want, trust)) is None:
            moment = session.scalar(_NEXT, lanes)
        else:
            moment = session.scalar(_NEXT_AFTER, lanes | {"horizon": horizon})
        if moment is not None and want.queue is Queue.POST and want.per_second:
            free_at = session.scalar(select(_P.c.next_at).where(_P.c.platform == want.platform))
            moment = max(moment, free_at or moment)
        moments.append(moment)
    return min((moment for moment in moments if moment is not None), default=None)


def due(want: Wanted, free: int, now: datetime) -> dict[str, Any]:
    """Return what `DUE` asks for."""
    return {"platform": want.platform, "queue": want.queue.value, "now": now, "free": free}


def first_waiting(lane_ids: Sequence[int]) -> Any:
    """Return the statement that finds the first waiting delivery of each lane."""
    head = (
        select(_D.c.id)
        .where(_D.c.lane_id == _L.c.id, _D.c.state == State.PENDING.value, _D.c.held.is_(False))
        .order_by(_D.c.not_before, _D.c.due_at, _D.c.occurrence_id, _D.c.id)
        .limit(1)
        .correlate(_L)
        .scalar_subquery()
    )
    return select(_L.c.id, head.label("head")).where(_L.c.id.in_(lane_ids))


def _due(session: Session, want: Wanted, free: int, now: datetime, trust: Trust) -> list[Row[Any]]:
    lanes = due(want, free, now)
    if (horizon := _unready(want, trust)) is None:
        return list(session.execute(DUE, lanes))
    return list(session.execute(_DUE_AFTER, lanes | {"horizon": horizon}))


def _unready(want: Wanted, trust: Trust) -> datetime | None:
    """Return before when a worker that cannot look yet takes nothing. Danger does not wait for that."""
    return None if trust.ready or want.queue is Queue.URGENT else trust.horizon


def _allowed(session: Session, want: Wanted, now: datetime) -> int:
    """Return how many of a platform's posts may go now, of those that the worker is free for."""
    if not want.per_second or want.queue is not Queue.POST or want.free <= 0:
        return want.free
    found = select(_P.c.next_at).where(_P.c.platform == want.platform).with_for_update(skip_locked=True)
    next_at = session.scalar(found)
    if next_at is None:
        session.execute(
            insert(session, Pace).values(platform=want.platform, next_at=now - _BURST).on_conflict_do_nothing()
        )
        next_at = session.scalar(found)
    if next_at is None:  # another replica has it just now
        return 0
    since = min(now - next_at, _BURST)
    return 0 if since < timedelta() else min(want.free, int(since.total_seconds() * want.per_second) + 1)


def _used(session: Session, want: Wanted, number: int, now: datetime) -> None:
    if number and want.per_second and want.queue is Queue.POST:
        next_at = session.scalar(select(_P.c.next_at).where(_P.c.platform == want.platform))
        started = max(next_at or now, now - _BURST)
        later = started + timedelta(seconds=number / want.per_second)
        session.execute(update(_P).where(_P.c.platform == want.platform).values(next_at=later))


@dataclass(slots=True)
class _Taking:
    """One look at some lanes that this transaction holds: what to do about each, and then all of it at once."""

    session: Session
    owner: str
    want: Wanted
    now: datetime
    trust: Trust
    quiet: Quiet
    _next: dict[int, datetime | None] = field(default_factory=dict)

    def take(self, lanes: Sequence[Row[Any]], taken: Taken) -> None:
        held_until = {lane.id: lane.held_until for lane in lanes}
        sending, doubtful = self._open(list(held_until))
        heads = self._heads(list(held_until))
        ready = []
        for lane_id, until in held_until.items():
            head = heads.get(lane_id)
            lease = sending.get(lane_id)
            self._next[lane_id] = moment = self._when(head, lease, until, doubtful=lane_id in doubtful)
            if head is not None and moment is not None and moment <= self.now:
                ready.append(head)
        looked, sendable = self._sorted(self._undisturbed(self._useful(ready)))
        taken.looks += [self._look(head) for head in looked]
        taken.claimed += self._claimed(sendable)
        for moment, ids in _by_moment(self._next).items():
            self.session.execute(update(_L).where(_L.c.id.in_(ids)).values(next_at=moment))

    def _when(
        self, head: Row[Any] | None, lease: datetime | None, held_until: datetime | None, *, doubtful: bool
    ) -> datetime | None:
        """Return when a lane is to be looked at again, or may send its first delivery if that is now."""
        match self.want.queue:
            case Queue.POST:
                if lease is not None:
                    return lease
                if doubtful:
                    return None  # whoever settles it has the lane looked at
                return max(head.not_before, held_until or head.not_before) if head is not None else None
            case Queue.REPLY:
                return lease if lease is not None else head.not_before if head is not None else None
            case Queue.URGENT:
                return min((moment for moment in (lease, head and head.not_before) if moment), default=None)
            case _:
                assert_never(self.want.queue)

    def _open(self, lane_ids: list[int]) -> tuple[dict[int, datetime], set[int]]:
        """Return of each lane until when something is being sent, and which lanes hold something that is in doubt.

        What is being sent beyond its lease was abandoned: nobody knows whether it arrived. That says nothing about
        the message, so that the attempt is not counted.
        """
        self.session.execute(
            update(_D)
            .where(_D.c.lane_id.in_(lane_ids), _D.c.state == State.SENDING.value, _D.c.lease_until <= self.now)
            .values(
                state=State.VERIFY.value, lease_until=None, error="sender vanished", fence=_D.c.fence + 1,
                attempts=_D.c.attempts - 1,
            )
        )  # fmt: skip
        open_states = [State.SENDING.value, State.VERIFY.value]
        rows = self.session.execute(
            select(_D.c.lane_id, _D.c.state, _D.c.lease_until).where(
                _D.c.lane_id.in_(lane_ids), _D.c.state.in_(open_states), _D.c.asked_at.is_(None)
            )
        ).all()
        sending: dict[int, datetime] = {}
        for row in rows:
            if row.state == State.SENDING.value:
                sending[row.lane_id] = min(row.lease_until, sending.get(row.lane_id, row.lease_until))
        return sending, {row.lane_id for row in rows if row.state == State.VERIFY.value}

    def _heads(self, lane_ids: list[int]) -> dict[int, Row[Any]]:
        found = [row.head for row in self.session.execute(first_waiting(lane_ids)) if row.head is not None]
        columns = (
            _D.c.id, _D.c.lane_id, _D.c.occurrence_id, _D.c.platform, _D.c.address, _D.c.thread, _D.c.only_for,
            _D.c.due_at, _D.c.not_before, _D.c.expires_at, _D.c.attempts, _D.c.fence, _D.c.looked_at,
        )  # fmt: skip
        rows: Iterable[Row[Any]] = self.session.execute(select(*columns).where(_D.c.id.in_(found))) if found else ()
        return {row.lane_id: row for row in rows}

    def _useful(self, heads: list[Row[Any]]) -> list[Row[Any]]:
        """Leave out what comes too late to be of use; its lanes stay due for what comes after it."""
        late = [head.id for head in heads if head.expires_at is not None and head.expires_at <= self.now]
        if late:
            expired = update(_D).where(_D.c.id.in_(late), still(State.PENDING))
            self.session.execute(expired.values(state=State.EXPIRED.value))
        return [head for head in heads if head.id not in late]

    def _undisturbed(self, heads: list[Row[Any]]) -> list[Row[Any]]:
        """Put off what would come in quiet hours, with everything behind it. That is no attempt."""
        if self.want.queue is not Queue.POST or not heads:
            return heads
        found = self.quiet([destination(head) for head in heads], self.now)
        quiet = {to: until for to, until in found.items() if until > self.now}
        for head in heads:
            if until := quiet.get(destination(head)):
                waiting = (_D.c.lane_id == head.lane_id, _D.c.state == State.PENDING.value, _D.c.not_before < until)
                self.session.execute(update(_D).where(*waiting).values(not_before=until))
                self._next[head.lane_id] = until
        return [head for head in heads if destination(head) not in quiet]

    def _sorted(self, heads: list[Row[Any]]) -> tuple[list[Row[Any]], list[Row[Any]]]:
        """Return what is to be looked for first, and what can be sent."""
        if self.want.queue is Queue.URGENT and not self.trust.ready:
            return [], heads
        asked = [head for head in heads if self.trust.asks(head.not_before, head.looked_at)]
        sendable = [head for head in heads if head not in asked]
        for head in asked:
            # A worker that cannot look yet gives the lane back as it was: others may know more of this database.
            self._next[head.lane_id] = self.now + self.want.lease if self.trust.ready else head.not_before
        return asked if self.trust.ready else [], sendable

    def _look(self, head: Row[Any]) -> Look:
        rows = self.session.execute(
            select(_D.c.id, _D.c.not_before, _D.c.looked_at, _D.c.thread)
            .where(_D.c.lane_id == head.lane_id, _D.c.state == State.PENDING.value, _D.c.held.is_(False))
            .where(_D.c.not_before <= self.now)
            .order_by(_D.c.not_before, _D.c.due_at, _D.c.occurrence_id, _D.c.id)
            .limit(LOOKED_AT_ONCE)
        )
        found = {
            row.id: row.not_before
            for row in rows
            if row.thread == head.thread and self.trust.asks(row.not_before, row.looked_at)
        }
        return Look(head.lane_id, destination(head), found)

    def _claimed(self, heads: list[Row[Any]]) -> list[Claimed]:
        if not heads:
            return []
        by_id = {head.id: head for head in heads}
        lease_until = self.now + self.want.lease
        statement = (
            update(_D)
            .where(_D.c.id.in_(list(by_id)), still(State.PENDING), _D.c.held.is_(False))
            .values(
                state=State.SENDING.value, owner=self.owner, lease_until=lease_until, fence=_D.c.fence + 1,
                attempts=_D.c.attempts + 1,
            )
            .returning(_D.c.id, _D.c.attempts, _D.c.fence)
        )  # fmt: skip
        taken = {row.id: row for row in self.session.execute(statement)}  # one may have been cancelled just now
        for head in heads:
            if head.id in taken and self.want.queue is not Queue.URGENT:
                self._next[head.lane_id] = lease_until  # somebody looks again, whatever becomes of this worker
        return [
            Claimed(
                head.id, head.lane_id, head.occurrence_id, self.want.queue, destination(head), head.due_at,
                head.not_before, taken[head.id].attempts, taken[head.id].fence,
            )
            for head in heads if head.id in taken
        ]  # fmt: skip


def _by_moment(next_at: Mapping[int, datetime | None]) -> dict[datetime | None, list[int]]:
    found: dict[datetime | None, list[int]] = {}
    for lane_id, moment in next_at.items():
        found.setdefault(moment, []).append(lane_id)
    return found


def cards(session: Session, occurrence_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what some occurrences say."""
    rows = session.execute(select(Occurrence.id, Occurrence.card).where(Occurrence.id.in_(list(occurrence_ids))))
    return {row.id: row.card for row in rows}
