"""E-mail addresses on both databases: numbers, what came back, and what is not wanted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from db import mailing, people, registry
from db.engine import transaction
from db.people import Identity
from tests.fakes import Clock

ADDRESS = "robin.invented@agency.example"


def test_an_address_keeps_its_number_however_many_ask_at_once(engine: Engine) -> None:
    def number(_: int) -> int:
        with transaction(engine) as session:
            return mailing.number(session, ADDRESS)

    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(number, range(8)))

    assert len(found) == 1
    with transaction(engine) as session:
        assert mailing.address(session, found.pop()) == ADDRESS


@pytest.mark.parametrize(
    ("final", "marks"),
    {"one final": ([True], 1), "two soft": ([False, False], 0), "three soft": ([False] * 3, 1)}.values(),
    ids=["one final", "two soft", "three soft"],
)
def test_an_address_is_marked_after_one_final_or_three_soft_bounces(
    engine: Engine, clock: Clock, final: list[bool], marks: int
) -> None:
    with transaction(engine) as session:
        told = [
            mailing.bounced(session, key=str(key), address=ADDRESS, final=one, status="5.1.1", at=clock.now)
            for key, one in enumerate(final)
        ]
        found = mailing.mark(session, ADDRESS)

    assert len([one for one in told if one]) == marks
    assert bool(found) is bool(marks)


def test_an_address_that_was_cleared_needs_as_many_bounces_again(engine: Engine, clock: Clock) -> None:
    with transaction(engine) as session:
        for key in "123":
            mailing.bounced(session, key=key, address=ADDRESS, final=False, status="4.4.1", at=clock.now)
        clock.pass_(minutes=1)
        assert mailing.clear(session, mailing.number(session, ADDRESS)) == ADDRESS
        clock.pass_(minutes=1)
        mailing.bounced(session, key="4", address=ADDRESS, final=False, status="4.4.1", at=clock.now)

        assert mailing.marked(session) == []


def test_putting_an_address_in_place_again_mends_it(engine: Engine, clock: Clock) -> None:
    with transaction(engine) as session:
        mailing.bounced(session, key="1", address=ADDRESS, final=True, status="5.1.1", at=clock.now)
        person_id = people.enrol(session, Identity("test", "robin"), name="Robin", roles=[], on=clock.now.date())

        registry.add_place(session, person_id, Identity("email", ADDRESS))

        assert mailing.marked(session) == []


def test_stopping_twice_and_starting_twice_are_harmless(engine: Engine, clock: Clock) -> None:
    with transaction(engine) as session:
        number = mailing.number(session, ADDRESS)
        for _ in range(2):
            mailing.stop(session, number, "monthly", at=clock.now)
        assert mailing.stopped(session, number, "monthly")
        assert not mailing.stopped(session, number, "quarterly")
        for _ in range(2):
            mailing.start(session, number, "monthly")
        assert not mailing.stopped(session, number, "monthly")
