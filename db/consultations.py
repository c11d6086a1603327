"""Consultations: what a group is asked between meetings, and what each seat replied. Silence is not agreement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import records
from db.base import Base
from db.groups import Group
from db.people import Agency, Person
from db.records import Versioned

PREFIX = "CON"
MAX_TITLE, MAX_QUESTION, MAX_LINK, MAX_COMMENT, MAX_OUTCOME = 100, 500, 500, 1000, 1000


class Reply(StrEnum):
    """What somebody replies. There is none for silence."""

    AGREE = "agree"
    COMMENTS = "agree-with-comments"
    DISAGREE = "disagree"
    NO_VIEW = "no-view"


class Consultation(Versioned, Base):
    """One question to the members of a group, with a link to the document. It is open until `closed_at` is set."""

    __tablename__ = "consultations"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    title: Mapped[str]
    question: Mapped[str]
    link: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    raised_meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"))


class Consulted(Base):
    """One member who was asked, for which seat and agency, and what they replied; `reply` is empty until they do."""

    __tablename__ = "consulted"
    __table_args__ = (UniqueConstraint("consultation_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    seat: Mapped[str]
    agency: Mapped[str]
    reply: Mapped[str]
    comment: Mapped[str]
    replied_at: Mapped[datetime | None]


def find(session: Session, ref: str) -> Consultation | None:
    """Return the consultation with a reference. Callers check who may see it."""
    return session.scalar(select(Consultation).where(Consultation.ref == ref))


def begin(session: Session, *, year: int, **columns: object) -> Consultation:
    """Keep a new consultation and return it; nobody is asked yet."""
    row = Consultation(ref=records.next_ref(session, PREFIX, year), outcome="", **columns)
    session.add(row)
    session.flush()
    return row


def held(session: Session, row: Consultation) -> Consultation:
    """Hold a consultation until the transaction ends, as it is now."""
    wanted = select(Consultation).where(Consultation.id == row.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def ask(session: Session, row: Consultation, *, person_id: int, seat: str, agency: str) -> None:
    """Note that somebody is asked, for a seat and an agency."""
    session.add(
        Consulted(
            consultation_id=row.id, person_id=person_id, seat=seat, agency=agency, reply="", comment="",
            replied_at=None,
        )
    )  # fmt: skip
    session.flush()


def asked(session: Session, row: Consultation) -> list[Consulted]:
    """Return everybody who was asked, those who have not replied first, by seat."""
    wanted = select(Consulted).where(Consulted.consultation_id == row.id)
    silent_first = (Consulted.reply != "", Consulted.seat, Consulted.agency, Consulted.id)
    return list(session.scalars(wanted.order_by(*silent_first).execution_options(populate_existing=True)))


def asked_of(session: Session, row: Consultation, person_id: int | None) -> Consulted | None:
    """Return what was asked of one person; None when they were not."""
    mine = (Consulted.consultation_id == row.id, Consulted.person_id == person_id)
    return session.scalar(select(Consulted).where(*mine).execution_options(populate_existing=True))


def listed(session: Session, *which: ColumnElement[bool], skip: int, limit: int) -> list[tuple[Consultation, str]]:
    """Return the consultations that fit, each with the name of its group: open ones first, then the newest."""
    wanted = select(Consultation, Group.name).join(Group, Group.id == Consultation.group_id).where(*which)
    order = (Consultation.closed_at.is_not(None), Consultation.due_on.desc(), Consultation.id.desc())
    rows = session.execute(wanted.order_by(*order).offset(skip).limit(limit))
    return [(row, name) for row, name in rows]


def overdue(session: Session, on: date) -> list[Consultation]:
    """Return the consultations that are open after their day while somebody has not replied, oldest first."""
    silent = select(Consulted.id).where(Consulted.consultation_id == Consultation.id, Consulted.reply == "").exists()
    wanted = select(Consultation).where(Consultation.closed_at.is_(None), Consultation.due_on < on, silent)
    return list(session.scalars(wanted.order_by(Consultation.id)))


def agencies(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of the agencies of some people, by their numbers; those without one are not in it."""
    wanted = select(Person.id, Agency.name).join(Agency, Agency.id == Person.agency_id)
    rows = session.execute(wanted.where(Person.id.in_(list(person_ids))))
    return {row.id: row.name for row in rows}
