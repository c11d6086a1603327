"""Keys of requests: whoever takes one first runs the request, and everybody else does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from db import approvals, requests
from db import engine as database
from tests.fakes import Clock


def taken(engine: Engine, clock: Clock, key: str = "k") -> bool:
    with database.transaction(engine) as session:
        return requests.claim(session, key, at=clock.now)


def test_a_key_is_taken_once(engine: Engine, clock: Clock) -> None:
    assert [taken(engine, clock), taken(engine, clock), taken(engine, clock, "other")] == [True, False, True]


def test_of_many_at_once_one_takes_the_key(engine: Engine, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as deliveries:
        assert sum(deliveries.map(lambda _: taken(engine, clock), range(12))) == 1


def test_a_key_whose_work_was_rolled_back_can_be_taken_again(engine: Engine, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction(engine) as session:
        requests.claim(session, "k", at=clock.now)
        raise ZeroDivisionError

    assert taken(engine, clock)


def test_the_first_answer_is_kept_with_the_key(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        requests.claim(session, "k", at=clock.now)
        requests.keep_reply(session, "k", {"title": "Héllo"})

    with database.transaction(engine) as session:
        assert requests.kept_reply(session, "k") == {"title": "Héllo"}
        assert requests.kept_reply(session, "other") is None


def test_old_keys_are_forgotten_and_young_ones_kept(engine: Engine, clock: Clock) -> None:
    taken(engine, clock, "old")
    clock.pass_(days=3)
    taken(engine, clock, "young")

    with database.transaction(engine) as session:
        requests.forget(session, before=clock.now - timedelta(days=2))

    assert (taken(engine, clock, "old"), taken(engine, clock, "young")) == (True, False)


def test_one_wording_is_approved_once_and_a_changed_one_is_not_approved(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        first = approvals.approve(session, slug="neglect", digest="a", by="Chair", at=clock.now)
        again = approvals.approve(session, slug="neglect", digest="a", by="Somebody", at=clock.now)

    assert (first, again) == (True, False)
    with database.transaction(engine) as session:
        assert approvals.find(session, slug="neglect", digest="a") == approvals.Approval("Chair", clock.now)
        assert approvals.find(session, slug="neglect", digest="b") is None
        assert approvals.waiting(session, {"neglect": "b", "threshold": "a"}) == ["neglect", "threshold"]
        assert approvals.waiting(session, {"neglect": "a"}) == []
