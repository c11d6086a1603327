"""One-time codes that join the places of one person. Only a hash of each is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base


class JoiningCode(Base):
    """A code of one person. `address` is the e-mail address that it was sent to, empty where it was shown."""

    __tablename__ = "joining_codes"
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    address: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def offer(session: Session, *, code_hash: str, person_id: int, address: str, expires_at: datetime) -> None:
    """Keep a new code of a person. Their older one of the same sort is worth nothing from now on."""
    same = (JoiningCode.person_id == person_id, (JoiningCode.address != "").is_(bool(address)))
    session.execute(delete(JoiningCode).where(*same))
    session.add(JoiningCode(code_hash=code_hash, person_id=person_id, address=address, expires_at=expires_at))
    session.flush()


def usable(session: Session, code_hash: str, *, at: datetime) -> JoiningCode | None:
    """Return a code that was not used and has not expired, and leave it as it is."""
    found = select(JoiningCode).where(JoiningCode.code_hash == code_hash)
    return session.scalar(found.where(JoiningCode.used_at.is_(None), JoiningCode.expires_at > at))


def use(session: Session, code_hash: str, *, at: datetime) -> bool:
    """Use a code up; False when it was used before, even a moment ago, or has expired."""
    fresh = (JoiningCode.used_at.is_(None), JoiningCode.expires_at > at)
    statement = update(JoiningCode).where(JoiningCode.code_hash == code_hash, *fresh).values(used_at=at)
    return session.scalar(statement.returning(JoiningCode.code_hash)) is not None


def forget(session: Session, *, before: datetime) -> int:
    """Drop the codes that had expired by then; return how many they were."""
    gone = delete(JoiningCode).where(JoiningCode.expires_at < before).returning(JoiningCode.code_hash)
    return len(session.scalars(gone).all())
