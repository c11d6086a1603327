"""What was accepted and when by the true clock, and what goes wrong on the way: the same for every platform."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from tests.crash.faults import LOOKING, POSTING, SLOWEST_LOOK_SECONDS, SLOWEST_SECONDS, Dice, Fault

SILENCE_SECONDS = 60  # longer than any caller waits
PAGE = 15  # messages of one answer, however many were asked for: a platform may give fewer


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry of the journal: a delivery that was posted, where, and when by the true clock."""

    delivery: str
    channel: str
    at: float
    shown_only_to: str = ""


class Journal:
    """The book of the chat server. It lives as long as the process.

    `pace` refuses more than one message to a channel in so many seconds.
    """

    def __init__(self, dice: Dice, *, pace: float = 0.0) -> None:
        self.dice = dice
        self.calls: Counter[str] = Counter()
        self._accepted: list[Accepted] = []
        self._under_way: Counter[str] = Counter()
        self._pace = pace
        self._posted_at: dict[str, float] = {}

    def accept(self, delivery: str, channel: str, shown_only_to: str = "") -> None:
        """Note that a delivery was posted just now."""
        self._accepted.append(Accepted(delivery, channel, time.time(), shown_only_to))

    async def post(self, request: web.Request, channel: str, post: Callable[[], web.Response]) -> web.Response:
        """Answer one posting as the dice say; `post` posts it and gives the answer."""
        with self._counted("posting"):
            fault = self.dice.thrown(POSTING)
            if fault is Fault.BUSY or self._too_quick(channel):
                return _busy()
            if fault is Fault.ERROR_BEFORE:
                return _broken()
            if fault in (Fault.CUT_BEFORE, Fault.SILENT_BEFORE):
                return await _no_answer(request, fault)
            if fault is Fault.SLOW:
                await asyncio.sleep(self.dice.seconds(SLOWEST_SECONDS))
            answer = post()
            if fault is Fault.ERROR_AFTER:
                return _broken()
            if fault in (Fault.CUT_AFTER, Fault.SILENT_AFTER):
                return await _no_answer(request, fault)
            return answer

    async def look(self, request: web.Request, show: Callable[[], web.Response]) -> web.Response:
        """Answer one look at a history as the dice say; `show` gives the answer."""
        with self._counted("looking"):
            fault = self.dice.thrown(LOOKING)
            if fault is Fault.LOOK_BUSY:
                return _busy()
            if fault is Fault.LOOK_ERROR:
                return _broken()
            if fault is Fault.LOOK_CUT:
                return await _no_answer(request, Fault.CUT_BEFORE)
            if fault is Fault.LOOK_SLOW:
                await asyncio.sleep(self.dice.seconds(SLOWEST_LOOK_SECONDS))
            return show()

    @contextmanager
    def _counted(self, kind: str) -> Iterator[None]:
        self._under_way[kind] += 1
        try:
            yield
        finally:
            self._under_way[kind] -= 1

    def _too_quick(self, channel: str) -> bool:
        now = time.monotonic()
        if now - self._posted_at.get(channel, -self._pace) < self._pace:
            self.calls["refused for their pace"] += 1
            return True
        self._posted_at[channel] = now
        return False

    # --- what the harness asks -----------------------------------------------------------------------------

    async def tell(self, _request: web.Request) -> web.Response:
        """Tell what was accepted, in order, and what was made to go wrong."""
        accepted = [[entry.delivery, entry.channel, entry.at, entry.shown_only_to] for entry in self._accepted]
        return web.json_response({"accepted": accepted, "faults": self.dice.counts, "calls": self.calls})

    async def tell_now(self, _request: web.Request) -> web.Response:
        """Tell how many calls are under way."""
        return web.json_response(self._under_way)

    async def set_rate(self, request: web.Request) -> web.Response:
        """Let more or less go wrong from now on."""
        self.dice.rate = float((await request.json())["rate"])
        return web.json_response({})


def _busy() -> web.Response:
    headers = {"Retry-After": str(random.choice((1, 1, 2)))}  # noqa: S311 - any will do
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def _broken() -> web.Response:
    return web.Response(status=500, text="<html>", content_type="text/html")


async def _no_answer(request: web.Request, fault: Fault) -> web.Response:
    if fault in (Fault.SILENT_BEFORE, Fault.SILENT_AFTER):
        await asyncio.sleep(SILENCE_SECONDS)
    if request.transport:
        request.transport.abort()
    return web.Response()
