"""`thscp audit verify`: whether the trail is as it was written, and whether an end that was noted is still in it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db import audit
from db import engine as database
from tests.cli.command import Command
from tests.fakes import Clock


@pytest.fixture(autouse=True)
def _some_deeds(engine: Engine, clock: Clock) -> None:
    for number in (1, 2, 3):
        with database.transaction(engine) as session:
            audit.add(session, at=clock.now, actor="clock", action="opened", subject=f"ESC-2026-{number:03d}")


def tamper(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'person:1' WHERE id = 2")


def test_a_trail_that_nobody_touched_passes_with_its_end(thscp: Command, database_url: str) -> None:
    done = thscp("audit", "verify", database_url=database_url)

    assert (done.code, done.err) == (0, "")
    assert "as it was written: 3 deeds" in done.out
    end = done.out.split()[-1]
    assert thscp("audit", "verify", "--end", end, database_url=database_url).code == 0


def test_a_trail_that_was_changed_fails_with_the_place(thscp: Command, database_url: str, engine: Engine) -> None:
    tamper(engine)

    done = thscp("audit", "verify", database_url=database_url)

    assert done.code == 1
    assert "At 2, deed 2" in done.out


def test_an_end_that_is_not_in_the_trail_fails(thscp: Command, database_url: str) -> None:
    done = thscp("audit", "verify", "--end", f"2:{'a' * 64}", database_url=database_url)

    assert done.code == 1
    assert "not the one that was written down" in done.out


def test_what_is_no_end_is_explained(thscp: Command, database_url: str) -> None:
    done = thscp("audit", "verify", "--end", "yesterday", database_url=database_url)

    assert done.code == 2
    assert "Traceback" not in done.err


def test_without_a_database_it_says_so(thscp: Command) -> None:
    done = thscp("audit", "verify")

    assert done.code == 1
    assert "There is no database yet." in done.err
