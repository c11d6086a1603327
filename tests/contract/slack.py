"""Slack in the language of every chat: direct messages, buttons and modals, over signed requests."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from bot.settings import Settings
from bot.slack.adapter import build
from db.people import Identity
from handlers.demo import PERSONAS
from tests.contract.answering import Settle, answering
from tests.contract.chat import Chat, OpenForm, Seen, Town
from tests.fakes import Bot
from tests.slack.blocks import lint_message, lint_view
from tests.slack.fake_slack import TOKEN, FakeSlack, listening
from tests.slack.workspace import SECRET, Json, Workspace, buttons, words

_VIEWS = ("views.open", "views.push", "views.update")
_CHOSEN = ("radio_buttons", "static_select")
_SEVERAL = ("checkboxes", "multi_static_select")
_PICKED = {"datepicker": "selected_date", "timepicker": "selected_time"}


class SlackChat(Chat):
    """One person's direct message with the bot, and the modal that may lie over it."""

    def __init__(self, workspace: Workspace, slack: FakeSlack, user: str, settle: Settle) -> None:
        super().__init__()
        self._workspace, self._slack, self._user, self._settle = workspace, slack, user, settle
        self._direct = f"D-{user}"
        self._shown: list[Json] = []  # messages and views, oldest first
        self._view: Json = {}  # the form that lies open
        self._sent: Json = {}
        self._read_to = 0

    async def _say(self, text: str) -> None:
        await self._workspace.says(text, user=self._user, channel=self._direct)
        await self._look()

    async def _press(self, label: str) -> None:
        content = next((one for one in reversed(self._shown) if label in _labels(one)), None)
        assert content is not None, f"no button '{label}' among {[_labels(one) for one in self._shown]}"
        place = {} if content.get("type") == "modal" else {"channel": {"id": self._direct, "name": "directmessage"}}
        await self._acts(self._workspace.press(content, label, by=self._user, **place), content)

    async def _acts(self, payload: Json, pressed: Json) -> None:
        before = {name: len(self._slack.calls(name)) for name in ("response_url", *_VIEWS)}
        response = await self._workspace.interacts(payload)
        assert response.status_code == httpx.codes.OK, response.text
        await self._look()
        for message in self._slack.responses[before["response_url"] :]:
            assert lint_message(message) == []
            if message["replace_original"]:
                self._shown.remove(pressed)
            self._show(message)
        for name in _VIEWS:
            for call in self._slack.calls(name)[before[name] :]:
                self._opens(call["view"])

    async def _send(self, boxes: Mapping[str, str]) -> None:
        assert self.form is not None
        self.form.boxes |= boxes
        inputs = [block for block in self._view["blocks"] if block["type"] == "input"]
        values = {
            block["block_id"]: {
                block["element"]["action_id"]: _filled(block["element"], self.form.boxes[block["block_id"]])
            }
            for block in inputs
        }
        sent = self._view | {"id": "V1", "state": {"values": values}}
        self._sent = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": self._user}, "view": sent}
        await self._resend()

    async def _resend(self) -> None:
        answer = (await self._workspace.interacts(self._sent)).json()
        await self._look()
        match answer["response_action"]:
            case "errors":  # Slack keeps what was typed
                assert self.form is not None
                self.form.wrong = answer["errors"]
            case "update":
                self._opens(answer["view"])
            case "push":  # the form stays underneath
                self._show(answer["view"])

    async def _look(self) -> None:
        await self._settle()
        posted = self._slack.calls("chat.postMessage")
        for message in posted[self._read_to :]:
            if message["channel"] in (self._user, self._direct):
                assert lint_message(message) == []
                self._show(message)
        self._read_to = len(posted)

    def _opens(self, view: Json) -> None:
        assert lint_view(view) == []
        inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
        if not inputs:
            self._view, self.form = {}, None
            self._show(view)
            return
        kept = self.form.boxes if self.form and self._view else {}  # Slack keeps it where a box keeps its id
        wrong = _said_above(view, self._view) if kept else {}
        self._view = view
        self.form = OpenForm({name: kept.get(name, _preset(one)) for name, one in inputs.items()}, wrong)
        self.came.append(Seen(words(view), tuple(_labels(view))))

    def _show(self, content: Json) -> None:
        self._shown.append(content)
        self.came.append(Seen(words(content), tuple(_labels(content))))


def _labels(content: Json) -> list[str]:
    return [button["text"]["text"] for button in buttons(content)]


def _said_above(view: Json, before: Json) -> dict[str, str]:
    """Return what was put above a box since the form was last seen, by the name of the box."""
    pairs = itertools.pairwise(view["blocks"])
    return {
        box["block_id"]: words(said)
        for said, box in pairs
        if said["type"] == "section" and box["type"] == "input" and said not in before["blocks"]
    }


def _preset(element: Json) -> str:
    """Return what a box holds when it opens."""
    if option := element.get("initial_option"):
        return str(option["value"])
    if options := element.get("initial_options"):
        return ",".join(option["value"] for option in options)
    names = ("initial_value", "initial_date", "initial_time")
    return str(next((element[name] for name in names if name in element), ""))


def _filled(element: Json, value: str) -> Json:
    """Return what Slack says of a box of a sent form, by the kind of its element."""
    kind = element["type"]
    if kind in _CHOSEN:
        return {"type": kind, "selected_option": {"value": _offered(element, value)} if value else None}
    if kind in _SEVERAL:
        several = [{"value": _offered(element, one)} for one in value.split(",") if one]
        return {"type": kind, "selected_options": several}
    if kind in _PICKED:
        return {"type": kind, _PICKED[kind]: value or None}
    return {"type": kind, "value": value or None}


def _offered(element: Json, value: str) -> str:
    assert value in [option["value"] for option in element["options"]], f"'{value}' is not offered"
    return value


class SlackTown(Town):
    """A Slack workspace with the bot in it."""

    platform = "slack"

    def __init__(self, bot: Bot, workspace: Workspace, slack: FakeSlack, settle: Settle) -> None:
        super().__init__(bot)
        self._workspace, self._slack, self._settle = workspace, slack, settle

    def who(self, person: str) -> Identity:
        """Return where a person speaks from."""
        return Identity("slack", f"U{person.upper()}")

    async def enters(self, person: str) -> Chat:
        """Let a person open the direct message with the bot."""
        return SlackChat(self._workspace, self._slack, self.who(person).user_id, self._settle)


@asynccontextmanager
async def town(bot: Bot) -> AsyncIterator[Town]:
    """Give a workspace, in which everybody of the demonstration is enrolled."""
    async with listening(FakeSlack()) as slack:
        settings = Settings(
            _env_file=None, slack_bot_token=TOKEN, slack_signing_secret=SECRET, slack_api_url=slack.url,
            slack_channel_pace=0,
        )  # fmt: skip
        adapter = build(bot.dispatcher, settings)
        async with answering(bot, adapter) as (http, settle):
            found = SlackTown(bot, Workspace(http, slack), slack, settle)
            found.enrols(*PERSONAS)
            yield found
