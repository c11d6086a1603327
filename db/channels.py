"""Channels that the secretariat registered, so that bulletins can go there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.groups import Group


class Channel(Base):
    """A conversation of many people on a platform. One that was taken out keeps its number, which means no other."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("platform", "address"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    address: Mapped[str]
    name: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    removed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Registered:
    """A channel as it is listed; `group` is empty where it belongs to none."""

    id: int
    platform: str
    address: str
    name: str
    group: str


def register(
    session: Session, *, platform: str, address: str, name: str, group_id: int | None, at: datetime, by: int | None
) -> int:
    """Register a channel under a name, or give a known one another name and group; return its number."""
    values = {"name": name, "group_id": group_id, "added_at": at, "added_by": by, "removed_at": None}
    return session.scalars(
        insert(session, Channel)
        .values(platform=platform, address=address, **values)
        .on_conflict_do_update(index_elements=["platform", "address"], set_=values)
        .returning(Channel.id)
    ).one()


def remove(session: Session, channel_id: int, *, at: datetime) -> str | None:
    """Take a channel out and return its name; None when it was not there any more."""
    return session.scalar(
        update(Channel)
        .where(Channel.id == channel_id, Channel.removed_at.is_(None))
        .values(removed_at=at)
        .returning(Channel.name)
    )


def listed(session: Session) -> list[Registered]:
    """Return every registered channel, in the order of their names."""
    return _read(session)


def at(session: Session, *, platform: str, address: str) -> Registered | None:
    """Return the channel that is registered for a conversation, or None."""
    return next((one for one in _read(session) if (one.platform, one.address) == (platform, address)), None)


def chosen(session: Session, ids: Iterable[int]) -> list[Registered]:
    """Return those of these channels that are still registered, in the order of their names."""
    wanted = frozenset(ids)
    return [one for one in _read(session) if one.id in wanted] if wanted else []


def _read(session: Session) -> list[Registered]:
    rows = session.execute(
        select(Channel.id, Channel.platform, Channel.address, Channel.name, Group.name.label("group"))
        .outerjoin(Group, Group.id == Channel.group_id)
        .where(Channel.removed_at.is_(None))
        .order_by(Channel.name, Channel.id)
    )
    return [Registered(row.id, row.platform, row.address, row.name, row.group or "") for row in rows]
