"""Whatever happens in whatever order, nothing is lost, nothing is sent twice, and posts keep their order.

Workers take, send, fail, vanish and are late; verifiers look; people cancel, hold, resume and decide; time passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from db import claims, deliveries, outcomes, undelivered
from db import engine as database
from db.claims import Claimed, Wanted
from db.deliveries import Delivery, Destination, Lane, Occurrence, Queue, State
from db.outcomes import End, Outcome
from db.tables import metadata
from tests.fakes import Clock

TIMEOUT, MARGIN = 10, 5
LEASE = timedelta(seconds=2 * (TIMEOUT + MARGIN))
PLACES = [Destination("test", name) for name in ("anna", "ben")]
OPEN = (State.PENDING.value, State.SENDING.value, State.VERIFY.value)
ONE_OF = st.integers(min_value=0, max_value=99)


@dataclass
class Sending:
    """What a worker has under way. It may be accepted until its own clock forbids it."""

    held: Claimed
    until: datetime


@dataclass(frozen=True)
class Fate:
    """How one sending ends: whether it is accepted, what the worker learns (None: it is killed), whether it tells."""

    accepted: bool
    end: End | None
    recorded: bool = True
    wait: int = 0


FATES = [
    Fate(accepted=True, end=End.ARRIVED),
    Fate(accepted=True, end=End.UNKNOWN),
    Fate(accepted=False, end=End.UNKNOWN),
    Fate(accepted=True, end=None),
    Fate(accepted=False, end=None),
    Fate(accepted=False, end=End.LATER),
    Fate(accepted=False, end=End.LATER, wait=30),
    Fate(accepted=False, end=End.NEVER),
    Fate(accepted=True, end=End.ARRIVED, recorded=False),
    Fate(accepted=True, end=End.UNKNOWN, recorded=False),
    Fate(accepted=False, end=End.LATER, recorded=False),
]


class World(RuleBasedStateMachine):
    """A chat server that remembers everything, workers that do not, and the tables between them."""

    make_engine: Callable[[], Engine]

    def __init__(self) -> None:
        super().__init__()
        self.engine = type(self).make_engine()
        self.clock = Clock()
        self.accepted: list[str] = []
        self.allowed: Counter[str] = Counter()  # how often a delivery may be there
        self.vouched: set[str] = set()  # a person said that it is there
        self.under_way: list[Sending] = []
        self.ended: list[Outcome] = []
        self.seen: dict[tuple[str, int], datetime] = {}
        self.order: dict[str, tuple[datetime, int]] = {}
        self.keys = 0

    def teardown(self) -> None:
        """Let everything come to its end, and look what became of it."""
        try:
            self._comes_to_its_end()
        finally:
            with database.transaction(self.engine) as session:
                for table in (Delivery, Occurrence, Lane):
                    session.execute(delete(table))
            if self.engine.dialect.name == "sqlite":
                self.engine.dispose()

    # --- what features do --------------------------------------------------------------------------------------

    @initialize()
    def queue_one(self) -> None:
        self._puts(Queue.POST, 0, None, PLACES)

    @rule(
        queue=st.sampled_from(Queue),
        due_in=st.sampled_from([0, 0, 5, 60]),
        expires_in=st.sampled_from([None, None, 20, 300]),
        to=st.sampled_from([PLACES[:1], PLACES[1:], PLACES]),
    )
    def queue(self, queue: Queue, due_in: int, expires_in: int | None, to: list[Destination]) -> None:
        self._puts(queue, due_in, expires_in, to)

    def _puts(self, queue: Queue, due_in: int, expires_in: int | None, to: list[Destination]) -> None:
        self.keys += 1
        now = self.clock.now
        with database.transaction(self.engine) as session:
            deliveries.put(
                session, key=f"key {self.keys}", kind="a test", card={}, destinations=to, now=now, queue=queue,
                due_at=now + timedelta(seconds=due_in),
                expires_at=None if expires_in is None else now + timedelta(seconds=due_in + expires_in),
            )  # fmt: skip
            for row in session.execute(select(Delivery.id, Delivery.due_at, Delivery.occurrence_id)):
                if row.id not in self.allowed:
                    self.allowed[row.id] = 1
                    self.order[row.id] = (row.due_at, row.occurrence_id)

    @rule(which=ONE_OF, decision=st.sampled_from([deliveries.cancel, deliveries.hold, deliveries.resume]))
    def decide(self, which: int, decision: Callable[..., int]) -> None:
        with database.transaction(self.engine) as session:
            decision(session, f"key {which % (self.keys or 1) + 1}", now=self.clock.now)

    @rule(which=ONE_OF, again=st.booleans())
    def a_person_decides(self, which: int, again: bool) -> None:
        with database.transaction(self.engine) as session:
            waiting = undelivered.waiting_for_a_person(session, limit=100)
            if not waiting:
                return
            chosen = waiting[which % len(waiting)]
            if again:
                if deliveries.replay(session, chosen.id, now=self.clock.now):
                    self.allowed[chosen.id] += 1
            elif undelivered.arrived(session, chosen.id, now=self.clock.now):
                self.vouched.add(chosen.id)

    # --- what workers do ---------------------------------------------------------------------------------------

    @rule(limit=st.integers(min_value=1, max_value=3), plan=st.lists(st.sampled_from(FATES), min_size=1, max_size=6))
    def work(self, limit: int, plan: list[Fate]) -> None:
        """Take what is due, and let the sendings end as planned; those that are not planned go on."""
        self._takes(limit)
        for fate in plan[: len(self.under_way)]:
            self._ends(self.under_way.pop(), fate)

    def _takes(self, limit: int) -> int:
        wanted = [Wanted("test", queue, limit, LEASE) for queue in (Queue.URGENT, Queue.REPLY, Queue.POST)]
        with database.transaction(self.engine) as session:
            taken = claims.claim(session, owner="worker", wanted=wanted, now=self.clock.now)
        until = self.clock.now + LEASE - timedelta(seconds=MARGIN)
        self.under_way += [Sending(held, until) for held in taken.claimed]
        return taken.examined

    @precondition(lambda self: self.under_way)
    @rule(which=ONE_OF, fate=st.sampled_from(FATES))
    def a_slow_sending_ends(self, which: int, fate: Fate) -> None:
        self._ends(self.under_way.pop(which % len(self.under_way)), fate)

    def _ends(self, sending: Sending, fate: Fate) -> None:
        """Let one sending end. After its worker's own deadline nothing is accepted any more: it did not begin."""
        accepted = fate.accepted and self.clock.now <= sending.until
        if accepted:
            self.accepted.append(sending.held.id)
        end = End.UNKNOWN if fate.end is End.ARRIVED and not accepted else fate.end
        if end is not None:
            self.ended.append(Outcome(sending.held, end, message_id="1", free_in=timedelta(seconds=fate.wait)))
        if fate.recorded:
            self._record()

    @precondition(lambda self: self.ended)
    @rule()
    def record(self) -> None:
        self._record()

    def _record(self) -> None:
        with database.transaction(self.engine) as session:
            assert outcomes.record(session, self.ended, now=self.clock.now) == []
        self.ended.clear()

    @precondition(lambda self: self.ended)
    @rule()
    def a_worker_is_killed_before_it_records(self) -> None:
        self.ended.clear()

    @rule(seconds=st.sampled_from([1, 4, 16, 31, 120]))
    def time_passes(self, seconds: int) -> None:
        self.clock.pass_(seconds=seconds)

    # --- what verifiers do -------------------------------------------------------------------------------------

    @rule(history=st.sampled_from(["there", "there", "not now", "none"]))
    def verify(self, history: str) -> None:
        self._verifies(history)

    def _verifies(self, history: str) -> None:
        now = self.clock.now
        with database.transaction(self.engine) as session:
            outcomes.expire(session, now=now)
            seen = outcomes.in_doubt(session, ["test"], now=now, limit=100)
        self.seen = {one: self.seen.get(one, now) for one in seen}
        ripe = [one[0] for one, since in self.seen.items() if now - since >= timedelta(seconds=TIMEOUT + MARGIN)]
        with database.transaction(self.engine) as session:
            doubts = outcomes.take_doubts(session, ripe, owner="verifier", now=now, lease=LEASE)
        with database.transaction(self.engine) as session:
            if history == "there":
                found = {doubt.id: "1" for doubt in doubts if doubt.id in self.accepted}
                outcomes.settle(session, doubts, found, now=now)
            elif history == "none":
                outcomes.ask_a_person(session, doubts, now=now)
            else:
                outcomes.settle_later(session, doubts, again_at=now + timedelta(seconds=10))

    # --- what always holds -------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_there_twice(self) -> None:
        assert Counter(self.accepted) <= self.allowed

    @invariant()
    def every_lane_that_can_send_will_be_looked_at(self) -> None:
        with Session(self.engine) as session:
            lanes = {lane.id: lane for lane in session.scalars(select(Lane))}
            blocked = set(
                session.scalars(
                    select(Delivery.lane_id).where(
                        Delivery.state.in_([State.SENDING.value, State.VERIFY.value]), Delivery.asked_at.is_(None)
                    )
                )
            )
            for row in session.scalars(select(Delivery).where(Delivery.state == "pending", Delivery.held.is_(False))):
                lane = lanes[row.lane_id]
                if lane.queue == Queue.POST and lane.id in blocked:
                    continue
                assert lane.next_at is not None, "something waits in a lane that nobody looks at"
                latest = max(row.not_before, lane.held_until or row.not_before, self.clock.now + LEASE)
                assert lane.next_at <= latest

    @invariant()
    def what_is_being_sent_has_a_lease_and_its_lane_is_looked_at_when_it_ends(self) -> None:
        with Session(self.engine) as session:
            rows = session.execute(
                select(Delivery.lease_until, Lane.next_at)
                .join(Lane, Lane.id == Delivery.lane_id)
                .where(Delivery.state == State.SENDING.value)
            )
            now = self.clock.now
            assert all(lease and next_at and next_at <= max(lease, now) for lease, next_at in rows)

    def _comes_to_its_end(self) -> None:
        for number in range(self.keys):
            with database.transaction(self.engine) as session:
                deliveries.resume(session, f"key {number + 1}", now=self.clock.now)
        self.under_way.clear()
        for _ in range(60):
            while self._takes(50):
                pass
            for sending in self.under_way:
                self.accepted.append(sending.held.id)
                self.ended.append(Outcome(sending.held, End.ARRIVED, message_id="1"))
            self.under_way.clear()
            with database.transaction(self.engine) as session:
                outcomes.record(session, self.ended, now=self.clock.now)
            self.ended.clear()
            self._verifies("there")
            self.nothing_is_there_twice()
            with Session(self.engine) as session:
                asked = Delivery.asked_at.is_not(None)
                open_ = select(Delivery.id).where(Delivery.state.in_(OPEN), ~((Delivery.state == "verify") & asked))
                if not session.scalars(open_).all():
                    break
            self.clock.pass_(minutes=20)
        else:
            raise AssertionError("something never came to its end")
        self._nothing_is_lost()

    def _nothing_is_lost(self) -> None:
        there = Counter(self.accepted)
        with Session(self.engine) as session:
            for row in session.scalars(select(Delivery)):
                if row.state == State.SENT.value:
                    assert there[row.id] or row.id in self.vouched, "it is said to be sent, and is not there"
                elif self.allowed[row.id] == 1 and row.state != State.VERIFY.value:
                    assert not there[row.id], f"it is there, and said to be {row.state}"


class OnSqlite(World):
    """The same on a database in memory."""

    @staticmethod
    def make_engine() -> Engine:
        """Return a new database."""
        engine = database.connect("sqlite://")
        metadata.create_all(engine)
        return engine


TestOnSqlite = OnSqlite.TestCase
TestOnSqlite.settings = settings(max_examples=40, stateful_step_count=30)


def test_the_same_holds_where_several_servers_share_a_database(engine: Engine) -> None:
    class Shared(World):
        make_engine = staticmethod(lambda: engine)

    run_state_machine_as_test(Shared, settings=settings(max_examples=6, stateful_step_count=25))
    with Session(engine) as session:
        assert session.scalars(select(Delivery.id)).all() == []
