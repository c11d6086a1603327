"""What groups ask the Executive to decide: one row for each, the answers of partners, and its own queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import records
from db.base import Base
from db.groups import Group, Membership
from db.meetings import Meeting, MeetingState
from db.people import Agency, Person, here
from db.records import Versioned

PREFIX = "ESC"


class Escalation(Versioned, Base):
    """One escalation, with the columns of the tracker. `raised_at` is when its group first sent it.

    `linked_risk_id` and `linked_challenge_id` hold references; links to anything else are in `db/relations.py`.
    `clocks` are the periods that held when it was raised. `asked_at` is when the Executive was asked last: answers
    before it count no more. `report_meeting_id` is where a decision between meetings is reported.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        Index("ix_escalations_status_response_due", "status", "response_due"),
        Index("ix_escalations_group_id_status", "group_id", "status"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    raised_by: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    raised_by_role: Mapped[str]
    agency: Mapped[str]
    drafted_at: Mapped[datetime]
    raised_at: Mapped[datetime | None] = mapped_column(default=None)
    origin_meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), default=None)
    type: Mapped[str] = mapped_column(default="")
    issue: Mapped[str] = mapped_column(default="")
    impact_on_children: Mapped[str] = mapped_column(default="")
    already_tried: Mapped[str] = mapped_column(default="")
    ask: Mapped[str] = mapped_column(default="")
    urgency: Mapped[str] = mapped_column(default="routine")
    urgency_reason: Mapped[str] = mapped_column(default="")
    marking: Mapped[str] = mapped_column(default="OFFICIAL")
    priority_id: Mapped[str] = mapped_column(default="")
    linked_risk_id: Mapped[str] = mapped_column(default="")
    linked_challenge_id: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="draft")
    status_reason: Mapped[str] = mapped_column(default="")
    triage_note: Mapped[str] = mapped_column(default="")
    triaged_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    triaged_at: Mapped[datetime | None] = mapped_column(default=None)
    target_meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), default=None)
    response_due: Mapped[date | None] = mapped_column(default=None)
    executive_response: Mapped[str] = mapped_column(default="")
    decision_type: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_how: Mapped[str] = mapped_column(default="")
    report_meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), default=None)
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    scrutineer_comment: Mapped[str] = mapped_column(default="")
    deferrals: Mapped[int] = mapped_column(default=0)
    still_wanted_at: Mapped[datetime | None] = mapped_column(default=None)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)
    feedback_to_group_at: Mapped[datetime | None] = mapped_column(default=None)
    closing_agreed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    outcome: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    lessons: Mapped[str] = mapped_column(default="")
    clocks: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Answer(Base):
    """What one statutory partner answered between meetings, and for which agency."""

    __tablename__ = "escalation_answers"
    __table_args__ = (UniqueConstraint("escalation_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agency: Mapped[str]
    decision_type: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


def draft(
    session: Session,
    *,
    group_id: int,
    raised_by: int,
    raised_by_role: str,
    year: int,
    at: datetime,
    title: str,
    **columns: str,
) -> Escalation:
    """Begin an escalation as a draft under the next reference, and return it. `columns` are any of its texts."""
    row = Escalation(
        ref=records.next_ref(session, PREFIX, year),
        version=1,
        title=title,
        group_id=group_id,
        raised_by=raised_by,
        raised_by_role=raised_by_role,
        agency=agency_of(session, raised_by),
        drafted_at=at,
        deferrals=0,
        clocks={},
        status="draft",
        **columns,
    )
    session.add(row)
    session.flush()
    return row


def of_ref(session: Session, ref: str) -> Escalation | None:
    """Return the escalation with a reference, however it is typed; None when there is none."""
    return session.scalar(select(Escalation).where(Escalation.ref == ref.strip().upper()))


def of_risk(session: Session, risk_ref: str) -> list[Escalation]:
    """Return what was escalated from a risk or from a challenge to it, oldest first."""
    wanted = select(Escalation).where(Escalation.linked_risk_id == risk_ref)
    return list(session.scalars(wanted.order_by(Escalation.id)))


def drafts_of(session: Session, person_id: int) -> list[Escalation]:
    """Return the drafts that somebody began and has not sent, newest first."""
    mine = (Escalation.raised_by == person_id, Escalation.status.in_(("draft", "returned")))
    return list(session.scalars(select(Escalation).where(*mine).order_by(Escalation.id.desc())))


def out_of_step(session: Session, on: date, *, limit: int = 1000) -> list[Escalation]:
    """Return those that wait for a meeting which is cancelled, over or on another day than they know, oldest first."""
    meeting = or_(
        Escalation.response_due.is_distinct_from(Meeting.on),
        Meeting.state == MeetingState.CANCELLED.value,
        and_(Escalation.status == "deferred", Meeting.on < on),
    )
    wanted = select(Escalation).join(Meeting, Meeting.id == Escalation.target_meeting_id)
    wanted = wanted.where(Escalation.status.in_(("accepted", "with-executive", "deferred")), meeting)
    return list(session.scalars(wanted.order_by(Escalation.id).limit(limit)))


def to_pack(session: Session, on: date, *, limit: int = 1000) -> list[Escalation]:
    """Return those that wait for a meeting whose papers are locked, or go out by then, oldest first."""
    wanted = select(Escalation).join(Meeting, Meeting.id == Escalation.target_meeting_id)
    wanted = wanted.where(
        Escalation.status.in_(("accepted", "deferred")), or_(Meeting.locked_at.is_not(None), Meeting.pack_on <= on)
    )
    return list(session.scalars(wanted.order_by(Escalation.id).limit(limit)))


def group_name(session: Session, group_id: int) -> str:
    """Return the name of a group."""
    return session.scalars(select(Group.name).where(Group.id == group_id)).one()


def agency_of(session: Session, person_id: int) -> str:
    """Return the agency of a person; empty when they have none."""
    wanted = select(Agency.name).join(Person, Person.agency_id == Agency.id).where(Person.id == person_id)
    return session.scalar(wanted) or ""


# --- answers between meetings ---------------------------------------------------------------------------------


def answer(
    session: Session, row: Escalation, *, person_id: int, agency: str, decision_type: str, text: str, at: datetime
) -> None:
    """Keep what a partner answers; a second answer of the same one takes the place of the first."""
    known = session.scalar(select(Answer).filter_by(escalation_id=row.id, person_id=person_id))
    found = known or Answer(escalation_id=row.id, person_id=person_id)
    found.agency, found.decision_type, found.text, found.at = agency, decision_type, text, at
    session.add(found)
    session.flush()


def answers(session: Session, row: Escalation) -> list[Answer]:
    """Return what partners answered since the Executive was asked last, one for each agency, oldest first."""
    wanted = select(Answer).where(Answer.escalation_id == row.id).order_by(Answer.at, Answer.id)
    since = row.asked_at
    by_agency = {one.agency: one for one in session.scalars(wanted) if since is not None and one.at >= since}
    return list(by_agency.values())


# --- who has a part in it -------------------------------------------------------------------------------------

SPONSOR = "sponsor"  # the seat of the Executive member who sponsors a group


def chairs(session: Session, group_id: int, *, on: date, seats: Iterable[str]) -> list[int]:
    """Return who speaks for a group: who sits there on one of these seats and has not left."""
    sits = (Membership.group_id == group_id, Membership.in_force(on), func.lower(Membership.seat).in_(list(seats)))
    wanted = select(Person.id).join(Membership, Membership.person_id == Person.id).where(*sits, here(on))
    return sorted(set(session.scalars(wanted)))


def sponsors(session: Session, group_id: int, *, on: date) -> list[int]:
    """Return who sponsors a group for the Executive."""
    seat = func.lower(Membership.seat) == SPONSOR
    wanted = select(Membership.person_id).where(Membership.group_id == group_id, Membership.in_force(on), seat)
    return sorted(set(session.scalars(wanted)))


def groups_of(session: Session, person_id: int, *, on: date) -> list[tuple[int, str]]:
    """Return the groups in which somebody sits, by number and name."""
    rows = session.execute(
        select(Group.id, Group.name)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.person_id == person_id, Membership.in_force(on))
        .order_by(Group.name)
        .distinct()
    )
    return [(row.id, row.name) for row in rows]
