"""The playground in the language of every chat: what its page asks for over HTTP, without a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx
from starlette.applications import Starlette

from bot import app, playground
from bot.outbox import Outbox
from db.people import Identity
from handlers.demo import PERSONAS
from tests.contract.chat import Chat, OpenForm, Seen, Town
from tests.fakes import Bot
from tests.playground.visitor import HERE, Answer, Visitor, words

Settle = Callable[[], Awaitable[object]]


class _Page(HTMLParser):
    """Reads from HTML what its script reads: the buttons, and what each box of a form holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.labels: list[str] = []
        self.boxes: dict[str, str] = {}
        self._in_button = False
        self._name = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a button, or a box with what it holds."""
        found = {name: value or "" for name, value in attrs}
        if tag == "button" and "data-press" in found:
            self._in_button = True
            self.labels.append("")
        elif tag in ("input", "textarea", "select") and found.get("name"):
            self._box(tag, found)
        elif tag == "option" and "selected" in found:
            self.boxes[self._name] = found["value"]

    def _box(self, tag: str, found: Mapping[str, str]) -> None:
        name = found["name"]
        self.boxes.setdefault(name, "")
        self._name = name if tag != "input" else ""
        if found.get("type") not in ("radio", "checkbox"):
            self.boxes[name] = found.get("value", "")
        elif "checked" in found:
            self.boxes[name] = ",".join(filter(None, (self.boxes[name], found["value"])))

    def handle_endtag(self, tag: str) -> None:
        """Leave a button or a box."""
        self._in_button = self._in_button and tag != "button"
        self._name = "" if tag in ("textarea", "select") else self._name

    def handle_data(self, data: str) -> None:
        """Take what stands on a button or in a long box."""
        if self._in_button:
            self.labels[-1] += data
        elif self._name:
            self.boxes[self._name] += data.removeprefix("\n") if not self.boxes[self._name] else data


class PlaygroundChat(Chat):
    """One person's direct message with the bot, and the dialog that may lie over it."""

    def __init__(self, visitor: Visitor, settle: Settle) -> None:
        super().__init__()
        self._visitor, self._settle = visitor, settle
        self._opened: Answer | None = None
        self._sent: Mapping[str, str] = {}

    async def _say(self, text: str) -> None:
        await self._took(await self._visitor.says(text))

    async def _press(self, label: str) -> None:
        await self._took(await self._visitor.presses(label))

    async def _send(self, boxes: Mapping[str, str]) -> None:
        assert self.form is not None
        self.form.boxes |= boxes
        self._sent = dict(self.form.boxes)
        await self._resend()

    async def _resend(self) -> None:
        assert self._opened is not None
        answer = await self._visitor.sends(self._opened, **self._sent)
        if "errors" in answer.told:
            assert self.form is not None
            added = _Page(answer.told.get("also", "")).boxes
            self.form = OpenForm(added | self.form.boxes, answer.told["errors"])
        else:
            self.form = None
        await self._took(answer)

    async def _look(self) -> None:
        await self._settle()
        self._reads(await self._visitor.looks())

    async def _took(self, answer: Answer) -> None:
        assert answer.status == httpx.codes.OK, answer.told
        if "form" in answer.told:
            self._opened, shown = answer, answer.told["form"]
            self.form = OpenForm(_Page(shown).boxes)
            self.came.append(Seen(words(shown)))
        self._reads(answer)
        await self._look()

    def _reads(self, answer: Answer) -> None:
        """Take the new messages, but for the person's own words, which the page repeats."""
        for entry in answer.told.get("entries", []):
            if 'class="entry said"' not in entry:
                labels = [" ".join(label.split()) for label in _Page(entry).labels]
                self.came.append(Seen(words(entry), tuple(labels)))


class PlaygroundTown(Town):
    """The page, with a session for each of its people."""

    platform = "playground"

    def __init__(self, bot: Bot, client: httpx.AsyncClient, settle: Settle) -> None:
        super().__init__(bot)
        self._client, self._settle = client, settle

    def who(self, person: str) -> Identity:
        """Return where a person speaks from."""
        return Identity("playground", person)

    async def enters(self, person: str) -> Chat:
        """Let a person open the page."""
        visitor = Visitor(self._client, person)
        await visitor.opens()
        return PlaygroundChat(visitor, self._settle)


@asynccontextmanager
async def town(bot: Bot) -> AsyncIterator[Town]:
    """Give the page, on which everybody of the demonstration is enrolled."""
    site = playground.build(bot.dispatcher, app.would_be_sent, clock=bot.clock)
    outbox = Outbox(bot.dispatcher, [site.sender])
    transport = httpx.ASGITransport(Starlette(routes=site.routes))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        found = PlaygroundTown(bot, client, outbox.run_once)
        found.enrols(*PERSONAS)
        yield found
