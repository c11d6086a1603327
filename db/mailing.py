"""E-mail addresses: a number for each, what came back from it, and which kinds it said no to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert, take_turns
from db.deliveries import Delivery, Occurrence

PLATFORM = "email"
SOFT_BOUNCES = 3  # that many within the time below count as one that is final
SOFT_WITHIN = timedelta(days=30)


class MailAddress(Base):
    """An address that was written to. Links carry its number, so that no address stands in one.

    `marked_at` is set while nothing is sent there, and `reason` says what came back.
    """

    __tablename__ = "mail_addresses"
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)
    marked_at: Mapped[datetime | None]
    reason: Mapped[str]
    cleared_at: Mapped[datetime | None]


class MailBounce(Base):
    """One message that came back. The key makes hearing of it twice harmless."""

    __tablename__ = "mail_bounces"
    key: Mapped[str] = mapped_column(primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("mail_addresses.id"), index=True)
    at: Mapped[datetime]
    final: Mapped[bool]
    status: Mapped[str]


class MailStop(Base):
    """A kind that an address said no to, where it is no enrolled person's, such as a shared mailbox."""

    __tablename__ = "mail_stops"
    address_id: Mapped[int] = mapped_column(ForeignKey("mail_addresses.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Written:
    """A delivery by e-mail: to whom, and the kind and natural key of what was said."""

    address: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Marked:
    """An address to which nothing is sent, since when, and what came back."""

    id: int
    address: str
    at: datetime
    reason: str


def number(session: Session, address: str) -> int:
    """Return the number of an address, which it keeps from now on."""
    known = select(MailAddress.id).where(MailAddress.address == address)
    found = session.scalar(known)
    if found is None:
        session.execute(insert(session, MailAddress).values(address=address, reason="").on_conflict_do_nothing())
        found = session.scalar(known)
    return found or 0


def address(session: Session, number: int) -> str | None:
    """Return the address with a number."""
    return session.scalar(select(MailAddress.address).where(MailAddress.id == number))


def written(session: Session, delivery_id: str) -> Written | None:
    """Return what a delivery was; None when it was none by e-mail, or is forgotten."""
    row = session.execute(
        select(Delivery.address, Occurrence.kind, Occurrence.key)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Delivery.id == delivery_id, Delivery.platform == PLATFORM)
    ).one_or_none()
    return Written(row.address, row.kind, row.key) if row else None


def note(session: Session, delivery_id: str, said: str) -> None:
    """Write beside a delivery what became of it after it was taken; reports show it."""
    session.execute(update(Delivery).where(Delivery.id == delivery_id).values(error=said))


def bounced(session: Session, *, key: str, address: str, final: bool, status: str, at: datetime) -> Marked | None:
    """Keep that a message came back; return the mark when nothing is sent to the address from now on."""
    take_turns(session, "bounces")
    address_id = number(session, address)
    fresh = session.execute(
        insert(session, MailBounce)
        .values(key=key, address_id=address_id, at=at, final=final, status=status)
        .on_conflict_do_nothing()
        .returning(MailBounce.key)
    ).first()
    row = session.get_one(MailAddress, address_id)
    if fresh is None or row.marked_at is not None:
        return None
    if not final and _recent(session, row, at) < SOFT_BOUNCES:
        return None
    row.marked_at, row.reason = at, status
    session.flush()
    return Marked(row.id, row.address, at, status)


def _recent(session: Session, row: MailAddress, at: datetime) -> int:
    """Count what came back lately, since somebody last said that the address works."""
    since = max(filter(None, (row.cleared_at, at - SOFT_WITHIN)))
    counted = select(func.count()).select_from(MailBounce)
    return session.scalar(counted.where(MailBounce.address_id == row.id, MailBounce.at > since)) or 0


def mark(session: Session, address: str) -> Marked | None:
    """Return the mark of an address to which nothing is sent; None when messages go there."""
    row = session.scalar(select(MailAddress).where(MailAddress.address == address))
    return Marked(row.id, row.address, row.marked_at, row.reason) if row and row.marked_at else None


def marked(session: Session) -> list[Marked]:
    """Return every address to which nothing is sent, the latest first."""
    rows = session.execute(
        select(MailAddress.id, MailAddress.address, MailAddress.marked_at, MailAddress.reason)
        .where(MailAddress.marked_at.is_not(None))
        .order_by(MailAddress.marked_at.desc(), MailAddress.id)
    )
    return [Marked(row.id, row.address, row.marked_at, row.reason) for row in rows]


def clear(session: Session, address_id: int) -> str | None:
    """Send to an address again; return it, or None when it was not marked. What came back so far counts no more."""
    latest = select(func.max(MailBounce.at)).where(MailBounce.address_id == address_id).scalar_subquery()
    return session.scalar(
        update(MailAddress)
        .where(MailAddress.id == address_id, MailAddress.marked_at.is_not(None))
        .values(marked_at=None, reason="", cleared_at=latest)
        .returning(MailAddress.address)
    )


def mended(session: Session, address: str) -> None:
    """Send to an address again because somebody has just put it in place, where it was known at all."""
    found = session.scalar(select(MailAddress.id).where(MailAddress.address == address))
    if found is not None:
        clear(session, found)


def stop(session: Session, address_id: int, kind: str, *, at: datetime) -> None:
    """Keep that an address does not want a kind."""
    row = {"address_id": address_id, "kind": kind, "at": at}
    session.execute(insert(session, MailStop).values(row).on_conflict_do_nothing())


def start(session: Session, address_id: int, kind: str) -> None:
    """Forget that an address did not want a kind."""
    session.execute(delete(MailStop).where(MailStop.address_id == address_id, MailStop.kind == kind))


def stopped(session: Session, address_id: int, kind: str) -> bool:
    """Say whether an address does not want a kind."""
    wanted = select(MailStop.kind).where(MailStop.address_id == address_id, MailStop.kind == kind)
    return session.scalar(wanted) is not None
