"""Questions for the secretariat: references without gaps, and links that work once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from db import engine as database
from db import enquiries
from db.enquiries import Enquiry
from tests.fakes import Clock


def opened(engine: Engine, clock: Clock, year: int = 2026) -> str:
    with database.transaction(engine) as session:
        return enquiries.open_enquiry(session, at=clock.now, year=year, asker=("test", "anna"), text="why?").ref


def test_references_count_from_one_in_every_year(engine: Engine, clock: Clock) -> None:
    assert [opened(engine, clock, year) for year in (2026, 2026, 2027, 2026)] == [
        "ASK-2026-001", "ASK-2026-002", "ASK-2027-001", "ASK-2026-003"
    ]  # fmt: skip


def test_many_at_once_get_references_without_gaps(engine: Engine, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as people_at_once:
        refs = sorted(people_at_once.map(lambda _: opened(engine, clock), range(20)))

    assert refs == [f"ASK-2026-{number:03d}" for number in range(1, 21)]


def test_a_question_that_was_rolled_back_leaves_no_gap(engine: Engine, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction(engine) as session:
        enquiries.open_enquiry(session, at=clock.now, year=2026, asker=("test", "anna"), text="why?")
        raise ZeroDivisionError

    assert opened(engine, clock) == "ASK-2026-001"


def test_a_reference_is_never_used_again(engine: Engine, clock: Clock) -> None:
    opened(engine, clock)
    with database.transaction(engine) as session:
        session.execute(delete(Enquiry))

    assert opened(engine, clock) == "ASK-2026-002"


def test_those_without_an_answer_wait_oldest_first(engine: Engine, clock: Clock) -> None:
    for _ in range(3):
        opened(engine, clock)
        clock.pass_(minutes=1)
    with database.transaction(engine) as session:
        first = enquiries.get(session, 1)
        assert first
        first.answer, first.answered_at = "because", clock.now

    with Session(engine) as session:
        assert [row.ref for row in enquiries.waiting(session, limit=9)] == ["ASK-2026-002", "ASK-2026-003"]
        assert [row.ref for row in enquiries.waiting(session, limit=1)] == ["ASK-2026-002"]
