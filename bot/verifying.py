"""Settling what nobody knows: whether a message arrived is looked up at its destination before anything is repeated."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot import logs, metrics
from bot.clock import steady
from bot.dispatcher import Dispatcher
from bot.posting import MARGIN
from bot.sending import NoHistory, Sender, TryLater
from bot.trusting import Trusting
from db import outcomes
from db.claims import Look
from db.deliveries import Destination
from db.outcomes import Doubt
from handlers import undelivered
from handlers.context import Context

log = structlog.get_logger()

CROWDED = 0.05  # seconds until a lane is asked for again that somebody else has
EACH = 1.0  # seconds between two looks at what is in doubt
AT_ONCE, MOST = 5, 500  # destinations that are looked at together; deliveries of one round
LOOK_SECONDS = 60.0  # for reading one history, page by page
LEASE = timedelta(seconds=90)
LATER = timedelta(seconds=10)  # when a history could not be read
# Slack's clock and ours may differ, and a copy of the database may have been due a little earlier than the original.
EARLIER = timedelta(hours=2)


class Verifier:
    """Looks for deliveries in doubt, expires what is late, has the secretariat told. It lives as long as the outbox.

    It waits until a message that may still be on its way must have arrived, by a clock of its own: since it first saw
    the delivery in doubt, whenever that was by the clock on the wall.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        senders: Mapping[str, Sender],
        trusting: Trusting,
        *,
        owner: str,
        monotonic: Callable[[], float] = steady,
    ) -> None:
        self._dispatcher = dispatcher
        self._senders = senders
        self._trusting = trusting
        self._owner = owner
        self._monotonic = monotonic
        self._untold = True
        self._first_seen: dict[tuple[str, int], float] = {}
        self._wake: Callable[[], None] = lambda: None
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self, wake: Callable[[], None]) -> None:
        """Begin to look in the background; `wake` is called when something can be sent again."""
        self._wake = wake
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish what is being looked for, then end."""
        self._stopping.set()
        if self._running:
            await self._running

    async def run_once(self) -> int:
        """Settle what has been in doubt for long enough; return how many deliveries were looked for."""
        seen, self._untold = await self._dispatcher.in_transaction(self._in_doubt)
        now = self._monotonic()
        self._first_seen = {one: self._first_seen.get(one, now) for one in seen}
        ripe = [one[0] for one, since in self._first_seen.items() if now - since >= self._wait(seen[one])]
        if not ripe:
            return 0
        doubts = await self._dispatcher.in_transaction(
            lambda context: outcomes.take_doubts(context.session, ripe, owner=self._owner, now=context.now, lease=LEASE)
        )
        doubts.sort(key=_place)
        places = [list(group) for _, group in groupby(doubts, key=_place)]
        limit = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._settle(some, limit) for some in places))
        self._wake()
        return len(doubts)

    async def look_first(self, look: Look) -> None:
        """Find out which deliveries arrived although they stand as waiting. It raises nothing."""
        try:
            work = await self._looked(look)
            while not await self._dispatcher.in_transaction(work):  # noqa: ASYNC110 - a lane says nothing when it is free
                await asyncio.sleep(CROWDED)
        except Exception as error:  # noqa: BLE001 - whatever it was, somebody looks again when the lease ends
            log.error("deliveries not looked for", error=type(error).__name__, place=logs.place(error))

    async def tell(self) -> None:
        """Have the secretariat told what did not arrive, or may not have."""
        await self._dispatcher.in_transaction(undelivered.tell_of_all)

    # --- one after the other -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.run_once()
                if self._untold:
                    await self.tell()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round tries again
                log.error("doubts not settled", error=type(error).__name__, place=logs.place(error))
            try:
                async with asyncio.timeout(EACH):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def _in_doubt(self, context: Context) -> tuple[dict[tuple[str, int], str], bool]:
        outcomes.expire(context.session, now=context.now)
        found = outcomes.in_doubt(context.session, self._senders, now=context.now, limit=MOST)
        return found, undelivered.waits_to_be_told(context)

    def _wait(self, platform: str) -> float:
        return self._senders[platform].timeout + MARGIN

    async def _settle(self, doubts: Sequence[Doubt], limit: asyncio.Semaphore) -> None:
        to = doubts[0].destination
        since = min(doubt.not_before for doubt in doubts) - EARLIER
        work: Callable[[Context], None]
        async with limit:
            try:
                found = await self._find(to, [doubt.id for doubt in doubts], since)
            except NoHistory as error:
                log.warning("nobody can look for deliveries", number=len(doubts), reason=str(error))
                metrics.looked(to.platform, "nowhere", len(doubts))
                work = functools.partial(_asked, doubts)
            except Exception as error:  # noqa: BLE001 - whatever it was, looking failed for now
                log.warning("history not read", error=type(error).__name__)
                work = functools.partial(_postponed, doubts, _later(error))
            else:
                metrics.looked(to.platform, "there", len(found))
                metrics.looked(to.platform, "absent", len(doubts) - len(found))
                work = functools.partial(_settled, doubts, found)
        try:
            await self._dispatcher.in_transaction(work)
        except Exception as error:  # noqa: BLE001 - whatever it was, somebody looks again when the lease ends
            log.error("verdict not kept", error=type(error).__name__, place=logs.place(error))

    async def _looked(self, look: Look) -> Callable[[Context], bool]:
        try:
            since = min(look.deliveries.values()) - EARLIER
            found = await self._find(look.destination, list(look.deliveries), since)
        except NoHistory:
            restored_at = self._trusting.restored_at
            return lambda context: outcomes.cannot_look(context.session, look, restored_at=restored_at, now=context.now)
        except Exception as error:  # noqa: BLE001 - whatever it was, looking failed for now
            log.warning("history not read", error=type(error).__name__)
            wait = _later(error)
            return lambda context: outcomes.look_later(context.session, look, again_at=context.now + wait)
        metrics.looked(look.destination.platform, "there", len(found))
        metrics.looked(look.destination.platform, "absent", len(look.deliveries) - len(found))
        return lambda context: outcomes.looked(context.session, look, found, now=context.now)

    async def _find(self, to: Destination, ids: Collection[str], since: datetime) -> Mapping[str, str]:
        async with asyncio.timeout(LOOK_SECONDS):
            return await self._senders[to.platform].find(to, ids, since)


def _place(doubt: Doubt) -> tuple[int, str]:
    return doubt.lane_id, doubt.destination.thread


def _later(error: Exception) -> timedelta:
    return (error.wait or LATER) if isinstance(error, TryLater) else LATER


def _asked(doubts: Sequence[Doubt], context: Context) -> None:
    outcomes.ask_a_person(context.session, doubts, now=context.now)


def _postponed(doubts: Sequence[Doubt], wait: timedelta, context: Context) -> None:
    outcomes.settle_later(context.session, doubts, again_at=context.now + wait)


def _settled(doubts: Sequence[Doubt], found: Mapping[str, str], context: Context) -> None:
    outcomes.settle(context.session, doubts, found, now=context.now)
