"""Tells the clock what time Slack writes on its answers."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp

from bot.clock import Clock


def telling(clock: Clock) -> aiohttp.TraceConfig:
    """Return what makes a session tell the clock the Date header of every answer."""

    async def asked(_session: object, request: SimpleNamespace, _what: object) -> None:
        request.since = clock.reading()

    async def answered(_session: object, request: SimpleNamespace, what: aiohttp.TraceRequestEndParams) -> None:
        clock.heard(what.response.headers.get("Date", ""), since=request.since)

    found = aiohttp.TraceConfig()
    found.on_request_start.append(asked)
    found.on_request_end.append(answered)
    return found
