"""Microsoft Teams in the language of every chat: the own chat with the bot, its cards and its dialogs."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from bot.clock import steady
from bot.settings import Settings
from bot.teams.adapter import build
from db.people import Identity
from handlers.demo import PERSONAS
from tests.contract.answering import Settle, answering
from tests.contract.chat import Chat, OpenForm, Seen, Town
from tests.fakes import Bot
from tests.teams.fake_microsoft import CLIENT, HOME, SECRET, FakeMicrosoft, listening
from tests.teams.lint import lint_attachment, lint_message, lint_task
from tests.teams.office import Json, Office, chat_of, content, words

_BOX = "in."


class TeamsChat(Chat):
    """One person's chat with the bot, and the dialog that may lie over it."""

    def __init__(self, office: Office, microsoft: FakeMicrosoft, user: str, settle: Settle) -> None:
        super().__init__()
        self._office, self._microsoft, self._user, self._settle = office, microsoft, user, settle
        self._shown: list[Json] = []  # messages and dialogs, oldest first
        self._dialog: Json = {}  # the form that lies open
        self._sent: tuple[Json, Mapping[str, str]] = ({}, {})
        self._read_to = dict.fromkeys((chat_of(user), f"a:with-{user}"), 0)

    async def _say(self, text: str) -> None:
        response = await self._office.says(text, by=self._user)
        assert response.status_code == httpx.codes.OK, response.text
        await self._look()

    async def _press(self, label: str) -> None:
        drawn = next((one for one in reversed(self._shown) if label in _labels(one)), None)
        assert drawn is not None, f"no button '{label}' among {[_labels(one) for one in self._shown]}"
        response = await self._office.presses(drawn, label, by=self._user)
        await self._answered(response, pressed=drawn)

    async def _send(self, boxes: Mapping[str, str]) -> None:
        self._sent = (self._dialog, boxes)
        await self._resend()

    async def _resend(self) -> None:
        drawn, boxes = self._sent
        await self._answered(await self._office.submits(drawn, by=self._user, **boxes))

    async def _answered(self, response: httpx.Response, *, pressed: Json | None = None) -> None:
        assert response.status_code == httpx.codes.OK, response.text
        await self._look()
        body = response.json()
        if "task" in body:
            assert lint_task(body["task"]["value"]) == []
            self._opens(body)
        elif isinstance(body["value"], str):
            self.came.append(Seen(body["value"]))
        else:
            assert lint_attachment({"contentType": body["type"], "content": body["value"]}) == []
            if pressed in self._shown:
                self._shown.remove(pressed)
            self._show(body)

    async def _look(self) -> None:
        await self._settle()
        for place, seen in self._read_to.items():
            posted = self._microsoft.posted(place)
            for message in posted[seen:]:
                assert lint_message(message) == []
                self._show(message)
            self._read_to[place] = len(posted)

    def _opens(self, task: Json) -> None:
        body = content(task)["body"]
        boxes = {str(one["id"]).removeprefix(_BOX): str(one.get("value", "")) for one in body if _is_box(one)}
        if not boxes:
            self._dialog, self.form = {}, None
            self._show(task)
            return
        self._dialog = task
        pairs = itertools.pairwise(body)
        wrong = {
            str(box["id"]).removeprefix(_BOX): str(said["text"])
            for box, said in pairs
            if _is_box(box) and said.get("color") == "attention"
        }
        self.form = OpenForm(boxes, wrong)
        self.came.append(Seen(words(task)))

    def _show(self, drawn: Json) -> None:
        self._shown.append(drawn)
        self.came.append(Seen(words(drawn), tuple(_labels(drawn))))


def _is_box(element: Json) -> bool:
    return str(element.get("id", "")).startswith(_BOX)


def _labels(drawn: Json) -> list[str]:
    return [action["title"] for action in content(drawn).get("actions", [])]


class TeamsTown(Town):
    """A tenant of Microsoft Teams with the bot in it."""

    platform = "teams"

    def __init__(self, bot: Bot, office: Office, microsoft: FakeMicrosoft, settle: Settle) -> None:
        super().__init__(bot)
        self._office, self._microsoft, self._settle = office, microsoft, settle

    def who(self, person: str) -> Identity:
        """Return where a person speaks from."""
        return Identity("teams", str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{person}.example")))

    async def enters(self, person: str) -> Chat:
        """Let a person add the app, and read its greeting."""
        user = self.who(person).user_id
        await self._office.installs(by=user)
        chat = TeamsChat(self._office, self._microsoft, user, self._settle)
        await chat.looks()
        return chat


@asynccontextmanager
async def town(bot: Bot) -> AsyncIterator[Town]:
    """Give a tenant, in which everybody of the demonstration is enrolled."""
    async with listening(FakeMicrosoft()) as microsoft:
        settings = Settings(
            _env_file=None, teams_client_id=CLIENT, teams_client_secret=SECRET, teams_tenant_ids=HOME, teams_pace=0,
            teams_login_url=microsoft.url, teams_graph_url=microsoft.url,
            teams_keys_url=f"{microsoft.url}/v1/.well-known/openidconfiguration",
        )  # fmt: skip
        adapter = build(bot.dispatcher, settings, steady=steady)
        async with answering(bot, adapter) as (http, settle):
            found = TeamsTown(bot, Office(http, microsoft), microsoft, settle)
            found.enrols(*PERSONAS)
            yield found
