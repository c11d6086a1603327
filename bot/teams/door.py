"""Where activities of Teams arrive. Nothing is believed before Teams is known to have sent it, and none makes a 500.

Teams goes silent for hours after errors, so what is odd is answered like what is not for us: 200, or 501 to a
question that nobody here can answer.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot import logs
from bot.background import Background
from bot.teams import chats

log = structlog.get_logger()

MAX_BYTES = 256_000  # Teams' longest activities have a tenth of this
CHANNEL = "msteams"
_TEXTS = ("type", "serviceUrl")
_KNOWN = ("id", "name", "text", "action", "channelId")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Teams is answered: a status, and for questions a body."""

    status: int = 200
    body: Mapping[str, Any] | None = None


NOTHING, NOT_KNOWN = Answer(), Answer(501)
Received = Callable[[Mapping[str, Any]], Awaitable[Answer]]


class Checks(Protocol):
    """Says whether Teams itself sent a body."""

    async def authentic(self, body: Mapping[str, Any], authorization: str) -> bool:
        """Say whether the token is one of Teams, for this bot and this body."""


class Door:
    """The ASGI application for `POST /api/messages`. It lives as long as the adapter."""

    def __init__(self, checks: Checks, received: Received, tenants: Sequence[str], background: Background) -> None:
        self._checks = checks
        self._received = received
        self._tenants = frozenset(tenants)
        self._background = background

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what it set going begins once the answer is out."""
        await self._background.respond(self._answer, scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        body = await _read(request)
        if isinstance(body, Response):
            return body
        if not await self._checks.authentic(body, request.headers.get("authorization", "")):
            log.info("request refused that Teams did not sign")
            return Response("Not from Teams.\n", 401)
        if body.get("channelId") != CHANNEL or not {chats.tenant(body), *chats.home(body)} <= self._tenants:
            log.warning("activity of another tenant or channel ignored")
            return Response(status_code=200)
        try:
            answer = await self._received(body)
            if answer.body is not None:
                return JSONResponse(answer.body, answer.status)
        except Exception as error:  # noqa: BLE001 - an odd activity must not silence the bot for everybody
            log.error("activity failed", error=type(error).__name__, place=logs.place(error))
            return Response(status_code=200)
        return Response(status_code=answer.status)


async def _read(request: Request) -> dict[str, Any] | Response:
    """Return the body as an object that can be looked into, or why it is none."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > len(str(MAX_BYTES)) or int(length) > MAX_BYTES):
        return Response("Too long.\n", 413)
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_BYTES:
            return Response("Too long.\n", 413)
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return Response("Not an activity.\n", 400)
    return body if _is_activity(body) else Response("Not an activity.\n", 400)


def _is_activity(body: object) -> bool:
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) and body[name] for name in _TEXTS):
        return False
    conversation = body.get("conversation", {})  # what is chosen in the app's menu may come from none
    return (
        isinstance(conversation, dict)
        and isinstance(conversation.get("id", ""), str)
        and isinstance(body.get("from"), dict)
        and all(isinstance(body.get(name, ""), str) for name in _KNOWN)
    )
