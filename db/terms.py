"""Names that are known to be no family's: the terms that the secretariat adds to the guard's gazetteer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.people import Person

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


@dataclass(frozen=True, slots=True)
class Listed:
    """A term as it is listed; `added_by` is a name, empty when nobody enrolled added it."""

    id: int
    term: str
    added_at: datetime
    added_by: str
    note: str


def add(session: Session, *, term: str, at: datetime, by: int | None, note: str = "") -> int | None:
    """Add a term and return its id; None when it stands there already, in whatever capitals."""
    added = session.scalar(
        insert(session, GuardTerm)
        .values(term=term, folded=term.casefold(), added_at=at, added_by=by, note=note)
        .on_conflict_do_nothing()
        .returning(GuardTerm.id)
    )
    if added is not None:
        session.info[_CHANGED] = True
    return added


def remove(session: Session, term_id: int) -> str | None:
    """Take a term out and return it; None when it was not there any more."""
    removed = session.scalar(delete(GuardTerm).where(GuardTerm.id == term_id).returning(GuardTerm.term))
    if removed is not None:
        session.info[_CHANGED] = True
    return removed


def all_terms(session: Session) -> frozenset[str]:
    """Return every term."""
    return frozenset(session.scalars(select(GuardTerm.term)))


def listed(session: Session, *, skip: int, limit: int) -> list[Listed]:
    """Return some of the terms in the order of the alphabet, with the names of those who added them."""
    rows = session.execute(
        select(GuardTerm.id, GuardTerm.term, GuardTerm.added_at, Person.name, GuardTerm.note)
        .outerjoin(Person, Person.id == GuardTerm.added_by)
        .order_by(GuardTerm.folded)
        .offset(skip)
        .limit(limit)
    )
    return [Listed(row.id, row.term, row.added_at, row.name or "", row.note) for row in rows]


def changed_in(session: Session) -> bool:
    """Say whether this session has changed the terms, so that the guard reads them again after its commit."""
    return bool(session.info.get(_CHANGED))
