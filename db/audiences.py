"""Who is to read something: everybody, or those of an agency, a group, a role or a platform, and channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from db import channels, subscriptions
from db.deliveries import Destination
from db.groups import Group, Membership
from db.people import Agency, IdentityRow, Person, held_roles, here


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: people who match every part that is not empty, and the channels besides.

    All parts empty means everybody who is enrolled. `channels` are numbers of registered channels; with
    `channels_only` no people are meant at all. `kind` is what they may have said no to, a kind of subscription.
    """

    agencies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    channels: tuple[int, ...] = ()
    kind: str = ""
    channels_only: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is to read it, and where; a channel has no `person_id`, and its group stands for the agency."""

    person_id: int | None
    name: str
    agency: str
    destination: Destination


@dataclass(frozen=True, slots=True)
class Unreached:
    """Somebody who is meant and has no place that messages can be sent to."""

    person_id: int
    name: str
    agency: str


def readers(session: Session, audience: Audience, *, on: date, reached: frozenset[str]) -> list[Reader]:
    """Return who is to read it, by agency and name, then the channels; nobody and no place twice.

    Each person is reached on the platform that they chose, or else at their oldest place, among the platforms that
    are `reached` (and meant, where the audience names platforms). Who has left or said no to the kind is not in it.
    """
    found = [
        Reader(person_id, name, agency, Destination(*places[0]))
        for person_id, name, agency, places in _people(session, audience, on, reached)
        if places
    ]
    return [*found, *_channels(session, audience, reached)]


def unreachable(session: Session, audience: Audience, *, on: date, reached: frozenset[str]) -> list[Unreached]:
    """Return who is meant and wants it, but has no place on a platform that is reached."""
    everybody = _people(session, audience, on, reached)
    return [Unreached(person_id, name, agency) for person_id, name, agency, places in everybody if not places]


_Places = list[tuple[str, str]]


def _people(
    session: Session, audience: Audience, on: date, reached: frozenset[str]
) -> Iterator[tuple[int, str, str, _Places]]:
    """Give everybody who is meant, with the places where they can be reached, the best first."""
    if audience.channels_only:
        return
    places = _places(session, reached & frozenset(audience.platforms) if audience.platforms else reached)
    refused = subscriptions.declined(session, audience.kind)
    for row in session.execute(_matching(audience, on)):
        if row.id not in refused:
            yield row.id, row.name, row.agency or "", places.get(row.id, [])


def _matching(audience: Audience, on: date) -> Select[int, str, str]:
    wanted = (
        select(Person.id, Person.name, Agency.name.label("agency"))
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .where(here(on))
        .order_by(Agency.name, Person.name, Person.id)
    )
    if audience.agencies:
        wanted = wanted.where(Agency.name.in_(audience.agencies))
    if audience.groups:
        sits = select(Membership.person_id).join(Group, Group.id == Membership.group_id)
        wanted = wanted.where(Person.id.in_(sits.where(Group.name.in_(audience.groups), Membership.in_force(on))))
    if audience.roles:
        held = held_roles(on).subquery()
        wanted = wanted.where(Person.id.in_(select(held.c.person_id).where(held.c.role.in_(audience.roles))))
    if audience.platforms:
        speaks = select(IdentityRow.person_id).where(IdentityRow.platform.in_(audience.platforms))
        wanted = wanted.where(Person.id.in_(speaks))
    return wanted


def _places(session: Session, platforms: frozenset[str]) -> dict[int, _Places]:
    rows = session.execute(
        select(IdentityRow.person_id, IdentityRow.platform, IdentityRow.user_id)
        .join(Person, Person.id == IdentityRow.person_id)
        .where(IdentityRow.platform.in_(platforms))
        .order_by(case((IdentityRow.platform == Person.platform, 0), else_=1), IdentityRow.id)
    )
    found: dict[int, _Places] = {}
    for person_id, platform, user_id in rows:
        found.setdefault(person_id, []).append((platform, user_id))
    return found


def _channels(session: Session, audience: Audience, reached: frozenset[str]) -> list[Reader]:
    return [
        Reader(None, one.name, one.group, Destination(one.platform, one.address))
        for one in channels.chosen(session, audience.channels)
        if one.platform in reached
    ]
