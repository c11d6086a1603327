"""Deliveries as rows: queued once, held by one worker at a time, and never taken twice by accident."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.orm import Session

from db import deliveries, outcomes
from db import engine as database
from db.deliveries import Delivery, Destination, Lane, Occurrence, Posted, Queue, State
from db.outcomes import End
from tests.db.queue import ANNA, BEN, Deliveries
from tests.fakes import Clock


@pytest.fixture
def queue(engine: Engine, clock: Clock) -> Deliveries:
    return Deliveries(engine, clock)


# --- queueing --------------------------------------------------------------------------------------------------


def test_the_same_natural_key_is_queued_once(queue: Deliveries) -> None:
    assert [queue.puts("digest of May"), queue.puts("digest of May")] == [True, False]
    assert queue.titles() == ["digest of May"]


def test_one_destination_named_twice_gets_one_message(queue: Deliveries) -> None:
    queue.puts("a", ANNA, BEN, ANNA)

    assert len(queue.claims()) == 2


def test_an_occurrence_for_nobody_is_kept_and_sends_nothing(queue: Deliveries) -> None:
    with database.transaction(queue.engine) as session:
        queued = deliveries.put(session, key="a", kind="a test", card={}, destinations=[], now=queue.clock.now)

    assert queued
    assert not queue.claims()
    assert not queue.puts("a")


def test_an_occurrence_for_thousands_is_queued_whole(queue: Deliveries) -> None:
    queue.puts("a", *(Destination("test", f"person-{number}") for number in range(2500)))

    assert len(queue.states()) == 2500


def test_the_id_of_a_delivery_follows_from_its_key_and_destination(queue: Deliveries, sqlite_engine: Engine) -> None:
    restored = Deliveries(sqlite_engine, queue.clock)
    for place in (queue, restored):
        place.puts("a", ANNA, BEN)

    assert {held.id for held in queue.claims()} == {held.id for held in restored.claims()}


def test_the_same_key_queued_by_many_at_once_is_queued_once(queue: Deliveries) -> None:
    together = threading.Barrier(4)

    def work(_: int) -> bool:
        together.wait()
        return queue.puts("digest of May")

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(work, range(4))) == [False, False, False, True]


def test_many_who_queue_for_the_same_people_at_once_do_not_wait_for_each_other_for_ever(queue: Deliveries) -> None:
    everybody = [Destination("test", f"person-{number}") for number in range(30)]
    together = threading.Barrier(4)

    def work(number: int) -> bool:
        together.wait()
        return queue.puts(f"bulletin {number}", *(everybody if number % 2 else reversed(everybody)))

    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(work, range(4))) == [True] * 4
    assert len(queue.states()) == 120


# --- taking ----------------------------------------------------------------------------------------------------


def test_what_is_due_later_waits(queue: Deliveries) -> None:
    queue.puts("later", due_in=60)

    assert queue.titles() == []
    queue.clock.pass_(seconds=60)
    assert queue.titles() == ["later"]


def test_what_is_due_sooner_is_seen_beside_what_was_queued_before(queue: Deliveries) -> None:
    queue.puts("next week", due_in=604800)
    assert queue.titles() == []
    queue.puts("now")

    assert queue.titles() == ["now"]


def test_other_platforms_are_left_to_their_own_workers(queue: Deliveries) -> None:
    queue.puts("a")

    assert queue.claims(platform="slack") == []


def test_one_destination_gets_its_messages_in_the_order_they_were_due(queue: Deliveries) -> None:
    queue.puts("second", due_in=20)
    queue.puts("first", due_in=10)
    queue.puts("third", due_in=20)
    queue.clock.pass_(minutes=1)

    ids = []
    while held := queue.claims():
        assert len(held) == 1
        ids.append(held[0].occurrence_id)
        assert queue.claims() == []  # the next one waits until this one is settled
        queue.ends(held[0])

    assert ids == [2, 1, 3]


def test_a_message_that_is_tried_again_holds_back_only_its_own_destination(queue: Deliveries) -> None:
    queue.puts("a", ANNA)
    queue.ends(queue.claims()[0], End.LATER, free_in=3600)
    queue.puts("b", ANNA, BEN)

    assert [held.destination for held in queue.claims()] == [BEN]


@pytest.mark.parametrize("kind", ["a test", deliveries.REPLY])
def test_what_only_one_person_of_a_channel_sees_holds_nobody_else_back(queue: Deliveries, kind: str) -> None:
    queue.puts("for Anna", Destination("test", "channel", only_for="anna"), kind=kind)
    queue.ends(queue.claims()[0], End.LATER, free_in=3600)
    queue.puts("for Ben", Destination("test", "channel", only_for="ben"), kind=kind)

    assert queue.titles() == ["for Ben"]


def test_a_reply_does_not_wait_for_a_message_that_waits_for_its_next_try(queue: Deliveries) -> None:
    queue.puts("stuck")
    queue.ends(queue.claims()[0], End.LATER, free_in=3600)
    for answer in ("first answer", "second answer"):
        queue.puts(answer, kind=deliveries.REPLY)

    assert queue.titles() == ["first answer"]  # but replies come one after the other
    assert queue.titles() == []


def test_an_urgent_reply_waits_for_nothing_at_its_destination(queue: Deliveries) -> None:
    queue.puts("being sent")
    queue.claims()
    queue.puts("next")
    for number in range(3):
        queue.puts(f"urgent {number}", kind=deliveries.URGENT)

    assert queue.titles() == ["urgent 0", "urgent 1", "urgent 2"]


def test_urgent_replies_are_sent_before_everything_else(queue: Deliveries) -> None:
    queue.puts("earlier", BEN)
    queue.clock.pass_(minutes=1)
    queue.puts("urgent", ANNA, kind=deliveries.URGENT)

    assert [held.queue for held in queue.takes(limit=1).claimed] == [Queue.URGENT]
    assert queue.titles() == ["earlier"]


def test_workers_at_the_same_time_never_take_the_same(queue: Deliveries) -> None:
    everybody = [Destination("test", f"person-{number}") for number in range(40)]
    queue.puts("a", *everybody)
    together = threading.Barrier(4)

    def work(owner: int) -> list[str]:
        together.wait()
        return [held.id for _ in range(60) for held in queue.takes(owner=str(owner), limit=3).claimed]

    with ThreadPoolExecutor(4) as workers:
        taken = [delivery for part in workers.map(work, range(4)) for delivery in part]

    assert len(taken) == len(set(taken)) == len(everybody)


# --- recording -------------------------------------------------------------------------------------------------


def test_what_arrived_has_arrived_whoever_holds_it(queue: Deliveries) -> None:
    queue.puts("a")
    [held] = queue.claims()
    queue.clock.pass_(seconds=30)
    assert queue.claims() == []
    assert queue.states() == ["verify"]
    queue.ends(held)

    assert queue.states() == ["sent"]


@pytest.mark.parametrize("end", [End.LATER, End.NEVER, End.UNKNOWN], ids=lambda end: str(end.value))
def test_what_a_worker_without_a_lease_says_of_failure_is_not_heard(queue: Deliveries, end: End) -> None:
    queue.puts("a")
    [held] = queue.claims()
    queue.clock.pass_(seconds=30)
    queue.claims()
    before = whole(queue)
    queue.ends(held, end)

    assert whole(queue) == before


def whole(queue: Deliveries) -> list[tuple[object, ...]]:
    with Session(queue.engine) as session:
        columns = (Delivery.state, Delivery.attempts, Delivery.fence, Delivery.not_before, Delivery.error)
        return [tuple(row) for row in session.execute(select(*columns))]


def test_an_arrival_that_is_recorded_twice_changes_nothing(queue: Deliveries) -> None:
    queue.puts("a")
    [held] = queue.claims()
    queue.ends(held)
    queue.clock.pass_(hours=1)
    queue.ends(held)

    with Session(queue.engine) as session:
        assert session.scalar(select(Delivery.sent_at)) == queue.clock.now - timedelta(hours=1)


def test_a_lease_that_holds_is_not_in_doubt(queue: Deliveries) -> None:
    queue.puts("a")
    queue.claims()
    queue.clock.pass_(seconds=29)
    queue.claims()

    assert queue.states() == ["sending"]


@pytest.mark.parametrize(("counts", "attempts"), [(True, 1), (False, 0)], ids=["a failure", "only patience"])
def test_an_attempt_counts_unless_it_was_only_for_patience(queue: Deliveries, counts: bool, attempts: int) -> None:
    queue.puts("a")
    queue.ends(queue.claims()[0], End.LATER, counts=counts)

    assert whole(queue)[0][1] == attempts


def test_an_outcome_whose_lane_somebody_else_holds_is_left_for_later(queue: Deliveries) -> None:
    queue.puts("a", ANNA, BEN)
    held = queue.claims()
    ended = [outcomes.Outcome(one, End.ARRIVED, message_id="1") for one in held]
    if queue.engine.dialect.name == "sqlite":
        with database.transaction(queue.engine) as session:
            assert outcomes.record(session, ended, now=queue.clock.now) == []
        return

    with Session(queue.engine) as other, other.begin():
        other.execute(select(Lane.id).where(Lane.id == held[0].lane_id).with_for_update())
        with database.transaction(queue.engine) as session:
            assert outcomes.record(session, ended, now=queue.clock.now) == [ended[0]]

    assert sorted(queue.states()) == ["sending", "sent"]


# --- what is over ----------------------------------------------------------------------------------------------


def test_what_expired_is_not_sent(queue: Deliveries) -> None:
    queue.puts("reminder", expires_in=60)
    queue.puts("next")
    queue.clock.pass_(seconds=60)

    assert queue.titles() == ["next"]
    assert queue.states() == ["expired", "sending"]


def test_what_expires_is_found_wherever_it_stands_in_its_lane(queue: Deliveries) -> None:
    queue.puts("first")
    queue.claims()
    queue.puts("reminder", expires_in=60)
    queue.puts("held", expires_in=60)
    with database.transaction(queue.engine) as session:
        deliveries.hold(session, "held", now=queue.clock.now)
    queue.clock.pass_(seconds=60)

    with database.transaction(queue.engine) as session:
        assert outcomes.expire(session, now=queue.clock.now) == 1


def test_what_was_held_beyond_its_time_goes_out_when_somebody_lets_it_go_on(queue: Deliveries) -> None:
    queue.puts("held", expires_in=60)
    with database.transaction(queue.engine) as session:
        deliveries.hold(session, "held", now=queue.clock.now)
    queue.clock.pass_(days=2)
    with database.transaction(queue.engine) as session:
        outcomes.expire(session, now=queue.clock.now)
        deliveries.resume(session, "held", now=queue.clock.now)

    queue.claims()

    assert queue.states() == ["sending"]


FORGOTTEN = {state: state not in (State.PENDING, State.SENDING) for state in State}


@pytest.mark.parametrize("kind", [deliveries.REPLY, deliveries.URGENT])
@pytest.mark.parametrize(("state", "forgotten"), FORGOTTEN.items(), ids=FORGOTTEN)
def test_an_old_reply_is_forgotten_unless_it_is_still_to_be_sent(
    queue: Deliveries, kind: str, state: State, forgotten: bool
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


# --- reports ---------------------------------------------------------------------------------------------------


def test_deliveries_are_counted_by_state(queue: Deliveries) -> None:
    queue.puts("a", ANNA, BEN)
    queue.takes(limit=1)

    with Session(queue.engine) as session:
        assert deliveries.counts(session) == {"pending": 1, "sending": 1}


def test_a_report_says_what_became_of_every_delivery_of_some_occurrences(queue: Deliveries) -> None:
    queue.puts("bulletin:1:v1", ANNA)
    queue.puts("bulletin:10:v1", ANNA)
    queue.puts("bulletin:1:v2", BEN)
    queue.ends(queue.takes(limit=1).claimed[0])

    with Session(queue.engine) as session:
        found = deliveries.report(session, "bulletin:1:")

    assert [(row.destination, row.state, row.message_id, row.sent_at) for row in found] == [
        (ANNA, State.SENT, "1", queue.clock.now), (BEN, State.PENDING, "", None)
    ]  # fmt: skip
    assert isinstance(found[0], Posted)


# --- a backlog -------------------------------------------------------------------------------------------------


def plans(queue: Deliveries) -> list[str]:
    """Take 40, and return how the database found and changed what it had to for that."""
    explain = "EXPLAIN" if queue.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    asked: list[tuple[str, Any]] = []
    with queue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    listening = (queue.engine, "before_cursor_execute", lambda *called: asked.append((called[2], called[3])))
    event.listen(*listening)
    assert len(queue.takes(limit=40).claimed) == 40
    event.remove(*listening)
    planned = [(words, given) for words, given in asked if words.startswith(("SELECT", "UPDATE"))]
    with queue.engine.connect() as connection:
        return [
            str(row[-1]) for words, given in planned for row in connection.exec_driver_sql(f"{explain} {words}", given)
        ]


def test_a_backlog_is_never_read_as_a_whole(queue: Deliveries) -> None:
    everybody = [Destination("test", f"person-{number}") for number in range(2000)]
    for number in range(10):
        queue.puts(f"bulletin {number}", *everybody)

    plan = "\n".join(plans(queue))

    assert "ix_lanes_platform_queue_next_at" in plan, plan
    assert "ix_deliveries_lane" in plan, plan
    for whole in ("Seq Scan on deliveries", "SCAN deliveries", "(state=?)", "Cond: ((state)::text = 'pending'::text)"):
        assert whole not in plan, plan


def test_the_lanes_of_a_platform_that_is_switched_off_are_not_read(queue: Deliveries) -> None:
    queue.puts("bulletin", *(Destination("elsewhere", f"person-{number}") for number in range(50)))
    queue.puts("bulletin here", ANNA)

    assert queue.takes(limit=40).examined == 1
