"""The worker that sends what is queued: claim and commit, send outside any transaction, record."""

from __future__ import annotations

import asyncio
import functools
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Literal

import structlog

from bot import logs
from bot.dispatcher import Dispatcher
from bot.sending import Sender, TryLater, Undeliverable
from db import deliveries
from db.deliveries import Claimed, State
from handlers import undelivered
from handlers.context import Context
from handlers.messages import card_from_json

log = structlog.get_logger()

SENDERS = 4  # messages under way at once
MAX_ATTEMPTS = 8
TIMEOUT = 20.0  # seconds for one sending, as long as the slowest platform may take to answer
MARGIN = 10.0  # seconds
LEASE = timedelta(seconds=60)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)  # eight attempts last about three hours

Outcome = Callable[[Context], None]


class Outbox:
    """Sends deliveries of the platforms that have a sender. It lives as long as the server and knows no platform.

    A message is sent again only when it certainly did not arrive. Where nobody knows, a person is told.
    """

    def __init__(
        self, dispatcher: Dispatcher, senders: Iterable[Sender], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._dispatcher = dispatcher
        self._senders = {sender.platform: sender for sender in senders}
        self._monotonic = monotonic
        self._owner = secrets.token_hex(8)
        self._woken = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begin to send in the background, and whenever the dispatcher has queued something."""
        self._dispatcher.wake_with(self.wake)
        self._running = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Claim no more, then wait until what is under way has been sent and recorded."""
        self._stopping = True
        self._woken.set()
        if self._running:
            await self._running
        await asyncio.gather(*self._under_way)

    def wake(self) -> None:
        """Look soon whether something is to be sent. Any thread may call it, at any time."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Send what is due whenever woken, until stopped."""
        self._loop = asyncio.get_running_loop()
        while not self._stopping:
            self._woken.clear()
            if not await self._begin():
                await self._woken.wait()

    async def run_once(self) -> int:
        """Send what is due now, as many as may be under way at once; return how many were tried."""
        begun = await self._begin()
        await asyncio.gather(*begun)
        return len(begun)

    async def _begin(self) -> list[asyncio.Task[None]]:
        free = SENDERS - len(self._under_way)
        deadline = self._monotonic() + LEASE.total_seconds() - TIMEOUT - MARGIN
        begun = [asyncio.create_task(self._deliver(held, deadline)) for held in await self._claim(free)]
        for task in begun:
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return begun

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._woken.set()

    async def _claim(self, free: int) -> list[Claimed]:
        def work(context: Context) -> list[Claimed]:
            session, now = context.session, context.now
            lost = [*deliveries.expire(session, now=now), *deliveries.doubt_abandoned(session, now=now)]
            undelivered.tell(context, lost)
            return deliveries.claim(
                session, owner=self._owner, platforms=self._senders, now=now, lease=LEASE, limit=free
            )

        try:
            return await self._dispatcher.in_transaction(work) if free else []
        except Exception as error:  # noqa: BLE001 - whatever it was, the next tick tries again
            log.error("deliveries cannot be claimed", error=type(error).__name__, place=logs.place(error))
            return []

    async def _deliver(self, held: Claimed, deadline: float) -> None:
        try:
            await self._dispatcher.in_transaction(await self._send(held, deadline))
        except Exception as error:  # noqa: BLE001 - the lease ends, and then the delivery counts as not known
            name, place = type(error).__name__, logs.place(error)
            log.error("outcome of a delivery cannot be kept", delivery=held.id, error=name, place=place)

    async def _send(self, held: Claimed, deadline: float) -> Outcome:
        try:
            card = card_from_json(held.card)
        except (KeyError, TypeError):
            return functools.partial(_given_up, held, State.DEAD, "the card cannot be read by this version")
        if self._monotonic() > deadline:  # this process was paused, and somebody else may hold the delivery
            return functools.partial(_put_back, held, "the lease is too short", None)
        try:
            async with asyncio.timeout(TIMEOUT):
                sender = self._senders[held.destination.platform]
                message_id = await sender.send(held.destination, card, delivery_id=held.id)
        except TryLater as error:
            if held.attempts >= MAX_ATTEMPTS:
                return functools.partial(_given_up, held, State.DEAD, str(error))
            return functools.partial(_put_back, held, str(error), error.wait)
        except Undeliverable as error:
            return functools.partial(_given_up, held, State.DEAD, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody knows whether the message arrived
            return functools.partial(_given_up, held, State.VERIFY, type(error).__name__)
        return functools.partial(_arrived, held, message_id)


def _arrived(held: Claimed, message_id: str, context: Context) -> None:
    deliveries.sent(context.session, held, message_id=message_id, at=context.now)
    log.info("delivery sent", delivery=held.id, attempts=held.attempts)


def _put_back(held: Claimed, reason: str, wait: timedelta | None, context: Context) -> None:
    pause = max(wait or timedelta(), min(FIRST_WAIT * 4 ** (held.attempts - 1), LONGEST_WAIT))
    deliveries.retry(context.session, held, not_before=context.now + pause, error=reason)
    log.warning("delivery will be tried again", delivery=held.id, attempts=held.attempts, reason=reason)


def _given_up(held: Claimed, state: Literal[State.VERIFY, State.DEAD], reason: str, context: Context) -> None:
    undelivered.tell(context, deliveries.give_up(context.session, held, state, error=reason))
    log.error("delivery needs a person", delivery=held.id, state=state.value, reason=reason)
