"""Connections: what makes each database safe."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from db import engine as database
from db.engine import DatabaseError
from db.people import Agency

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "wal_autocheckpoint": 1000,
}
HOLD = "import sys; from db import engine; engine.hold_alone(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@pytest.mark.parametrize(("pragma", "value"), PRAGMAS.items(), ids=PRAGMAS)
def test_sqlite_is_set_up_to_be_safe(sqlite_engine: Engine, pragma: str, value: object) -> None:
    with sqlite_engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_a_command_beside_a_server_leaves_the_tidying_to_it(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/test.db", checkpoint=False)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA wal_autocheckpoint")).scalar() == 0
    engine.dispose()


def test_two_who_read_and_then_write_one_after_the_other_both_succeed(sqlite_engine: Engine) -> None:
    other = database.connect(str(sqlite_engine.url))
    together = threading.Barrier(2)

    def read_then_write(engine: Engine) -> None:
        together.wait()
        for _ in range(20):
            with database.transaction(engine) as session:
                known = session.query(Agency).count()
                session.add(Agency(name=f"Agency {known + 1}"))

    with ThreadPoolExecutor(2) as writers:
        list(writers.map(read_then_write, (sqlite_engine, other)))
    other.dispose()

    with database.transaction(sqlite_engine) as session:
        assert session.query(Agency).count() == 2 * 20


def test_leaving_a_transaction_commits(engine: Engine) -> None:
    with database.transaction(engine) as session:
        session.add(Agency(name="Example Council"))

    with database.transaction(engine) as session:
        assert [agency.name for agency in session.query(Agency)] == ["Example Council"]


def test_an_exception_rolls_the_whole_transaction_back(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction(engine) as session:
        session.add(Agency(name="Example Council"))
        session.flush()
        raise ZeroDivisionError

    with database.transaction(engine) as session:
        assert session.query(Agency).all() == []


def test_a_row_that_points_nowhere_is_refused(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO identities (platform, user_id, person_id) VALUES ('test', 'T1', 99)"))


def test_an_error_of_the_database_does_not_hold_the_words_that_were_to_be_stored(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as error, engine.begin() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "what somebody wrote"})

    assert "what somebody wrote" not in str(error.value)


def test_a_database_that_works_answers(engine: Engine) -> None:
    assert database.answers(engine)


def test_a_postgresql_that_accepts_and_never_speaks_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = database.connect(f"postgresql://tests@127.0.0.1:{silent.getsockname()[1]}/x")

        with pytest.raises(OperationalError):
            database.answers(engine)

        engine.dispose()


def test_an_unknown_kind_of_database_is_explained() -> None:
    with pytest.raises(DatabaseError) as error:
        database.connect("mysql://localhost/x")

    assert "mysql" in str(error.value)
    assert "sqlite:///" in error.value.hint


def test_a_file_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    assert database.existing(f"sqlite:///{tmp_path}/none.db") is None
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_there_can_be_opened_beside_a_server(database_url: str) -> None:
    engine = database.existing(database_url)

    assert engine
    assert database.answers(engine)
    engine.dispose()


def test_a_second_server_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    first = subprocess.Popen([sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert first.stdout
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseError) as error:
            database.hold_alone(url)
        assert "PostgreSQL" in error.value.hint
    finally:
        first.kill()
        first.communicate()

    release = database.hold_alone(url)  # the lock of a killed server is gone
    release()
    database.hold_alone(url)()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://localhost/x"])
def test_what_can_be_shared_or_never_is_needs_no_lock(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    database.hold_alone(url)
    database.hold_alone(url)

    assert list(tmp_path.iterdir()) == []
