"""Whether this server may believe its database: attended without a gap, and not replaced by an older copy."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot import logs
from bot.dispatcher import Dispatcher
from db import heartbeats
from db.heartbeats import RESTORED, Beat
from handlers.context import Context

log = structlog.get_logger()

GAP = timedelta(minutes=2)  # after so long without a beat, what happened meanwhile is not known
NEVER = datetime.max.replace(tzinfo=UTC)


class Attendance:
    """Beats each second and keeps what that told. It lives as long as the server.

    `trusted_since` is the moment since which the database is known to have been attended without a gap and
    without going back to an older copy; before the first beat it lies in the far future, so that nothing is
    believed. `restored_at` says when an older copy was first attended, and None where none ever was: a
    delivery that was due before then may have been sent although it stands there as waiting. `restored`
    says that there was such a moment.
    """

    def __init__(self, dispatcher: Dispatcher, *, clock_off: Callable[[], timedelta] = timedelta) -> None:
        self._dispatcher = dispatcher
        self._clock_off = clock_off
        self._owner = secrets.token_hex(8)
        self._last: Beat | None = None  # what this server wrote last and knows to be committed
        self._seen: dict[str, int] = {}  # how often the others had beaten when they were last looked at
        self.trusted_since = NEVER
        self.restored_at: datetime | None = None

    @property
    def restored(self) -> bool:
        """Say whether this database was once put back as an older copy."""
        return self.restored_at is not None

    async def start(self) -> None:
        """Beat once before anything is sent. Where that fails nothing is believed until a later beat."""
        try:
            await self.beat()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next tick tries again
            log.error("heartbeat failed", error=type(error).__name__, place=logs.place(error))

    async def stop(self) -> None:
        """Nothing has to be ended: the ticks do the beating."""

    async def beat(self) -> None:
        """Write this server's row, and judge by the rows what can be believed."""
        beat, others, replaced = await self._dispatcher.in_transaction(self._beat)
        if replaced:
            log.warning("database replaced by an older copy")
        self._last, self._seen = beat, others  # only now, after the commit
        self.trusted_since, self.restored_at = beat.trusted_since, beat.restored_at

    def _beat(self, context: Context) -> tuple[Beat, dict[str, int], bool]:
        rows = {beat.owner: beat for beat in heartbeats.everybody(context.session)}
        replaced = RESTORED in rows or self._went_back(rows.get(self._owner), context.now)
        beat = self._next(rows, context.now, replaced=replaced)
        heartbeats.write(context.session, beat)
        return beat, {owner: row.beats for owner, row in rows.items() if owner != self._owner}, replaced

    def _next(self, rows: dict[str, Beat], now: datetime, *, replaced: bool) -> Beat:
        """Decide what this server's row says next. A moment to come was written before a clock was put right."""
        last, row = self._last, rows.get(self._owner)
        marks = [min(other.restored_at, now) for other in rows.values() if other.restored_at]
        restored_at = now if replaced else max(marks, default=None)
        if last is None or replaced or not timedelta() <= now - last.beat_at <= GAP:
            since = now
        else:
            since = min([last.trusted_since, *self._vouched(rows), now])
            since = max(since, restored_at) if restored_at else since
        return Beat(
            owner=self._owner,
            started_at=last.started_at if last else now,
            beat_at=now,
            beats=max(last.beats if last else 0, row.beats if row else 0) + 1,
            trusted_since=since,
            restored_at=restored_at,
            clock_off=round(self._clock_off().total_seconds()),
        )

    def _went_back(self, row: Beat | None, now: datetime) -> bool:
        """Say whether the row holds less than this server has committed: then an older copy took the place of all."""
        last = self._last
        if last is None:
            return False
        if row is None:  # after a long absence the others have only tidied it away
            return now - last.beat_at <= GAP
        return row.beats < last.beats

    def _vouched(self, rows: dict[str, Beat]) -> list[datetime]:
        """Return since when others trust the database whose beats grew between two looks of this server.

        A young row alone proves nothing: in a copy that was taken and put back within seconds the rows of those
        who wrote it are young as well.
        """
        return [row.trusted_since for owner, row in rows.items() if row.beats > self._seen.get(owner, row.beats)]
