"""The server: health, metrics, starting, and what happens when it cannot start."""

from __future__ import annotations

import json
import signal
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from bot.server import Server
from db import migrate
from handlers.context import Request
from tests.asking import get
from tests.cli.command import Command
from tests.fakes import STRANGER, Bot
from tests.serving import PATIENCE, started


async def test_a_server_is_live_and_ready_when_its_database_answers(bot: Bot) -> None:
    server = Server(bot.dispatcher, [])

    live, ready = await get(server, "/health/live"), await get(server, "/health/ready")

    assert (live.status_code, ready.status_code) == (200, 200)
    assert ready.json() == {"ready": True, "reasons": []}


async def test_a_server_whose_tables_are_of_an_older_version_is_not_ready(bot: Bot) -> None:
    migrate.downgrade(bot.engine, "0007_email")

    ready = await get(Server(bot.dispatcher, []), "/health/ready")

    assert (ready.status_code, ready.json()["reasons"]) == (503, ["the tables are those of an older version"])


async def test_a_server_whose_tables_a_newer_version_has_changed_stays_ready(bot: Bot) -> None:
    with bot.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_newer'")

    ready = await get(Server(bot.dispatcher, []), "/health/ready")

    with bot.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": migrate.newest()})
    assert ready.status_code == 200


@pytest.mark.parametrize("fails", [OperationalError("SELECT", {}, Exception()), TimeoutError()], ids=["away", "silent"])
async def test_a_server_whose_database_does_not_answer_is_live_and_not_ready(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, fails: Exception
) -> None:
    def away(_: Engine) -> str:
        raise fails

    monkeypatch.setattr(migrate, "current", away)
    server = Server(bot.dispatcher, [])

    live, ready = await get(server, "/health/live"), await get(server, "/health/ready")

    assert (live.status_code, ready.status_code) == (200, 503)
    assert ready.json()["reasons"] == ["the database does not answer"]


async def test_metrics_count_requests_and_hold_nothing_that_was_typed(bot: Bot) -> None:
    bot.types("neglect")
    bot.types("a most unusual question")

    page = (await get(Server(bot.dispatcher, []), "/metrics")).text

    assert 'thscp_requests_total{ended="handled",platform="test"}' in page
    assert "unusual" not in page
    assert "neglect" not in page


class Part:
    """A part that notes when it is started and stopped, and can fail to do either."""

    def __init__(self, name: str, notes: list[str], *, fails: bool = False, sticks: bool = False) -> None:
        self.name, self.notes, self.fails, self.sticks = name, notes, fails, sticks

    async def start(self) -> None:
        if self.fails:
            raise RuntimeError(self.name)
        self.notes.append(f"{self.name} started")

    async def stop(self) -> None:
        if self.sticks:
            raise RuntimeError(self.name)
        self.notes.append(f"{self.name} stopped")


async def test_parts_are_stopped_in_the_reverse_order_of_their_start(bot: Bot) -> None:
    notes: list[str] = []

    async with Server(bot.dispatcher, [Part("one", notes), Part("two", notes)]).running():
        pass

    assert notes == ["one started", "two started", "two stopped", "one stopped"]


async def test_when_a_part_cannot_start_those_before_it_are_stopped(bot: Bot) -> None:
    notes: list[str] = []
    server = Server(bot.dispatcher, [Part("one", notes), Part("two", notes, fails=True)])

    with pytest.raises(RuntimeError, match="two"):
        async with server.running():
            notes.append("never")

    assert notes == ["one started", "one stopped"]


async def test_a_part_that_cannot_be_stopped_keeps_none_of_the_others_from_it(
    bot: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    notes: list[str] = []

    async with Server(bot.dispatcher, [Part("one", notes), Part("two", notes, sticks=True)]).running():
        pass

    assert notes == ["one started", "two started", "one stopped"]
    assert [(entry["event"], entry["error"]) for entry in logged] == [("part not stopped", "RuntimeError")]
    with pytest.raises(RuntimeError, match="shutdown"):
        await bot.dispatcher.handle(Request(STRANGER, "neglect"))


def test_the_demonstration_prints_its_address_serves_a_page_and_leaves_no_file(tmp_path: Path) -> None:
    with started(tmp_path, "demo") as running:
        status, page = running.get("/")
        running.process.send_signal(signal.SIGTERM)
        printed, _ = running.process.communicate(timeout=PATIENCE)

    assert status == 200
    assert "Demonstration" in page
    assert running.address in printed
    assert list(tmp_path.iterdir()) == []


def test_production_serves_health_without_any_platform_and_keeps_its_database(tmp_path: Path) -> None:
    with started(tmp_path, "serve", log_level="warning") as running:
        status, ready = running.get("/health/ready")
        page, _ = running.get("/")

    assert (status, json.loads(ready)["ready"]) == (200, True)
    assert page == 404
    assert (tmp_path / "thscp.db").exists()


def test_a_second_server_on_one_sqlite_file_does_not_start_and_says_why(tmp_path: Path) -> None:
    with started(tmp_path, "serve"):
        second = Command(tmp_path)("serve", "--port", "0")

    assert second.code == 1
    assert "Another server uses" in second.err
    assert "PostgreSQL" in second.err
    assert "Traceback" not in second.err


def test_a_server_ends_cleanly_when_told_to(tmp_path: Path) -> None:
    with started(tmp_path, "serve") as running:
        running.process.send_signal(signal.SIGTERM)
        _, err = running.process.communicate(timeout=PATIENCE)

    assert running.process.returncode == 0
    assert "Traceback" not in err


def test_a_token_that_slack_refuses_stops_the_start_with_a_message(tmp_path: Path) -> None:
    done = Command(tmp_path)(
        "serve",
        "--port",
        "0",
        slack_bot_token="xoxb-1-wrong",
        slack_signing_secret="secret",
        slack_api_url="http://127.0.0.1:1/",
    )

    assert done.code == 1
    assert "error slack." in done.err
    assert "Traceback" not in done.err
    assert "xoxb-1-wrong" not in done.err
