"""Requests that were handled: a retried or replayed one finds its key here and is not run again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base


class HandledRequest(Base):
    """One idempotency key, and for sent forms the reply that was given.

    Keys are kept as hashes, all alike, with the day alone: none says who asked, on which platform, for what, or when.
    """

    __tablename__ = "handled_requests"
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    reply: Mapped[dict[str, Any] | None]


_TABLE = cast("Table", HandledRequest.__table__)
_CLAIMS = {  # built once: a claim stands in front of every request
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.key),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.key),
}


def claim(session: Session, key: str, *, at: datetime) -> bool:
    """Take a key; return False when it was taken before. A concurrent taker waits for this transaction."""
    connection = session.connection()  # the session's own execute costs 0.02 ms more a statement
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    claimed = connection.execute(_CLAIMS[connection.dialect.name], {"key": _opaque(key), "at": day})
    return claimed.first() is not None


def keep_reply(session: Session, key: str, reply: dict[str, Any]) -> None:
    """Remember what was answered, so that the same form sent again gets the same answer."""
    session.execute(update(HandledRequest).where(HandledRequest.key == _opaque(key)).values(reply=reply))


def kept_reply(session: Session, key: str) -> dict[str, Any] | None:
    """Return what was answered the first time."""
    return session.scalar(select(HandledRequest.reply).where(HandledRequest.key == _opaque(key)))


def forget(session: Session, *, before: datetime) -> None:
    """Drop keys that no platform would send again."""
    session.execute(delete(HandledRequest).where(HandledRequest.at < before))


def _opaque(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
