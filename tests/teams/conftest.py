"""What the tests of Teams share: everything that the bot says, and an office with the bot in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette

from bot.outbox import Outbox
from bot.settings import Settings
from bot.teams.adapter import Teams, build
from db import engine as database
from handlers.context import House, Knowledge
from tests import fakes
from tests.fakes import Bot, Clock
from tests.teams.fake_microsoft import CLIENT, HOME, SECRET, FakeMicrosoft, listening
from tests.teams.office import Office, steady
from tests.teams.spoken import Listening, Spoken, everything


@pytest.fixture(scope="session")
def spoken(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    """Give every card and every form that can be reached."""
    opened = database.connect(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('spoken') / 'one.db')}")
    house = House(public_url="https://bot.example", reached=frozenset({"test"}))
    bot = Listening(opened, fakes.knowledge(), house, Clock())
    found = everything(bot)
    bot.dispatcher.close()
    opened.dispose()
    return found


@pytest.fixture
def sqlite_bot(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot to talk to, over one database."""
    with fakes.talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        yield bot


@pytest.fixture
async def microsoft(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeMicrosoft]:
    """Give a Microsoft that the bot may call."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with listening(FakeMicrosoft()) as running:
        yield running


@pytest.fixture
def settings(microsoft: FakeMicrosoft) -> Callable[..., Settings]:
    """Give settings for this Microsoft, with what a test wants to be different."""

    def with_(**changed: Any) -> Settings:
        plain: dict[str, Any] = {
            "teams_client_id": CLIENT, "teams_client_secret": SECRET, "teams_tenant_ids": HOME, "teams_pace": 0,
            "teams_login_url": microsoft.url, "teams_graph_url": microsoft.url,
            "teams_keys_url": f"{microsoft.url}/v1/.well-known/openidconfiguration",
        }  # fmt: skip
        return Settings(_env_file=None, **plain | changed)

    return with_


@pytest.fixture
async def adapter(sqlite_bot: Bot, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Teams]:
    """Give the adapter, started."""
    built = build(sqlite_bot.dispatcher, settings(), steady=steady(clock))
    await built.start()
    yield built
    await built.stop()


@pytest.fixture
async def office(adapter: Teams, microsoft: FakeMicrosoft) -> AsyncIterator[Office]:
    """Give people who use the bot in Teams."""
    transport = httpx.ASGITransport(Starlette(routes=adapter.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        yield Office(http, microsoft)


@pytest.fixture
def settled(adapter: Teams, sqlite_bot: Bot) -> Callable[[], Any]:
    """Give what sends all that waits, and waits until nothing runs any more."""

    async def settle() -> None:
        await adapter.settled()
        await Outbox(sqlite_bot.dispatcher, [adapter.sender]).run_once()

    return settle
