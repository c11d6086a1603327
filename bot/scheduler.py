"""The ticker: it wakes the outbox and asks the tables what is due. What has to be done is never kept in memory."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import logs
from bot.attendance import Attendance
from bot.dispatcher import Dispatcher
from bot.outbox import Outbox
from handlers import enrolment, files, joining, newcomers, reminders, reviews
from handlers.agendas import ticking as agendas
from handlers.booking import ticking as booking
from handlers.bulletins import sending
from handlers.consulting import ticking as consulting
from handlers.context import Context
from handlers.escalations import digest
from handlers.learning import ticking as learning
from handlers.meetings import ticking as meetings
from handlers.risks import ticking
from handlers.training import ticking as training

log = structlog.get_logger()

Work = Callable[[Context], int]
# Each may run at any time, any number of times and on any number of servers at once: it looks whether it is due
# and what was done already. All of them also run once at the start, so that what was missed is caught up.
EACH_MINUTE: dict[str, Work] = {
    "booking": booking.tick,
    "bulletins": sending.queue_due,
    "meetings": meetings.tick,
    "papers": agendas.tick,
    "consultations": consulting.tick,
    "training": training.tick,
    "learning": learning.tick,
    "escalations": digest.do_due,
    "reminders": reminders.queue_due,
    "risks": ticking.tick,
}
EACH_HOUR: dict[str, Work] = {
    "review digests": reviews.queue_digests,
    "digests of risks": ticking.digest,
    "forget": reviews.forget,
    "links": files.forget,
    "codes": joining.forget,
    "requests to be enrolled": newcomers.forget,
    "lists of people": enrolment.forget,
}

STILL_SECONDS = 5.0  # without a tick, after which the ticks are set going again
SILENT_SECONDS = 120.0  # without a tick that was completed, after which the server is not ready


class Scheduler:
    """Ticks each second while the server runs, and knows no platform.

    A tick wakes the outbox and beats; when a new minute or hour has begun, it also does what may be due then.
    `also` is what only this server can do each minute.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        outbox: Outbox,
        attendance: Attendance,
        *,
        also: Mapping[str, Work] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._attendance = attendance
        self._also = dict(also or {})
        self._monotonic = monotonic
        self._ticks = AsyncIOScheduler(
            timezone=UTC,
            logger=logging.getLogger("apscheduler"),
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._ticked = self._completed = monotonic()
        self._minute: datetime | None = None
        self._hour: datetime | None = None
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to tick. The first tick does everything that may be due: it catches up what was missed."""
        self._ticked = self._completed = self._monotonic()
        self._ticks.add_job(self._tick, _each_second(), id="tick")
        self._ticks.start()
        self._watch = asyncio.create_task(self._watching())
        await self._tick()

    async def stop(self) -> None:
        """Tick no more, and wait for what a tick has begun."""
        self._ticks.shutdown(wait=False)
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.gather(*self._under_way.values())

    def not_ready(self) -> list[str]:
        """Return why the server is not to be relied on, in the words of operators; empty when it is."""
        silent = self._monotonic() - self._completed
        return [] if silent < SILENT_SECONDS else [f"no tick was completed for {round(silent)} seconds"]

    async def run(self, name: str) -> None:
        """Do one thing that may be due, in a transaction of its own; what fails is logged."""
        await self._do(name, (EACH_MINUTE | EACH_HOUR | self._also)[name])

    async def _do(self, name: str, work: Work) -> None:
        try:
            done = await self._dispatcher.in_transaction(work)
        except Exception as error:  # noqa: BLE001 - whatever it was, the other work goes on
            log.error("due work failed", work=name, error=type(error).__name__, place=logs.place(error))
            return
        if done:
            log.info("due work done", work=name, number=done)
            self._outbox.wake()

    async def _tick(self) -> None:
        """Set going what a tick does, and wait for none of it: a slow database must not hold up the next tick."""
        self._ticked = self._monotonic()
        self._outbox.wake()
        self._begin("beat", self._beat)
        self._begin("due", self._do_due)

    def _begin(self, name: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
        running = self._under_way.get(name)
        if running is None or running.done():
            self._under_way[name] = asyncio.create_task(work())

    async def _beat(self) -> None:
        try:
            await self._attendance.beat()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next tick tries again
            log.error("heartbeat failed", error=type(error).__name__, place=logs.place(error))
        else:
            self._completed = self._monotonic()

    async def _do_due(self) -> None:
        """Do what each minute and each hour asks for when another one has begun, however far the time went."""
        now = self._dispatcher.now()
        minute = now.replace(second=0, microsecond=0)
        hour = minute.replace(minute=0)
        if minute != self._minute:
            self._minute = minute
            for name, work in [*self._also.items(), *EACH_MINUTE.items()]:
                await self._do(name, work)
            await asyncio.to_thread(self._dispatcher.read_terms)
        if hour != self._hour:
            self._hour = hour
            for name, work in EACH_HOUR.items():
                await self._do(name, work)

    async def _watching(self) -> None:
        """Look by a clock that nobody sets whether the ticks go on.

        The library waits until the machine's clock shows the next second: when that is set back by an hour, it
        waits for an hour.
        """
        while True:
            await asyncio.sleep(1)
            if self._monotonic() - self._ticked > STILL_SECONDS:
                log.warning("ticks stood still and are set going again")
                self._ticks.reschedule_job("tick", trigger=_each_second())
                await self._tick()


def _each_second() -> IntervalTrigger:
    return IntervalTrigger(seconds=1, timezone=UTC)
