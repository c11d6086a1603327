"""Strangers who asked to be enrolled, until the secretariat has decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.people import Identity


class Newcomer(Base):
    """One request: who says that they are who, where they work, and in which groups they sit.

    `groups` are names, one a line. `decided_at` is when the secretariat said yes or no; `person_id` whom it made.
    """

    __tablename__ = "newcomers"
    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    user_id: Mapped[str]
    name: Mapped[str]
    agency: Mapped[str]
    groups: Mapped[str]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    @property
    def identity(self) -> Identity:
        """Return where they speak from."""
        return Identity(self.platform, self.user_id)


def ask(session: Session, identity: Identity, *, name: str, agency: str, groups: list[str], at: datetime) -> int:
    """Keep a request in place of an older one of the same person that waits; return its number."""
    newcomer = waiting_of(session, identity) or Newcomer(platform=identity.platform, user_id=identity.user_id)
    newcomer.name, newcomer.agency, newcomer.groups, newcomer.asked_at = name, agency, "\n".join(groups), at
    session.add(newcomer)
    session.flush()
    return newcomer.id


def waiting_of(session: Session, identity: Identity) -> Newcomer | None:
    """Return the request of somebody that has not been decided."""
    mine = (Newcomer.platform == identity.platform, Newcomer.user_id == identity.user_id)
    return session.scalar(select(Newcomer).where(*mine, Newcomer.decided_at.is_(None)).limit(1))


def get(session: Session, newcomer_id: int) -> Newcomer | None:
    """Return one request, and keep others from deciding it until the transaction ends."""
    return session.get(Newcomer, newcomer_id, with_for_update=True)


def waiting(session: Session, *, limit: int) -> list[Newcomer]:
    """Return the requests that nobody has decided, oldest first."""
    wanted = select(Newcomer).where(Newcomer.decided_at.is_(None)).order_by(Newcomer.asked_at, Newcomer.id)
    return list(session.scalars(wanted.limit(limit)))


def forget(session: Session, *, before: datetime) -> int:
    """Drop the requests that were decided before then; return how many they were."""
    gone = delete(Newcomer).where(Newcomer.decided_at < before).returning(Newcomer.id)
    return len(session.scalars(gone).all())
