"""Socket Mode: the same requests over a connection that the bot opens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.findings import StartupError
from bot.settings import Settings
from bot.slack import adapter as slack_adapter
from bot.slack import socket
from bot.slack.adapter import Slack, build
from tests.fakes import Bot
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import Workspace, words

Settle = Callable[..., Settings]


@pytest.fixture
def by_socket(settings: Settle) -> Callable[..., Settings]:
    """Give settings without a signing secret and with an app token."""
    return lambda **changed: settings(**{"slack_signing_secret": None, "slack_app_token": "xapp-invented"} | changed)


@pytest.fixture
async def connected(bot: Bot, by_socket: Settle, slack: FakeSlack) -> AsyncIterator[Slack]:
    """Give the adapter, connected."""
    adapter = build(bot.dispatcher, by_socket())
    await adapter.start()
    await slack.is_connected()
    yield adapter
    await adapter.stop()


@pytest.fixture
def people(slack: FakeSlack) -> Workspace:
    """Give people whose acts are delivered by socket."""
    return Workspace(None, slack)  # type: ignore[arg-type]  # they make payloads and send none


@pytest.mark.usefixtures("connected")
async def test_a_slash_command_is_answered(slack: FakeSlack, people: Workspace) -> None:
    answer = await slack.delivers("slash_commands", people.command("neglect"))

    assert answer["response_type"] == "ephemeral"
    assert "Do the first thing about *neglect*." in words(answer)


@pytest.mark.usefixtures("connected")
async def test_a_command_delivered_twice_runs_once(slack: FakeSlack, people: Workspace) -> None:
    command = people.command("neglect")

    answers = [await slack.delivers("slash_commands", command) for _ in range(2)]

    assert [bool(answer) for answer in answers] == [True, False]


async def test_a_button_is_answered_after_it_was_acknowledged(
    connected: Slack, slack: FakeSlack, people: Workspace
) -> None:
    answer = await slack.delivers("slash_commands", people.command("neglect"))

    acknowledged = await slack.delivers("interactive", people.press(answer, "This helped"))
    await connected.settled()

    assert acknowledged == {}
    assert "this answer helped" in words(slack.responses[0])


@pytest.mark.usefixtures("connected")
async def test_a_direct_message_is_answered(slack: FakeSlack, people: Workspace, bot: Bot) -> None:
    event = people.event({"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "neglect"})

    await slack.delivers("events_api", event)

    assert [queued.card.title for queued in bot.queued()] == ["Neglect"]


async def test_a_connection_that_falls_silent_is_replaced(
    bot: Bot, by_socket: Settle, slack: FakeSlack, people: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(socket, "LOOK_SECONDS", 0.02)
    adapter = slack_adapter.build(bot.dispatcher, by_socket())
    await adapter.start()

    await slack.is_connected()
    await slack.is_connected()
    monkeypatch.setattr(socket, "SILENT_SECONDS", 600)
    answer: dict[str, Any] = await slack.delivers("slash_commands", people.command("neglect"))
    await adapter.stop()

    assert "neglect" in words(answer)


async def test_a_wrong_app_token_stops_start_up_with_a_hint(bot: Bot, by_socket: Settle) -> None:
    adapter = build(bot.dispatcher, by_socket(slack_app_token="xapp-wrong"))

    with pytest.raises(StartupError) as raised:
        await adapter.start()

    assert raised.value.finding.id == "slack.app-token"
    assert "connections:write" in raised.value.finding.hint
