"""A Slack workspace with the bot in it: people on one side, Slack's API on the other, both on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette

from bot.settings import Settings
from bot.slack.adapter import Slack, build
from handlers.context import House, Knowledge
from tests.fakes import Bot, Clock
from tests.slack.fake_slack import TOKEN, FakeSlack, listening
from tests.slack.workspace import SECRET, Workspace


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Give a Slack that the bot may call."""
    async with listening(FakeSlack()) as running:
        yield running


@pytest.fixture
def settings(slack: FakeSlack) -> Callable[..., Settings]:
    """Give settings for this Slack, with what a test wants to be different."""

    def with_(**changed: Any) -> Settings:
        plain = {"slack_bot_token": TOKEN, "slack_signing_secret": SECRET, "slack_api_url": slack.url}
        return Settings(_env_file=None, **plain | changed)

    return with_


@pytest.fixture
def bot(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give the bot behind the adapter, to look at what it kept."""
    talking = Bot(sqlite_engine, knowledge, house, clock)
    yield talking
    talking.dispatcher.close()


@pytest.fixture
async def adapter(bot: Bot, settings: Callable[..., Settings]) -> AsyncIterator[Slack]:
    """Give the adapter, started."""
    built = build(bot.dispatcher, settings())
    await built.start()
    yield built
    await built.stop()


@pytest.fixture
async def workspace(adapter: Slack, slack: FakeSlack) -> AsyncIterator[Workspace]:
    """Give people who use the bot in Slack."""
    transport = httpx.ASGITransport(Starlette(routes=adapter.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        yield Workspace(http, slack)


@pytest.fixture
def settled(adapter: Slack) -> Callable[[], Any]:
    """Give what waits until nothing runs in the background any more."""
    return adapter.settled
