"""Where Slack's HTTP requests arrive: nothing is read before its signature is known to be right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.background import Background
from bot.clock import wall

MAX_BYTES = 1_000_000  # Slack's longest requests have a third of this
MAX_DIGITS = 12  # of a length or a time that a stranger sends: Python refuses to compute with very long numbers


class Door:
    """The ASGI application for `POST /slack/events`. It lives as long as the adapter.

    It checks the signature itself, before Bolt takes the body apart. Without a signing secret, which
    Socket Mode does not need, it lets nobody in. How old a request is, `clock` says.
    """

    def __init__(
        self, app: AsyncApp, signing_secret: str, background: Background, clock: Callable[[], datetime] = wall
    ) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret, _Showing(clock)) if signing_secret else None
        self._background = background

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what it set going begins once the answer is out."""
        await self._background.respond(self._answer, scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self._verifier is None:
            return PlainTextResponse("Slack reaches this service by Socket Mode.\n", 404)
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("Say with Content-Length how long it is.\n", 411)
        if len(length) > MAX_DIGITS or int(length) > MAX_BYTES:
            return PlainTextResponse("Too long.\n", 413)
        body = await request.body()
        if not _is_signed(self._verifier, body, request):
            return PlainTextResponse("The signature is wrong or too old.\n", 401)
        try:
            read = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
        except (ValueError, AttributeError):  # no JSON; JSON that is no object
            return PlainTextResponse("Not a request of Slack's.\n", 400)
        answer = await self._app.async_dispatch(read)
        return Response(answer.body, answer.status, {name: values[0] for name, values in answer.headers.items()})


class _Showing(Clock):
    """Shows the verifier the time that the rest of the program goes by."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._clock().timestamp()


def _is_signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    timestamp, signature = (request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
    readable = timestamp.isdecimal() and len(timestamp) <= MAX_DIGITS and signature.isascii()
    return readable and verifier.is_valid(body, timestamp, signature)
