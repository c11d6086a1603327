"""One process for everything: the platforms, the health checks, what is due and what is to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import socket
from types import FrameType
from typing import Protocol

import prometheus_client
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot import logs
from bot.dispatcher import Dispatcher

log = structlog.get_logger()

GRACE_SECONDS = 20


class Part(Protocol):
    """Something that runs beside the web server: it is started before the first request and stopped after the last."""

    async def start(self) -> None:
        """Begin. Raises StartupError when it cannot."""

    async def stop(self) -> None:
        """Finish what is under way, then end."""


@dataclass(frozen=True)
class Server:
    """The web application and its parts. It lives as long as the process."""

    dispatcher: Dispatcher
    parts: Sequence[Part]
    routes: Sequence[BaseRoute] = field(default=())
    watched: Sequence[Callable[[], list[str]]] = field(default=())  # each says why the server is not ready

    def asgi(self) -> Starlette:
        """Return the application that a web server runs."""
        own = [
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
            Route("/metrics", self._metrics),
        ]
        return Starlette(routes=[*own, *self.routes])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Starlette]:
        """Start every part, give the application, and stop every part in the reverse order."""
        started: list[Part] = []
        try:
            for part in self.parts:
                await part.start()
                started.append(part)
            yield self.asgi()
        finally:
            for part in reversed(started):
                await _stop(part)
            self.dispatcher.close()

    async def serve(
        self, *, host: str, port: int, ready: Callable[[], None], sockets: list[socket] | None = None
    ) -> None:
        """Serve until the process is told to stop; call `ready` once requests are answered.

        `sockets` are bound already and take the place of `host` and `port`.
        """
        async with self.running() as asgi:
            config = uvicorn.Config(
                asgi, host=host, port=port, log_config=None, access_log=False, lifespan="off",
                timeout_graceful_shutdown=GRACE_SECONDS, server_header=False,
            )  # fmt: skip
            server = _Web(config)
            serving = asyncio.create_task(server.serve(sockets=sockets))
            while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
                await asyncio.sleep(0.01)
            if server.started:
                ready()
            await serving

    async def _live(self, _request: Request) -> Response:
        return PlainTextResponse("live\n")

    async def _ready(self, _request: Request) -> Response:
        reasons = await self.dispatcher.not_ready() + [reason for look in self.watched for reason in look()]
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200)

    async def _metrics(self, _request: Request) -> Response:
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)


async def _stop(part: Part) -> None:
    try:
        await part.stop()
    except Exception as error:  # noqa: BLE001 - the other parts have to be stopped all the same
        log.error("part not stopped", part=type(part).__name__, error=type(error).__name__, place=logs.place(error))


class _Web(uvicorn.Server):
    """Uvicorn, but a signal only ends the serving: its own raises the signal again before the parts can finish."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn calls it so
        """Stop serving; a second time, without waiting for what runs."""
        self.force_exit = self.should_exit
        self.should_exit = True
