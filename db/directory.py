"""Who is enrolled, to be read: agencies with their people, and the whole record of one person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from db import groups
from db.groups import Sitting
from db.people import Agency, Deputy, IdentityRow, Person, PostHolder, Role, RoleGrant, here


@dataclass(frozen=True, slots=True)
class AgencyPeople:
    """An agency and how many people of it are here; number 0 and no name for those of no agency."""

    id: int
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One person in a list."""

    id: int
    name: str
    agency: str
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """A role or a post that somebody has, since when and until when."""

    name: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """One deputy: who stands in for whom in which role, from when until when."""

    person_id: int
    name: str
    for_person_id: int
    for_name: str
    role: Role
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Details:
    """Everything about one person on one day. `platforms` are names of platforms, never ids."""

    id: int
    name: str
    agency: str
    left_on: date | None
    platforms: tuple[str, ...]
    roles: tuple[Held, ...]
    posts: tuple[Held, ...]
    sittings: tuple[Sitting, ...]
    stands_in: tuple[StandIn, ...]
    deputies: tuple[StandIn, ...]

    def left(self, on: date) -> bool:
        """Say whether they have left by that day."""
        return self.left_on is not None and self.left_on <= on


def agencies(session: Session, *, on: date) -> list[AgencyPeople]:
    """Return the agencies with people, by name; those of no agency come last."""
    rows = session.execute(
        select(Agency.id, Agency.name, func.count())
        .select_from(Person)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .where(here(on))
        .group_by(Agency.id, Agency.name)
    )
    found = [AgencyPeople(number or 0, name or "", people) for number, name, people in rows]
    return sorted(found, key=lambda one: (not one.id, one.name.casefold()))


def agency_names(session: Session) -> list[str]:
    """Return the name of every agency, by the alphabet."""
    return list(session.scalars(select(Agency.name).order_by(Agency.name)))


def of_agency(session: Session, agency_id: int, *, on: date, skip: int, limit: int) -> list[Entry]:
    """Return some of the people of an agency who are here, by name; number 0 is those of no agency."""
    wanted = Person.agency_id == agency_id if agency_id else Person.agency_id.is_(None)
    rows = session.execute(
        select(Person.id, Person.name, Agency.name.label("agency"), Person.left_on)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .where(wanted, here(on))
        .order_by(Person.name, Person.id)
        .offset(skip)
        .limit(limit)
    )
    return [Entry(row.id, row.name, row.agency or "", row.left_on) for row in rows]


def everybody(session: Session) -> list[Entry]:
    """Return everybody who is or was enrolled, by name."""
    rows = session.execute(
        select(Person.id, Person.name, Agency.name.label("agency"), Person.left_on)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .order_by(Person.name, Person.id)
    )
    return [Entry(row.id, row.name, row.agency or "", row.left_on) for row in rows]


def left_on(session: Session, person_id: int) -> date | None:
    """Return from which day somebody has left; None for those who have not."""
    return session.scalar(select(Person.left_on).where(Person.id == person_id))


def details(session: Session, person_id: int, *, on: date) -> Details | None:
    """Return the record of one person as it is on that day; None when there is no such person."""
    person = session.get(Person, person_id)
    if person is None:
        return None
    agency = session.get(Agency, person.agency_id) if person.agency_id else None
    stand_ins = _stand_ins(session, person_id, on)
    return Details(
        person.id,
        person.name,
        agency.name if agency else "",
        person.left_on,
        _platforms(session, person_id),
        _held(session, RoleGrant, person_id, on),
        _held(session, PostHolder, person_id, on),
        tuple(groups.of_person(session, person_id, on=on)),
        tuple(one for one in stand_ins if one.person_id == person_id),
        tuple(one for one in stand_ins if one.for_person_id == person_id),
    )


def places(session: Session, person_id: int) -> Counter[str]:
    """Count the places of a person on each platform."""
    return Counter(_platforms(session, person_id))


def _platforms(session: Session, person_id: int) -> tuple[str, ...]:
    mine = select(IdentityRow.platform).where(IdentityRow.person_id == person_id)
    return tuple(session.scalars(mine.order_by(IdentityRow.id)))


def _held(session: Session, table: type[RoleGrant | PostHolder], person_id: int, on: date) -> tuple[Held, ...]:
    name = table.role if table is RoleGrant else table.post  # type: ignore[union-attr]
    rows = session.execute(
        select(name, func.min(table.from_on), func.max(table.until_on))
        .where(table.person_id == person_id, table.in_force(on))
        .group_by(name)
        .order_by(name)
    )
    return tuple(Held(held, from_on, until_on) for held, from_on, until_on in rows)


def _stand_ins(session: Session, person_id: int, on: date) -> list[StandIn]:
    """Return those that hold on that day or are to come, of which a person is one side."""
    other = aliased(Person)
    rows = session.execute(
        select(Deputy, Person.name, other.name.label("for_name"))
        .join(Person, Person.id == Deputy.person_id)
        .join(other, other.id == Deputy.for_person_id)
        .where((Deputy.person_id == person_id) | (Deputy.for_person_id == person_id))
        .where(Deputy.until_on.is_(None) | (Deputy.until_on >= on))
        .order_by(Deputy.from_on, Deputy.id)
    )
    return [
        StandIn(row.person_id, name, row.for_person_id, for_name, Role(row.role), row.from_on, row.until_on)
        for row, name, for_name in rows
    ]
