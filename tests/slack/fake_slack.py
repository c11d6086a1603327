"""A stand-in for Slack's Web API on this machine, told in a few words how to behave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

Call = dict[str, Any]

BOT_USER, BOT = "UBOT", "BBOT"
TOKEN = "xoxb-invented"
DIRECT, PAGE = "D-of-person", 3  # messages of one page, fewer than Slack gives


class FakeSlack:
    """Answers like Slack and remembers what it was asked.

    `slack.calls("chat.postMessage")`, `slack.busy_until(seconds=30)`, `slack.breaks("chat.postMessage")`,
    `slack.refuses("chat.postMessage", "is_archived")`, `slack.hangs("views.open")`, `slack.drops("views.open")`.
    What was posted can be read back, a few messages at a time: `slack.somebody_writes("C1", number=5)`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.scopes = ""
        self._connections = asyncio.Semaphore(0)
        self._socket: web.WebSocketResponse | None = None
        self._socket_url = ""
        self._acknowledged: asyncio.Queue[Call] = asyncio.Queue()
        self._calls: list[tuple[str, Call]] = []
        self._refusals: dict[str, str] = {}
        self._broken: set[str] = set()
        self._hanging: set[str] = set()
        self._dropping: set[str] = set()
        self._busy_seconds = 0
        self._released = asyncio.Event()
        self._written: list[tuple[str, Call]] = []

    def calls(self, method: str) -> list[Call]:
        """Return what a method was called with, oldest first."""
        return [call for name, call in self._calls if name == method]

    @property
    def asked(self) -> list[str]:
        """Return the methods that were called, oldest first."""
        return [name for name, _ in self._calls]

    @property
    def responses(self) -> list[Call]:
        """Return what was posted to the address that a button's message gives for answers."""
        return self.calls("response_url")

    @property
    def response_url(self) -> str:
        """Return the address for answers to a button."""
        return f"{self.url}response_url"

    def busy_until(self, *, seconds: int) -> None:
        """Ask every caller to come back after so many seconds."""
        self._busy_seconds = seconds

    def refuses(self, method: str, error: str) -> None:
        """Answer a method with an error of Slack's."""
        self._refusals[method] = error

    def breaks(self, method: str) -> None:
        """Answer a method with an internal server error that is no JSON."""
        self._broken.add(method)

    def hangs(self, method: str) -> None:
        """Take the calls of a method and not answer until released."""
        self._hanging.add(method)

    def hangs_altogether(self) -> None:
        """Take every call and not answer until released."""
        self._hanging.add("")

    def releases(self) -> None:
        """Answer whoever waits."""
        self._released.set()

    def drops(self, method: str) -> None:
        """Take the calls of a method and cut the connection."""
        self._dropping.add(method)

    def somebody_writes(self, channel: str, *, number: int = 1, thread: str = "") -> None:
        """Let people write into a conversation."""
        for _ in range(number):
            self._keep({"channel": channel, "text": "hello", "thread_ts": thread})

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one call."""
        method = request.match_info["method"]
        self._calls.append((method, await _arguments(request)))
        if self._hanging & {"", method}:
            await self._released.wait()
        if method in self._dropping and request.transport:
            request.transport.abort()
        if method in self._broken:
            return web.Response(status=500, text="<html>", content_type="text/html")
        if self._busy_seconds:
            headers = {"Retry-After": str(self._busy_seconds)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if error := self._refusals.get(method) or self._wrong_token(request, method):
            return web.json_response({"ok": False, "error": error})
        call = self._calls[-1][1] if self._calls else {}
        answers = self._answers(method)
        if method == "chat.postMessage":
            self._keep(call)
        if method in ("conversations.history", "conversations.replies"):
            answers |= self._read(call, thread=str(call.get("ts", "")))
        if method == "conversations.open":
            answers |= {"channel": {"id": DIRECT}}
        return web.json_response(answers, headers={"x-oauth-scopes": self.scopes})

    def _keep(self, call: Call) -> None:
        channel = DIRECT if str(call["channel"]).startswith("U") else str(call["channel"])
        kept = {"type": "message", "ts": f"1700000000.{len(self._calls) + len(self._written):06}"}
        self._written.append((channel, kept | {key: call.get(key) for key in ("text", "thread_ts", "metadata")}))

    def _read(self, call: Call, *, thread: str) -> Call:
        """Return one page, the newest first, with metadata only where it is asked for."""
        found = [
            message if call.get("include_all_metadata") == "1" else message | {"metadata": None}
            for channel, message in reversed(self._written)
            if channel == call["channel"] and (message["thread_ts"] or "") == thread
            if float(message["ts"]) >= float(call["oldest"])
        ]
        start = int(call.get("cursor") or 0)
        following = str(start + PAGE) if start + PAGE < len(found) else ""
        return {"messages": found[start : start + PAGE], "response_metadata": {"next_cursor": following}}

    async def delivers(self, kind: str, payload: Call) -> Call:
        """Deliver something by Socket Mode and return how it was answered."""
        assert self._socket is not None, "nobody is connected"
        envelope = {"type": kind, "envelope_id": f"envelope-{len(self._calls)}", "payload": payload}
        await self._socket.send_json(envelope | {"accepts_response_payload": kind != "events_api"})
        answered = await asyncio.wait_for(self._acknowledged.get(), 5)
        assert answered["envelope_id"] == envelope["envelope_id"]
        return dict(answered.get("payload") or {})

    async def is_connected(self) -> None:
        """Wait for a new Socket Mode connection."""
        await asyncio.wait_for(self._connections.acquire(), 5)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one Socket Mode connection."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._socket = socket
        self._connections.release()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acknowledged.put_nowait(message.json())
        return socket

    def listens(self, port: int) -> None:
        """Say where to reach it."""
        self.url = f"http://127.0.0.1:{port}/api/"
        self._socket_url = f"ws://127.0.0.1:{port}/link"

    def _wrong_token(self, request: web.Request, method: str) -> str:
        known = ("Bearer xoxb-invented", "Bearer xapp-invented")
        return "" if method == "response_url" or request.headers.get("Authorization") in known else "invalid_auth"

    def _answers(self, method: str) -> Call:
        number = len(self._calls)
        return {
            "ok": True, "url": self._socket_url or "https://invented.example/", "team": "Invented", "team_id": "T1",
            "user": "thscp", "user_id": BOT_USER, "bot_id": BOT,
            "channel": DIRECT if method == "chat.postMessage" else None,
            "ts": f"1700000000.{number:06}", "message_ts": f"1700000000.{number:06}",
        }  # fmt: skip


async def _arguments(request: web.Request) -> Call:
    if request.content_type == "application/json":
        found: Call = await request.json()
        return found
    said = {**request.query, **await request.post()}
    return {name: _value(str(value)) for name, value in said.items()}


def _value(text: str) -> Any:
    return json.loads(text) if text[:1] in "[{" else text


@asynccontextmanager
async def listening(slack: FakeSlack) -> AsyncIterator[FakeSlack]:
    """Let a fake Slack listen on a free port of this machine."""
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.answer)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.listens(runner.addresses[0][1])
    try:
        yield slack
    finally:
        slack.releases()
        await runner.cleanup()
