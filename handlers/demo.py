"""Invented people for trying things out: one for each role, and one whom nobody has enrolled."""

from __future__ import annotations

from dataclasses import dataclass

from db import people
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


_PERSONAS = (
    Persona("practitioner", "Pat Practitioner", "Practitioner", "Example Primary School", "Safeguarding lead",
            frozenset({Role.MEMBER})),
    Persona("chair", "Charlie Chair", "Sub-group chair", "Example Health Trust",
            "Chair, Quality Assurance and Performance Sub-Group", frozenset({Role.MEMBER, Role.CHAIR})),
    Persona("coordinator", "Nico Coordinator", "Coordinator", "Example Council", "Partnership Coordinator",
            frozenset({Role.MEMBER, Role.COORDINATOR})),
    Persona("manager", "Sam Strategy", "Strategy manager", "Example Council", "Strategy Manager",
            frozenset({Role.MEMBER, Role.STRATEGY_MANAGER})),
    Persona("scrutineer", "Robin Scrutineer", "Scrutineer", "Independent", "Independent Scrutineer",
            frozenset({Role.MEMBER, Role.SCRUTINEER})),
    Persona("partner", "Alex Partner", "Statutory partner", "Example Police", "Statutory partner for the police",
            frozenset({Role.MEMBER, Role.STATUTORY_PARTNER})),
    Persona("visitor", "Val Visitor", "Visitor, not enrolled", "Nobody knows"),
)  # fmt: skip
PERSONAS = {persona.key: persona for persona in _PERSONAS}


def enrol(context: Context, platform: str) -> None:
    """Enrol the invented people on one platform, with their roles; doing it again changes nothing."""
    for persona in PERSONAS.values():
        if persona.roles:
            people.enrol(
                context.session,
                Identity(platform, persona.key),
                name=persona.name,
                roles=persona.roles,
                on=context.today,
                post=persona.post,
                agency=persona.agency,
            )
