"""Bulletins: what is being written, who agreed to which version, what went out, to whom, and who has read it."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert, take_turns

_REF = re.compile(r"BUL-([0-9]{4})-([0-9]{1,6})", re.IGNORECASE)


class State(StrEnum):
    """Where a bulletin stands. `halted` is paused after its sending had begun. Source: domain.md 5.3."""

    DRAFT = "draft"
    REVIEW = "review"
    RETURNED = "returned"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PAUSED = "paused"
    SENDING = "sending"
    HALTED = "halted"
    SENT = "sent"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class Bulletin(Base):
    """One bulletin as it is being written. What went out of it is kept in `BulletinIssue` and never changes."""

    __tablename__ = "bulletins"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        UniqueConstraint("series_id", "planned_on"),
        Index("ix_bulletins_state_scheduled_for", "state", "scheduled_for"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    sections: Mapped[dict[str, Any]]
    image_url: Mapped[str] = mapped_column(default="")
    image_alt: Mapped[str] = mapped_column(default="")
    marking: Mapped[str] = mapped_column(default="OFFICIAL")
    audience: Mapped[dict[str, Any]]
    needs_reading: Mapped[bool] = mapped_column(default=False)
    read_by: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default=State.DRAFT.value)
    returned_with: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    changed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    scheduled_for: Mapped[datetime | None]
    correction_of: Mapped[int | None] = mapped_column(ForeignKey("bulletins.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin_series.id"))
    planned_on: Mapped[date | None]

    @property
    def ref(self) -> str:
        """Return the reference that people use, such as BUL-2026-001."""
        return f"BUL-{self.year}-{self.number:03d}"


class BulletinNumber(Base):
    """The last number given in a year. It only grows, so that no reference ever means two bulletins."""

    __tablename__ = "bulletin_numbers"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class BulletinSeries(Base):
    """A rule by which drafts of one kind are prepared, until it is stopped. It never sends anything."""

    __tablename__ = "bulletin_series"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    rule: Mapped[str]
    audience: Mapped[dict[str, Any]]
    needs_reading: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class BulletinAgreement(Base):
    """That somebody agreed to one version: the approval itself, or another one that its kind needs."""

    __tablename__ = "bulletin_agreements"
    __table_args__ = (UniqueConstraint("bulletin_id", "version", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"))
    version: Mapped[int]
    name: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class BulletinIssue(Base):
    """One version as it went out: its words, and how many messages they became. It is never changed.

    `ended_at` is when nothing of it was left to be sent; `sent_at` when the first reader had it, None for nobody.
    """

    __tablename__ = "bulletin_issues"
    __table_args__ = (UniqueConstraint("bulletin_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"))
    version: Mapped[int]
    title: Mapped[str]
    content: Mapped[dict[str, Any]]
    parts: Mapped[int]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class BulletinRecipient(Base):
    """Somebody, or a channel, for whom a version was meant; without an address they cannot be reached."""

    __tablename__ = "bulletin_recipients"
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("bulletin_issues.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str]
    agency: Mapped[str]
    platform: Mapped[str]
    address: Mapped[str]
    thread: Mapped[str]


class BulletinReading(Base):
    """That a person pressed 'I have read this and briefed my team'."""

    __tablename__ = "bulletin_readings"
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    at: Mapped[datetime]


# --- writing -----------------------------------------------------------------------------------------------


def begin(session: Session, *, year: int, **columns: Any) -> Bulletin:
    """Keep a new bulletin under the next reference of the year."""
    bulletin = Bulletin(year=year, number=_next_number(session, year), **columns)
    session.add(bulletin)
    session.flush()
    return bulletin


def _next_number(session: Session, year: int) -> int:
    """Give the next number of a year. Two at once wait for each other, and one that rolls back leaves no gap."""
    statement = insert(session, BulletinNumber).values(year=year, last=1)
    return session.scalars(
        statement.on_conflict_do_update(
            index_elements=[BulletinNumber.year], set_={"last": BulletinNumber.last + 1}
        ).returning(BulletinNumber.last)
    ).one()


def get(session: Session, bulletin_id: int) -> Bulletin | None:
    """Return one bulletin, and keep others from changing it until the transaction ends.

    Callers have checked what the reader may see.
    """
    return session.get(Bulletin, bulletin_id, with_for_update=True)


def is_ref(words: str) -> bool:
    """Say whether words are the reference of a bulletin, there or not."""
    return _REF.fullmatch(words.strip()) is not None


def of_ref(session: Session, ref: str) -> Bulletin | None:
    """Return the bulletin with this reference."""
    found = _REF.fullmatch(ref.strip())
    if found is None:
        return None
    return session.scalar(select(Bulletin).where(Bulletin.year == int(found[1]), Bulletin.number == int(found[2])))


def listed(session: Session, states: Collection[State], *, skip: int = 0, limit: int) -> list[Bulletin]:
    """Return the bulletins in one of these states, those changed last first."""
    rows = select(Bulletin).where(Bulletin.state.in_([state.value for state in states]))
    return list(
        session.scalars(rows.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc()).offset(skip).limit(limit))
    )


def scheduled(session: Session, states: Collection[State], *, skip: int, limit: int) -> list[Bulletin]:
    """Return the bulletins in one of these states, those that go out first first."""
    rows = select(Bulletin).where(Bulletin.state.in_([state.value for state in states]))
    return list(session.scalars(rows.order_by(Bulletin.scheduled_for, Bulletin.id).offset(skip).limit(limit)))


# --- coming again ------------------------------------------------------------------------------------------


def begin_series(session: Session, **columns: Any) -> BulletinSeries:
    """Keep a rule by which drafts are prepared."""
    one = BulletinSeries(**columns)
    session.add(one)
    session.flush()
    return one


def series(session: Session, *, skip: int, limit: int | None) -> list[BulletinSeries]:
    """Return the rules that hold, oldest first."""
    rows = select(BulletinSeries).where(BulletinSeries.stopped_at.is_(None)).order_by(BulletinSeries.id)
    return list(session.scalars(rows.offset(skip).limit(limit)))


def get_series(session: Session, series_id: int) -> BulletinSeries | None:
    """Return one rule, and keep others from changing it until the transaction ends."""
    return session.get(BulletinSeries, series_id, with_for_update=True)


def planned(session: Session, series_id: int, day: date) -> bool:
    """Say whether the draft of a rule for a day was prepared before; whoever asks next waits until this one ends."""
    take_turns(session, "bulletin series")
    rows = select(Bulletin.id).where(Bulletin.series_id == series_id, Bulletin.planned_on == day)
    return session.scalar(rows) is not None


def newest_of(session: Session, kind: str) -> Bulletin | None:
    """Return the bulletin of a kind that was begun last and was not cancelled."""
    rows = select(Bulletin).where(Bulletin.kind == kind, Bulletin.correction_of.is_(None))
    rows = rows.where(Bulletin.state != State.CANCELLED.value)
    return session.scalar(rows.order_by(Bulletin.id.desc()).limit(1))


def untouched(
    session: Session, *, author_id: int, correction_of: int | None = None, like: Bulletin | None = None
) -> Bulletin | None:
    """Return the newest draft that somebody began of this kind and has not changed, for whoever presses twice."""
    rows = select(Bulletin).where(
        Bulletin.author_id == author_id, Bulletin.changed_by == author_id, Bulletin.state == State.DRAFT.value,
        Bulletin.changed_at == Bulletin.created_at, Bulletin.correction_of == correction_of,
    )  # fmt: skip
    if like is not None:
        rows = rows.where(Bulletin.kind == like.kind, Bulletin.title == like.title, Bulletin.id > like.id)
    return session.scalar(rows.order_by(Bulletin.id.desc()).limit(1))


# --- agreeing ----------------------------------------------------------------------------------------------


def agree(session: Session, bulletin: Bulletin, *, name: str, person_id: int, at: datetime) -> bool:
    """Keep that somebody agreed to the present version; return False when that was kept before."""
    kept = session.scalar(
        insert(session, BulletinAgreement)
        .values(bulletin_id=bulletin.id, version=bulletin.version, name=name, person_id=person_id, at=at)
        .on_conflict_do_nothing()
        .returning(BulletinAgreement.id)
    )
    return kept is not None


def agreements(session: Session, bulletin: Bulletin) -> dict[str, BulletinAgreement]:
    """Return who agreed to the present version, by the name of the agreement."""
    rows = select(BulletinAgreement).where(
        BulletinAgreement.bulletin_id == bulletin.id, BulletinAgreement.version == bulletin.version
    )
    return {row.name: row for row in session.scalars(rows)}
