"""Who attends this database: one row for every server, written each second, that tells a gap or an older copy.

A server compares its row with what it wrote last. A number that went back, or a row that is gone, means that
somebody put an older copy in the place of the database: what was sent since then stands there as not sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, Instant, insert

RESTORED = "restored"  # the owner of the row that marks a database as the copy that was put back
_KEPT = timedelta(days=1)  # for which the row of a server that is gone can still be looked at


class Heartbeat(Base):
    """One server that attends the database, and since when it knows that nothing happened behind its back."""

    __tablename__ = "heartbeats"
    owner: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    beats: Mapped[int]
    trusted_since: Mapped[datetime]
    restored_at: Mapped[datetime | None]
    clock_off: Mapped[int]


@dataclass(frozen=True, slots=True)
class Beat:
    """What the row of one server says.

    `beats` grows by one each time. `clock_off` is by how many seconds its machine's clock is ahead of the time.
    """

    owner: str
    started_at: datetime
    beat_at: datetime
    beats: int
    trusted_since: datetime
    restored_at: datetime | None = None
    clock_off: int = 0


def everybody(session: Session) -> list[Beat]:
    """Return what every server last wrote, and the mark of a restored copy where there is one."""
    columns = [getattr(Heartbeat, name) for name in Beat.__slots__]
    return [Beat(*row) for row in session.execute(select(*columns).order_by(Heartbeat.owner))]


def write(session: Session, beat: Beat) -> None:
    """Put a server's beat in the place of its last one, and drop what nobody needs any more.

    The caller has taken over the mark of a restored copy, and the `restored_at` of the rows that are dropped.
    """
    _put(session, beat)
    to_come = Heartbeat.restored_at > beat.beat_at  # written before a clock was put right
    session.execute(update(Heartbeat).where(to_come).values(restored_at=beat.beat_at))
    session.execute(delete(Heartbeat).where(Heartbeat.owner == RESTORED))
    session.execute(delete(Heartbeat).where(Heartbeat.beat_at < beat.beat_at - _KEPT))


def mark_restored(session: Session, *, now: datetime) -> None:
    """Mark this database as a copy that was put back, for the next server that attends it."""
    _put(session, Beat(RESTORED, now, now, 0, now, now))


def attending(session: Session) -> list[Beat]:
    """Return what every server last wrote, those that are gone for less than a day included."""
    return [beat for beat in everybody(session) if beat.owner != RESTORED]


def last_beat(session: Session) -> datetime | None:
    """Return when a server last attended this database; None when none ever did."""
    return max((beat.beat_at for beat in attending(session)), default=None)


def database_time(session: Session) -> datetime | None:
    """Return what the clock of PostgreSQL shows; None on SQLite, which has none of its own."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    return session.scalar(select(func.clock_timestamp(type_=Instant())))


def _put(session: Session, beat: Beat) -> None:
    values = {name: getattr(beat, name) for name in Beat.__slots__}
    session.execute(
        insert(session, Heartbeat).values(values).on_conflict_do_update(index_elements=["owner"], set_=values)
    )
