"""What nobody should send, and what networks do: each gets a clear answer or a correct refusal, and nothing twice."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine

from bot.slack import adapter
from db.feedback import Feedback
from db.questions import Question
from tests.fakes import Bot
from tests.slack.blocks import lint_message
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import SECRET, SOMEBODY, Json, Workspace, signature, words

Settled = Callable[[], Awaitable[None]]
FORM = "application/x-www-form-urlencoded"


FORGED: dict[str, Callable[[str], Json]] = {
    "another secret": lambda body: signature(body, secret="guessed"),
    "a signature of another body": lambda body: signature(f"{body}&text=other"),
    "no signature": lambda body: signature(body) | {"x-slack-signature": ""},
    "no timestamp": lambda body: signature(body) | {"x-slack-request-timestamp": ""},
    "a timestamp in words": lambda body: signature(body) | {"x-slack-request-timestamp": "now"},
    "a timestamp of 400 digits": lambda body: signature(body) | {"x-slack-request-timestamp": "1" * 400},
    "a timestamp of 5,000 digits": lambda body: signature(body) | {"x-slack-request-timestamp": "1" * 5_000},
    "a stale timestamp": lambda body: signature(body, at=time.time() - 301),
    "a timestamp to come": lambda body: signature(body, at=time.time() + 301),
    "a signature that is no text": lambda body: signature(body) | {"x-slack-signature": "v0=\xe9"},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_forged_or_stale_request_is_refused_and_nothing_is_kept(
    workspace: Workspace, bot: Bot, forge: Callable[[str], Json]
) -> None:
    body = urlencode(workspace.command("neglect"))
    headers = {name: value.encode("latin-1") for name, value in forge(body).items()}

    response = await workspace.posts(body, kind=FORM, headers=headers)

    assert response.status_code == 401
    assert bot.counted(Question) == 0


UNREADABLE = {
    "no JSON": ("application/json", "{"),
    "a list": ("application/json", "[]"),
    "an empty object": ("application/json", "{}"),
    "nothing": (FORM, ""),
    "a payload of no JSON": (FORM, "payload=%7B"),
    "a payload that is a list": (FORM, "payload=%5B%5D"),
    "a form of something else": (FORM, "a=b&c"),
}


@pytest.mark.parametrize(("kind", "body"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_refused_before_it_is_read_when_it_is_unsigned(
    workspace: Workspace, kind: str, body: str
) -> None:
    response = await workspace.posts(body, kind=kind, headers=signature(body, secret="guessed"))

    assert response.status_code == 401


@pytest.mark.parametrize(("kind", "body"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_no_error_of_ours_when_it_is_signed(
    workspace: Workspace, kind: str, body: str
) -> None:
    response = await workspace.posts(body, kind=kind)

    assert response.status_code in (200, 400)


async def test_a_request_longer_than_any_of_slacks_is_refused_unread(workspace: Workspace) -> None:
    response = await workspace.posts("a" * 1_000_001, kind=FORM)

    assert response.status_code == 413


async def test_a_length_that_is_too_long_to_compute_with_is_refused(workspace: Workspace) -> None:
    response = await workspace.posts("text=a", kind=FORM, headers={"content-length": "1" * 5_000})

    assert response.status_code == 413


async def test_a_request_that_says_its_length_in_words_is_asked_for_it(workspace: Workspace) -> None:
    response = await workspace.posts("text=a", kind=FORM, headers={"content-length": "many"})

    assert response.status_code == 411


async def test_a_request_in_chunks_is_asked_for_its_length(workspace: Workspace) -> None:
    response = await workspace.posts_in_chunks("text=a", kind=FORM)

    assert response.status_code == 411


TEXTS = {
    "nothing": ("", "What would you like to know?"),
    "spaces": ("   \t ", "What would you like to know?"),
    "100,000 characters": ("a question " * 9_091, "I don't know that one"),
    "control characters": ("\x00neg\x07lect\x1b", "Neglect"),
    "right to left": ("\u202eneglect\u202c", "Neglect"),
    "Arabic": ("ما هو الإهمال", "I don't know that one"),
    "emoji": ("👩‍👧 🚨 🏳️‍🌈", "I don't know that one"),
    "Slack mark-up": ("*neglect* <!channel> <@U1|x> `code` ```pre```", "I don't know that one"),
    "a link": ("<https://example.org/?a=1&amp;b=2|here>", "I don't know that one"),
    "broken mark-up": ("<<<@|>>&amp;amp; <@", "I don't know that one"),
    "HTML": ("<script>alert(1)</script>", "I don't know that one"),
    "a template": ("{{ 7 * 7 }} {% raw %}", "I don't know that one"),
    "many brackets": ("<" * 50_000, "I don't know that one"),
}


@pytest.mark.parametrize(("text", "title"), TEXTS.values(), ids=TEXTS)
async def test_any_text_gets_a_clear_answer(workspace: Workspace, text: str, title: str) -> None:
    answer = (await workspace.types(text)).json()

    assert answer["blocks"][0]["text"]["text"] == title
    assert lint_message(answer) == []


@pytest.mark.parametrize(("text", "title"), TEXTS.values(), ids=TEXTS)
async def test_any_direct_message_gets_a_clear_answer(workspace: Workspace, bot: Bot, text: str, title: str) -> None:
    await workspace.says(text)

    assert [queued.card.title for queued in bot.queued()] == [title]


async def test_a_slash_command_replayed_twice_runs_once(workspace: Workspace, bot: Bot) -> None:
    command = workspace.command("quantum chromodynamics")

    responses = [await workspace.sends_command(command) for _ in range(3)]

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert [bool(response.text) for response in responses] == [True, False, False]
    assert bot.counted(Question) == 1


async def test_a_retried_direct_message_is_answered_once(workspace: Workspace, bot: Bot) -> None:
    event = workspace.event({"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "neglect"})

    responses = [
        await workspace.happens(event, **{"x-slack-retry-num": str(number), "x-slack-retry-reason": "http_timeout"})
        for number in range(3)
    ]

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert len(bot.queued()) == 1


async def test_a_replayed_button_runs_once(workspace: Workspace, slack: FakeSlack, bot: Bot, settled: Settled) -> None:
    press = workspace.press((await workspace.types("neglect")).json(), "This helped")

    responses = [await workspace.interacts(press) for _ in range(3)]
    await settled()

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert (bot.counted(Feedback), len(slack.responses)) == (1, 1)


async def test_a_replayed_opening_of_the_home_is_shown_once(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    event = workspace.event({"type": "app_home_opened", "tab": "home", "user": "U1", "channel": "D1"})

    for _ in range(3):
        await workspace.happens(event)
    await settled()

    assert len(slack.calls("views.publish")) == 1


async def test_danger_is_answered_first_in_a_slash_command(workspace: Workspace, bot: Bot) -> None:
    answer = (await workspace.types("a child is being hurt right now, he is bleeding")).json()

    assert "999" in answer["blocks"][0]["text"]["text"]
    assert "999" in answer["text"]
    assert bot.counted(Question) == 0


@pytest.mark.parametrize("way", ["says", "mentions"])
async def test_danger_is_answered_first_in_messages(workspace: Workspace, bot: Bot, way: str) -> None:
    await getattr(workspace, way)("a child is being hurt right now, he is bleeding")

    assert ["999" in queued.card.title for queued in bot.queued()] == [True]


@pytest.mark.usefixtures("broken_database")
async def test_danger_is_answered_when_the_database_is_gone(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    command = (await workspace.types("a child is being hurt right now, he is bleeding")).json()
    message = await workspace.says("a child is being hurt right now, he is bleeding")
    await settled()

    assert "999" in command["blocks"][0]["text"]["text"]
    assert (message.status_code, "999" in slack.calls("chat.postMessage")[0]["text"]) == (200, True)


REFUSES: dict[str, Callable[[FakeSlack], None]] = {
    "refuses": lambda slack: slack.refuses("views.open", "expired_trigger_id"),
    "breaks": lambda slack: slack.breaks("views.open"),
    "cuts the connection": lambda slack: slack.drops("views.open"),
    "does not answer": lambda slack: slack.hangs("views.open"),
}


@pytest.mark.parametrize("does_not_open", REFUSES.values(), ids=REFUSES)
async def test_danger_typed_at_home_is_answered_by_a_message_when_slack_does_not_open_a_view(
    workspace: Workspace,
    slack: FakeSlack,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
    does_not_open: Callable[[FakeSlack], None],
) -> None:
    monkeypatch.setattr(adapter, "OPEN_SECONDS", 0.2)
    does_not_open(slack)
    await workspace.opens_the_app("home")
    await settled()

    response = await workspace.asks_at_home(
        slack.calls("views.publish")[0]["view"], "a child is being hurt right now, he is bleeding"
    )
    await settled()

    [posted] = slack.calls("chat.postMessage")
    assert response.status_code == 200
    assert (posted["channel"], "999" in posted["text"]) == (SOMEBODY, True)
    assert "call 999" in words(posted)


@pytest.mark.usefixtures("broken_database")
async def test_a_failure_is_a_card_and_never_an_error_of_http(
    workspace: Workspace, slack: FakeSlack, settled: Settled
) -> None:
    command = await workspace.types("neglect")
    button = {"type": "button", "action_id": "ask.vote#1", "value": "1:yes", "text": {"text": "Yes"}}
    press = await workspace.presses({"blocks": [{"type": "actions", "elements": [button]}]}, "Yes")
    form = {"type": "modal", "private_metadata": json.dumps({"action": "enquiries.send", "token": "t"}), "blocks": []}
    sent = await workspace.submits(form)
    await settled()

    assert [command.status_code, press.status_code, sent.status_code] == [200, 200, 200]
    assert "Something went wrong here" in words(command.json())
    assert "Something went wrong here" in words(slack.responses[0])
    assert (sent.json()["response_action"], "went wrong" in words(sent.json()["view"])) == ("push", True)


@pytest.fixture
def broken_database(sqlite_engine: Engine) -> None:
    """Take the tables away."""
    with sqlite_engine.begin() as connection:
        for table in ("handled_requests", "feedback", "questions"):
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")


UNKNOWN = {
    "an event": {"type": "event_callback", "event_id": "Ev1", "event": {"type": "reaction_added", "user": "U1"}},
    "a shortcut": {"type": "shortcut", "callback_id": "x", "user": {"id": "U1"}, "trigger_id": "1"},
    "a message shortcut": {"type": "message_action", "callback_id": "x", "user": {"id": "U1"}, "trigger_id": "1"},
    "a closed view": {"type": "view_closed", "user": {"id": "U1"}, "view": {"callback_id": "x"}},
    "a kind to come": {"type": "something_new"},
    "a button that nobody pressed": {"type": "block_actions", "actions": [{"type": "button", "action_id": "x"}]},
}


@pytest.mark.parametrize("payload", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_is_not_known_is_acknowledged(workspace: Workspace, payload: Json) -> None:
    event = payload["type"] == "event_callback"

    response = await (workspace.happens(payload) if event else workspace.interacts(payload))

    assert response.status_code == 200


async def test_slack_can_check_the_address(workspace: Workspace) -> None:
    response = await workspace.happens({"type": "url_verification", "challenge": "invented"})

    assert response.json() == {"challenge": "invented"}


async def test_nothing_that_people_write_is_logged(
    workspace: Workspace, slack: FakeSlack, settled: Settled, logged: list[Json], caplog: pytest.LogCaptureFixture
) -> None:
    slack.refuses("views.open", "expired_trigger_id")
    slack.breaks("response_url")
    declined = (await workspace.types("unutterable question")).json()
    await workspace.presses(declined, "Ask the secretariat", by="U-secret")
    await workspace.says("unutterable question", user="U-secret")
    await workspace.interacts({"type": "unheard_of", "user": {"id": "U-secret"}, "text": "unutterable"})
    await settled()

    everything = f"{logged} {caplog.text}"
    assert "view not opened" in everything
    assert "unutterable" not in everything
    assert "U-secret" not in everything
    assert SECRET not in everything
