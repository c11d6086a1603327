"""Since when a server may believe its database: without a gap, and never across an older copy."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bot.attendance import Attendance
from db import engine as database
from db import heartbeats
from db.heartbeats import Heartbeat
from tests.fakes import Bot


class Servers:
    """Servers on one database, whose copies can be put back: `await servers.attend(one, two, seconds=5)`."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.start = bot.clock.now

    def new(self, **off: float) -> Attendance:
        """Start another server, on a machine whose clock is wrong by so much."""
        return Attendance(self.bot.dispatcher, clock_off=lambda: timedelta(**off))

    async def attend(self, *servers: Attendance, seconds: int) -> None:
        """Let these servers beat each second for a while."""
        for _ in range(seconds):
            self.bot.clock.pass_(seconds=1)
            for server in servers:
                await server.beat()

    def copy(self) -> list[dict[str, Any]]:
        """Copy what the database says."""
        with database.transaction(self.bot.engine) as session:
            return [dict(row) for row in session.execute(select(Heartbeat.__table__)).mappings()]

    def put_back(self, rows: list[dict[str, Any]]) -> None:
        """Put a copy in the place of what the database says."""
        with database.transaction(self.bot.engine) as session:
            session.execute(delete(Heartbeat))
            for row in rows:
                session.execute(insert(Heartbeat).values(**row))

    def mark(self) -> None:
        """Put back a copy as `thscp db restore` does."""
        with database.transaction(self.bot.engine) as session:
            heartbeats.mark_restored(session, now=self.bot.clock.now)

    def since_start(self, server: Attendance) -> float:
        """Return how long after the beginning of the test a server began to believe."""
        return (server.trusted_since - self.start).total_seconds()


@pytest.fixture
def servers(bot: Bot) -> Servers:
    """Give servers on both databases."""
    return Servers(bot)


def test_before_its_first_beat_a_server_believes_nothing(servers: Servers) -> None:
    assert servers.new().trusted_since > servers.start + timedelta(days=100_000)


async def test_a_server_that_is_alone_believes_what_happened_since_its_start(servers: Servers) -> None:
    server = servers.new()

    await servers.attend(server, seconds=300)

    assert (servers.since_start(server), server.restored) == (1, False)


async def test_a_server_that_joins_another_believes_it_once_it_has_seen_it_beat(servers: Servers) -> None:
    first, second = servers.new(), servers.new()
    await servers.attend(first, seconds=10)

    await servers.attend(first, second, seconds=1)
    at_once = servers.since_start(second)
    await servers.attend(first, second, seconds=1)

    assert (at_once, servers.since_start(second), servers.since_start(first)) == (11, 1, 1)


async def test_a_server_that_takes_over_within_seconds_does_not_believe_the_one_that_is_gone(servers: Servers) -> None:
    await servers.attend(servers.new(), seconds=10)
    second = servers.new()

    await servers.attend(second, seconds=5)

    assert servers.since_start(second) == 11


async def test_a_pause_that_another_server_bridged_is_no_gap(servers: Servers) -> None:
    first, second = servers.new(), servers.new()
    await servers.attend(first, second, seconds=10)

    await servers.attend(first, seconds=200)
    await servers.attend(first, second, seconds=2)

    assert (servers.since_start(first), servers.since_start(second)) == (1, 1)


async def test_a_pause_of_more_than_two_minutes_of_everybody_is_a_gap(servers: Servers) -> None:
    first, second = servers.new(), servers.new()
    await servers.attend(first, second, seconds=10)

    servers.bot.clock.pass_(seconds=121)
    await servers.attend(first, second, seconds=3)

    assert (servers.since_start(first), servers.since_start(second)) == (132, 132)
    assert not first.restored


async def test_a_pause_of_less_than_two_minutes_is_none(servers: Servers) -> None:
    server = servers.new()
    await servers.attend(server, seconds=10)

    servers.bot.clock.pass_(seconds=118)
    await servers.attend(server, seconds=3)

    assert servers.since_start(server) == 1


@pytest.mark.parametrize("of_its_time", [True, False], ids=["an older copy", "a copy from before its start"])
async def test_a_copy_that_is_put_back_under_a_running_server_is_noticed(
    servers: Servers, of_its_time: bool, logged: list[MutableMapping[str, Any]]
) -> None:
    server = servers.new()
    before = servers.copy()
    await servers.attend(server, seconds=10)
    older = servers.copy()
    await servers.attend(server, seconds=10)

    servers.put_back(older if of_its_time else before)
    await servers.attend(server, seconds=3)

    assert (servers.since_start(server), server.restored) == (21, True)
    assert server.restored_at == servers.start + timedelta(seconds=21)
    assert [entry["event"] for entry in logged] == ["database replaced by an older copy"]


async def test_nobody_who_joins_believes_what_was_before_a_copy(servers: Servers) -> None:
    first, second = servers.new(), servers.new()
    await servers.attend(first, seconds=10)
    older = servers.copy()
    await servers.attend(first, seconds=2)

    servers.put_back(older)
    await servers.attend(second, first, seconds=3)

    assert (servers.since_start(first), servers.since_start(second)) == (13, 13)
    assert (first.restored, second.restored) == (True, True)


async def test_a_copy_that_was_put_back_while_nothing_ran_is_known_for_one_from_then_on(servers: Servers) -> None:
    await servers.attend(servers.new(), seconds=10)
    servers.mark()
    first, second = servers.new(), servers.new()

    await servers.attend(first, seconds=3)
    servers.bot.clock.pass_(days=3)
    await servers.attend(second, seconds=2)

    assert first.restored_at == second.restored_at == servers.start + timedelta(seconds=11)
    assert servers.since_start(first) == 11
    assert second.trusted_since > servers.start + timedelta(days=3)


async def test_a_clock_that_is_put_back_leaves_nothing_in_the_time_to_come(servers: Servers) -> None:
    servers.mark()
    gone, server = servers.new(), servers.new()
    await servers.attend(gone, server, seconds=10)

    servers.bot.clock.pass_(hours=-1)
    await servers.attend(server, seconds=1)
    corrected_at = servers.bot.clock.now
    await servers.attend(server, seconds=5)
    later = servers.new()
    await servers.attend(later, server, seconds=1)

    assert (server.trusted_since, server.restored_at) == (corrected_at, corrected_at)
    assert later.restored_at == corrected_at


async def test_rows_of_servers_that_are_gone_are_dropped_after_a_day(servers: Servers) -> None:
    await servers.attend(servers.new(), servers.new(), seconds=1)
    server = servers.new()

    servers.bot.clock.pass_(hours=23)
    await servers.attend(server, seconds=1)
    within_a_day = len(servers.copy())
    servers.bot.clock.pass_(hours=2)
    await servers.attend(server, seconds=1)

    assert (within_a_day, len(servers.copy())) == (3, 1)


async def test_a_server_whose_row_was_dropped_while_it_slept_does_not_take_that_for_a_copy(servers: Servers) -> None:
    sleeper, awake = servers.new(), servers.new()
    await servers.attend(sleeper, awake, seconds=1)
    servers.bot.clock.pass_(days=2)
    await servers.attend(awake, seconds=1)

    await servers.attend(sleeper, seconds=1)

    assert not sleeper.restored
    assert servers.since_start(sleeper) == 2 * 24 * 3600 + 3


async def test_a_start_while_the_database_does_not_answer_believes_nothing_until_it_does(
    servers: Servers, logged: list[MutableMapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = servers.new()
    with monkeypatch.context() as away:
        away.setattr(heartbeats, "everybody", _away)
        await server.start()
    before = server.trusted_since

    await servers.attend(server, seconds=1)

    assert before > servers.start + timedelta(days=100_000)
    assert servers.since_start(server) == 1
    assert [(entry["event"], entry["error"]) for entry in logged] == [("heartbeat failed", "RuntimeError")]


def _away(_: Session) -> list[Any]:
    raise RuntimeError("words of somebody")


async def test_by_how_much_a_machines_clock_is_wrong_is_written_for_people_to_see(servers: Servers) -> None:
    await servers.attend(servers.new(hours=-1), seconds=1)

    assert [row["clock_off"] for row in servers.copy()] == [-3600]
