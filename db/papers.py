"""What papers and exports are made of: escalations and risks with the names around them, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.actions import ActionItem
from db.challenges import Challenge
from db.challenges import Status as ChallengeStatus
from db.escalations import Escalation
from db.groups import Group
from db.meetings import Meeting
from db.people import Person
from db.risks import Risk, RiskControl, RiskScore, Status

AT_ONCE = 500
SENSITIVE = "OFFICIAL-SENSITIVE"
SENT = Escalation.raised_at.is_not(None)  # a draft that was withdrawn is still its group's own


@dataclass(frozen=True, slots=True)
class Promised:
    """One action of a record: what, whose, by when, and when it was done."""

    what: str
    owner: str
    due_on: date
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """One escalation with its group, the day of its meeting and its actions."""

    row: Escalation
    group: str
    meeting_on: date | None
    actions: Sequence[Promised] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """One risk with its owner, its lead group, its controls that are in place and its actions."""

    row: Risk
    owner: str
    group: str
    controls: Sequence[RiskControl] = field(default=())
    actions: Sequence[Promised] = ()


def escalations(session: Session, *which: ColumnElement[bool]) -> Iterator[Tracked]:
    """Give the escalations that fit and were sent, oldest first, a few hundred in memory at a time."""
    wanted = (
        select(Escalation, Group.name, Meeting.on)
        .join(Group, Group.id == Escalation.group_id)
        .outerjoin(Meeting, Meeting.id == Escalation.target_meeting_id)
        .where(SENT, *which)
    )
    for rows in _parts(session, wanted, Escalation):
        promised = actions(session, [row.ref for row, _, _ in rows])
        for row, group, on in rows:
            yield Tracked(row, group, on, promised.get(row.ref, ()))


def risks(session: Session, *which: ColumnElement[bool]) -> Iterator[Registered]:
    """Give the risks that fit, oldest first, a few hundred in memory at a time."""
    owner = aliased(Person)
    wanted = (
        select(Risk, owner.name, Group.name)
        .outerjoin(owner, owner.id == Risk.owner_id)
        .outerjoin(Group, Group.id == Risk.lead_group_id)
        .where(*which)
    )
    for rows in _parts(session, wanted, Risk):
        promised = actions(session, [row.ref for row, _, _ in rows])
        controls = _controls(session, [row.id for row, _, _ in rows])
        for row, name, group in rows:
            in_place = controls.get(row.id, ())
            yield Registered(row, name or "", group or "", in_place, promised.get(row.ref, ()))


def _parts(session: Session, wanted: Select[*tuple[Any, ...]], kind: type[Escalation | Risk]) -> Iterator[list[Any]]:
    """Give the rows in parts, each found by the last number before it; a session forgets what nobody holds."""
    last = 0
    while rows := session.execute(wanted.where(kind.id > last).order_by(kind.id).limit(AT_ONCE)).all():
        last = rows[-1][0].id
        yield list(rows)


def actions(session: Session, refs: Iterable[str]) -> dict[str, list[Promised]]:
    """Return the actions of these records by reference, those that are not done and are due first at the top."""
    wanted = (
        select(ActionItem, Person.name)
        .outerjoin(Person, Person.id == ActionItem.owner_person_id)
        .where(ActionItem.of_ref.in_(list(refs)))
        .order_by(ActionItem.done_on.is_not(None), ActionItem.due_on, ActionItem.id)
    )
    found: dict[str, list[Promised]] = {}
    for row, name in session.execute(wanted):
        said = row.owner_role.capitalize() or name or ""
        found.setdefault(row.of_ref, []).append(Promised(row.what, said, row.due_on, row.done_on))
    return found


def _controls(session: Session, ids: Iterable[int]) -> dict[int, list[RiskControl]]:
    wanted = select(RiskControl).where(RiskControl.risk_id.in_(list(ids)), RiskControl.ended_at.is_(None))
    found: dict[int, list[RiskControl]] = {}
    for control in session.scalars(wanted.order_by(RiskControl.id)):
        found.setdefault(control.risk_id, []).append(control)
    return found


# --- which of them ---------------------------------------------------------------------------------------------


def open_or_since(states: Iterable[str], since: datetime) -> ColumnElement[bool]:
    """Say that an escalation is open, or was answered or ended since then."""
    return or_(Escalation.status.in_(list(states)), Escalation.closed_at >= since, Escalation.decided_at >= since)


def count(session: Session, kind: type[Escalation | Risk], *which: ColumnElement[bool]) -> int:
    """Count the records that fit."""
    return session.scalar(select(func.count()).select_from(kind).where(*which)) or 0


def titles(session: Session, kind: type[Escalation | Risk]) -> list[str]:
    """Return the titles of everything that there is."""
    return list(session.scalars(select(kind.title)))


def live_or_ended(since: datetime) -> ColumnElement[bool]:
    """Say that a risk is on the register or waits for triage, or was closed since then."""
    live = [Status.ALERT.value, Status.OPEN.value, Status.ESCALATED.value, Status.ACCEPTED.value]
    return or_(Risk.status.in_(live), Risk.closed_at >= since)


def sensitive(kind: type[Escalation | Risk]) -> ColumnElement[bool]:
    """Say that a record is marked so that only some may read it."""
    return kind.marking == SENSITIVE


def moved(session: Session, since: datetime) -> dict[int, list[RiskScore]]:
    """Return the current scores that risks were given since then, by risk, oldest first."""
    wanted = select(RiskScore).where(RiskScore.which == "current", RiskScore.at >= since).order_by(RiskScore.id)
    found: dict[int, list[RiskScore]] = {}
    for score in session.scalars(wanted):
        found.setdefault(score.risk_id, []).append(score)
    return found


def waiting_challenges(session: Session) -> list[Challenge]:
    """Return the challenges that are not closed, the one that was to be answered first at the top."""
    wanted = select(Challenge).where(Challenge.status != ChallengeStatus.CLOSED.value)
    return list(session.scalars(wanted.order_by(Challenge.response_due, Challenge.id)))
