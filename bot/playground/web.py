"""The playground on the web: a page, what it asks for, and what people do on it."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from starlette.middleware import Middleware
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import wall
from bot.dispatcher import Dispatcher
from bot.pages import look
from bot.pages.safety import SafetyHeaders
from bot.playground import door
from bot.playground.door import Door, Place, Refused
from bot.playground.render import Preview, Renderer, refusal
from bot.playground.rooms import FORUM, Entry, Room, Rooms, Said
from bot.playground.sender import PlaygroundSender
from bot.sending import Sender
from handlers.context import Request
from handlers.demo import PERSONAS
from handlers.messages import Card, Errors, Form, Reply, Tone

SHOWN = 2_000  # characters of a person's own words that the page repeats
_TROUBLE = (Tone.WARNING, Tone.DANGER)


@dataclass(frozen=True, slots=True)
class Playground:
    """The routes to serve, and the sender for the outbox."""

    routes: list[BaseRoute]
    sender: Sender


def build(dispatcher: Dispatcher, preview: Preview, *, clock: Callable[[], datetime] = wall) -> Playground:
    """Return the playground over a dispatcher. `preview` says what each platform would be sent for a card or a form.

    Its pages use the look that `bot/downloads.py` serves: add those routes too.
    """
    rooms = Rooms()
    web = _Web(dispatcher, Renderer(preview, dispatcher.house.time_zone, dispatcher.house.public_url), rooms, clock)
    guarded = [Middleware(SafetyHeaders)]
    return Playground(
        routes=[
            Route("/", web.page, methods=["GET"], middleware=guarded),
            Route("/playground/news", web.news, methods=["GET"], middleware=guarded),
            Route("/playground/say", web.say, methods=["POST"], middleware=guarded),
            Route("/playground/press", web.press, methods=["POST"], middleware=guarded),
            Route("/playground/send", web.send, methods=["POST"], middleware=guarded),
            look.assets("/playground/static", "bot.playground"),
        ],
        sender=PlaygroundSender(rooms, clock),
    )


class _Web:
    """Turns what the page sends into requests, and replies into messages of a room."""

    def __init__(self, dispatcher: Dispatcher, renderer: Renderer, rooms: Rooms, clock: Callable[[], datetime]) -> None:
        self._dispatcher = dispatcher
        self._renderer = renderer
        self._rooms = rooms
        self._clock = clock
        self._door = Door(dispatcher.house.public_url)

    async def page(self, request: WebRequest) -> Response:
        """Show a conversation as one of the people."""
        house = self._dispatcher.house
        try:
            self._door.admit(request)
            where = door.place({"as": next(iter(PERSONAS)), "in": "direct", **request.query_params})
        except Refused as refused:
            page = refusal("I cannot show you that", refused.problem, house.partnership)
            return HTMLResponse(page, status_code=refused.status)
        await self._welcome(where)
        session = self._door.session(request)
        entries = self._unseen(where, 0)
        html = self._renderer.page(
            me=where.persona,
            personas=PERSONAS.values(),
            room=where.room,
            room_name=door.ROOMS[where.room],
            forum=FORUM,
            entries=[self._renderer.entry(entry) for entry in entries],
            last=max((entry.version for entry in entries), default=0),
            unread=self._rooms.unread(),
            partnership=house.partnership,
            token=self._door.token(session),
            key=secrets.token_urlsafe(18),
        )
        response = HTMLResponse(html)
        self._door.remember(response, session, secure=request.url.scheme == "https")
        return response

    async def news(self, request: WebRequest) -> Response:
        """Give the page what came to a room since it last asked."""

        async def work() -> dict[str, Any]:
            self._door.admit(request)
            values = dict(request.query_params)
            return self._changes(door.place(values), door.number(values, "after"))

        return await _answered(work)

    async def say(self, request: WebRequest) -> Response:
        """Take typed words."""

        async def work() -> dict[str, Any]:
            values = await self._door.read(request)
            where, text = door.place(values), door.words(values, "text")
            key = door.key(values, where, "key")
            act = Request(where.identity, text=text, conversation=where.conversation, key=key)
            if text.strip():
                said = await asyncio.to_thread(self._said, act)  # reading 100,000 characters would hold everybody up
                self._add(where, said, f"said:{key}")
            return await self._done(where, act, door.number(values, "after"))

        return await _answered(work)

    async def press(self, request: WebRequest) -> Response:
        """Take a pressed button."""

        async def work() -> dict[str, Any]:
            values = await self._door.read(request)
            where, route = door.place(values), door.words(values, "action")
            act = Request(
                where.identity,
                route=route or "none",  # without a name the dispatcher would read it as typed words
                value=door.words(values, "value"),
                conversation=where.conversation,
                key=door.key(values, where, "key"),
            )
            return await self._done(where, act, door.number(values, "after"), door.number(values, "entry"))

        return await _answered(work)

    async def send(self, request: WebRequest) -> Response:
        """Take a form. The same form sent again gets the same answer."""

        async def work() -> dict[str, Any]:
            values = await self._door.read(request)
            where, route = door.place(values), door.words(values, "action")
            act = Request(
                where.identity,
                route=route or "none",
                value=door.words(values, "about"),
                fields=door.fields(values),
                conversation=where.conversation,
                key=door.key(values, where, "token"),
            )
            return await self._done(where, act, door.number(values, "after"))

        return await _answered(work)

    async def _done(self, where: Place, act: Request, after: int, pressed: int = 0) -> dict[str, Any]:
        reply = await self._dispatcher.handle(act)
        if isinstance(reply, Card) and self._dispatcher.leaves_no_trace(act):
            return self._shown_once(where, reply, after)
        outcome = self._outcome(where, reply, f"reply:{act.key}", pressed)
        return {**outcome, **self._changes(where, after)}

    def _shown_once(self, where: Place, card: Card, after: int) -> dict[str, Any]:
        """Give a card to the page alone: it is gone when the page is loaded again, and was in no conversation."""
        entry = self._rooms.passing(card, at=self._clock(), only_for=where.only_for)
        changes = self._changes(where, after)
        shown = self._renderer.entry(entry)
        return {"trouble": card.tone in _TROUBLE, **changes, "entries": [*changes["entries"], shown]}

    def _outcome(self, where: Place, reply: Reply | None, key: str, pressed: int) -> dict[str, Any]:
        match reply:
            case Card():
                room = self._room(where)
                replaced = reply.replaces and self._rooms.replace(room, pressed, reply, seen_by=where.persona.key)
                if not replaced:
                    self._add(where, reply, key)
                return {"trouble": reply.tone in _TROUBLE}
            case Form():
                return {"form": self._renderer.form(reply)}
            case Errors(by_field, also):
                return {"errors": dict(by_field), **({"also": self._renderer.field(also)} if also else {})}
            case None:
                return {"repeated": True}
            case _:
                assert_never(reply)

    def _said(self, act: Request) -> Said:
        """Return a person's own words as their page repeats them, if they may be kept at all."""
        if not self._dispatcher.screened(act).passes:
            return Said("", kept=False)
        text = act.text
        shown = "".join(char for char in text[:SHOWN] if unicodedata.category(char)[0] != "C" or char in "\n\t")
        left_out = f" … ({len(text) - SHOWN:,} more characters)" if len(text) > SHOWN else ""
        return Said(shown + left_out)

    def _add(self, where: Place, what: Card | Said, key: str) -> None:
        self._rooms.add(self._room(where), what, at=self._clock(), only_for=where.only_for, key=key)

    def _changes(self, where: Place, after: int) -> dict[str, Any]:
        entries = self._unseen(where, after)
        return {
            "entries": [self._renderer.entry(entry) for entry in entries],
            "last": max((entry.version for entry in entries), default=after),
            "unread": self._rooms.unread(),
        }

    def _unseen(self, where: Place, after: int) -> list[Entry]:
        room = self._room(where)
        entries = self._rooms.since(room, after, seen_by=where.persona.key)
        room.seen = max([room.seen, *(entry.version for entry in entries)])
        return entries

    def _room(self, where: Place) -> Room:
        room = self._rooms.at(where.address)
        if room is None:
            raise Refused(404, "There is no such conversation.")
        return room

    async def _welcome(self, where: Place) -> None:
        room = self._room(where)
        if where.room == "direct" and not room.welcomed:
            card = await self._dispatcher.handle(Request(where.identity, route="home"))
            if isinstance(card, Card):
                self._rooms.welcome(room, card, at=self._clock())


async def _answered(work: Callable[[], Awaitable[dict[str, Any]]]) -> Response:
    try:
        return JSONResponse(await work())
    except Refused as refused:
        return JSONResponse({"problem": refused.problem}, status_code=refused.status)
