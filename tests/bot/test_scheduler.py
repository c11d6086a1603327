"""The ticker wakes the outbox and does what is due; what fails is logged and tried on the next tick."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from bot import scheduler
from bot.outbox import Outbox
from bot.scheduler import Scheduler
from handlers import reviews
from handlers.context import Context
from tests.fakes import Bot


class Waking(Outbox):
    """An outbox that only says when it was woken."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.dispatcher, [])
        self.woken = asyncio.Event()

    def wake(self) -> None:
        """Note it."""
        self.woken.set()


async def test_the_outbox_is_woken_again_and_again_until_the_stop(bot: Bot) -> None:
    outbox = Waking(bot)
    ticking = Scheduler(bot.dispatcher, outbox)

    await ticking.start()
    async with asyncio.timeout(10):
        await outbox.woken.wait()
        outbox.woken.clear()
        await outbox.woken.wait()
    await ticking.stop()
    await asyncio.sleep(0)
    outbox.woken.clear()
    await asyncio.sleep(1.2)

    assert not outbox.woken.is_set()


def test_everything_that_may_be_due_is_looked_at() -> None:
    assert set(scheduler.DUE.values()) == {reviews.queue_digests, reviews.forget}


async def test_what_is_due_is_done_once_and_counted_in_the_log(
    bot: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    bot.types("bees")
    bot.clock.pass_(days=31)
    ticking = Scheduler(bot.dispatcher, Waking(bot))

    for _ in range(2):
        await ticking.run("forget")

    assert [(entry["event"], entry["work"], entry["number"]) for entry in logged] == [("due work done", "forget", 1)]


async def test_work_that_fails_is_logged_without_words_and_does_not_end_the_ticking(
    bot: Bot, logged: list[MutableMapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    def broken(_: Context) -> int:
        failed.set()
        raise RuntimeError("words of somebody")

    monkeypatch.setitem(scheduler.DUE, "forget", broken)
    outbox = Waking(bot)
    ticking = Scheduler(bot.dispatcher, outbox, hourly=IntervalTrigger(seconds=1))
    await ticking.start()
    async with asyncio.timeout(10):
        await failed.wait()
        outbox.woken.clear()
        await outbox.woken.wait()
    await ticking.stop()

    failures = {(entry["event"], entry["work"], entry["error"]) for entry in logged if "error" in entry}
    assert failures == {("due work failed", "forget", "RuntimeError")}
