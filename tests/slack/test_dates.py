"""The time that Slack writes on its answers puts right a bot that started with a wrong clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from bot.clock import Clock
from bot.settings import Settings
from bot.slack.adapter import Slack, build
from tests.fakes import Bot
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import Workspace


def machine_time() -> datetime:
    """Return the time of the machine, which is that of the Slack on it."""
    return datetime.now(UTC)


@pytest.fixture(params=[-1, 1], ids=["an hour slow", "an hour fast"])
def wrong(request: pytest.FixtureRequest) -> Clock:
    """Give the clock of a bot that starts on a machine whose clock is wrong."""
    return Clock(wall=lambda: machine_time() + timedelta(hours=request.param))


@pytest.fixture
async def adapter(bot: Bot, settings: Callable[..., Settings], wrong: Clock) -> AsyncIterator[Slack]:
    """Give the adapter on that machine, started."""
    built = build(bot.dispatcher, settings(), clock=wrong)
    await built.start()
    yield built
    await built.stop()


async def test_the_clock_is_right_before_anything_is_sent(adapter: Slack, wrong: Clock, slack: FakeSlack) -> None:
    assert adapter.sender.platform == "slack"
    assert abs(wrong() - machine_time()) < timedelta(seconds=30)
    assert slack.calls("chat.postMessage") == []


async def test_requests_of_slack_are_let_in_although_the_machines_clock_is_wrong(
    adapter: Slack, slack: FakeSlack
) -> None:
    transport = httpx.ASGITransport(Starlette(routes=adapter.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        answer = await Workspace(http, slack).types("help")

    assert answer.status_code == 200
