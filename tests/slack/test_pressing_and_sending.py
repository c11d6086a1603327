"""Buttons and forms in Slack."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from db.enquiries import Enquiry
from db.feedback import Feedback
from tests.fakes import Bot
from tests.slack.blocks import lint_message, lint_view
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import CHANNEL, DIRECT, SOMEBODY, SOMEBODY_ELSE, Json, Workspace, button_of, buttons, words

Settled = Callable[[], Awaitable[None]]


async def _form(workspace: Workspace, slack: FakeSlack) -> Json:
    declined = (await workspace.types("quantum chromodynamics")).json()
    await workspace.presses(declined, "Ask the secretariat")
    view: Json = slack.calls("views.open")[-1]["view"]
    return view


async def test_a_vote_is_kept_and_thanked_for_after_the_response(
    workspace: Workspace, slack: FakeSlack, bot: Bot, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()

    response = await workspace.presses(answer, "This helped")
    await settled()

    [thanks] = slack.responses
    assert (response.status_code, response.text, bot.counted(Feedback)) == (200, "", 1)
    assert thanks["response_type"] == "ephemeral"
    assert thanks["replace_original"] is False
    assert "I have noted that this answer helped" in words(thanks)
    assert lint_message(thanks) == []


async def test_a_vote_can_be_changed(workspace: Workspace, slack: FakeSlack, bot: Bot, settled: Settled) -> None:
    answer = (await workspace.types("neglect")).json()

    await workspace.presses(answer, "This helped")
    await workspace.presses(answer, "It did not help")
    await workspace.presses(answer, "It did not help", by=SOMEBODY_ELSE)
    await settled()

    assert bot.counted(Feedback) == 2
    assert len(slack.responses) == 3


async def test_an_answer_in_a_thread_stays_in_the_thread(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()
    container = {"type": "message", "thread_ts": "1700000000.000001"}

    await workspace.presses(answer, "This helped", container=container)
    await settled()

    assert slack.responses[0]["thread_ts"] == "1700000000.000001"


async def test_an_answer_can_be_shown_to_everyone_in_a_channel(
    workspace: Workspace, bot: Bot, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()

    await workspace.presses(answer, "Show everyone")
    await settled()

    [queued] = bot.queued()
    assert (queued.to.address, queued.card.title) == (CHANNEL, "Neglect")


async def test_where_nobody_else_reads_along_nothing_is_offered_to_be_shown(workspace: Workspace) -> None:
    answer = (await workspace.types("neglect", channel_id=DIRECT, channel_name="directmessage")).json()

    assert "Show everyone" not in [button["text"]["text"] for button in buttons(answer)]


async def test_a_related_topic_follows_as_a_new_message(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()

    await workspace.presses(answer, "Threshold")
    await settled()

    assert "Do the first thing about *threshold*." in words(slack.responses[0])


async def test_a_button_in_a_modal_puts_its_card_on_top(workspace: Workspace, slack: FakeSlack) -> None:
    await workspace.opens_the_app("home")
    await workspace.asks_at_home({"type": "home", "blocks": [_box()]}, "neglect")
    modal = slack.calls("views.open")[0]["view"]

    await workspace.presses(modal, "This helped")

    [pushed] = slack.calls("views.push")
    assert "this answer helped" in words(pushed["view"])
    assert lint_view(pushed["view"]) == []


async def test_a_button_in_the_modal_on_top_takes_its_place(workspace: Workspace, slack: FakeSlack) -> None:
    await workspace.asks_at_home({"type": "home", "blocks": [_box()]}, "neglect")
    modal = slack.calls("views.open")[0]["view"]

    await workspace.presses(modal, "This helped", view=modal | {"id": "V2", "root_view_id": "V1"})

    assert [call["view_id"] for call in slack.calls("views.update")] == ["V2"]


async def test_a_link_is_only_acknowledged(workspace: Workspace, slack: FakeSlack, settled: Settled) -> None:
    link = {"type": "button", "action_id": "link#1", "text": {"text": "Open"}, "url": "https://example.org"}

    response = await workspace.presses({"blocks": [{"type": "actions", "elements": [link]}]}, "Open")
    await settled()

    assert (response.status_code, slack.responses) == (200, [])


async def test_a_button_opens_its_form_before_the_response(workspace: Workspace, slack: FakeSlack) -> None:
    view = await _form(workspace, slack)

    assert lint_view(view) == []
    assert view["blocks"][-1]["element"]["initial_value"] == "quantum chromodynamics"
    assert json.loads(view["private_metadata"])["action"] == "enquiries.send"


async def test_a_form_that_slack_does_not_open_is_not_lost_in_silence(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    slack.refuses("views.open", "expired_trigger_id")
    declined = (await workspace.types("quantum chromodynamics")).json()

    response = await workspace.presses(declined, "Ask the secretariat")
    await settled()

    assert response.status_code == 200
    assert "press the button again" in words(slack.responses[0])


async def test_a_button_at_home_that_opens_nothing_is_answered_by_a_message(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    slack.refuses("views.open", "expired_trigger_id")
    await workspace.opens_the_app("home")
    await settled()
    home = slack.calls("views.publish")[0]["view"]

    await workspace.presses(home, "Whom to call")
    await settled()

    [posted] = slack.calls("chat.postMessage")
    assert posted["channel"] == SOMEBODY
    assert "999" in words(posted)


async def test_a_card_that_slack_does_not_put_on_top_of_a_modal_comes_as_a_message(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    slack.refuses("views.push", "push_limit_reached")
    await workspace.asks_at_home({"type": "home", "blocks": [_box()]}, "neglect")
    modal = slack.calls("views.open")[0]["view"]

    await workspace.presses(modal, "This helped")
    await settled()

    [posted] = slack.calls("chat.postMessage")
    assert (posted["channel"], "this answer helped" in words(posted)) == (SOMEBODY, True)


async def test_a_form_that_slack_does_not_open_over_a_modal_is_not_lost_in_silence(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    slack.refuses("views.push", "push_limit_reached")
    await workspace.asks_at_home({"type": "home", "blocks": [_box()]}, "quantum chromodynamics")
    modal = slack.calls("views.open")[0]["view"]

    await workspace.presses(modal, "Ask the secretariat")
    await settled()

    assert "press the button again" in words(slack.calls("chat.postMessage")[0])


async def test_a_sent_form_is_kept_and_confirmed_in_its_place(workspace: Workspace, slack: FakeSlack, bot: Bot) -> None:
    view = await _form(workspace, slack)

    answer = (await workspace.submits(view, question="Who chairs the group?")).json()

    assert (answer["response_action"], bot.counted(Enquiry)) == ("update", 1)
    assert "passed to the secretariat" in words(answer["view"])
    assert lint_view(answer["view"]) == []


async def test_a_form_token_used_twice_stores_once_and_answers_the_same(
    workspace: Workspace, slack: FakeSlack, bot: Bot
) -> None:
    view = await _form(workspace, slack)

    first = await workspace.submits(view, question="Who chairs the group?")
    second = await workspace.submits(view, question="Who chairs the group?")

    assert second.json() == first.json()
    assert bot.counted(Enquiry) == 1


async def test_errors_stand_under_their_box_and_the_form_can_be_sent_again(
    workspace: Workspace, slack: FakeSlack, bot: Bot
) -> None:
    view = await _form(workspace, slack)

    refused = (await workspace.submits(view, question="   ")).json()
    accepted = (await workspace.submits(view, question="Who chairs the group?")).json()

    assert refused == {"response_action": "errors", "errors": {"question": "Please write your question here."}}
    assert (accepted["response_action"], bot.counted(Enquiry)) == ("update", 1)


async def test_danger_in_a_form_is_answered_under_the_box_and_kept_nowhere(
    workspace: Workspace, slack: FakeSlack, bot: Bot
) -> None:
    view = await _form(workspace, slack)

    answer = (await workspace.submits(view, question="a child is being hurt right now, he is bleeding")).json()

    assert answer["response_action"] == "errors"
    assert "999" in answer["errors"]["question"]
    assert bot.counted(Enquiry) == 0


async def test_a_form_of_an_older_version_is_explained_and_stays_open(workspace: Workspace, slack: FakeSlack) -> None:
    view = await _form(workspace, slack)

    answer = (await workspace.submits(view | {"private_metadata": "v0"}, question="Who chairs it?")).json()

    assert answer["response_action"] == "push"
    assert "older version" in words(answer["view"])


async def test_a_button_of_an_older_version_is_explained(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()
    button_of(answer, "This helped")["action_id"] = "answers.upvote#1"

    response = await workspace.presses(answer, "This helped")
    await settled()

    assert response.status_code == 200
    assert "older version" in words(slack.responses[0])


async def test_a_stranger_may_not_use_the_buttons_of_the_secretariat(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()
    button_of(answer, "This helped")["action_id"] = "gaps.show#1"

    await workspace.presses(answer, "This helped", by="U-nobody-knows")
    await settled()

    assert "I cannot show you that." in words(slack.responses[0])


async def test_a_stranger_may_ask(workspace: Workspace) -> None:
    answer = (await workspace.types("neglect", by="U-nobody-knows")).json()

    assert "Do the first thing" in words(answer)


async def test_a_form_button_pressed_as_if_it_were_plain_is_explained(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    answer = (await workspace.types("neglect")).json()
    button_of(answer, "This helped")["action_id"] = "enquiries.send#1"

    response = await workspace.presses(answer, "This helped")
    await settled()

    assert response.status_code == 200
    assert "Please write your question here." in words(slack.responses[0])


def _box() -> Json:
    return {"type": "input", "block_id": "question", "element": {"action_id": "home.question"}}


async def test_the_ask_button_at_home_asks_what_is_in_the_box(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    await workspace.opens_the_app("home")
    await settled()
    home = slack.calls("views.publish")[0]["view"]
    state = {"values": {"question": {"home.question": {"type": "plain_text_input", "value": "neglect"}}}}

    await workspace.presses(home, "Ask", view=home | {"id": "V1", "root_view_id": "V1", "state": state})

    assert "Do the first thing about *neglect*." in words(slack.calls("views.open")[0]["view"])
    assert slack.calls("views.publish")[0]["user_id"] == SOMEBODY
