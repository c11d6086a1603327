"""Conversations of Microsoft Teams in which the bot can speak: where each is reached, and whether it still may."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Index, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert

PERSONAL = "personal"
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)


class ChatRow(Base):
    """One conversation. `person` is the one it is with, where it is with one; `team` the team that it is a channel of.

    Of when somebody spoke there only the day is kept.
    """

    __tablename__ = "chats"
    __table_args__ = (Index("ix_chats_person", "person"),)
    address: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    tenant: Mapped[str]
    service_url: Mapped[str]
    person: Mapped[str]
    team: Mapped[str]
    seen_on: Mapped[date]
    silent_until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as a sender needs it: personal, a channel or a group chat."""

    address: str
    kind: str
    tenant: str
    service_url: str
    person: str = ""
    team: str = ""


def keep(session: Session, chat: Chat, *, at: datetime) -> None:
    """Remember a conversation in which somebody just spoke, or into which the app was just put."""
    values = {**asdict(chat), "seen_on": at.date(), "silent_until": None}
    if not chat.team:
        values.pop("team")  # not every activity names it
    row = session.get(ChatRow, chat.address)
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return
    session.execute(
        insert(session, ChatRow)
        .values(**{"team": "", **values})
        .on_conflict_do_update(index_elements=["address"], set_=values)
    )


def silence(session: Session, address: str, *, team: str = "", until: datetime = FOR_GOOD) -> None:
    """Say nothing there until then, nor in any channel of the team; for good, where the app was taken out."""
    there = ChatRow.address == address
    which = or_(there, ChatRow.team == team) if team else there
    session.execute(update(ChatRow).where(which).values(silent_until=until))


def speak_again(session: Session, team: str) -> None:
    """Let every channel of a team be spoken in again."""
    session.execute(update(ChatRow).where(ChatRow.team == team).values(silent_until=None))


def forget(session: Session, address: str) -> None:
    """Forget a conversation that is gone."""
    session.execute(delete(ChatRow).where(ChatRow.address == address))


def of_address(session: Session, address: str, *, at: datetime) -> Chat | None:
    """Return a conversation that may be spoken in."""
    return _read(session.scalar(select(ChatRow).where(ChatRow.address == address, _open(at))))


def with_person(session: Session, person: str, *, at: datetime) -> Chat | None:
    """Return the newest conversation with one person that may be spoken in."""
    wanted = select(ChatRow).where(ChatRow.person == person, ChatRow.kind == PERSONAL, _open(at))
    return _read(session.scalar(wanted.order_by(ChatRow.seen_on.desc()).limit(1)))


def is_silent(session: Session, person: str, *, at: datetime) -> bool:
    """Say whether there is a conversation with one person in which nothing may be said."""
    return session.scalar(select(ChatRow.address).where(ChatRow.person == person, ~_open(at)).limit(1)) is not None


def near(session: Session, address: str, tenant: str) -> Chat | None:
    """Return the conversation of an address, or else the newest one, of this tenant if there is any."""
    order = (ChatRow.address == address).desc(), (ChatRow.tenant == tenant).desc(), ChatRow.seen_on.desc()
    return _read(session.scalar(select(ChatRow).order_by(*order).limit(1)))


def _open(at: datetime) -> ColumnElement[bool]:
    return or_(ChatRow.silent_until.is_(None), ChatRow.silent_until <= at)


def _read(row: ChatRow | None) -> Chat | None:
    return Chat(row.address, row.kind, row.tenant, row.service_url, row.person, row.team) if row else None
