"""Names that are known to be no family's: the terms that the secretariat adds to the guard's gazetteer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base

MAX_TERM = 60
_CHANGED = "guard terms changed"


class GuardTerm(Base):
    """One term, and who added it when."""

    __tablename__ = "guard_terms"
    id: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(String(MAX_TERM))
    folded: Mapped[str] = mapped_column(unique=True)  # so that no term stands twice in other capitals
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str]


def add(session: Session, *, term: str, at: datetime, by: int | None, note: str = "") -> GuardTerm:
    """Add a term."""
    row = GuardTerm(term=term, folded=term.casefold(), added_at=at, added_by=by, note=note)
    session.add(row)
    session.flush()
    session.info[_CHANGED] = True
    return row


def all_terms(session: Session) -> frozenset[str]:
    """Return every term."""
    return frozenset(session.scalars(select(GuardTerm.term)))


def changed_in(session: Session) -> bool:
    """Say whether this session has changed the terms, so that the guard reads them again after its commit."""
    return bool(session.info.get(_CHANGED))
