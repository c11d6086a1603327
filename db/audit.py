"""The trail of who did what. Rows are only ever added: triggers in the database refuse anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base


class AuditEntry(Base):
    """One deed: who, with which role or door, what, to which record; never the words of a message."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]


def add(session: Session, *, at: datetime, actor: str, action: str, subject: str, **detail: str | int | bool) -> None:
    """Write one deed into the trail."""
    session.add(AuditEntry(at=at, actor=actor, action=action, subject=subject, detail=detail))
    session.flush()


def latest(session: Session, *, limit: int, action: str = "", besides: str = "") -> list[AuditEntry]:
    """Return the newest deeds, newest first: all, or those of one kind, `besides` those about one subject."""
    wanted = select(AuditEntry).where(AuditEntry.subject != besides).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(wanted.where(AuditEntry.action == action) if action else wanted))
