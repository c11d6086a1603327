"""The whole way, with the worker that sends: from what somebody does in Slack to what others see there."""

from __future__ import annotations

import pytest

from bot.outbox import Outbox
from bot.slack.adapter import Slack
from db import engine as database
from db import people
from db.people import Identity, Role
from tests.fakes import Bot
from tests.slack.blocks import lint_message, lint_view
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import CHANNEL, DIRECT, SOMEBODY, Workspace, words

COORDINATOR = "U-coordinator"


@pytest.fixture
async def outbox(adapter: Slack, bot: Bot) -> Outbox:
    """Give the worker, to be run when the test says so."""
    with database.transaction(bot.engine) as session:
        who = Identity("slack", COORDINATOR)
        people.enrol(session, who, name="Coordinator", roles=[Role.COORDINATOR], on=bot.clock.now.date())
    return Outbox(bot.dispatcher, [adapter.sender])


async def test_a_direct_message_is_answered_in_the_conversation(
    workspace: Workspace, slack: FakeSlack, outbox: Outbox
) -> None:
    await workspace.says("neglect")
    await outbox.run_once()

    [posted] = slack.calls("chat.postMessage")
    assert posted["channel"] == DIRECT
    assert "Do the first thing about *neglect*." in words(posted)
    assert lint_message(posted) == []


async def test_a_mention_is_answered_where_only_the_asker_sees_it(
    workspace: Workspace, slack: FakeSlack, outbox: Outbox
) -> None:
    await workspace.mentions("neglect")
    await outbox.run_once()

    [shown] = slack.calls("chat.postEphemeral")
    assert (shown["channel"], shown["user"]) == (CHANNEL, SOMEBODY)


async def test_an_answer_shown_to_everyone_is_posted_once_however_often_it_is_pressed(
    workspace: Workspace, slack: FakeSlack, outbox: Outbox
) -> None:
    answer = (await workspace.types("neglect")).json()

    await workspace.presses(answer, "Show everyone")
    await workspace.presses(answer, "Show everyone")
    await outbox.run_once()

    assert [posted["channel"] for posted in slack.calls("chat.postMessage")] == [CHANNEL]


async def test_a_question_goes_to_the_secretariat_and_the_answer_comes_back(
    workspace: Workspace, slack: FakeSlack, outbox: Outbox
) -> None:
    declined = (await workspace.types("who waters the plants")).json()
    await workspace.presses(declined, "Ask the secretariat")
    await workspace.submits(slack.calls("views.open")[-1]["view"])
    await outbox.run_once()
    [notice] = slack.calls("chat.postMessage")

    await workspace.presses(notice, "Answer", by=COORDINATOR)
    form = slack.calls("views.open")[-1]["view"]
    confirmed = (await workspace.submits(form, by=COORDINATOR, answer="The caretaker, on Mondays.")).json()
    await outbox.run_once()

    answered = slack.calls("chat.postMessage")[-1]
    assert (notice["channel"], answered["channel"]) == (COORDINATOR, SOMEBODY)
    assert "who waters the plants" in words(form)
    assert "The caretaker, on Mondays." in words(answered)
    assert "answer is on its way" in words(confirmed["view"])
    assert (lint_view(form), lint_message(notice), lint_message(answered)) == ([], [], [])


async def test_a_busy_slack_is_waited_for_and_then_gets_the_message_once(
    workspace: Workspace, slack: FakeSlack, outbox: Outbox, bot: Bot
) -> None:
    slack.busy_until(seconds=30)
    await workspace.says("neglect")
    await outbox.run_once()
    slack.busy_until(seconds=0)

    bot.clock.pass_(seconds=29)
    too_early = await outbox.run_once()
    bot.clock.pass_(seconds=2)
    in_time = await outbox.run_once()

    assert (too_early, in_time, len(slack.calls("chat.postMessage"))) == (0, 1, 2)
