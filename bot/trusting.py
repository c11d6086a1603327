"""What the outbox may believe of the rows that say that a delivery waits, and what it looks for first.

A row that says `pending` is wrong only in an older copy of the database: there it was sent after the copy was made.
So what could have gone before such a copy was put back is looked for at its destination before it is sent. Three
things tell of a copy, none of them alone of all copies:

- `thscp db restore` marks what it puts back, and servers that are running see their heartbeats go back (`Attendance`).
- On SQLite a number grows in the database with each claim, and after the commit, but before anything is sent, it is
  written into a file beside the database. A copy that is put back has a lower number than the file; one that is
  moved elsewhere has no file. A server that was killed has at most a higher one. Where the file was put back
  together with the database, it is younger than its last claim: nobody can set that time. So an ordinary restart has
  no doubt, however long it lasted, and a copy that came in unnoticed is found.
- On PostgreSQL a dump or a template that is put back has other ids than those that the database noted of itself.

Besides, whatever was due more than two minutes before the database was attended again is looked for once: that covers
copies that nothing of the above tells, such as a machine that is put back as a whole.
"""

from __future__ import annotations

import functools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from bot.dispatcher import Dispatcher
from db import heartbeats, outcomes, stamps
from db.claims import Trust
from handlers.context import Context

log = structlog.get_logger()

OVERDUE = timedelta(minutes=2)
IN_FLIGHT = timedelta(seconds=15)  # for which a message that another process sent may still be arriving
SAME_MOMENT = 3_000_000_000  # nanoseconds: between a claim and the number that is written after it
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Attending(Protocol):
    """What tells since when a database is attended without a gap, and when an older copy was put back."""

    trusted_since: datetime
    restored_at: datetime | None


class Trusting:
    """Knows what the outbox may believe of the rows. It lives as long as the outbox; without `attending`, all."""

    def __init__(self, attending: Attending | None = None) -> None:
        self._attending = attending
        self._beside: Beside | None = None
        self._number = 0
        self._doubted_at: datetime | None = None

    @property
    def restored_at(self) -> datetime | None:
        """Return when an older copy was put in the place of the database; None where that is not known."""
        return self._attending.restored_at if self._attending else None

    async def start(self, dispatcher: Dispatcher, owner: str) -> None:
        """Find out whether this is the database that was last worked with."""
        if self._attending is not None:
            self._doubted_at = await dispatcher.in_transaction(functools.partial(self._find_out, owner))
            self.committed()

    def trust(self, now: datetime) -> Trust:
        """Return what has to be looked for before it is sent."""
        if self._attending is None:
            return Trust()
        since = self._attending.trusted_since
        if self._doubted_at is not None:
            self._doubted_at = min(self._doubted_at, now)  # the clock may have been put back since
        copied = [moment for moment in (self.restored_at, self._doubted_at) if moment]
        overdue = (since - OVERDUE, _ALWAYS)  # once is enough: nothing says that this is a copy
        flying = any(now - moment < IN_FLIGHT for moment in copied)  # what another sent may still be arriving
        return Trust((overdue, *((moment, moment) for moment in copied)), ready=since <= now and not flying)

    def count(self, session: Session) -> None:
        """Count in the database that deliveries are claimed."""
        if self._beside is not None:
            self._number = stamps.advance(session, touched=self._beside.touch())

    def committed(self) -> None:
        """Write the number beside the database: after the commit, and before anything is sent."""
        if self._beside is not None:
            self._beside.write(self._number)

    def _find_out(self, owner: str, context: Context) -> datetime | None:
        """Return since when this may be an older copy, and note whatever tells it from the next one."""
        session, now = context.session, context.now
        engine = session.get_bind()
        if engine.dialect.name == "postgresql":
            known = stamps.take_identity(session)
            certain = not known
        else:
            outcomes.abandon_others(session, owner=owner, now=now)  # this process has the file to itself
            path = engine.engine.url.database
            if not path or path == ":memory:":
                return None
            known, certain = self._compare(session, Beside(Path(f"{path}.claims")))
        if certain:
            heartbeats.mark_restored(session, now=now)
        if known:
            return None
        log.warning("database may be an older copy", certain=certain)
        return now

    def _compare(self, session: Session, beside: Beside) -> tuple[bool, bool]:
        """Say whether this is the database that was last worked with, and whether it is certainly a copy of it."""
        number, touched = stamps.count(session)
        written, young = beside.read(), beside.time() - touched > SAME_MOMENT
        self._beside, self._number = beside, max(number, written or 0)
        stamps.go_on_from(session, self._number, touched=beside.touch())
        if number == 0 and not written:
            return True, False  # nothing was ever sent from it
        return written is not None and written <= number and not young, written is not None and written > number


class Beside:
    """The file beside a SQLite database that holds the number of claims. It lives as long as the outbox."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int | None:
        """Return the number; None where there is none."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def time(self) -> int:
        """Return when the file was last changed, in nanoseconds: not the time that anybody can set."""
        try:
            return self._path.stat().st_ctime_ns
        except OSError:
            return 0

    def touch(self) -> int:
        """Change the file's time, and return it."""
        try:
            self._path.touch(mode=0o600)
        except OSError as error:
            log.error("number of claims not written", error=type(error).__name__)
        return self.time()

    def write(self, number: int) -> None:
        """Write in the place of the last number, with the same length: a kill in between leaves no half of it."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(descriptor, f"{number:020}\n".encode("ascii"), 0)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.error("number of claims not written", error=type(error).__name__)
