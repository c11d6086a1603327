"""What lists of records ask of storage: pages of what fits, how many there are, and which of them hold some words.

Callers say who may see what (`handlers/access.py`) by the conditions that they pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Index, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.bulletins import Bulletin, BulletinAgreement, BulletinIssue, BulletinReading, BulletinRecipient, State
from db.challenges import Challenge
from db.escalations import Answer, Escalation
from db.groups import Group, Membership
from db.people import PostHolder
from db.risks import Risk

R = TypeVar("R", bound=Escalation | Risk | Challenge)
_ESCAPE = "/"
# Everything that lists filter and sort by: so that what fits is found without reading the long texts of each record.
INDEXES = (
    Index(
        "ix_escalations_listing",
        Escalation.status, Escalation.urgency, Escalation.marking, Escalation.raised_at, Escalation.response_due,
        Escalation.group_id, Escalation.raised_by, Escalation.claimed_by, Escalation.asked_at,
        Escalation.still_wanted_at, Escalation.ref,
    ),
    Index(
        "ix_risks_listing",
        Risk.status, Risk.marking, Risk.current_l, Risk.current_i, Risk.next_review, Risk.acceptance_expiry,
        Risk.raised_at, Risk.raised_by, Risk.owner_id, Risk.lead_group_id,
        Risk.ref,
    ),
    Index(
        "ix_challenges_listing",
        Challenge.status, Challenge.marking, Challenge.response_due, Challenge.raised_by, Challenge.owner_id,
        Challenge.linked_risk, Challenge.linked_escalation, Challenge.ref,
    ),
)  # fmt: skip


def page(
    session: Session,
    kind: type[R],
    *which: ColumnElement[bool],
    order: Sequence[Any],  # columns, or expressions of them
    skip: int = 0,
    limit: int,
) -> list[R]:
    """Return the records of a kind that fit, in this order; those that are alike in it by when they were kept.

    The long texts of a record are read for what is returned alone, and not carried through the sorting.
    """
    found = select(kind.id).where(*which).order_by(*order, kind.id).offset(skip).limit(limit).subquery()
    rows = select(kind).join(found, found.c.id == kind.id)
    return list(session.scalars(rows.order_by(*order, kind.id)))


def found(
    session: Session,
    kind: type[R],
    *which: ColumnElement[bool],
    order: Sequence[Any],
    skip: int,
    limit: int,
) -> tuple[list[R], int]:
    """Return a page as `page` does, and how many records fit, from one look at all of them."""
    every = func.count().over().label("every")
    rows = select(kind.id, every).where(*which).order_by(*order, kind.id).offset(skip).limit(limit).subquery()
    wanted = select(kind, rows.c.every).join(rows, rows.c.id == kind.id).order_by(*order, kind.id)
    shown = session.execute(wanted).all()
    if not shown and skip:  # a page beyond the last one
        return [], session.scalar(select(func.count()).select_from(kind).where(*which)) or 0
    return [row for row, _ in shown], shown[0].every if shown else 0


def holding(words: str, *columns: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """Say that each of these words stands somewhere in one of the columns, in whichever case."""
    return [or_(*(column.ilike(f"%{_plainly(word)}%", escape=_ESCAPE) for column in columns)) for word in words.split()]


def _plainly(word: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        word = word.replace(sign, f"{_ESCAPE}{sign}")
    return word


def periods(
    session: Session, kind: type[R], period: ColumnElement[int], *which: ColumnElement[bool]
) -> list[int | None]:
    """Return which periods the records that fit were raised with; None where one knows none."""
    found = session.scalars(select(period).select_from(kind).where(*which).distinct())
    return sorted(found, key=lambda one: (one is not None, one))


def groups_of(person_id: int, *, on: date) -> Select[int]:
    """Return the query of the groups in which somebody sits on that day."""
    return select(Membership.group_id).where(Membership.person_id == person_id, Membership.in_force(on))


# --- what one owes ---------------------------------------------------------------------------------------------


def not_answered_by(person_id: int) -> ColumnElement[bool]:
    """Say that a partner has not answered an escalation since the Executive was asked last."""
    own = select(Answer.id).where(Answer.escalation_id == Escalation.id, Answer.person_id == person_id)
    return ~own.where(Answer.at >= Escalation.asked_at).exists()


def bulletins_in_review(session: Session, person_id: int, *, limit: int) -> list[tuple[Bulletin, frozenset[str]]]:
    """Return the bulletins that wait for agreements and that somebody did not write, each with what was agreed to."""
    others = (Bulletin.author_id != person_id, Bulletin.changed_by != person_id)
    rows = select(Bulletin).where(Bulletin.state == State.REVIEW.value, *others).order_by(Bulletin.id).limit(limit)
    found = list(session.scalars(rows))
    given: dict[int, set[str]] = {one.id: set() for one in found}
    agreed = (
        select(BulletinAgreement.bulletin_id, BulletinAgreement.name)
        .join(Bulletin, Bulletin.id == BulletinAgreement.bulletin_id)
        .where(BulletinAgreement.version == Bulletin.version, Bulletin.id.in_(given))
    )
    for bulletin_id, name in session.execute(agreed):
        given[bulletin_id].add(name)
    return [(one, frozenset(given[one.id])) for one in found]


def bulletins_to_read(session: Session, person_id: int, *, limit: int) -> list[tuple[Bulletin, str]]:
    """Return the bulletins that somebody got, was asked to read and has not said that they read; with their titles."""
    newest = (
        select(func.max(BulletinIssue.id))
        .join(BulletinRecipient, BulletinRecipient.issue_id == BulletinIssue.id)
        .where(BulletinRecipient.person_id == person_id, BulletinIssue.sent_at.is_not(None))
        .group_by(BulletinIssue.bulletin_id)
    )
    said = select(BulletinReading.bulletin_id).where(BulletinReading.person_id == person_id)
    rows = (
        select(Bulletin, BulletinIssue.title)
        .join(BulletinIssue, BulletinIssue.bulletin_id == Bulletin.id)
        .where(BulletinIssue.id.in_(newest), Bulletin.id.not_in(said))
        .where(Bulletin.needs_reading, Bulletin.state == State.SENT.value)
        .order_by(Bulletin.read_by.is_(None), Bulletin.read_by, Bulletin.id)
        .limit(limit)
    )
    return [(bulletin, title) for bulletin, title in session.execute(rows)]


def seats(session: Session, person_id: int, *, on: date) -> tuple[set[tuple[str, str]], set[str]]:
    """Return where somebody sits on that day, by group and seat, and which posts they hold."""
    sits = (
        select(Group.name, Membership.seat)
        .join(Group, Group.id == Membership.group_id)
        .where(Membership.person_id == person_id, Membership.in_force(on))
    )
    posts = select(PostHolder.post).where(and_(PostHolder.person_id == person_id, PostHolder.in_force(on)))
    return {(group, seat) for group, seat in session.execute(sits)}, set(session.scalars(posts))
