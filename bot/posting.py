"""Sending one delivery, and saying how that ended. Nothing here knows where deliveries are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.sending import Sender, TryLater, Undeliverable
from db.claims import Claimed
from db.deliveries import Queue
from db.outcomes import MAX_ATTEMPTS, End, Outcome, backoff
from handlers.messages import Card

log = structlog.get_logger()

MARGIN = 5.0  # seconds by which clocks, queues and a slow platform may differ from what they should


def lease(sender: Sender) -> timedelta:
    """Return for how long a delivery is held: two sendings and two margins, the first of them to begin in."""
    return timedelta(seconds=2 * (sender.timeout + MARGIN))


def last_moment(sender: Sender) -> float:
    """Return after how many seconds of its lease a delivery is not begun any more: then it could outlast it."""
    return lease(sender).total_seconds() - sender.timeout - MARGIN


async def post(
    sender: Sender, held: Claimed, card: Card | None, *, deadline: float, monotonic: Callable[[], float]
) -> Outcome:
    """Send one delivery and return how that ended. It raises nothing, and nothing may cancel it before its end."""
    if card is None:
        return _ended(held, End.NEVER, "the card cannot be read by this version")
    began = monotonic()
    if began > deadline:  # this process was paused, and somebody else may hold the delivery
        log.warning("delivery put back", delivery=held.id, reason="the lease is too short")
        return Outcome(held, End.LATER, error="the lease is too short", counts=False)
    pace = sender.pace if held.queue is Queue.POST else 0.0
    try:
        async with asyncio.timeout(sender.timeout):
            message_id = await sender.send(held.destination, card, delivery_id=held.id)
    except TryLater as error:
        return _later(held, error, pace)
    except Undeliverable as error:
        return _ended(held, End.NEVER, str(error))
    except Exception as error:  # noqa: BLE001 - whatever it was, nobody knows whether the message arrived
        return _ended(held, End.UNKNOWN, type(error).__name__, pace)
    log.info("delivery sent", delivery=held.id, attempts=held.attempts)
    # the pace counts from one beginning to the next, so that a slow answer costs nothing on top of itself
    free_in = timedelta(seconds=max(pace - (monotonic() - began), 0.0))
    return Outcome(held, End.ARRIVED, message_id=message_id, free_in=free_in)


def _later(held: Claimed, error: TryLater, pace: float) -> Outcome:
    if error.counts and held.attempts >= MAX_ATTEMPTS:
        log.error("delivery needs a person", delivery=held.id, state="dead", reason=str(error))
        return Outcome(held, End.LATER, error=str(error), free_in=timedelta(seconds=pace))
    pause = backoff(held.attempts) if error.counts else timedelta()
    log.warning("delivery will be tried again", delivery=held.id, attempts=held.attempts, reason=str(error))
    free_in = max(error.wait or timedelta(), pause, timedelta(seconds=pace))
    return Outcome(held, End.LATER, error=str(error), free_in=free_in, counts=error.counts)


def _ended(held: Claimed, end: End, reason: str, pace: float = 0.0) -> Outcome:
    event = "delivery is in doubt" if end is End.UNKNOWN else "delivery needs a person"
    log.error(event, delivery=held.id, reason=reason)
    return Outcome(held, end, error=reason, free_in=timedelta(seconds=pace))
