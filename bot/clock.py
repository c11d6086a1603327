"""The time that this program goes by: a moment that is known, and a clock beside it that nobody can set.

The clock of a machine is set now and then, by an hour when somebody mistakes a time zone. Whatever asked it
directly would then post early, late or twice. So it is asked once, at the start, and held against something
better as soon as that is there: the database's clock on PostgreSQL, which all servers share, or the time that
the chat platform writes on its answers. Nothing else in the program reads the machine's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

from db import heartbeats
from handlers.context import Context

log = structlog.get_logger()

TOLERANCE = timedelta(seconds=30)  # by which the time on an answer may differ: it is for steps, not for drift
_GRAIN = timedelta(seconds=1)  # the Date header knows no parts of a second
_AGREE = timedelta(seconds=5)  # between two answers that tell the same
_SMALL = timedelta(milliseconds=50)  # a difference from the database that is not worth a correction
_BOOT = getattr(time, "CLOCK_BOOTTIME", None)  # goes on while the machine sleeps, which `monotonic` does not


def wall() -> datetime:
    """Return what the machine's clock shows; for commands that are over in a moment."""
    return datetime.now(UTC)


def steady() -> float:
    """Return the seconds of a clock that nobody can set; only differences mean anything."""
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


class Clock:
    """Tells the time: `clock()`. It lives as long as the process; any thread may ask it."""

    def __init__(self, *, wall: Callable[[], datetime] = wall, steady: Callable[[], float] = steady) -> None:
        self._wall = wall
        self._steady = steady
        self._anchor = (wall(), steady())  # replaced as a whole, so that no thread sees half of it
        self._led = False  # by the database
        self._heard = False
        self._suspected: timedelta | None = None

    def __call__(self) -> datetime:
        """Return the time, in UTC."""
        return self._at(self._steady())

    def off(self) -> timedelta:
        """Return by how much the machine's clock is ahead of this one."""
        return self._wall() - self()

    def reading(self) -> float:
        """Return what the steady clock shows, to be given back to `heard`."""
        return self._steady()

    def heard(self, header: str, *, since: float) -> None:
        """Compare with the Date header of an answer to what was asked at the reading `since`.

        The first answer is believed, for a start with a wrong clock must not send anything; later it takes two
        that agree, because one may come from something in between whose clock is wrong.
        """
        wrong = self._difference(header, since)
        suspected, self._suspected = self._suspected, wrong
        first, self._heard = not self._heard, True
        if wrong is None or not (first or (suspected is not None and abs(wrong - suspected) <= _AGREE)):
            return
        seconds = round(wrong.total_seconds())
        if self._led:
            log.warning("database clock differs from the chat platform", ahead_by=seconds)
        else:
            log.warning("clock corrected by the chat platform", ahead_by=seconds)
            self._shift(-wrong)
        self._suspected = None

    def check(self, context: Context) -> int:
        """Follow the database's clock where it has one of its own; return 1 when there was a step to follow."""
        asked = self._steady()
        moment = heartbeats.database_time(context.session)
        answered = self._steady()
        if moment is None:
            return 0
        self._led = True
        wrong = self._at((asked + answered) / 2) - moment
        if abs(wrong) > _SMALL + timedelta(seconds=(answered - asked) / 2):
            self._shift(-wrong)
        if abs(wrong) <= TOLERANCE:
            return 0
        log.warning("clock corrected by the database", ahead_by=round(wrong.total_seconds()))
        return 1

    def _difference(self, header: str, since: float) -> timedelta | None:
        """Return by how much this clock is ahead, when the answer proves that it is wrong by more than tolerable."""
        try:
            written = parsedate_to_datetime(header)
        except ValueError:
            return None
        if written.tzinfo is None:
            return None
        # The other side wrote it between the question and now, however long a pause of this process made that.
        earliest, latest = self._at(since) - (written + _GRAIN), self() - written
        if earliest <= TOLERANCE and latest >= -TOLERANCE:
            return None
        return (earliest + latest) / 2

    def _at(self, reading: float) -> datetime:
        moment, at = self._anchor
        return moment + timedelta(seconds=reading - at)

    def _shift(self, by: timedelta) -> None:
        moment, at = self._anchor
        self._anchor = (moment + by, at)
