"""Links to files, both ways: for one purpose and one person, once, until they expire. Only a hash of each is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base


class FileLink(Base):
    """One link. `about` says which record it is for, in the words of its purpose."""

    __tablename__ = "file_links"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    about: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def make(
    session: Session, purpose: str, about: str, *, person_id: int, expires_at: datetime, token_hash: str
) -> FileLink:
    """Keep a new link."""
    link = FileLink(
        token_hash=token_hash, purpose=purpose, about=about, person_id=person_id, expires_at=expires_at
    )  # fmt: skip
    session.add(link)
    session.flush()
    return link


def usable(session: Session, token_hash: str, *, purposes: Iterable[str], at: datetime) -> FileLink | None:
    """Return a link for one of these purposes that is neither used nor expired; looking does not use it up."""
    return session.scalar(
        select(FileLink).where(
            FileLink.token_hash == token_hash,
            FileLink.purpose.in_(list(purposes)),
            FileLink.used_at.is_(None),
            FileLink.expires_at > at,
        )
    )


def use(session: Session, token_hash: str, *, purposes: Iterable[str], at: datetime) -> FileLink | None:
    """Use a link up and return it; None when it was used before, even a moment ago, or has expired."""
    return session.scalar(
        update(FileLink)
        .where(
            FileLink.token_hash == token_hash,
            FileLink.purpose.in_(list(purposes)),
            FileLink.used_at.is_(None),
            FileLink.expires_at > at,
        )
        .values(used_at=at)
        .returning(FileLink)
    )


def forget(session: Session, *, before: datetime) -> int:
    """Drop the links that expired before then; return how many it were."""
    gone = session.scalars(delete(FileLink).where(FileLink.expires_at < before).returning(FileLink.token_hash))
    return len(gone.all())
