"""The audit trail as a chain: nothing in it can be changed, taken out or put in without being found."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db import audit, history, migrate
from db import engine as database
from db.audit import Head
from tests.fakes import Clock

ROOT = Path(__file__).parents[2]
DEEDS = 7


def write(engine: Engine, clock: Clock, *subjects: str) -> None:
    with database.transaction(engine) as session:
        for subject in subjects:
            audit.add(session, at=clock.now, actor="person:1", action="accepted", subject=subject, before="a", tries=2)


def trail(engine: Engine, clock: Clock) -> None:
    for number in range(1, DEEDS + 1):
        write(engine, clock, f"ESC-2026-{number:03d}")
        clock.pass_(seconds=1.000001)


def problems(engine: Engine, known: Head | None = None) -> list[str]:
    with Session(engine) as session:
        return audit.verify(session, known=known)


def end(engine: Engine) -> Head:
    with Session(engine) as session:
        return audit.head(session)


def tamper(engine: Engine, *statements: str) -> None:
    """Do what only somebody with the rights of the database's owner can, past every trigger and constraint."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.exec_driver_sql(statement)


def without_constraints(engine: Engine) -> None:
    """Let SQLite forget what refers to what, which it can do only outside a transaction."""
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        raw.cursor().execute("PRAGMA foreign_keys=OFF")
        raw.close()


PUT_IN = (
    "INSERT INTO audit (id, at, actor, action, subject, detail) VALUES (99, '2026-12-24 10:00', 'x', 'y', 'z', '{}')"
)
GONE = [
    ["DELETE FROM audit_chain WHERE entry_id = 4", "DELETE FROM audit WHERE id = 4"],
    ["DELETE FROM audit_chain WHERE entry_id = 7", "DELETE FROM audit WHERE id = 7"],
]
TAMPERED = {
    "another actor": (["UPDATE audit SET actor = 'person:2' WHERE id = 3"], "At 3, deed 3"),
    "another action": (["UPDATE audit SET action = 'closed' WHERE id = 3"], "At 3, deed 3"),
    "another subject": (["UPDATE audit SET subject = 'ESC-2026-099' WHERE id = 7"], "At 7, deed 7"),
    "another time": (["UPDATE audit SET at = '2026-11-20 10:00:00' WHERE id = 1"], "At 1, deed 1"),
    "another detail": (["""UPDATE audit SET detail = '{"before": "b", "tries": 2}' WHERE id = 4"""], "At 4, deed 4"),
    "a deed is gone": (["DELETE FROM audit WHERE id = 4"], "deed 4 is missing"),
    "a deed and its link are gone": (GONE[0], "links of the chain are missing"),
    "the last deed and its link are gone": (GONE[1], "ends at 6, but once reached 7"),
    "everything is gone": (["DELETE FROM audit_chain", "DELETE FROM audit"], "ends at 0, but once reached 7"),
    "a deed was put in": ([PUT_IN], "Deed 99 is not in the chain"),
    "a deed was put in with a link": (
        [PUT_IN, "INSERT INTO audit_chain (place, entry_id, hash) VALUES (8, 99, 'abc')"], "At 8, deed 99",
    ),
    "two deeds changed places": (
        ["UPDATE audit_chain SET entry_id = 98 WHERE place = 2", "UPDATE audit_chain SET entry_id = 2 WHERE place = 3",
         "UPDATE audit_chain SET entry_id = 3 WHERE place = 2"],
        "At 2, deed 3",
    ),
    "the chain's own hash": (["UPDATE audit_chain SET hash = 'abc' WHERE place = 7"], "At 7, deed 7"),
}  # fmt: skip


def test_a_trail_that_nobody_touched_has_no_problems(engine: Engine, clock: Clock) -> None:
    assert problems(engine) == []
    trail(engine, clock)

    assert problems(engine) == []
    assert end(engine).place == DEEDS


@pytest.mark.parametrize("way", TAMPERED)
def test_whatever_is_changed_deleted_or_put_in_is_found(engine: Engine, clock: Clock, way: str) -> None:
    trail(engine, clock)
    statements, said = TAMPERED[way]
    without_constraints(engine)

    tamper(engine, *statements)

    assert any(said in problem for problem in problems(engine)), problems(engine)


def test_a_trail_that_was_written_anew_from_some_place_on_is_found_by_an_end_that_was_noted(
    engine: Engine, clock: Clock
) -> None:
    trail(engine, clock)
    noted = end(engine)
    assert problems(engine, noted) == []
    without_constraints(engine)
    tamper(engine, "DELETE FROM audit_chain", "DELETE FROM audit_head", "DELETE FROM audit")
    for number in range(1, DEEDS + 3):
        write(engine, clock, f"another story {number}")

    assert problems(engine) == []
    assert any("not the one that was written down" in problem for problem in problems(engine, noted))


def test_an_end_is_read_as_it_is_written() -> None:
    one = Head(12, "ab" * 32)

    assert Head.parse(f" {one} ") == one
    for wrong in ("", "12", "12:ab", f"x:{'ab' * 32}", f"12:{'xy' * 32}"):
        with pytest.raises(ValueError, match="the end of a chain looks like"):
            Head.parse(wrong)


def test_many_problems_are_not_listed_one_by_one(engine: Engine, clock: Clock) -> None:
    write(engine, clock, *(f"ESC-2026-{number:03d}" for number in range(1, 41)))
    tamper(engine, "UPDATE audit SET actor = 'person:2'")

    assert len(problems(engine)) == audit.MOST_PROBLEMS + 1
    assert problems(engine)[-1] == "and more"


def test_what_is_rolled_back_leaves_no_gap_in_the_chain(engine: Engine, clock: Clock) -> None:
    write(engine, clock, "ESC-2026-001")
    with pytest.raises(ZeroDivisionError), database.transaction(engine) as session:
        audit.add(session, at=clock.now, actor="person:1", action="accepted", subject="ESC-2026-002")
        raise ZeroDivisionError
    write(engine, clock, "ESC-2026-003")

    assert (problems(engine), end(engine).place) == ([], 2)


def test_what_a_savepoint_takes_back_is_not_chained_and_the_rest_is(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        audit.add(session, at=clock.now, actor="person:1", action="kept", subject="before")
        with session.begin_nested() as undone:
            audit.add(session, at=clock.now, actor="person:1", action="undone", subject="inside")
            undone.rollback()
        with session.begin_nested():
            audit.add(session, at=clock.now, actor="person:1", action="kept", subject="inside")
        audit.add(session, at=clock.now, actor="person:1", action="kept", subject="after")

    with Session(engine) as session:
        assert [one.subject for one in audit.latest(session, limit=9)] == ["after", "inside", "before"]
    assert (problems(engine), end(engine).place) == ([], 3)


@pytest.mark.parametrize("table", ["audit_chain", "record_history"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {}"])
def test_neither_the_chain_nor_the_history_can_be_changed(
    engine: Engine, clock: Clock, table: str, change: str
) -> None:
    with database.transaction(engine) as session:
        history.note(session, "ESC-2026-001", at=clock.now, actor_person_id=None, action="opened")
    column = {"audit_chain": "hash = 'x'", "record_history": "action = 'x'"}[table]

    with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
        connection.execute(text(change.format(table, column)))

    assert problems(engine) == []


def test_threads_that_write_at_once_make_one_chain(engine: Engine, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(lambda number: write(engine, clock, f"one {number}", f"two {number}"), range(25)))

    assert (problems(engine), end(engine).place) == ([], 50)


PROCESSES, EACH = 10, 10
WRITER = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from db import audit
    from db import engine as database
    engine = database.connect(sys.argv[1])
    for number in range(int(sys.argv[2])):
        with database.transaction(engine) as session:
            audit.add(session, at=datetime.now(UTC), actor="person:1", action="accepted", subject=f"ESC {number}")
    """
)


def test_processes_that_write_at_once_make_one_chain(engine: Engine, database_url: str) -> None:
    command = [sys.executable, "-c", WRITER, database_url, str(EACH)]
    writers = [subprocess.Popen(command, cwd=ROOT) for _ in range(PROCESSES)]

    assert [writer.wait() for writer in writers] == [0] * PROCESSES
    assert (problems(engine), end(engine).place) == ([], PROCESSES * EACH)


def test_only_the_end_of_a_transaction_waits_for_another_one(engine: Engine, clock: Clock) -> None:
    if engine.dialect.name == "sqlite":
        assert engine.pool.size() == 1  # type: ignore[attr-defined]  # one writer at a time, whatever it writes
        return
    with database.transaction(engine) as slow:
        audit.add(slow, at=clock.now, actor="person:1", action="slow", subject="one")
        write(engine, clock, "two")  # would wait for ever if the first held the chain already
    with Session(engine) as session:
        assert audit.count(session) == 2
    assert problems(engine) == []


def test_a_trail_from_before_the_chain_is_chained_from_its_first_row(empty_url: str, clock: Clock) -> None:
    engine = database.connect(empty_url)
    migrate.upgrade(engine, "0008_heartbeats")
    with engine.begin() as connection:
        for number in range(1, 2301):
            words = f"ASK-2026-{number:04d} “é”"
            at = clock.now.replace(tzinfo=None) if engine.dialect.name == "sqlite" else clock.now
            connection.execute(
                text("INSERT INTO audit (at, actor, action, subject, detail) VALUES (:at, 'a', 'asked', :said, :more)"),
                {"at": at, "said": words, "more": '{"tries": 2, "ok": true, "é": "ü"}'},
            )
            clock.pass_(seconds=0.000001)

    migrate.upgrade(engine)

    assert (problems(engine), end(engine).place) == ([], 2300)
    write(engine, clock, "the first of the new ones")
    assert (problems(engine), end(engine).place) == ([], 2301)
    engine.dispose()
