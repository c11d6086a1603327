"""What records bring to a meeting by themselves: read when the agenda is shown, and never kept with it.

`kept` are the references of what was on the agenda when its papers were locked: that stays, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from db.attending import AbsenceReview
from db.consultations import Consultation, Consulted
from db.decisions import Decision
from db.escalations import Escalation
from db.groups import Group, Membership
from db.meetings import AHEAD, EXECUTIVE, Meeting
from db.risks import Risk, Status

BETWEEN = "between"  # how `decided_how` begins where the Executive did not meet for it
_NOT_THERE = ("draft", "submitted", "returned", "withdrawn")
_ON_REGISTER = (Status.OPEN.value, Status.ESCALATED.value, Status.ACCEPTED.value)


def group_name(session: Session, meeting: Meeting) -> str:
    """Return the name of the group that meets."""
    return session.scalars(select(Group.name).where(Group.id == meeting.group_id)).one()


def sits(session: Session, person_id: int, group_id: int, *, on: date) -> bool:
    """Say whether somebody sits in a group on that day."""
    mine = (Membership.person_id == person_id, Membership.group_id == group_id, Membership.in_force(on))
    return session.scalar(select(Membership.id).where(*mine).limit(1)) is not None


def of_ref(session: Session, ref: str) -> Meeting | None:
    """Return the meeting with a reference."""
    return session.scalar(select(Meeting).where(Meeting.ref == ref.strip().upper()))


def coming(session: Session, on: date, *, person_id: int | None, limit: int) -> list[tuple[str, Meeting]]:
    """Return the next meetings of the groups in which somebody sits, or of all groups, each with its group's name."""
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.on >= on, Meeting.state.in_(AHEAD))
        .order_by(Meeting.on, Group.name)
        .limit(limit)
    )
    if person_id is not None:
        mine = select(Membership.group_id).where(Membership.person_id == person_id, Membership.in_force(on))
        wanted = wanted.where(Meeting.group_id.in_(mine))
    return [(name, row) for name, row in session.execute(wanted)]


def is_next(session: Session, meeting: Meeting, on: date) -> bool:
    """Say whether a meeting is the first that its group still has before it: what waits for no day comes there."""
    ahead = (Meeting.group_id == meeting.group_id, Meeting.on >= on, Meeting.state.in_(AHEAD))
    return session.scalar(select(Meeting.id).where(*ahead).order_by(Meeting.on).limit(1)) == meeting.id


def escalations(session: Session, meeting: Meeting, *, kept: Collection[str] = ()) -> list[tuple[Escalation, str]]:
    """Return the escalations that this meeting is to decide on, or has, each with the name of its group."""
    here = (Escalation.target_meeting_id == meeting.id, Escalation.status.not_in(_NOT_THERE))
    return _escalations(session, and_(*here, Escalation.decided_how.not_like(f"{BETWEEN}%")), kept)


def reported(session: Session, meeting: Meeting, *, kept: Collection[str] = ()) -> list[tuple[Escalation, str]]:
    """Return the escalations that were answered between meetings and are reported to this one."""
    return _escalations(session, Escalation.report_meeting_id == meeting.id, kept)


def _escalations(session: Session, which: ColumnElement[bool], kept: Collection[str]) -> list[tuple[Escalation, str]]:
    wanted = select(Escalation, Group.name).join(Group, Group.id == Escalation.group_id)
    wanted = wanted.where(or_(which, Escalation.ref.in_(kept)))
    return [(row, name) for row, name in session.execute(wanted.order_by(Escalation.id))]


def decisions(session: Session, meeting: Meeting, *, first: bool, kept: Collection[str] = ()) -> list[Decision]:
    """Return what the group decided between meetings and is reported to this one, which may be its `first`."""
    between = (Decision.group_id == meeting.group_id, Decision.meeting_id.is_(None))
    waits = Decision.reported_on.is_(None) if first else false()
    here = or_(waits, Decision.reported_meeting_id == meeting.id, Decision.ref.in_(kept))
    return list(session.scalars(select(Decision).where(*between, here).order_by(Decision.id)))


def unanswered(
    session: Session, meeting: Meeting, on: date, *, first: bool, kept: Collection[str] = ()
) -> list[tuple[Consultation, list[str]]]:
    """Return the consultations of the group that are past their day, each with the seats that have not replied."""
    waits = and_(Consultation.raised_meeting_id.is_(None), true() if first else false())
    here = and_(
        Consultation.due_on < on, Consulted.reply == "", or_(waits, Consultation.raised_meeting_id == meeting.id)
    )
    wanted = (
        select(Consultation, Consulted.seat, Consulted.agency, Consulted.reply)
        .join(Consulted, Consulted.consultation_id == Consultation.id)
        .where(Consultation.group_id == meeting.group_id, or_(here, Consultation.ref.in_(kept)))
        .order_by(Consultation.id, Consulted.seat, Consulted.agency)
    )
    found: dict[int, tuple[Consultation, list[str]]] = {}
    for row, seat, agency, reply in session.execute(wanted):
        silent = found.setdefault(row.id, (row, []))[1]
        said = seat or agency or "a member without a seat"
        if not reply and said not in silent:
            silent.append(said)
    return list(found.values())


def risks(session: Session, meeting: Meeting, *, kept: Collection[str] = ()) -> list[Risk]:
    """Return the risks on the register that the group leads on; for the Executive, those of every group."""
    own = true() if group_name(session, meeting) == EXECUTIVE else Risk.lead_group_id == meeting.group_id
    here = and_(Risk.status.in_(_ON_REGISTER), own)
    return list(session.scalars(select(Risk).where(or_(here, Risk.ref.in_(kept))).order_by(Risk.id)))


def absence(session: Session, group_id: int) -> bool:
    """Say whether the absence of a member of a group is still to be looked at; never whose."""
    still = (AbsenceReview.group_id == group_id, AbsenceReview.closed_at.is_(None))
    return session.scalar(select(AbsenceReview.id).where(*still).limit(1)) is not None


def readable(
    session: Session, kind: type[Escalation | Risk], refs: Iterable[str], visible: ColumnElement[bool]
) -> set[str]:
    """Return which of these references somebody may read, by the condition for them."""
    return set(session.scalars(select(kind.ref).where(kind.ref.in_(list(refs)), visible)))
