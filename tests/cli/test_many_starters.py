"""Ten that start at once on one database: all of them succeed, and what was in it is still there."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db import engine as database
from db import migrate
from tests.cli.command import Command

UPGRADES, SERVERS = 5, 5
PATIENCE = 120  # seconds until one that does not start counts as broken; no measure of speed
OLD_ROWS = """
INSERT INTO people (id, name, post) VALUES (7, 'Person 7', 'Chair');
INSERT INTO occurrences (id, key, kind, due_at, card, created_at)
VALUES (3, 'old', 'notice', '2026-01-01 09:00:00', '{}', '2026-01-01 09:00:00');
INSERT INTO deliveries (id, occurrence_id, platform, address, thread, only_for, state, due_at, not_before,
                        attempts, fence, owner, message_id, error)
VALUES ('one', 3, 'test', 'channel-1', '', '', 'sent', '2026-01-01 09:00:00', '2026-01-01 09:00:00',
        1, 1, '', 'message', '')
"""


def empty(_url: str) -> None:
    """Leave a database as it is."""


def old(url: str) -> None:
    """Give a database the tables of the first version, with rows in them."""
    engine = database.connect(url)
    migrate.upgrade(engine, "0001_start")
    with engine.begin() as connection:
        for row in OLD_ROWS.split(";"):
            connection.execute(text(row))
    engine.dispose()


STATES: dict[str, Callable[[str], None]] = {"empty": empty, "of the first version": old}
every_state = pytest.mark.parametrize("state", STATES)


class Starting:
    """Commands that were started at once: `starting.all_end()`, or `starting.all_say("Ready on")`."""

    def __init__(self, folder: Path, url: str, lines: list[list[str]]) -> None:
        command = Command(folder)
        self.running = [
            subprocess.Popen(
                [sys.executable, "-c", command.starts, *line],
                cwd=folder, env=command.environment(database_url=url, log_level="error"),
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            )
            for line in lines
        ]  # fmt: skip

    def ends(self) -> list[tuple[int, str]]:
        """Wait for all of them, and return how each ended and what it complained of."""
        said = [one.communicate(timeout=PATIENCE)[1] for one in self.running]
        return [(one.returncode, words) for one, words in zip(self.running, said, strict=True)]

    def ready(self) -> int:
        """Wait until each has said that it is ready, or has ended; return how many are."""
        counted: list[bool] = []
        readers = [threading.Thread(target=self._until_ready, args=(one, counted)) for one in self.running]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(PATIENCE)
        return sum(counted)

    @staticmethod
    def _until_ready(one: subprocess.Popen[str], counted: list[bool]) -> None:
        assert one.stderr is not None
        for line in iter(one.stderr.readline, ""):
            if line.startswith("Ready on"):
                counted.append(True)
                return

    def stop(self) -> None:
        """Tell each to stop."""
        for one in self.running:
            one.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Leave none behind."""
        for one in self.running:
            one.kill()
            one.communicate()


@contextlib.contextmanager
def started(folder: Path, url: str, lines: list[list[str]]) -> Iterator[Starting]:
    starting = Starting(folder, url, lines)
    try:
        yield starting
    finally:
        starting.kill()


def whole(url: str, state: str) -> bool:
    """Say whether the database has the tables of this version, and still what was in it."""
    engine = database.connect(url)
    with engine.connect() as connection:
        rows = [
            connection.execute(text(query)).scalar()
            for query in ("SELECT name FROM people WHERE id = 7", "SELECT state FROM deliveries WHERE id = 'one'")
        ]
    same = migrate.current(engine) == migrate.newest() and migrate.differences(engine) == []
    engine.dispose()
    return same and rows == (["Person 7", "sent"] if state != "empty" else [None, None])


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
@every_state
def test_ten_that_bring_a_database_up_to_date_at_once_all_succeed(empty_url: str, tmp_path: Path, state: str) -> None:
    STATES[state](empty_url)

    with started(tmp_path, empty_url, (UPGRADES + SERVERS) * [["db", "upgrade"]]) as starting:
        ends = starting.ends()

    assert ends == (UPGRADES + SERVERS) * [(0, "")]
    assert whole(empty_url, state)


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
@every_state
def test_servers_that_start_at_once_beside_upgrades_all_become_ready_and_end_cleanly(
    empty_url: str, tmp_path: Path, state: str
) -> None:
    STATES[state](empty_url)

    with started(tmp_path, empty_url, UPGRADES * [["db", "upgrade"]]) as upgrading:
        with started(tmp_path, empty_url, SERVERS * [["serve", "--port", "0"]]) as serving:
            ready = serving.ready()
            serving.stop()
            served = [code for code, _ in serving.ends()]
        upgraded = [code for code, _ in upgrading.ends()]

    assert (ready, served, upgraded) == (SERVERS, SERVERS * [0], UPGRADES * [0])
    assert whole(empty_url, state)
