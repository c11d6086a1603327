"""Deliveries as rows: queued once, held by one worker at a time, and never claimed twice by accident."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from db import deliveries
from db import engine as database
from db.deliveries import Claimed, Delivery, Destination, Occurrence, State
from tests.fakes import Clock

ANNA, BEN = Destination("test", "anna"), Destination("test", "ben")
LEASE = timedelta(seconds=60)


class Queue:
    """The deliveries of one database: `queue.puts("a", ANNA)`, `queue.claims()`, `queue.states()`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def puts(
        self, key: str, *to: Destination, due_in: float = 0, expires_in: float | None = None, kind: str = "a test"
    ) -> bool:
        """Queue a card under a key."""
        now = self.clock.now
        expires_at = None if expires_in is None else now + timedelta(seconds=expires_in)
        with database.transaction(self.engine) as session:
            return deliveries.put(
                session, key=key, kind=kind, card={"title": key}, destinations=to or [ANNA], now=now,
                due_at=now + timedelta(seconds=due_in), expires_at=expires_at,
            )  # fmt: skip

    def claims(self, *, owner: str = "worker", limit: int = 10, platform: str = "test") -> list[Claimed]:
        """Claim what is due."""
        with database.transaction(self.engine) as session:
            return deliveries.claim(
                session, owner=owner, platforms=[platform], now=self.clock.now, lease=LEASE, limit=limit
            )

    def claims_and_puts_back(self) -> None:
        """Claim the one thing that is due, and have it tried again in an hour."""
        [held] = self.claims()
        with database.transaction(self.engine) as session:
            deliveries.retry(session, held, not_before=self.clock.now + timedelta(hours=1), error="busy")

    def titles(self) -> list[str]:
        """Claim what is due and return what it says."""
        return [held.card["title"] for held in self.claims()]

    def states(self) -> list[str]:
        """Return the state of every delivery, by when it was due."""
        with Session(self.engine) as session:
            return list(session.scalars(select(Delivery.state).order_by(Delivery.due_at, Delivery.occurrence_id)))


@pytest.fixture
def queue(engine: Engine, clock: Clock) -> Queue:
    return Queue(engine, clock)


def test_the_same_natural_key_is_queued_once(queue: Queue) -> None:
    assert [queue.puts("digest of May"), queue.puts("digest of May")] == [True, False]
    assert queue.titles() == ["digest of May"]


def test_one_destination_named_twice_gets_one_message(queue: Queue) -> None:
    queue.puts("a", ANNA, BEN, ANNA)

    assert len(queue.claims()) == 2


def test_an_occurrence_for_nobody_is_kept_and_sends_nothing(queue: Queue) -> None:
    with database.transaction(queue.engine) as session:
        queued = deliveries.put(session, key="a", kind="a test", card={}, destinations=[], now=queue.clock.now)

    assert queued
    assert not queue.claims()
    assert not queue.puts("a")


def test_the_id_of_a_delivery_follows_from_its_key_and_destination(queue: Queue, sqlite_engine: Engine) -> None:
    restored = Queue(sqlite_engine, queue.clock)
    for place in (queue, restored):
        place.puts("a", ANNA, BEN)

    assert {held.id for held in queue.claims()} == {held.id for held in restored.claims()}


def test_what_is_due_later_waits(queue: Queue) -> None:
    queue.puts("later", due_in=60)

    assert queue.titles() == []
    queue.clock.pass_(seconds=60)
    assert queue.titles() == ["later"]


def test_other_platforms_are_left_to_their_own_workers(queue: Queue) -> None:
    queue.puts("a")

    assert queue.claims(platform="slack") == []


def test_one_destination_gets_its_messages_in_the_order_they_were_due(queue: Queue) -> None:
    queue.puts("second", due_in=20)
    queue.puts("first", due_in=10)
    queue.puts("third", due_in=20)
    queue.clock.pass_(minutes=1)

    said = []
    while held := queue.claims():
        assert len(held) == 1
        said.append(held[0].card["title"])
        assert queue.claims() == []  # the next one waits until this one is settled
        with database.transaction(queue.engine) as session:
            deliveries.sent(session, held[0], message_id="1", at=queue.clock.now)

    assert said == ["first", "second", "third"]


def test_a_message_that_is_tried_again_holds_back_only_its_own_destination(queue: Queue) -> None:
    queue.puts("a", ANNA)
    queue.claims_and_puts_back()
    queue.puts("b", ANNA, BEN)

    assert [held.destination for held in queue.claims()] == [BEN]


@pytest.mark.parametrize("kind", ["a test", deliveries.REPLY])
def test_what_only_one_person_of_a_channel_sees_holds_nobody_else_back(queue: Queue, kind: str) -> None:
    queue.puts("for Anna", Destination("test", "channel", only_for="anna"), kind=kind)
    queue.claims_and_puts_back()
    queue.puts("for Ben", Destination("test", "channel", only_for="ben"), kind=kind)

    assert queue.titles() == ["for Ben"]


def test_a_reply_does_not_wait_for_a_message_that_waits_for_its_next_try(queue: Queue) -> None:
    queue.puts("stuck")
    queue.claims_and_puts_back()
    for answer in ("first answer", "second answer"):
        queue.puts(answer, kind=deliveries.REPLY)

    assert queue.titles() == ["first answer"]  # but replies come one after the other
    assert queue.titles() == []


def test_an_urgent_reply_waits_for_nothing_at_its_destination(queue: Queue) -> None:
    queue.puts("being sent")
    queue.claims()
    queue.puts("next")
    queue.puts("urgent", kind=deliveries.URGENT)

    assert queue.titles() == ["urgent"]


def test_urgent_replies_are_sent_before_everything_else(queue: Queue) -> None:
    queue.puts("earlier", BEN)
    queue.clock.pass_(minutes=1)
    queue.puts("urgent", ANNA, kind=deliveries.URGENT)

    assert [held.card["title"] for held in queue.claims(limit=1)] == ["urgent"]
    assert queue.titles() == ["earlier"]


FORGOTTEN = {state: state not in (State.PENDING, State.SENDING) for state in State}


@pytest.mark.parametrize("kind", [deliveries.REPLY, deliveries.URGENT])
@pytest.mark.parametrize(("state", "forgotten"), FORGOTTEN.items(), ids=FORGOTTEN)
def test_an_old_reply_is_forgotten_unless_it_is_still_to_be_sent(
    queue: Queue, kind: str, state: State, forgotten: bool
) -> None:
    queue.puts("old", kind=kind)
    queue.puts("old notice")
    queue.clock.pass_(days=2)
    queue.puts("new", kind=kind)

    with database.transaction(queue.engine) as session:
        session.execute(update(Delivery).values(state=state.value))
        deliveries.forget_replies(session, before=queue.clock.now)
        left = list(session.scalars(select(Occurrence.key).order_by(Occurrence.id)))

    assert left == [*([] if forgotten else ["old"]), "old notice", "new"]
    assert len(queue.states()) == len(left)


def test_what_expired_is_not_sent_and_is_reported(queue: Queue) -> None:
    queue.puts("reminder", expires_in=60)
    queue.clock.pass_(seconds=60)

    with database.transaction(queue.engine) as session:
        reported = deliveries.expire(session, now=queue.clock.now)

    assert [(row.kind, row.destination, row.state) for row in reported] == [("a test", ANNA, State.EXPIRED)]
    assert queue.claims() == []


def test_an_abandoned_delivery_is_in_doubt_and_not_claimed_again(queue: Queue) -> None:
    queue.puts("a")
    queue.claims()
    queue.clock.pass_(seconds=60)

    with database.transaction(queue.engine) as session:
        reported = deliveries.doubt_abandoned(session, now=queue.clock.now)

    assert [row.state for row in reported] == [State.VERIFY]
    assert queue.claims() == []


def test_a_lease_that_holds_is_not_in_doubt(queue: Queue) -> None:
    queue.puts("a")
    queue.claims()
    queue.clock.pass_(seconds=59)

    with database.transaction(queue.engine) as session:
        assert deliveries.doubt_abandoned(session, now=queue.clock.now) == []


def test_what_a_worker_without_a_lease_says_of_failure_is_not_heard(queue: Queue) -> None:
    queue.puts("a")
    [held] = queue.claims()
    queue.clock.pass_(seconds=60)
    with database.transaction(queue.engine) as session:
        deliveries.doubt_abandoned(session, now=queue.clock.now)

    with database.transaction(queue.engine) as session:
        deliveries.retry(session, held, not_before=queue.clock.now, error="late")
        assert deliveries.give_up(session, held, State.DEAD, error="late") == []

    assert queue.states() == ["verify"]


def test_what_arrived_is_sent_whoever_holds_it(queue: Queue) -> None:
    queue.puts("a")
    [held] = queue.claims()
    queue.clock.pass_(seconds=60)
    with database.transaction(queue.engine) as session:
        deliveries.doubt_abandoned(session, now=queue.clock.now)
        deliveries.sent(session, held, message_id="1", at=queue.clock.now)

    assert queue.states() == ["sent"]


def test_deliveries_are_counted_by_state(queue: Queue) -> None:
    queue.puts("a", ANNA, BEN)
    queue.claims(limit=1)

    with Session(queue.engine) as session:
        assert deliveries.counts(session) == {"pending": 1, "sending": 1}


def test_workers_at_the_same_time_never_take_the_same(queue: Queue) -> None:
    everybody = [Destination("test", f"person-{number}") for number in range(40)]
    queue.puts("a", *everybody)
    together = threading.Barrier(4)

    def work(owner: int) -> list[str]:
        together.wait()
        taken: list[str] = []
        while held := queue.claims(owner=str(owner), limit=3):
            taken += [delivery.id for delivery in held]
        return taken

    with ThreadPoolExecutor(4) as workers:
        taken = [delivery for part in workers.map(work, range(4)) for delivery in part]

    assert len(taken) == len(set(taken)) == len(everybody)


def test_the_same_key_queued_by_many_at_once_is_queued_once(queue: Queue) -> None:
    together = threading.Barrier(4)

    def work(_: int) -> bool:
        together.wait()
        return queue.puts("digest of May")

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(work, range(4))) == [False, False, False, True]
