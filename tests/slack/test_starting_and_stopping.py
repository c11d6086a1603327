"""The adapter's beginning and end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot import slack as slack_package
from bot.findings import StartupError
from bot.settings import Settings
from bot.slack.manifest import SCOPES
from tests.fakes import Bot
from tests.slack.fake_slack import FakeSlack, listening
from tests.slack.workspace import Workspace, words

Settle = Callable[..., Settings]


async def test_slack_is_asked_once_who_we_are(workspace: Workspace, slack: FakeSlack) -> None:
    for _ in range(3):
        await workspace.types("neglect")

    assert slack.asked == ["auth.test"]


async def test_a_wrong_token_stops_start_up_with_an_id_a_message_and_a_hint(bot: Bot, settings: Settle) -> None:
    adapter = slack_package.build(bot.dispatcher, settings(slack_bot_token="xoxb-wrong"))

    with pytest.raises(StartupError) as raised:
        await adapter.start()

    found = raised.value.finding
    assert (found.id, "THSCP_SLACK_BOT_TOKEN" in found.message) == ("slack.bot-token", True)
    assert "invalid_auth" in found.message
    assert "OAuth & Permissions" in found.hint
    assert "xoxb-wrong" not in str(found)


async def test_a_slack_out_of_reach_stops_start_up_with_a_hint_about_the_network(bot: Bot, settings: Settle) -> None:
    async with listening(FakeSlack()) as gone:
        url = gone.url
    adapter = slack_package.build(bot.dispatcher, settings(slack_api_url=url))

    with pytest.raises(StartupError) as raised:
        await adapter.start()

    assert (raised.value.finding.id, "HTTPS_PROXY" in raised.value.finding.hint) == ("slack.unreachable", True)


HALF: dict[str, dict[str, Any]] = {
    "no token": {"slack_bot_token": None},
    "no way in": {"slack_signing_secret": None},
}


@pytest.mark.parametrize("changed", HALF.values(), ids=HALF)
def test_slack_is_never_half_on(bot: Bot, settings: Settle, changed: dict[str, Any]) -> None:
    with pytest.raises(StartupError, match="Slack needs"):
        slack_package.build(bot.dispatcher, settings(**changed))


async def test_missing_scopes_are_reported(
    bot: Bot, settings: Settle, slack: FakeSlack, logged: list[dict[str, Any]]
) -> None:
    slack.scopes = ",".join(set(SCOPES) - {"im:history"})
    adapter = slack_package.build(bot.dispatcher, settings())

    await adapter.start()
    await adapter.stop()

    assert [entry["scopes"] for entry in logged if "scopes" in entry] == [["im:history"]]


async def test_stopping_waits_for_what_is_under_way(bot: Bot, settings: Settle, slack: FakeSlack) -> None:
    adapter = slack_package.build(bot.dispatcher, settings())
    await adapter.start()
    slack.hangs("response_url")
    async with _http(adapter) as http:
        workspace = Workspace(http, slack)
        answer = (await workspace.types("neglect")).json()
        await workspace.presses(answer, "This helped")

        stopping = asyncio.create_task(adapter.stop())
        done_early, _ = await asyncio.wait([stopping], timeout=0.1)
        slack.releases()
        await stopping

    assert done_early == set()
    assert "this answer helped" in words(slack.responses[0])


async def test_work_begins_when_the_response_is_out(workspace: Workspace, slack: FakeSlack) -> None:
    await workspace.opens_the_app("home")

    assert slack.calls("views.publish") == []


async def test_a_response_that_slack_refuses_is_logged_by_its_status_alone(
    workspace: Workspace, slack: FakeSlack, settled: Callable[[], Any], logged: list[dict[str, Any]]
) -> None:
    slack.breaks("response_url")
    answer = (await workspace.types("neglect")).json()

    await workspace.presses(answer, "This helped")
    await settled()

    assert {"status": 500, "log_level": "error", "event": "response refused"} in logged


async def test_a_home_that_slack_refuses_is_logged_by_its_error_alone(
    workspace: Workspace, slack: FakeSlack, settled: Callable[[], Any], logged: list[dict[str, Any]]
) -> None:
    slack.refuses("views.publish", "not_enabled")

    await workspace.opens_the_app("home")
    await settled()

    failed = [entry for entry in logged if entry["event"] == "background work failed"]
    assert [(entry["work"], entry["code"]) for entry in failed] == [("home", "not_enabled")]


async def test_without_a_signing_secret_nobody_comes_in_over_http(bot: Bot, settings: Settle, slack: FakeSlack) -> None:
    adapter = slack_package.build(bot.dispatcher, settings(slack_signing_secret=None, slack_app_token="xapp-invented"))
    async with _http(adapter) as http:
        response = await Workspace(http, slack).types("neglect")

    assert response.status_code == 404


def _http(adapter: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=adapter.routes))
    return httpx.AsyncClient(transport=transport, base_url="http://bot.example")
