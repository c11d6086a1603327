"""What is not taken in Slack: asked whose name it is where it was typed, and never sent back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator

import pytest
from sqlalchemy import Engine

from db.enquiries import Enquiry
from handlers.context import House, Knowledge
from handlers.safety import NOT_FAMILY
from tests.fakes import Bot, Clock, script, talking
from tests.slack.blocks import lint_message, lint_view
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import Json, Workspace, buttons, words

Settled = Callable[[], Awaitable[None]]

NAMED = "Does Danny keep the list of chairs?"
OVERRIDE = "It is not about a child or family"


@pytest.fixture
def bot(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot whose guard judges by a script."""
    with talking(Bot(sqlite_engine, knowledge, house, clock, script())) as bot:
        yield bot


@pytest.fixture
async def form(workspace: Workspace, slack: FakeSlack) -> Json:
    """Give the open form for a question to the secretariat."""
    declined = (await workspace.types("quantum chromodynamics")).json()
    await workspace.presses(declined, "Ask the secretariat")
    view: Json = slack.calls("views.open")[-1]["view"]
    return view


def boxes(view: Json) -> dict[str, str]:
    """Return the boxes of a form with the id of what is in each: what Slack needs the same to keep what was typed."""
    return {block["block_id"]: block["element"]["action_id"] for block in view["blocks"] if block["type"] == "input"}


async def test_a_form_with_a_name_comes_back_with_its_boxes_a_message_and_the_reasons(
    workspace: Workspace, form: Json
) -> None:
    answer = (await workspace.submits(form, question=NAMED)).json()

    view = answer["view"]
    assert answer["response_action"] == "update"
    assert boxes(view) == {**boxes(form), NOT_FAMILY: "value"}
    assert view["private_metadata"] == form["private_metadata"]
    assert set(view) <= {"type", "callback_id", "title", "submit", "close", "private_metadata", "blocks"}
    kinds = [block["type"] for block in view["blocks"]]
    assert kinds[-3:] == ["section", "input", "input"]
    assert "a name (word 2)" in words(view["blocks"][-3])
    assert lint_view(view) == []


async def test_no_answer_to_a_refused_form_holds_what_was_typed(workspace: Workspace, form: Json) -> None:
    prefilled = json.loads(json.dumps(form))
    prefilled["blocks"][-1]["element"]["initial_value"] = NAMED

    answers = [
        (await workspace.submits(view, question=text)).text
        for view in (form, prefilled)
        for text in (NAMED, f"{NAMED} 943 476 5919", f"{NAMED} He is hitting her.")
    ]

    assert not [answer for answer in answers if "Danny" in answer or "476" in answer]


async def test_with_a_reason_the_same_form_is_taken(workspace: Workspace, form: Json, bot: Bot) -> None:
    view = (await workspace.submits(form, question=NAMED)).json()["view"]

    taken = (await workspace.submits(view, question=NAMED, **{NOT_FAMILY: "colleague"})).json()

    assert "passed to the secretariat" in words(taken["view"])
    assert bot.counted(Enquiry) == 1
    assert {row.overridden for row in bot.screenings()} == {"", "colleague"}


async def test_without_a_reason_the_box_for_it_is_not_added_twice(workspace: Workspace, form: Json, bot: Bot) -> None:
    view = (await workspace.submits(form, question=NAMED)).json()["view"]

    again = (await workspace.submits(view, question=NAMED)).json()

    assert again["response_action"] == "errors"
    assert set(again["errors"]) == {"question", NOT_FAMILY}
    assert bot.counted(Enquiry) == 0


async def test_more_than_a_name_stays_under_its_box_and_asks_for_no_reason(workspace: Workspace, form: Json) -> None:
    answer = (await workspace.submits(form, question="Danny, 943 476 5919")).json()

    assert answer["response_action"] == "errors"
    assert "Take the details out" in answer["errors"]["question"]


async def test_a_refused_command_is_seen_by_nobody_else_and_can_be_asked_again(
    workspace: Workspace, slack: FakeSlack
) -> None:
    refused = (await workspace.types(NAMED)).json()
    await workspace.presses(refused, OVERRIDE)
    view = slack.calls("views.open")[-1]["view"]

    answered = (await workspace.submits(view, question="perhaps Danny", **{NOT_FAMILY: "organisation"})).json()

    assert refused["response_type"] == "ephemeral"
    assert buttons(refused)[0]["text"]["text"] == OVERRIDE
    assert "Danny" not in json.dumps([refused, view])
    assert (lint_message(refused), lint_view(view)) == ([], [])
    assert "Did you mean one of these?" in words(answered["view"])


async def test_a_refused_message_in_a_channel_is_answered_to_its_writer_alone(
    workspace: Workspace, slack: FakeSlack, bot: Bot, settled: Settled
) -> None:
    await workspace.mentions(NAMED)
    await settled()

    [queued] = bot.queued()
    assert queued.to.only_for
    assert "Danny" not in repr(queued)
    assert slack.calls("chat.postMessage") == []
