"""What the guard decided, counted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import engine as database
from db import screenings
from db.screenings import Counted
from tests.fakes import Clock


def count(engine: Engine, clock: Clock, decision: str, kinds: tuple[str, ...], *rules: str) -> None:
    with database.transaction(engine) as session:
        screenings.record(
            session, at=clock.now, platform="test", door="ask", decision=decision, kinds=kinds, rules=rules,
            guard_version="1",
        )  # fmt: skip


def test_what_was_decided_alike_is_counted_together_from_a_moment_on(engine: Engine, clock: Clock) -> None:
    count(engine, clock, "block", ("NAME",), "name")
    clock.pass_(seconds=1)
    begun = clock.now
    count(engine, clock, "urgent", ())
    for _ in range(2):
        count(engine, clock, "block", ("NAME", "DOB"), "name", "dob")
    clock.pass_(days=1)
    count(engine, clock, "block", ("NAME",), "name")

    with Session(engine) as session:
        since = screenings.counts(session, since=begun)
        later = screenings.counts(session, since=begun + timedelta(days=2))

    assert since == [
        Counted("block", ("NAME",), ("name",), 1),
        Counted("block", ("NAME", "DOB"), ("name", "dob"), 2),
        Counted("urgent", (), (), 1),
    ]
    assert later == []
