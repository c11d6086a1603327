"""A chat server as a process of its own, with its own true clock: it speaks Slack's protocol and lets things go wrong.

It prints the port that it listens on. What it accepted, and when, is asked of it at the end: `GET /journal`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.crash.faults import LOOKING, POSTING, SLOWEST_LOOK_SECONDS, SLOWEST_SECONDS, Dice, Fault

Json = dict[str, Any]

BOT_USER, BOT, TEAM = "UBOT", "BBOT", "T1"
SCOPES = (
    "app_mentions:read,assistant:write,channels:history,chat:write,chat:write.public,commands,groups:history,"
    "im:history,im:write,mpim:history,users:read"
)
SILENCE_SECONDS = 60  # longer than any caller waits
PAGE = 15  # messages of one answer, however many were asked for: Slack too may give fewer
SHARE_OF_OTHERS = 0.3  # of our messages are followed by one that somebody else wrote
GONE = "C-deleted"  # a channel that is not there any more


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. `metadata` is what the app that posted it keeps with it."""

    ts: str
    thread: str
    content: Json
    metadata: Json | None

    def shown(self, *, with_metadata: bool) -> Json:
        """Return it as Slack's history does."""
        thread = {"thread_ts": self.thread} if self.thread else {}
        kept = {"metadata": self.metadata} if with_metadata and self.metadata else {}
        return {"type": "message", "ts": self.ts, **thread, **self.content, **kept}


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry of the journal: a delivery that was posted, where, and when by the true clock."""

    delivery: str
    channel: str
    at: float
    shown_only_to: str = ""


class Chat:
    """The conversations and what was accepted. It lives as long as the process.

    `forgets` makes its history say that nothing was ever posted; `pace` refuses more than one message to a
    channel in so many seconds.
    """

    def __init__(self, dice: Dice, *, forgets: bool = False, pace: float = 0.0) -> None:
        self.journal: list[Accepted] = []
        self.calls: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()
        self._dice = dice
        self._forgets = forgets
        self._pace = pace
        self._conversations: dict[str, list[Message]] = defaultdict(list)
        self._posted_at: dict[str, float] = {}
        self._last_ts = 0.0
        self._numbers = itertools.count(1)

    # --- Slack's methods -----------------------------------------------------------------------------------

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of Slack's Web API."""
        method, asked = request.match_info["method"], await _arguments(request)
        self.calls[method] += 1
        if request.headers.get("Authorization", "") != "Bearer xoxb-invented":
            return _said({"ok": False, "error": "invalid_auth"})
        kind = "posting" if method.startswith("chat.post") else "looking"
        self.under_way[kind] += 1
        try:
            return await self._method(method)(request, asked)
        finally:
            self.under_way[kind] -= 1

    def _method(self, method: str) -> Callable[[web.Request, Json], Awaitable[web.StreamResponse]]:
        return {
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post,
            "conversations.history": self._look,
            "conversations.replies": self._look,
            "conversations.open": self._open,
        }.get(method, self._plain)

    async def _plain(self, _request: web.Request, _asked: Json) -> web.StreamResponse:
        me = {"team": "Invented", "team_id": TEAM, "user": "thscp", "user_id": BOT_USER, "bot_id": BOT}
        return _said({"ok": True, "url": "https://invented.example/", **me, "view": {"id": "V1", "hash": "1"}})

    async def _open(self, _request: web.Request, asked: Json) -> web.StreamResponse:
        return _said({"ok": True, "channel": {"id": _channel(str(asked.get("users", "")))}})

    async def _post(self, request: web.Request, asked: Json) -> web.StreamResponse:
        channel = _channel(str(asked["channel"]))
        if channel == GONE:
            return _said({"ok": False, "error": "channel_not_found"})
        fault = self._dice.thrown(POSTING)
        if fault is Fault.BUSY or self._too_quick(channel):
            return _busy()
        if fault is Fault.ERROR_BEFORE:
            return _broken()
        if fault in (Fault.CUT_BEFORE, Fault.SILENT_BEFORE):
            return await _no_answer(request, fault)
        if fault is Fault.SLOW:
            await asyncio.sleep(self._dice.seconds(SLOWEST_SECONDS))
        posted = self._accept(channel, asked)
        if fault is Fault.ERROR_AFTER:
            return _broken()
        if fault in (Fault.CUT_AFTER, Fault.SILENT_AFTER):
            return await _no_answer(request, fault)
        return _said({"ok": True, "channel": channel, "ts": posted, "message_ts": posted})

    def _too_quick(self, channel: str) -> bool:
        now = time.monotonic()
        if now - self._posted_at.get(channel, -self._pace) < self._pace:
            self.calls["refused for their pace"] += 1
            return True
        self._posted_at[channel] = now
        return False

    def _accept(self, channel: str, asked: Json) -> str:
        metadata = asked.get("metadata")
        shown_only_to = str(asked.get("user", ""))
        delivery = str((metadata or {}).get("event_payload", {}).get("delivery_id", "")) or str(asked.get("text", ""))
        self.journal.append(Accepted(delivery, channel, time.time(), shown_only_to))
        stamp = self._stamp()
        if shown_only_to:  # nobody can ask for it later: that is what makes it ephemeral
            return stamp
        content = {"text": asked.get("text", ""), "user": BOT_USER, "bot_id": BOT}
        message = Message(stamp, str(asked.get("thread_ts", "")), content, metadata)
        self._conversations[channel].append(message)
        if self._dice.chance(SHARE_OF_OTHERS):
            other = {"text": "Something else.", "user": "U-somebody"}
            self._conversations[channel].append(Message(self._stamp(), "", other, None))
        return stamp

    def _stamp(self) -> str:
        self._last_ts = max(time.time(), self._last_ts + 0.000001)
        return f"{self._last_ts:.6f}"

    async def _look(self, request: web.Request, asked: Json) -> web.StreamResponse:
        fault = self._dice.thrown(LOOKING)
        if fault is Fault.LOOK_BUSY:
            return _busy()
        if fault is Fault.LOOK_ERROR:
            return _broken()
        if fault is Fault.LOOK_CUT:
            return await _no_answer(request, Fault.CUT_BEFORE)
        if fault is Fault.LOOK_SLOW:
            await asyncio.sleep(self._dice.seconds(SLOWEST_LOOK_SECONDS))
        return _said(self._page(asked))

    def _page(self, asked: Json) -> Json:
        """Return one page, newest first, of a conversation; of a thread, oldest first, when one is named."""
        channel, thread = _channel(str(asked["channel"])), str(asked.get("ts", ""))
        after, until = float(asked.get("oldest") or 0), float(asked.get("latest") or "inf")
        everything = [] if self._forgets else self._conversations[channel]
        found = [
            message
            for message in everything[bisect_right(everything, after, key=lambda one: float(one.ts)) :]
            if message.thread == thread and float(message.ts) < until
        ]
        if not thread:
            found.reverse()
        start, size = int(asked.get("cursor") or 0), min(int(asked.get("limit") or 100), PAGE)
        more = len(found) > start + size
        return {
            "ok": True,
            "messages": [
                message.shown(with_metadata=str(asked.get("include_all_metadata", "")).lower() in ("1", "true"))
                for message in found[start : start + size]
            ],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + size) if more else ""},
        }

    # --- what the harness asks -----------------------------------------------------------------------------

    async def tell_journal(self, _request: web.Request) -> web.Response:
        """Tell what was accepted, in order, and what was made to go wrong."""
        journal = [[entry.delivery, entry.channel, entry.at, entry.shown_only_to] for entry in self.journal]
        return web.json_response({"accepted": journal, "faults": self._dice.counts, "calls": self.calls})

    async def tell_now(self, _request: web.Request) -> web.Response:
        """Tell how many calls are under way."""
        return web.json_response(self.under_way)

    async def set_rate(self, request: web.Request) -> web.Response:
        """Let more or less go wrong from now on."""
        self._dice.rate = float((await request.json())["rate"])
        return web.json_response({})


def _channel(address: str) -> str:
    """Return the conversation that an address means: that of a person is their direct message."""
    return f"D-{address}" if address.startswith("U") else address


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json":
        found: Json = await request.json()
        return found
    posted = {name: _value(str(value)) for name, value in (await request.post()).items()}
    return {**request.query, **posted}


def _value(text: str) -> Any:
    return json.loads(text) if text[:1] in ("[", "{") else text


def _said(body: Json) -> web.Response:
    return web.json_response(body, headers={"x-oauth-scopes": SCOPES})


def _busy() -> web.Response:
    headers = {"Retry-After": str(random.choice((1, 1, 2)))}  # noqa: S311 - any will do
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def _broken() -> web.Response:
    return web.Response(status=500, text="<html>", content_type="text/html")


async def _no_answer(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault in (Fault.SILENT_BEFORE, Fault.SILENT_AFTER):
        await asyncio.sleep(SILENCE_SECONDS)
    if request.transport:
        request.transport.abort()
    return web.Response()


async def serve(chat: Chat) -> None:
    """Listen on a free port of this machine, print which, and answer until the process is ended."""
    app = web.Application(client_max_size=4_000_000)
    app.router.add_route("*", "/api/{method}", chat.answer)
    app.router.add_get("/journal", chat.tell_journal)
    app.router.add_get("/now", chat.tell_now)
    app.router.add_post("/rate", chat.set_rate)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - how the harness learns it
    await asyncio.Event().wait()


def main() -> None:
    """Be the chat server until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="what the dice begin with")
    parser.add_argument("--rate", type=float, default=1.0, help="how often things go wrong; 0 for never")
    parser.add_argument("--slowness", type=float, default=1.0, help="how long slow answers take, 1 for up to 6 s")
    parser.add_argument("--only", nargs="+", choices=Fault.__members__, help="the faults that there are")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two messages to one channel")
    parser.add_argument("--forgets", action="store_true", help="let the history say that nothing was posted")
    chosen = parser.parse_args()
    only = [Fault[name] for name in chosen.only or Fault.__members__]
    dice = Dice(chosen.seed, chosen.rate, slowness=chosen.slowness, only=only)
    asyncio.run(serve(Chat(dice, forgets=chosen.forgets, pace=chosen.pace)))


if __name__ == "__main__":
    main()
