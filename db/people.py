"""People: who they are, where they are reached, which agency and which roles they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, take_turns


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


class Agency(Base):
    """An organisation of the partnership."""

    __tablename__ = "agencies"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Person(Base):
    """Somebody enrolled. `post` is the title of the post they hold, as articles name their owners."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    post: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]


class IdentityRow(Base):
    """One place where a person is reached: a platform and the id that it gave them."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("platform", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    platform: Mapped[str]
    user_id: Mapped[str]


class RoleGrant(Base):
    """A role that a person has, from one day until another, or for good."""

    __tablename__ = "role_grants"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]


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
        return cls(platform, user_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: an identity, and the person behind it when they are enrolled."""

    identity: Identity
    person_id: int | None = None
    name: str = ""
    roles: frozenset[Role] = frozenset()


def find(session: Session, identity: Identity, *, on: date) -> Actor:
    """Return who speaks, with the roles of that day; a stranger or a leaver has none."""
    rows = session.execute(
        select(Person.id, Person.name, RoleGrant.role)
        .join(IdentityRow, IdentityRow.person_id == Person.id)
        .outerjoin(
            RoleGrant,
            and_(RoleGrant.person_id == Person.id, _in_force(on)),
        )
        .where(IdentityRow.platform == identity.platform, IdentityRow.user_id == identity.user_id)
        .where(_here(on))
    ).all()
    if not rows:
        return Actor(identity)
    roles = frozenset(Role(row.role) for row in rows if row.role)
    return Actor(identity, rows[0].id, rows[0].name, roles)


def roles(session: Session, person_id: int, *, on: date) -> frozenset[Role]:
    """Return the roles that somebody has on that day; a leaver has none."""
    rows = session.scalars(
        select(RoleGrant.role)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.person_id == person_id, _in_force(on), _here(on))
    )
    return frozenset(map(Role, rows))


def reach(session: Session, *, roles: Iterable[Role], on: date) -> list[Identity]:
    """Return one identity for everybody who has one of the roles on that day, oldest identity first."""
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_([role.value for role in roles]), _in_force(on))
    return _one_each(session, Person.id.in_(held), on=on)


def holders(session: Session, post: str, *, on: date) -> list[Identity]:
    """Return one identity for everybody who holds a post on that day."""
    return _one_each(session, Person.post == post, on=on)


def _one_each(session: Session, who: ColumnElement[bool], *, on: date) -> list[Identity]:
    rows = session.execute(
        select(IdentityRow.person_id, IdentityRow.platform, IdentityRow.user_id)
        .join(Person, Person.id == IdentityRow.person_id)
        .where(who, _here(on))
        .order_by(IdentityRow.id)
    )
    first: dict[int, Identity] = {}
    for person_id, platform, user_id in rows:
        first.setdefault(person_id, Identity(platform, user_id))
    return list(first.values())


def _in_force(on: date) -> ColumnElement[bool]:
    return and_(RoleGrant.from_on <= on, or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on))


def _here(on: date) -> ColumnElement[bool]:
    return or_(Person.left_on.is_(None), Person.left_on > on)


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
        person.name, person.agency_id, person.post, person.left_on = name, _agency(session, agency), post, None
        session.flush()
        person_id = person.id
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
        still = or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= person.left_on)
        ended = update(RoleGrant).where(RoleGrant.person_id == person.id, still)
        session.execute(ended.values(until_on=person.left_on - timedelta(days=1)))
    return person


def _person(session: Session, identity: Identity) -> Person | None:
    """Return whose identity it is, whether they are here or have left."""
    return session.scalar(
        select(Person)
        .join(IdentityRow, IdentityRow.person_id == Person.id)
        .where(IdentityRow.platform == identity.platform, IdentityRow.user_id == identity.user_id)
    )


def _agency(session: Session, name: str) -> int | None:
    if not name:
        return None
    found = session.scalar(select(Agency.id).where(Agency.name == name))
    if found is None:
        agency = Agency(name=name)
        session.add(agency)
        session.flush()
        found = agency.id
    return found
