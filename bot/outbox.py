"""The worker that sends what is queued: claim and commit, send outside any transaction, record with the next claim."""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot import logs, metrics
from bot.clock import steady
from bot.dispatcher import Dispatcher
from bot.posting import last_moment, lease, post
from bot.sending import Sender
from bot.trusting import Trusting
from bot.verifying import Verifier
from db import claims, outcomes
from db.claims import Claimed, Trust, Wanted
from db.deliveries import Destination, Queue
from db.outcomes import Outcome
from handlers.context import Context
from handlers.messages import Card, card_from_json

log = structlog.get_logger()

SENDERS = 50  # messages of one platform under way at once
RESERVED = 10  # of these, for replies: a bulletin must not keep those who ask waiting
TICK, CROWDED = 2.0, 0.02  # seconds between two looks: when nothing is known to be due, and when others have it
DRAIN_SECONDS = 30.0  # for which a database that does not answer is waited for at the stop
CARDS_KEPT = 64  # the cards of a bulletin are read once, not for each of its thousand readers

Quiet = Callable[[Context, Sequence[Destination], datetime], Mapping[Destination, datetime]]


def never_quiet(_context: Context, _destinations: Sequence[Destination], _now: datetime) -> dict[Destination, datetime]:
    """Return that nobody is to be left in peace."""
    return {}


@dataclass(slots=True)
class _Round:
    """What one transaction did: recorded, and taken. `wait` is until when there is nothing to do, in seconds."""

    left: list[Outcome] = field(default_factory=list)
    taken: claims.Taken = field(default_factory=claims.Taken)
    cards: dict[int, dict[str, Any]] = field(default_factory=dict)
    began: float = 0.0
    wait: float = 0.0


class Outbox:
    """Sends deliveries of the platforms that have a sender. It lives as long as the server and knows no platform.

    A message is sent again only when it certainly did not arrive. What nobody knows the verifier settles.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        senders: Iterable[Sender],
        *,
        monotonic: Callable[[], float] = steady,
        trusting: Trusting | None = None,
        quiet: Quiet = never_quiet,
    ) -> None:
        self._dispatcher = dispatcher
        self._senders = {sender.platform: sender for sender in senders}
        self._monotonic = monotonic
        self._quiet = quiet
        self._owner = secrets.token_hex(8)
        self._trusting = trusting or Trusting()
        self._verifier = Verifier(dispatcher, self._senders, self._trusting, owner=self._owner, monotonic=monotonic)
        self._woken = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], tuple[str, bool]] = {}
        self._ended: list[Outcome] = []
        self._cards: OrderedDict[int, Card | None] = OrderedDict()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._idle = False  # nothing was due in the last round: the next one looks before it takes
        self._stopping = False

    async def start(self) -> None:
        """Begin to send in the background, and whenever the dispatcher has queued something."""
        self._dispatcher.wake_with(self.wake)
        await self._trusting.start(self._dispatcher, self._owner)
        self._running = asyncio.create_task(self.run())
        await self._verifier.start(self.wake)

    async def stop(self) -> None:
        """Claim no more, then wait until what is under way has been sent and its outcome is committed."""
        self._stopping = True
        self._woken.set()
        await self._verifier.stop()
        if self._running:
            await self._running
        deadline = self._monotonic() + DRAIN_SECONDS
        while self._under_way or self._ended:
            await asyncio.gather(*self._under_way)
            await self._round(wanted=())
            if self._ended and self._monotonic() > deadline:
                log.error("outcomes of deliveries cannot be kept", number=len(self._ended))
                return
            if self._ended:
                await asyncio.sleep(CROWDED)

    def wake(self) -> None:
        """Look soon whether something is to be sent. Any thread may call it, at any time."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Send what is due, when it is due, until stopped."""
        self._loop = asyncio.get_running_loop()
        while not self._stopping:
            self._woken.clear()
            done = await self._round(self._wanted())
            await self._begin(done)
            if done.wait:
                try:
                    async with asyncio.timeout(done.wait):
                        await self._woken.wait()
                except TimeoutError:
                    continue

    async def run_once(self) -> int:
        """Send what is due now, as many as may be under way at once, and record it; return how many were tried."""
        while True:  # a lane that has nothing to send after all costs a look
            done = await self._round(self._wanted())
            begun = await self._begin(done)
            if begun or not done.taken.examined:
                break
        await asyncio.gather(*begun)
        await self._round(wanted=())
        await self._verifier.tell()
        return len(begun)

    async def verify_once(self) -> int:
        """Settle what is in doubt and has been for long enough; return how many deliveries were looked for."""
        return await self._verifier.run_once()

    # --- one round ---------------------------------------------------------------------------------------------

    def _wanted(self) -> list[Wanted]:
        """Return what there are free senders for: danger first, with all of them, then replies, then posts."""
        found = []
        for queue in (Queue.URGENT, Queue.REPLY, Queue.POST):
            for platform, sender in self._senders.items():
                busy = [is_post for name, is_post in self._under_way.values() if name == platform]
                free = SENDERS - len(busy)
                if queue is Queue.POST:
                    free = min(free, SENDERS - RESERVED - sum(busy))
                if free > 0:
                    found.append(Wanted(platform, queue, free, lease(sender), sender.per_second))
        return found

    async def _round(self, wanted: Sequence[Wanted]) -> _Round:
        """Record what ended and take what is due, in one transaction. When it fails, nothing is forgotten."""
        ended, began = self._ended[:], self._monotonic()
        if not ended and not wanted:
            return _Round(wait=TICK)
        try:
            done = await self._dispatcher.in_transaction(functools.partial(self._work, ended, wanted))
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round tries again
            log.error("deliveries cannot be claimed", error=type(error).__name__, place=logs.place(error))
            return _Round(wait=TICK)
        done.began = began  # leases began after this, so that a deadline counted from here is safe
        self._ended = done.left + self._ended[len(ended) :]
        if done.taken.claimed:
            self._trusting.committed()
        metrics.ended(outcome for outcome in ended if outcome not in done.left)
        return done

    def _work(self, ended: Sequence[Outcome], wanted: Sequence[Wanted], context: Context) -> _Round:
        session, now = context.session, context.now
        done = _Round(left=outcomes.record(session, ended, now=now))
        trust = self._trusting.trust(now)
        if not self._idle or ended or self._wait(session, wanted, trust, now) <= CROWDED:
            done.taken = claims.claim(
                session, owner=self._owner, wanted=wanted, now=now, trust=trust,
                quiet=lambda destinations, moment: self._quiet(context, destinations, moment),
            )  # fmt: skip
        if done.taken.claimed:
            self._trusting.count(session)
            new = {held.occurrence_id for held in done.taken.claimed} - set(self._cards)
            done.cards = claims.cards(session, new) if new else {}
        self._idle = not done.taken.examined
        if done.left:
            done.wait = CROWDED
        elif self._idle:
            done.wait = self._wait(session, wanted, trust, now)
        return done

    def _wait(self, session: Session, wanted: Sequence[Wanted], trust: Trust, now: datetime) -> float:
        """Return in how many seconds a lane is to be looked at."""
        following = claims.soonest(session, wanted, trust)
        return TICK if following is None else min(max((following - now).total_seconds(), CROWDED), TICK)

    async def _begin(self, done: _Round) -> list[asyncio.Task[None]]:
        """Begin to send and to look, one after the other, so that requests get their turn in between."""
        for number, card in done.cards.items():
            self._cards[number] = _read(card)
        begun = []
        for held in done.taken.claimed:
            platform = held.destination.platform
            deadline = done.began + last_moment(self._senders[platform])
            sending = self._deliver(held, self._cards[held.occurrence_id], deadline)
            begun.append(self._started(sending, platform, is_post=held.queue is Queue.POST))
            await asyncio.sleep(0)
        begun += [
            self._started(self._verifier.look_first(look), look.destination.platform, is_post=True)
            for look in done.taken.looks
        ]
        while len(self._cards) > CARDS_KEPT:
            self._cards.popitem(last=False)
        return begun

    def _started(self, work: Coroutine[Any, Any, None], platform: str, *, is_post: bool) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._under_way[task] = (platform, is_post)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._woken.set()

    async def _deliver(self, held: Claimed, card: Card | None, deadline: float) -> None:
        sender = self._senders[held.destination.platform]
        outcome = await post(sender, held, card, deadline=deadline, monotonic=self._monotonic)
        self._ended.append(outcome)  # only now: while it was sent a round may have put another list in its place


def _read(card: dict[str, Any]) -> Card | None:
    try:
        return card_from_json(card)
    except (KeyError, TypeError):
        return None
