"""A chat server as a process of its own, with its own true clock: it speaks Slack's protocol and that of Teams.

It lets things go wrong, and prints the port that it listens on. What it accepted, and when, is asked of it at the
end: `GET /journal`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.crash.connector import Connector
from tests.crash.faults import Dice, Fault
from tests.crash.journal import PAGE, Journal
from tests.crash.places import GONE

Json = dict[str, Any]

BOT_USER, BOT, TEAM = "UBOT", "BBOT", "T1"
SCOPES = (
    "app_mentions:read,assistant:write,channels:history,chat:write,chat:write.public,commands,groups:history,"
    "im:history,im:write,mpim:history,users:read"
)
SHARE_OF_OTHERS = 0.3  # of our messages are followed by one that somebody else wrote


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


class Slack:
    """Slack's conversations. It lives as long as the process.

    `forgets` makes its history say that nothing was ever posted.
    """

    def __init__(self, journal: Journal, *, forgets: bool = False) -> None:
        self._journal = journal
        self._forgets = forgets
        self._conversations: dict[str, list[Message]] = defaultdict(list)
        self._last_ts = 0.0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of Slack's Web API."""
        method, asked = request.match_info["method"], await _arguments(request)
        self._journal.calls[method] += 1
        if request.headers.get("Authorization", "") != "Bearer xoxb-invented":
            return _said({"ok": False, "error": "invalid_auth"})
        return await self._method(method)(request, asked)

    def _method(self, method: str) -> Callable[[web.Request, Json], Awaitable[web.Response]]:
        return {
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post,
            "conversations.history": self._look,
            "conversations.replies": self._look,
            "conversations.open": self._open,
        }.get(method, self._plain)

    async def _plain(self, _request: web.Request, _asked: Json) -> web.Response:
        me = {"team": "Invented", "team_id": TEAM, "user": "thscp", "user_id": BOT_USER, "bot_id": BOT}
        return _said({"ok": True, "url": "https://invented.example/", **me, "view": {"id": "V1", "hash": "1"}})

    async def _open(self, _request: web.Request, asked: Json) -> web.Response:
        return _said({"ok": True, "channel": {"id": _channel(str(asked.get("users", "")))}})

    async def _post(self, request: web.Request, asked: Json) -> web.Response:
        channel = _channel(str(asked["channel"]))
        if channel == GONE["slack"]:
            return _said({"ok": False, "error": "channel_not_found"})
        return await self._journal.post(request, channel, lambda: self._posted(channel, asked))

    def _posted(self, channel: str, asked: Json) -> web.Response:
        metadata = asked.get("metadata")
        shown_only_to = str(asked.get("user", ""))
        delivery = str((metadata or {}).get("event_payload", {}).get("delivery_id", "")) or str(asked.get("text", ""))
        self._journal.accept(delivery, channel, shown_only_to)
        stamp = self._stamp()
        answer = _said({"ok": True, "channel": channel, "ts": stamp, "message_ts": stamp})
        if shown_only_to:  # nobody can ask for it later: that is what makes it ephemeral
            return answer
        content = {"text": asked.get("text", ""), "user": BOT_USER, "bot_id": BOT}
        message = Message(stamp, str(asked.get("thread_ts", "")), content, metadata)
        self._conversations[channel].append(message)
        if self._journal.dice.chance(SHARE_OF_OTHERS):
            other = {"text": "Something else.", "user": "U-somebody"}
            self._conversations[channel].append(Message(self._stamp(), "", other, None))
        return answer

    def _stamp(self) -> str:
        self._last_ts = max(time.time(), self._last_ts + 0.000001)
        return f"{self._last_ts:.6f}"

    async def _look(self, request: web.Request, asked: Json) -> web.Response:
        return await self._journal.look(request, lambda: _said(self._page(asked)))

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


async def serve(journal: Journal, *, forgets: bool) -> None:
    """Listen on a free port of this machine, print which, and answer until the process is ended."""
    app = web.Application(client_max_size=4_000_000)
    app.router.add_route("*", "/api/{method}", Slack(journal, forgets=forgets).answer)
    app.router.add_routes(Connector(journal, forgets=forgets).routes())
    app.router.add_get("/journal", journal.tell)
    app.router.add_get("/now", journal.tell_now)
    app.router.add_post("/rate", journal.set_rate)
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
    asyncio.run(serve(Journal(dice, pace=chosen.pace), forgets=chosen.forgets))


if __name__ == "__main__":
    main()
