"""What the guard decided, counted for operators and the secretariat: never a word of the text, and nobody's name."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot import logs, metrics
from bot.screening import Looked
from db import audit, screenings
from handlers import safety
from handlers.context import Context
from knowledge import guard

log = structlog.get_logger()


class Counting:
    """Counts what was not simply passed. It lives as long as the dispatcher, and nobody waits for it."""

    def __init__(self, within: Callable[[Callable[[Context], None]], None], threads: ThreadPoolExecutor) -> None:
        self._within = within
        self._threads = threads
        self._under_way: set[futures.Future[None]] = set()

    def stopped(self, looked: Looked, *, dry: bool) -> None:
        """Begin to count a request that was stopped; one of a dry run is kept in no table."""
        _meter(looked)
        if dry:
            return
        counting = self._threads.submit(self._stopped, looked)
        self._under_way.add(counting)
        counting.add_done_callback(self._under_way.discard)

    def settled(self) -> None:
        """Wait until everything is counted."""
        futures.wait(list(self._under_way))

    def _stopped(self, looked: Looked) -> None:
        try:
            self._within(lambda context: _record(context, looked))
        except Exception as error:  # noqa: BLE001 - whatever it was, the person has the card
            log.error("screening not counted", error=type(error).__name__, place=logs.place(error))


def note_override(context: Context, looked: Looked) -> None:
    """Count names that a person says are no family's, and write into the audit trail who said so and why."""
    _meter(looked)
    _record(context, looked)
    whole = looked.found.whole
    audit.add(
        context.session,
        at=context.now,
        actor=str(looked.request.identity),
        action=safety.OVERRIDDEN,
        subject=looked.door,
        reason=looked.found.reason,
        kinds=",".join(whole.every_kind),
        rules=",".join(whole.every_rule),
    )


def _meter(looked: Looked) -> None:
    metrics.SCREENED.labels(looked.request.identity.platform, looked.found.decision).inc()


def _record(context: Context, looked: Looked) -> None:
    found = looked.found
    screenings.record(
        context.session,
        at=context.now,
        platform=looked.request.identity.platform,
        door=looked.door,
        decision=found.decision,
        kinds=found.whole.every_kind,
        rules=found.whole.every_rule,
        guard_version=guard.VERSION,
        overridden=found.reason if found.overridden else "",
    )
