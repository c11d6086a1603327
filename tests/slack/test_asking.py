"""Asking in Slack: the slash command, the direct message, a mention, the home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from db.deliveries import Destination
from tests.fakes import Bot
from tests.slack.blocks import lint_message, lint_view
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import CHANNEL, DIRECT, SOMEBODY, Workspace, words

Settled = Callable[[], Awaitable[None]]
HELP = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "help.show#1", "text": {"type": "plain_text", "text": "Help"}}],
}


async def test_a_slash_command_is_answered_for_the_asker_alone(workspace: Workspace) -> None:
    answer = (await workspace.types("neglect")).json()

    assert answer["response_type"] == "ephemeral"
    assert "Do the first thing about *neglect*." in words(answer)
    assert lint_message(answer) == []


WAYS: dict[str, Callable[[Workspace], Awaitable[httpx.Response]]] = {
    "a slash command": lambda workspace: workspace.types("neglect"),
    "a direct message": lambda workspace: workspace.says("neglect"),
    "a mention": lambda workspace: workspace.mentions("neglect"),
    "the home": lambda workspace: workspace.opens_the_app("home"),
    "the messages": lambda workspace: workspace.opens_the_app("messages"),
    "a button": lambda workspace: workspace.presses({"blocks": [HELP]}, "Help"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_slack_has_its_answer_before_anything_is_asked_of_it(
    workspace: Workspace, slack: FakeSlack, way: Callable[[Workspace], Awaitable[httpx.Response]]
) -> None:
    slack.hangs_altogether()
    before = slack.asked

    response = await way(workspace)

    assert (response.status_code, slack.asked) == (200, before)
    slack.releases()


async def test_a_direct_message_is_answered_there(workspace: Workspace, bot: Bot) -> None:
    response = await workspace.says("neglect")

    assert response.status_code == 200
    [queued] = bot.queued()
    assert (queued.card.title, queued.to) == ("Neglect", Destination("slack", DIRECT))


async def test_a_direct_message_in_a_thread_is_answered_in_the_thread(workspace: Workspace, bot: Bot) -> None:
    await workspace.says("neglect", thread_ts="1700000000.000001")

    assert [queued.to.thread for queued in bot.queued()] == ["1700000000.000001"]


async def test_a_mention_is_answered_where_only_the_asker_sees_it(workspace: Workspace, bot: Bot) -> None:
    await workspace.mentions("neglect", thread_ts="1700000000.000001")

    [queued] = bot.queued()
    assert queued.card.title == "Neglect"
    assert queued.to == Destination("slack", CHANNEL, "1700000000.000001", only_for=SOMEBODY)


NOT_FOR_US = {
    "another bot": {"bot_id": "BOTHER"},
    "the bot itself": {"bot_id": "BBOT", "user": "UBOT"},
    "an edited message": {"edited": {"user": SOMEBODY, "ts": "1"}},
    "a changed message": {"subtype": "message_changed", "hidden": True},
    "a deleted message": {"subtype": "message_deleted"},
    "somebody who joined": {"subtype": "channel_join"},
    "nobody": {"user": None},
    "a channel": {"channel_type": "channel", "channel": CHANNEL},
}


@pytest.mark.parametrize("more", NOT_FOR_US.values(), ids=NOT_FOR_US)
async def test_messages_that_nobody_wrote_to_the_bot_are_left_alone(workspace: Workspace, bot: Bot, more: dict) -> None:  # type: ignore[type-arg]
    response = await workspace.says("neglect", **more)

    assert response.status_code == 200
    assert bot.queued() == []


async def test_a_message_with_a_file_is_answered_by_its_words(workspace: Workspace, bot: Bot) -> None:
    await workspace.says("neglect", subtype="file_share", files=[{"id": "F1"}])

    assert [queued.card.title for queued in bot.queued()] == ["Neglect"]


async def test_the_home_offers_a_question_box_and_topics(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    response = await workspace.opens_the_app("home")
    await settled()

    [published] = slack.calls("views.publish")
    assert (response.status_code, published["user_id"]) == (200, SOMEBODY)
    assert any(block["type"] == "input" and block["dispatch_action"] for block in published["view"]["blocks"])
    assert lint_view(published["view"]) == []


async def test_a_question_at_home_is_answered_in_a_modal(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    await workspace.opens_the_app("home")
    await settled()
    home = slack.calls("views.publish")[0]["view"]

    await workspace.asks_at_home(home, "neglect")

    [opened] = slack.calls("views.open")
    assert "Do the first thing about *neglect*." in words(opened["view"])
    assert lint_view(opened["view"]) == []


async def test_opening_the_messages_offers_questions_to_start_with(
    bot: Bot, workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    for _ in range(2):
        bot.types("private fostering")

    await workspace.opens_the_app("messages")
    await settled()

    [suggested] = slack.calls("assistant.threads.setSuggestedPrompts")
    assert suggested["channel_id"] == DIRECT
    assert suggested["prompts"] == [{"title": "Private fostering", "message": "Private fostering"}]


TYPED = {
    "a mention with a name": ("what is neglect <@U1|ada>", "what is neglect @ada"),
    "a mention without a name": ("when does <@U1> answer", "when does @somebody answer"),
    "a link with a label": ("read <https://example.org/a?b=1&amp;c=2|the page>", "read the page"),
    "a bare link": ("read <https://example.org>", "read https://example.org"),
    "a channel": ("see <#C1|general>", "see #general"),
    "everybody": ("<!here> look", "@here look"),
    "an address": ("<mailto:duty@thscp.gov.uk|duty@thscp.gov.uk>", "duty@thscp.gov.uk"),
    "escaped signs": ("age &lt; 5 &amp; &gt; 3 &amp;lt;", "age < 5 & > 3 &lt;"),
    "signs that are no mark-up": ("age <5 and >3", "age <5 and >3"),
}


@pytest.mark.parametrize(("typed", "meant"), TYPED.values(), ids=TYPED)
async def test_what_slack_marks_up_is_read_as_plain_words(
    workspace: Workspace, slack: FakeSlack, typed: str, meant: str
) -> None:
    declined = (await workspace.types(typed)).json()
    await workspace.presses(declined, "Ask the secretariat")

    box = slack.calls("views.open")[0]["view"]["blocks"][-1]["element"]
    assert box["initial_value"] == meant
