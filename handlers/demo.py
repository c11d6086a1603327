"""Invented people for trying things out: one for each role, and one whom nobody has enrolled."""

from __future__ import annotations

from dataclasses import dataclass

from db import groups, people
from db.people import Identity, Role
from handlers.context import Context


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody invented. Without roles they stay a stranger, who may ask and read answers."""

    key: str
    name: str
    role: str  # as people say it
    agency: str
    post: str = ""
    roles: frozenset[Role] = frozenset()
    seats: tuple[tuple[str, str], ...] = ()  # in which group, and on which seat, empty for none that has a name


_PERSONAS = (
    Persona("practitioner", "Pat Practitioner", "Practitioner", "Example Primary School", "Safeguarding lead",
            frozenset({Role.MEMBER}), (("Education Safeguarding Forum", ""), ("Delivery Group", ""))),
    Persona("chair", "Charlie Chair", "Sub-group chair", "Example Health Trust",
            "Chair, Quality Assurance and Performance Sub-Group", frozenset({Role.MEMBER, Role.CHAIR}),
            (("Quality Assurance and Performance", "Chair"), ("Rapid Review Working Group", "Chair"))),
    Persona("coordinator", "Nico Coordinator", "Coordinator", "Example Council", "Partnership Coordinator",
            frozenset({Role.MEMBER, Role.COORDINATOR})),
    Persona("manager", "Sam Strategy", "Strategy manager", "Example Council", "Strategy Manager",
            frozenset({Role.MEMBER, Role.STRATEGY_MANAGER})),
    Persona("scrutineer", "Robin Scrutineer", "Scrutineer", "Independent", "Independent Scrutineer",
            frozenset({Role.MEMBER, Role.SCRUTINEER})),
    Persona("partner", "Alex Partner", "Statutory partner", "Example Police", "Statutory partner for the police",
            frozenset({Role.MEMBER, Role.STATUTORY_PARTNER}), (("Executive", "Police"),)),
    Persona("young", "Yuki Young", "Young Scrutineer", "Independent", "Young Scrutineer",
            frozenset({Role.MEMBER}), (("Young Scrutineers", ""),)),
    Persona("visitor", "Val Visitor", "Visitor, not enrolled", "Nobody knows"),
)  # fmt: skip
PERSONAS = {persona.key: persona for persona in _PERSONAS}


def enrol(context: Context, platform: str) -> None:
    """Enrol the invented people on one platform, with their roles; doing it again changes nothing."""
    for persona in PERSONAS.values():
        if persona.roles:
            person_id = people.enrol(
                context.session,
                Identity(platform, persona.key),
                name=persona.name,
                roles=persona.roles,
                on=context.today,
                post=persona.post,
                agency=persona.agency,
            )
            _seat(context, person_id, persona)


def _seat(context: Context, person_id: int, persona: Persona) -> None:
    """Let somebody sit where they are not sitting yet."""
    sits = {row.group for row in groups.of_person(context.session, person_id, on=context.today)}
    for group, seat in persona.seats:
        if group not in sits:
            groups.join(context.session, person_id, group, on=context.today, seat=seat)
