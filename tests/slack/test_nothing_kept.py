"""What was refused in Slack leaves no trace here, and nothing of it goes back to Slack, by whatever door it came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.outbox import Outbox
from bot.settings import Settings
from bot.slack.adapter import Slack, build
from db import engine as database
from db import people
from db.people import Identity, Role
from tests.fakes import Bot
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import CHANNEL, DIRECT, SECRET, SOMEBODY, Json, Workspace, button_of, signature
from tests.traces import Left, leaves_nothing, watching


@pytest.fixture(autouse=True)
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Left]:
    """Watch what is left behind, from before anything else begins."""
    with watching(tmp_path, monkeypatch, capfd) as found:
        yield found


@dataclass(frozen=True, slots=True)
class People:
    """People in Slack, with a form of each kind open before them."""

    workspace: Workspace
    slack: FakeSlack
    bot: Bot

    async def button(self, content: Json, label: str, value: str) -> Any:
        """Press a button whose value somebody has changed."""
        button_of(content, label)["value"] = value
        return await self.workspace.presses(content, label)

    async def form(self, text: str, label: str, *, by: str = SOMEBODY) -> Json:
        """Type something, and press a button that opens a form."""
        await self.workspace.presses((await self.workspace.types(text, by=by)).json(), label, by=by)
        view: Json = self.slack.calls("views.open")[-1]["view"]
        return view

    async def reply_form(self) -> Json:
        """Open the form in which the secretariat answers a question."""
        with database.transaction(self.bot.engine) as session:
            on, who = self.bot.clock.now.date(), Identity("slack", "U-coordinator")
            people.enrol(session, who, name="Coordinator", roles=[Role.COORDINATOR], on=on)
        await self.workspace.submits(await self.form("who waters the plants", "Ask the secretariat"))
        notice = {"type": "button", "text": {"text": "Answer"}, "action_id": "enquiries.reply#1", "value": "1"}
        await self.workspace.presses(
            {"blocks": [{"type": "actions", "elements": [notice]}]}, "Answer", by="U-coordinator"
        )
        view: Json = self.slack.calls("views.open")[-1]["view"]
        return view


def _dm(**more: Any) -> Json:
    return {"type": "message", "channel_type": "im", "channel": DIRECT, "user": SOMEBODY, "ts": "1.000100", **more}


async def _edits(people: People, text: str) -> Any:
    changed = {"message": _dm(text=text, edited={"user": SOMEBODY, "ts": "2"}), "previous_message": _dm(text=text)}
    return await people.workspace.happens(people.workspace.event(_dm(subtype="message_changed", **changed)))


async def _answers_a_form(people: People, text: str) -> Any:
    form = await people.form("quantum chromodynamics", "Ask the secretariat")
    return [
        (await people.workspace.submits(form, question=text)).text,
        (await people.workspace.submits(form, question=text, not_about_a_family="colleague")).text,
    ]


async def _asks_again(people: People, text: str) -> Any:
    form = await people.form("is Zachary Pemberton-Lisle allowed home?", "It is not about a child or family")
    refused = (await people.workspace.submits(form, question=text)).text
    return refused, (await people.workspace.submits(form, question=text, not_about_a_family=text)).text


async def _answers_an_enquiry(people: People, text: str) -> Any:
    # the secretariat may say what to do about harm: so it is sent by somebody else
    return (await people.workspace.submits(await people.reply_form(), answer=text)).text


async def _forges_a_form(people: People, text: str) -> Any:
    form = await people.form("quantum chromodynamics", "Ask the secretariat")
    remembered = json.dumps({"action": text, "about": text, "token": ""})
    return (await people.workspace.submits(form | {"private_metadata": remembered}, question="Who?")).text


async def _sends_a_form_of_another_version(people: People, text: str) -> Any:
    form = await people.form("quantum chromodynamics", "Ask the secretariat")
    return (await people.workspace.submits(form | {"private_metadata": f"{text} no JSON"}, question=text)).text


async def _asks_at_home(people: People, text: str) -> Any:
    await people.workspace.opens_the_app("home")
    box = {"type": "input", "block_id": "ask", "element": {"type": "plain_text_input", "action_id": "home.ask"}}
    return (await people.workspace.asks_at_home({"type": "home", "blocks": [box]}, text)).text


async def _presses(people: People, text: str) -> Any:
    answer = (await people.workspace.types("neglect")).json()
    labels = ("This helped", "Show everyone", "Ask the secretariat", "Threshold")
    return [(await people.button(answer, label, text)).text for label in labels]


def _interacts(kind: str, **more: Callable[[str], Any]) -> Callable[[People, str], Awaitable[Any]]:
    async def door(people: People, text: str) -> Any:
        payload = {"type": kind, "team": {"id": "T1"}, "user": {"id": SOMEBODY}, "trigger_id": f"t-{kind}"}
        return (await people.workspace.interacts(payload | {name: made(text) for name, made in more.items()})).text

    return door


def _happens(**more: Callable[[str], Any]) -> Callable[[People, str], Awaitable[Any]]:
    async def door(people: People, text: str) -> Any:
        event = {"channel": DIRECT, "user": SOMEBODY, "ts": "1.000100"}
        made = people.workspace.event(event | {name: make(text) for name, make in more.items()})
        return (await people.workspace.happens(made)).text

    return door


def _posts(kind: str, body: Callable[[str], str], **signed: Any) -> Callable[[People, str], Awaitable[Any]]:
    async def door(people: People, text: str) -> Any:
        made = body(text)
        return (await people.workspace.posts(made, kind=kind, headers=signature(made, **signed))).text

    return door


def _always(value: Any) -> Callable[[str], Any]:
    return lambda _: value


DOORS: dict[str, Callable[[People, str], Awaitable[Any]]] = {
    "a slash command": lambda people, text: people.workspace.types(text),
    "a slash command after a verb": lambda people, text: people.workspace.types(f"contact {text}"),
    "a slash command with another name": lambda people, text: people.workspace.types(text, command=f"/{text}"),
    "a direct message": lambda people, text: people.workspace.says(text),
    "a direct message in a thread": lambda people, text: people.workspace.says(text, thread_ts="1.000001"),
    "a direct message with a file": lambda people, text: people.workspace.says(
        text, subtype="file_share", files=[{"id": "F1", "title": text, "name": text}]
    ),
    "a direct message of a bot": lambda people, text: people.workspace.says(text, bot_id="B1"),
    "a mention": lambda people, text: people.workspace.mentions(text),
    "a mention in a thread": lambda people, text: people.workspace.mentions(text, thread_ts="1.000001"),
    "a mention with blocks": lambda people, text: people.workspace.mentions(
        text, blocks=[{"type": "rich_text", "elements": [{"type": "text", "text": text}]}]
    ),
    "an edited message": _edits,
    "a deleted message": _happens(
        type=_always("message"), channel_type=_always("im"), subtype=_always("message_deleted"),
        previous_message=lambda text: _dm(text=text),
    ),
    "a message in a channel": _happens(type=_always("message"), channel_type=_always("channel"), text=str),
    "an event that is not known": _happens(type=_always("link_shared"), links=lambda text: [{"url": text}]),
    "the box at home": _asks_at_home,
    "the values of buttons": _presses,
    "the form for the secretariat": _answers_a_form,
    "the form to ask again": _asks_again,
    "the form for an answer": _answers_an_enquiry,
    "what a form remembers": _forges_a_form,
    "a form of another version": _sends_a_form_of_another_version,
    "a form that is closed": _interacts("view_closed", view=lambda text: {"id": "V1", "private_metadata": text}),
    "a shortcut": _interacts("shortcut", callback_id=str),
    "a shortcut on a message": _interacts(
        "message_action", callback_id=_always("keep"), message=lambda text: _dm(text=text)
    ),
    "words that are looked for in a list": _interacts(
        "block_suggestion", action_id=_always("who"), block_id=_always("who"), value=str
    ),
    "a body with a wrong signature": _posts("application/json", lambda text: json.dumps({"text": text}), secret="no"),
    "a body that is no JSON": _posts("application/json", lambda text: f"{{{text}"),
    "a body of an unknown kind": _posts("text/plain", lambda text: f"payload={text}"),
    "a payload that is no JSON": _posts("application/x-www-form-urlencoded", lambda text: f"payload={text}"),
    "an endless body": _posts("application/json", lambda text: json.dumps({"text": text * 20_000})),
}  # fmt: skip


async def _settles(bot: Bot, adapter: Slack, left: Left) -> None:
    await adapter.settled()
    bot.dispatcher.settled()
    await Outbox(bot.dispatcher, [adapter.sender]).run_once()
    left.everything_talks()


def _posted(slack: FakeSlack) -> str:
    return json.dumps({method: slack.calls(method) for method in sorted(set(slack.asked))}, ensure_ascii=False)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
async def test_nothing_of_what_is_refused_is_kept_or_sent_back(
    left: Left, bot: Bot, adapter: Slack, workspace: Workspace, slack: FakeSlack, door: Callable[[People, str], Any]
) -> None:
    people_ = People(workspace, slack, bot)
    left.everything_talks()

    async def types(text: str) -> object:
        answer = await door(people_, text)
        await _settles(bot, adapter, left)
        return getattr(answer, "text", answer), _posted(slack)

    await leaves_nothing(left, bot.engine, types)
    assert {"aiohttp.access", "sqlalchemy.engine.Engine"} <= left.talked or not slack.asked


# --- Slack in trouble ------------------------------------------------------------------------------------------


def _breaks(slack: FakeSlack) -> None:
    slack.breaks("chat.postMessage")
    slack.breaks("chat.postEphemeral")


def _refuses(slack: FakeSlack) -> None:
    slack.refuses("chat.postMessage", "is_archived")
    slack.refuses("views.open", "expired_trigger_id")


def _hangs_up(slack: FakeSlack) -> None:
    slack.drops("chat.postMessage")
    slack.drops("views.open")


TROUBLE = {"Slack is broken": _breaks, "Slack refuses": _refuses, "Slack hangs up": _hangs_up}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
async def test_when_slack_fails_nothing_of_what_is_refused_is_kept_or_sent_back(
    left: Left, bot: Bot, adapter: Slack, workspace: Workspace, slack: FakeSlack, trouble: Callable[[FakeSlack], object]
) -> None:
    trouble(slack)
    left.everything_talks()

    async def types(text: str) -> object:
        answers = [
            (await workspace.says(text)).text,
            (await workspace.mentions(text)).text,
            (await _asks_at_home(People(workspace, slack, bot), text)),
        ]
        await _settles(bot, adapter, left)
        return answers, _posted(slack)

    await leaves_nothing(left, bot.engine, types)
    assert slack.asked


# --- Socket Mode -----------------------------------------------------------------------------------------------


@pytest.fixture
async def connected(bot: Bot, settings: Callable[..., Settings], slack: FakeSlack, left: Left) -> AsyncIterator[Slack]:
    """Give the adapter, connected by Socket Mode, with its libraries at their most talkative."""
    by_socket = build(bot.dispatcher, settings(slack_signing_secret=None, slack_app_token="xapp-invented"))
    left.everything_talks()
    await by_socket.start()
    await slack.is_connected()
    left.everything_talks()
    yield by_socket
    await by_socket.stop()


BY_SOCKET: dict[str, tuple[str, Callable[[Workspace, str], Json]]] = {
    "a slash command": ("slash_commands", lambda people, text: people.command(text)),
    "a direct message": ("events_api", lambda people, text: people.event(_dm(text=text))),
    "a mention": (
        "events_api",
        lambda people, text: people.event({"type": "app_mention", "channel": CHANNEL, "user": SOMEBODY, "text": text}),
    ),
    "a sent form": (
        "interactive",
        lambda _, text: {
            "type": "view_submission", "team": {"id": "T1"}, "user": {"id": SOMEBODY},
            "view": {
                "id": "V1", "type": "modal", "blocks": [{"type": "input", "block_id": "question"}],
                "private_metadata": json.dumps({"action": "enquiries.send", "about": "", "token": "t"}),
                "state": {"values": {"question": {"value": {"type": "plain_text_input", "value": text}}}},
            },
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "act"), BY_SOCKET.values(), ids=BY_SOCKET)
async def test_nothing_of_what_is_refused_by_socket_mode_is_kept_or_sent_back(
    left: Left, bot: Bot, connected: Slack, slack: FakeSlack, kind: str, act: Callable[[Workspace, str], Json]
) -> None:
    people_ = Workspace(None, slack)  # type: ignore[arg-type]  # they make payloads and send none

    async def types(text: str) -> object:
        answer = await slack.delivers(kind, act(people_, text))
        await _settles(bot, connected, left)
        return answer, _posted(slack)

    await leaves_nothing(left, bot.engine, types)
    assert SECRET not in "".join(text for _, text in left.log.written)
