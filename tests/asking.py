"""Asks a server for a page, without a network."""

from __future__ import annotations

import httpx

from bot.server import Server


async def get(server: Server, path: str) -> httpx.Response:
    """Return what a server answers."""
    transport = httpx.ASGITransport(server.asgi())
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
        return await client.get(path)
