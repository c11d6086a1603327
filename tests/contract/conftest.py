"""Every platform with the same invented people, behind a bot of its own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db import engine as database
from handlers.context import House, Knowledge
from tests import fakes
from tests.contract import playground, slack, teams, terminal
from tests.contract.chat import PLATFORMS, Town
from tests.fakes import Bot, Clock
from tests.teams.spoken import Listening, Spoken, everything

TOWNS: dict[str, Callable[[Bot], AbstractAsyncContextManager[Town]]] = {
    "slack": slack.town,
    "teams": teams.town,
    "playground": playground.town,
    "terminal": terminal.town,
}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bot(sqlite_engine: Engine, knowledge: Knowledge, clock: Clock) -> Iterator[Bot]:
    """Give the bot behind every platform, with the guard as it is shipped."""
    house = House(public_url="https://bot.example", reached=frozenset(PLATFORMS) - {"terminal"})
    with fakes.talking(Bot(sqlite_engine, knowledge, house, clock)) as found:
        yield found


@pytest.fixture
async def town(platform: str, bot: Bot) -> AsyncIterator[Town]:
    """Give the people of the demonstration on the platform that the test names."""
    async with TOWNS[platform](bot) as found:
        yield found


@pytest.fixture(scope="session")
def spoken(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoken]:
    """Give every card and every form that can be reached, as every role."""
    opened = database.connect(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('said') / 'one.db')}")
    house = House(public_url="https://bot.example", reached=frozenset({"test"}))
    bot = Listening(opened, fakes.knowledge(), house, Clock())
    with fakes.talking(bot):
        yield everything(bot)
    opened.dispose()
