"""Actions: what somebody has promised to do because of a record, by when, and what shows that it is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import records
from db.base import Base
from db.people import Person, Role, held_roles, here
from db.records import Versioned

PREFIX = "ACT"
MAX_WHAT, MAX_EVIDENCE = 300, 500


class ActionItem(Versioned, Base):
    """One action of a record. Its owner is a person, or whoever has a role, or both; it is done when `done_on` is set.

    `of_ref` is the record that it belongs to, empty for an action that stands alone.
    """

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_owner_person_id", "owner_person_id", "done_on"),
        Index("ix_actions_done_on_due_on", "done_on", "due_on"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    of_ref: Mapped[str] = mapped_column(index=True)
    what: Mapped[str]
    owner_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    owner_role: Mapped[str]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    evidence: Mapped[str]
    added_at: Mapped[datetime]
    added_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


def add(
    session: Session,
    *,
    of_ref: str,
    what: str,
    due_on: date,
    at: datetime,
    year: int,
    by: int | None,
    owner_person_id: int | None = None,
    owner_role: str = "",
) -> ActionItem:
    """Keep an action under the next reference of the year. It has an owner: a person, or whoever has a role."""
    if owner_person_id is None and not owner_role:
        raise ValueError("an action needs an owner")
    row = ActionItem(
        ref=records.next_ref(session, PREFIX, year),
        version=1,
        of_ref=of_ref,
        what=what,
        owner_person_id=owner_person_id,
        owner_role=owner_role,
        due_on=due_on,
        done_on=None,
        evidence="",
        added_at=at,
        added_by_person_id=by,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, ref: str) -> ActionItem | None:
    """Return the action with a reference."""
    return session.scalar(select(ActionItem).where(ActionItem.ref == ref))


def of(session: Session, of_ref: str) -> list[ActionItem]:
    """Return the actions of a record, the one that is due first at the top, those that are done at the end."""
    wanted = select(ActionItem).where(ActionItem.of_ref == of_ref)
    return list(session.scalars(wanted.order_by(ActionItem.done_on.is_not(None), ActionItem.due_on, ActionItem.id)))


def open_of(session: Session, of_ref: str) -> int:
    """Count the actions of a record that are not done."""
    wanted = select(func.count()).where(ActionItem.of_ref == of_ref, ActionItem.done_on.is_(None))
    return session.scalar(wanted) or 0


def owner_names(session: Session, rows: Iterable[ActionItem]) -> dict[int, str]:
    """Return what to call the owner of each action: the person's name, or the role."""
    known = list(rows)
    ids = {row.owner_person_id for row in known} - {None}
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
    return {row.id: names.get(row.owner_person_id or 0) or row.owner_role.capitalize() for row in known}


def owner_ids(session: Session, row: ActionItem, *, on: date) -> list[int]:
    """Return who owes an action on that day: the person, or everybody who has the role; nobody who has left."""
    wanted = select(Person.id).where(here(on)).order_by(Person.id)
    if row.owner_person_id is not None:
        return list(session.scalars(wanted.where(Person.id == row.owner_person_id)))
    held = held_roles(on).subquery()
    return list(
        session.scalars(wanted.where(Person.id.in_(select(held.c.person_id).where(held.c.role == row.owner_role))))
    )


def owned_by(person_id: int | None, roles: Collection[Role]) -> ColumnElement[bool]:
    """Say that an action is one's own: by name, or by a role where it names nobody."""
    if person_id is None:
        return false()
    by_role = ActionItem.owner_person_id.is_(None) & ActionItem.owner_role.in_([role.value for role in roles])
    return or_(ActionItem.owner_person_id == person_id, by_role)


def listed(
    session: Session,
    *which: ColumnElement[bool],
    due_by: date | None = None,
    skip: int = 0,
    limit: int | None = None,
) -> list[ActionItem]:
    """Return the open actions that fit, the one that is due first at the top; where a day is given, those due by it."""
    return list(session.scalars(_open(*which, due_by=due_by).offset(skip).limit(limit)))


def counted(session: Session, *which: ColumnElement[bool], due_by: date | None = None) -> int:
    """Count the open actions that fit."""
    wanted = _open(*which, due_by=due_by).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(wanted)) or 0


def _open(*which: ColumnElement[bool], due_by: date | None) -> Select[ActionItem]:
    wanted = select(ActionItem).where(ActionItem.done_on.is_(None), *which)
    if due_by is not None:
        wanted = wanted.where(ActionItem.due_on <= due_by)
    return wanted.order_by(ActionItem.due_on, ActionItem.id)
