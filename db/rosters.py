"""Lists of people that were brought and not yet taken over, each for the one who brought it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base


class Roster(Base):
    """A list as it was read: one object of `rows` for each row. It is forgotten when it is taken over, or in a day."""

    __tablename__ = "rosters"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    brought_at: Mapped[datetime]
    rows: Mapped[dict[str, Any]]


def keep(session: Session, *, person_id: int, rows: dict[str, Any], at: datetime) -> int:
    """Keep a list until it is taken over; an older one of the same person is forgotten. Return its number."""
    session.execute(delete(Roster).where(Roster.person_id == person_id))
    roster = Roster(person_id=person_id, brought_at=at, rows=rows)
    session.add(roster)
    session.flush()
    return roster.id


def get(session: Session, roster_id: int, *, person_id: int) -> Roster | None:
    """Return a list of the one who brought it, and keep others from taking it until the transaction ends."""
    found = session.get(Roster, roster_id, with_for_update=True)
    return found if found is not None and found.person_id == person_id else None


def forget(session: Session, roster_id: int) -> None:
    """Forget a list."""
    session.execute(delete(Roster).where(Roster.id == roster_id))


def forget_old(session: Session, *, before: datetime) -> int:
    """Forget the lists that were brought before then; return how many they were."""
    gone = delete(Roster).where(Roster.brought_at < before).returning(Roster.id)
    return len(session.scalars(gone).all())
