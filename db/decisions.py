"""What meetings decided, and how seats voted; also what was decided between two meetings and has to be reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import records
from db.agendas import AgendaItem
from db.base import Base
from db.groups import Group
from db.records import Versioned

PREFIX = "DEC"
MAX_TEXT, MAX_MADE_BY = 1000, 100


class Voice(StrEnum):
    """How a seat voted."""

    FOR = "for"
    AGAINST = "against"
    ABSTAINS = "abstains"


class Decision(Versioned, Base):
    """One decision of a group. Without a `meeting_id` it was taken between meetings, and has to be reported.

    `reported_on` says when it was, and `reported_meeting_id` to which meeting; without one it was in writing.
    """

    __tablename__ = "decisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"))
    text: Mapped[str]
    made_on: Mapped[date]
    made_by: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reported_meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    reported_on: Mapped[date | None]


class Vote(Base):
    """How one seat voted on a decision."""

    __tablename__ = "votes"
    __table_args__ = (UniqueConstraint("decision_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    seat: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    voice: Mapped[str]


def find(session: Session, ref: str) -> Decision | None:
    """Return the decision with a reference. Callers check who may see it."""
    return session.scalar(select(Decision).where(Decision.ref == ref))


def add(session: Session, *, year: int, votes: Mapping[int, tuple[str, str]], **columns: object) -> Decision:
    """Keep a new decision with its votes, by person the seat and the voice; return it."""
    row = Decision(ref=records.next_ref(session, PREFIX, year), **columns)
    session.add(row)
    session.flush()
    _vote(session, row, votes)
    return row


def vote_again(session: Session, row: Decision, votes: Mapping[int, tuple[str, str]]) -> None:
    """Put these votes in the place of those that a decision has."""
    session.execute(delete(Vote).where(Vote.decision_id == row.id))
    _vote(session, row, votes)


def _vote(session: Session, row: Decision, votes: Mapping[int, tuple[str, str]]) -> None:
    session.add_all(
        Vote(decision_id=row.id, seat=seat, person_id=person_id, voice=voice)
        for person_id, (seat, voice) in sorted(votes.items())
    )
    session.flush()


def votes(session: Session, row: Decision) -> list[Vote]:
    """Return the votes on a decision, by seat."""
    return list(session.scalars(select(Vote).where(Vote.decision_id == row.id).order_by(Vote.seat, Vote.id)))


def listed(session: Session, *which: ColumnElement[bool], skip: int, limit: int) -> list[tuple[Decision, str]]:
    """Return the decisions that fit, each with the name of its group, newest first."""
    wanted = select(Decision, Group.name).join(Group, Group.id == Decision.group_id).where(*which)
    rows = session.execute(wanted.order_by(Decision.made_on.desc(), Decision.id.desc()).offset(skip).limit(limit))
    return [(row, name) for row, name in rows]


def items(session: Session, meeting_id: int) -> list[AgendaItem]:
    """Return what is on the agenda of a meeting, in its order."""
    on = (AgendaItem.dropped_at.is_(None), AgendaItem.taken_at.is_not(None))
    wanted = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id, *on)
    return list(session.scalars(wanted.order_by(AgendaItem.place, AgendaItem.id)))
