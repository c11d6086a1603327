"""A bot that answers on a platform: its adapter behind its own routes, and an outbox that sends what was queued."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.outbox import Outbox
from bot.sending import Sender
from tests.fakes import Bot

Settle = Callable[[], Awaitable[None]]


class Adapter(Protocol):
    """What the adapters of Slack and of Teams have in common."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return where the platform is heard."""

    @property
    def sender(self) -> Sender:
        """Return what sends to the platform."""

    async def start(self) -> None:
        """Begin to listen."""

    async def stop(self) -> None:
        """Listen no more."""

    async def settled(self) -> None:
        """Wait until everything that was heard is worked on."""


@asynccontextmanager
async def answering(bot: Bot, adapter: Adapter) -> AsyncIterator[tuple[httpx.AsyncClient, Settle]]:
    """Give a client that reaches the adapter, and what waits until all is answered and sent."""
    await adapter.start()
    outbox = Outbox(bot.dispatcher, [adapter.sender])

    async def settle() -> None:
        await adapter.settled()
        await outbox.run_once()

    transport = httpx.ASGITransport(Starlette(routes=adapter.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        yield http, settle
    await adapter.stop()
