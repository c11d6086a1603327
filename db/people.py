"""People: who they are, where they are reached, which agency and which roles they have."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    ForeignKey,
    Integer,
    Select,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from db.base import Base, take_turns
from db.dated import Dated, end


class Role(StrEnum):
    """What a person may do. Source: domain.md sections 1.4 and 2.5."""

    MEMBER = "member"
    CHAIR = "chair"
    COORDINATOR = "coordinator"
    STRATEGY_MANAGER = "strategy manager"
    SCRUTINEER = "scrutineer"
    STATUTORY_PARTNER = "statutory partner"
    DATA_PROTECTION_OFFICER = "data-protection officer"
    ADMIN = "admin"


SECRETARIAT = frozenset({Role.COORDINATOR, Role.STRATEGY_MANAGER})
KEEPERS = SECRETARIAT | {Role.ADMIN}  # who keep the list of people


class Agency(Base):
    """An organisation of the partnership."""

    __tablename__ = "agencies"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Person(Base):
    """Somebody enrolled. `platform` is where they like to be reached, empty for the first place they have.

    `quiet_hours` are their own, such as "21:00-07:00"; empty for none besides those of the house.
    """

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    platform: Mapped[str] = mapped_column(default="")
    quiet_hours: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]


class IdentityRow(Base):
    """One place where a person is reached: a platform and the id that it gave them."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("platform", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    platform: Mapped[str]
    user_id: Mapped[str]


class RoleGrant(Dated, Base):
    """A role that a person has, from one day until another, or for good."""

    __tablename__ = "role_grants"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str]


class PostHolder(Dated, Base):
    """That a person holds a post, under the title by which articles name their owners."""

    __tablename__ = "post_holders"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    post: Mapped[str] = mapped_column(index=True)


class Deputy(Dated, Base):
    """That a person stands in for another in a role. They have it on those days, as long as the other does."""

    __tablename__ = "deputies"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    for_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """Where somebody speaks from: a platform and the id that the platform gave them."""

    platform: str
    user_id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.user_id}"

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Read `platform:id`. Raises ValueError when either half is missing."""
        platform, _, user_id = text.strip().partition(":")
        if not platform or not user_id:
            raise ValueError("an id should look like slack:U0123ABCD")
        return cls(platform, user_id.lower() if platform == "teams" else user_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: an identity, and the person behind it when they are enrolled."""

    identity: Identity
    person_id: int | None = None
    name: str = ""
    roles: frozenset[Role] = frozenset()


_DAY: Any = bindparam("day", type_=Date())


def find(session: Session, identity: Identity, *, on: date) -> Actor:
    """Return who speaks, with the roles of that day; a stranger or a leaver has none."""
    asked = {"platform": identity.platform, "user": identity.user_id, "day": on}
    person = session.execute(_who_speaks(), asked).one_or_none()
    if person is None:
        return Actor(identity)
    return Actor(identity, person.id, person.name, roles(session, person.id, on=on))


def roles(session: Session, person_id: int, *, on: date) -> frozenset[Role]:
    """Return the roles that somebody has on that day, their own and as a deputy; a leaver has none."""
    return frozenset(map(Role, session.scalars(_roles_of(), {"person": person_id, "day": on})))


@functools.cache
def _who_speaks() -> Select[int, str]:
    """Return the query of `find`, which every request asks: to put it together takes longer than to run it."""
    return (
        select(Person.id, Person.name)
        .join(IdentityRow, IdentityRow.person_id == Person.id)
        .where(IdentityRow.platform == bindparam("platform"), IdentityRow.user_id == bindparam("user"), here(_DAY))
    )


@functools.cache
def _roles_of() -> Select[str]:
    """Return the query of `roles`."""
    held = held_roles(_DAY).subquery()
    return (
        select(held.c.role)
        .join(Person, Person.id == held.c.person_id)
        .where(Person.id == bindparam("person", type_=Integer()), here(_DAY))
    )


def held_roles(on: date) -> CompoundSelect[int, str]:
    """Return the query of who has which role on that day: by a grant, or as a deputy of somebody who has it."""
    own, stood_in_for = aliased(RoleGrant), aliased(Person)
    deputies = (
        select(Deputy.person_id, Deputy.role)
        .join(own, and_(own.person_id == Deputy.for_person_id, own.role == Deputy.role))
        .join(stood_in_for, stood_in_for.id == Deputy.for_person_id)
        .where(Deputy.in_force(on), own.from_on <= on, or_(own.until_on.is_(None), own.until_on >= on))
        .where(or_(stood_in_for.left_on.is_(None), stood_in_for.left_on > on))
    )
    return union(select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.in_force(on)), deputies)


def reach(session: Session, *, roles: Iterable[Role], on: date) -> list[Identity]:
    """Return one identity for everybody who has one of the roles on that day, oldest identity first.

    It is on the platform that the person chose, or else their oldest.
    """
    return list(_one_each(session, _with_roles(), {"roles": list(roles), "day": on}).values())


def reached(session: Session, *, roles: Iterable[Role], on: date) -> list[int]:
    """Return who has one of the roles on that day and a place to be reached at: those of `reach`, as numbers."""
    return list(_one_each(session, _with_roles(), {"roles": list(roles), "day": on}))


def reach_person(session: Session, person_id: int, *, on: date) -> Identity | None:
    """Return where a person is reached: on the platform that they chose, or else at their oldest place."""
    return _one_each(session, _with_numbers(), {"people": [person_id], "day": on}).get(person_id)


def holders(session: Session, post: str, *, on: date) -> list[Identity]:
    """Return one identity for everybody who holds a post on that day."""
    return list(_one_each(session, _with_post(), {"post": post, "day": on}).values())


def places(session: Session, person_ids: Iterable[int], *, on: date) -> list[Identity]:
    """Return one identity for each of these people who have not left, as `reach` chooses it."""
    return list(_one_each(session, _with_numbers(), {"people": list(person_ids), "day": on}).values())


def _one_each(session: Session, query: Select[int, str, str], asked: Mapping[str, Any]) -> dict[int, Identity]:
    first: dict[int, Identity] = {}
    for person_id, platform, user_id in session.execute(query, asked):
        first.setdefault(person_id, Identity(platform, user_id))
    return first


@functools.cache
def _with_roles() -> Select[int, str, str]:
    """Return the query of `reach`, put together once as that of `find` is."""
    held = held_roles(_DAY).subquery()
    named = held.c.role.in_(bindparam("roles", expanding=True))
    return _reached_of(Person.id.in_(select(held.c.person_id).where(named)))


@functools.cache
def _with_numbers() -> Select[int, str, str]:
    return _reached_of(Person.id.in_(bindparam("people", expanding=True)))


@functools.cache
def _with_post() -> Select[int, str, str]:
    held = select(PostHolder.person_id).where(PostHolder.post == bindparam("post"), PostHolder.in_force(_DAY))
    return _reached_of(Person.id.in_(held))


def _reached_of(who: ColumnElement[bool]) -> Select[int, str, str]:
    return (
        select(IdentityRow.person_id, IdentityRow.platform, IdentityRow.user_id)
        .join(Person, Person.id == IdentityRow.person_id)
        .where(who, here(_DAY))
        .order_by(case((IdentityRow.platform == Person.platform, 0), else_=1), IdentityRow.id)
    )


def here(on: date) -> ColumnElement[bool]:
    """Say that a person has not left by that day."""
    return or_(Person.left_on.is_(None), Person.left_on > on)


def is_here(session: Session, person_id: int, *, on: date) -> bool:
    """Say whether somebody is enrolled and has not left by that day, whatever their roles are."""
    return session.scalar(select(Person.id).where(Person.id == person_id, here(on))) is not None


def enrol(
    session: Session,
    identity: Identity,
    *,
    name: str,
    roles: Iterable[Role],
    on: date,
    post: str = "",
    agency: str = "",
) -> int:
    """Enrol somebody, or give an enrolled person the roles that are still missing; return the person's id.

    A person who left and comes back has the post and the roles that are named now, and none of those before.
    """
    take_turns(session, "enrol")  # replicas that start together enrol the same secretariat
    known = find(session, identity, on=on)
    person_id = known.person_id
    if person_id is None:
        person = _begun(session, identity)
        person.name, person.agency_id, person.left_on = name, agency_id(session, agency), None
        session.flush()
        person_id = person.id
        if post:
            session.add(PostHolder(person_id=person_id, post=post, from_on=on))
    for role in roles:
        if role not in known.roles:
            session.add(RoleGrant(person_id=person_id, role=role.value, from_on=on))
    session.flush()
    return person_id


def has_left(session: Session, identity: Identity, *, on: date) -> bool:
    """Say whether somebody was enrolled and has left by that day."""
    person = _person(session, identity)
    return person is not None and person.left_on is not None and person.left_on <= on


def _begun(session: Session, identity: Identity) -> Person:
    """Return a new person, or the one who left, whose roles then end with the day before they did."""
    person = _person(session, identity)
    if person is None:
        person = Person(name="")
        session.add(person)
        session.flush()
        session.add(IdentityRow(person_id=person.id, platform=identity.platform, user_id=identity.user_id))
    elif person.left_on is not None:
        end_everything(session, person.id, on=person.left_on)
    return person


def end_everything(session: Session, person_id: int, *, on: date) -> None:
    """Let a person have no role and no post from that day on, and be nobody's deputy; nobody is theirs."""
    for table in (RoleGrant, PostHolder, Deputy):
        end(session, table, table.person_id == person_id, on=on)
    end(session, Deputy, Deputy.for_person_id == person_id, on=on)


def _person(session: Session, identity: Identity) -> Person | None:
    """Return whose identity it is, whether they are here or have left."""
    return session.scalar(
        select(Person)
        .join(IdentityRow, IdentityRow.person_id == Person.id)
        .where(IdentityRow.platform == identity.platform, IdentityRow.user_id == identity.user_id)
    )


def agency_id(session: Session, name: str) -> int | None:
    """Return the number of an agency, which is there from now on; None for no name."""
    if not name:
        return None
    found = session.scalar(select(Agency.id).where(Agency.name == name))
    if found is None:
        agency = Agency(name=name)
        session.add(agency)
        session.flush()
        found = agency.id
    return found
