"""Who has a vote, and what votes come to. Data with a source; no storage, no clock."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text


class VotingError(ValueError):
    """A list of seats without a vote that cannot be used; the message says where and why."""


class Voting(StrEnum):
    """When a seat of the list votes."""

    NEVER = "never"
    DEPUTISING = "deputising"


@dataclass(frozen=True, slots=True)
class Rule:
    """When some seats vote, where that comes from and when it was checked."""

    seats: tuple[str, ...]
    votes: Voting
    source: str
    checked_on: date


_NEEDED = {"seats": list, "votes": str, "source": str, "checked_on": date}


@functools.cache
def shipped() -> Mapping[str, Rule]:
    """Return the seats that do not vote like all others, by the small letters of their names."""
    return parse((resources.files("knowledge") / "data" / "voting.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, Rule]:
    """Read a list of seats that do not vote like all others. Raises VotingError with the place of the mistake."""
    rows = yaml_text.parsed(text)
    if not isinstance(rows, dict):
        raise VotingError("the list should hold seats under each kind")
    found: dict[str, Rule] = {}
    for key, row in rows.items():
        rule = _rule(str(key), row)
        found.update({seat.casefold(): rule for seat in rule.seats})
    return MappingProxyType(found)


def _rule(key: str, row: Any) -> Rule:
    if not isinstance(row, dict) or set(row) != set(_NEEDED):
        raise VotingError(f"{key}: should hold {', '.join(_NEEDED)}")
    if wrong := [name for name, kind in _NEEDED.items() if not isinstance(row[name], kind)]:
        raise VotingError(f"{key}: {', '.join(wrong)} is malformed")
    if row["votes"] not in tuple(Voting):
        raise VotingError(f"{key}: votes should be one of {', '.join(Voting)}")
    return Rule(tuple(map(str, row["seats"])), Voting(row["votes"]), row["source"], row["checked_on"])


def votes(seat: str, *, deputy: bool = False) -> bool:
    """Say whether somebody on a seat has a vote; `deputy` when they stand in for its holder.

    Source: arrangements-2019, appendix 1. Advisers have no deputy, so that nobody votes for one.
    """
    rule = shipped().get(seat.strip().casefold())
    return rule is None or (rule.votes is Voting.DEPUTISING and deputy)


def result(*, for_it: int, against: int, abstain: int) -> str:
    """Say in words what votes came to. No source says what majority is needed, so it says no more than who were more.

    What was decided is the text of the decision.
    """
    if not for_it + against + abstain:
        return "No votes were noted."
    if not against + abstain:
        more = "nobody was against it"
    elif for_it == against:
        more = "as many for it as against it"
    else:
        more = "more for it than against it" if for_it > against else "more against it than for it"
    return f"{for_it} for, {against} against, {abstain} abstained: {more}."
