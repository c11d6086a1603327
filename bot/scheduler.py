"""The ticker: it wakes the outbox and asks the tables what is due. What has to be done is never kept in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.dispatcher import Dispatcher
from bot.outbox import Outbox
from handlers import reviews
from handlers.context import Context

log = structlog.get_logger()

# Each may run at any time and any number of times: it looks whether it is due and what was done already.
DUE: dict[str, Callable[[Context], int]] = {"review digests": reviews.queue_digests, "forget": reviews.forget}


class Scheduler:
    """Ticks while the server runs: each second for the outbox, each minute for the terms, each hour for what is due."""

    def __init__(self, dispatcher: Dispatcher, outbox: Outbox, *, hourly: BaseTrigger | None = None) -> None:
        self._dispatcher = dispatcher
        self._ticks = AsyncIOScheduler(
            timezone=UTC,
            logger=logging.getLogger("apscheduler"),
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._outbox = outbox
        self._ticks.add_job(self._tick, IntervalTrigger(seconds=1, timezone=UTC), id="outbox")
        self._ticks.add_job(self._read_terms, IntervalTrigger(minutes=1, timezone=UTC), id="terms")
        for name in DUE:
            self._ticks.add_job(self.run, hourly or CronTrigger(minute=0, timezone=UTC), args=[name], id=name)
        self._ticks.add_listener(_failed, EVENT_JOB_ERROR)

    async def start(self) -> None:
        """Begin to tick. What became due while nothing ran is done on the next full hour."""
        self._ticks.start()

    async def stop(self) -> None:
        """Tick no more."""
        self._ticks.shutdown(wait=False)

    async def run(self, name: str) -> None:
        """Do one thing that may be due, in a transaction of its own."""
        done = await self._dispatcher.in_transaction(DUE[name])
        if done:
            log.info("due work done", work=name, number=done)

    async def _read_terms(self) -> None:
        await asyncio.to_thread(self._dispatcher.read_terms)

    async def _tick(self) -> None:
        self._outbox.wake()


def _failed(event: JobExecutionEvent) -> None:
    log.error("due work failed", work=event.job_id, error=type(event.exception).__name__)
