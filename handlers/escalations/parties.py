"""Who has a part in an escalation: for the rights of somebody who asks, and for telling those whom a step names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from db import actions, channels, escalations, groups, meetings, people
from db.deliveries import Destination
from db.escalations import Escalation
from db.people import Role
from handlers import access
from handlers.context import Context

OF_ROLES: Final = {
    "strategy manager": Role.STRATEGY_MANAGER,
    "coordinator": Role.COORDINATOR,
    "statutory partner": Role.STATUTORY_PARTNER,
    "scrutineer": Role.SCRUTINEER,
}

OF_ITS_GROUP: Final = frozenset({"raiser", "group chair"})  # who reads a draft
WHEN_SENSITIVE: Final = {"executive": "three partners", "group channel": "", "sponsor": "", "owners": ""}


def parts(context: Context, row: Escalation) -> frozenset[str]:
    """Return which parts the one who asks has in an escalation."""
    actor = context.actor
    if actor.person_id is None:
        return frozenset()
    found = {part for part, role in OF_ROLES.items() if role in actor.roles}
    if actor.person_id == row.raised_by:
        found.add("raiser")
    if access.chairs_group(context, row.group_id):
        found.add("group chair")
    return frozenset(found)


def chairs(context: Context, row: Escalation) -> list[int]:
    """Return who speaks for the group of an escalation."""
    return escalations.chairs(context.session, row.group_id, on=context.today, seats=access.CHAIRS)


def told(context: Context, row: Escalation, party: str) -> list[Destination]:
    """Return where those of one party are reached who could open it; nobody for a party that has nobody."""
    if row.raised_at is None and party not in OF_ITS_GROUP:
        return []
    if row.marking == access.SENSITIVE:
        party = WHEN_SENSITIVE.get(party, party)
    return _WHERE[party](context, row) if party else []


def at(context: Context, person_id: int | None) -> list[Destination]:
    """Return where one person is reached; nowhere for nobody."""
    return _at(people.places(context.session, [person_id], on=context.today)) if person_id else []


def _of_role(*roles: Role) -> Callable[[Context, Escalation], list[Destination]]:
    def places(context: Context, _row: Escalation) -> list[Destination]:
        return _at(people.reach(context.session, roles=roles, on=context.today))

    return places


def _of_people(found: Callable[[Context, Escalation], Iterable[int]]) -> Callable[..., list[Destination]]:
    def places(context: Context, row: Escalation) -> list[Destination]:
        return _at(people.places(context.session, found(context, row), on=context.today))

    return places


def _channels(context: Context, row: Escalation) -> list[Destination]:
    name = escalations.group_name(context.session, row.group_id)
    reached = context.house.reached
    return [
        Destination(one.platform, one.address)
        for one in channels.listed(context.session)
        if one.group == name and one.platform in reached
    ]


def _executive(context: Context, row: Escalation) -> list[Destination]:
    members = [one.person_id for one in groups.members(context.session, meetings.EXECUTIVE, on=context.today)]
    partners = _of_role(Role.STATUTORY_PARTNER)(context, row)
    return [*partners, *_at(people.places(context.session, members, on=context.today))]


def _owners(context: Context, row: Escalation) -> list[Destination]:
    mine = actions.of(context.session, row.ref)
    by_name = [one.owner_person_id for one in mine if one.owner_person_id is not None]
    by_role = [Role(one.owner_role) for one in mine if one.owner_person_id is None and one.owner_role in tuple(Role)]
    return _at(
        [
            *people.places(context.session, by_name, on=context.today),
            *(people.reach(context.session, roles=by_role, on=context.today) if by_role else ()),
        ]
    )


def _at(places: Iterable[people.Identity]) -> list[Destination]:
    return [Destination(one.platform, one.user_id) for one in places]


_WHERE: Final[dict[str, Callable[[Context, Escalation], list[Destination]]]] = {
    "strategy manager": _of_role(Role.STRATEGY_MANAGER),
    "coordinator": _of_role(Role.COORDINATOR),
    "scrutineer": _of_role(Role.SCRUTINEER),
    "three partners": _of_role(Role.STATUTORY_PARTNER),
    "executive": _executive,
    "raiser": _of_people(lambda _, row: [row.raised_by]),
    "group chair": _of_people(chairs),
    "sponsor": _of_people(lambda context, row: escalations.sponsors(context.session, row.group_id, on=context.today)),
    "owners": _owners,
    "group channel": _channels,
}
