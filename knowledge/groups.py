"""The groups of the partnership and their seats: data with a source and the day on which it was checked."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text


class GroupsError(ValueError):
    """A list of groups that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group. `seats` are what people sit for, and `also` what else people call it.

    `quorum` are seats that all have to be filled, empty where no rule is known. `deputies` are seats that may send a
    deputy, `covers` seats that stand in for each other, `rotation` those that lead in turn.
    """

    key: str
    name: str
    chair: str
    meets: str
    source: str
    checked_on: date
    seats: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    quorum: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    rotation: tuple[str, ...] = ()
    rules: str = ""


_NEEDED = {"name": str, "chair": str, "meets": str, "source": str, "checked_on": date, "seats": list, "also": list}
_SEATS = ("quorum", "deputies", "covers", "rotation")  # each names some of the seats, or is not there


def named(name: str) -> Group | None:
    """Return the group that comes with the program under this name; None for one that was added here."""
    return next((one for one in shipped().values() if one.name == name), None)


@functools.cache
def shipped() -> Mapping[str, Group]:
    """Return the groups that come with the program, by key."""
    return parse((resources.files("knowledge") / "data" / "groups.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, Group]:
    """Read a list of groups. Raises GroupsError with the place of the first mistake."""
    rows = yaml_text.parsed(text)
    if not isinstance(rows, dict):
        raise GroupsError("the list of groups should hold one group a key")
    found = {str(key): _group(str(key), row) for key, row in rows.items()}
    names = [word.lower() for group in found.values() for word in (group.name, *group.also)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise GroupsError(f"two groups are called {', '.join(twice)}")
    return MappingProxyType(found)


def _group(key: str, row: Any) -> Group:
    if not isinstance(row, dict) or not set(_NEEDED) <= set(row) <= {*_NEEDED, *_SEATS, "rules"}:
        raise GroupsError(f"{key}: should hold {', '.join(_NEEDED)}, and may hold {', '.join(_SEATS)} and rules")
    for name, kind in _NEEDED.items():
        if not isinstance(row[name], kind):
            raise GroupsError(f"{key}: {name} should be {kind.__name__}")
    lists = {name: tuple(map(str, row[name])) for name in ("seats", "also", *_SEATS) if name in row}
    if strange := sorted({seat for name in _SEATS for seat in lists.get(name, ())} - set(lists["seats"])):
        raise GroupsError(f"{key}: there is no seat {', '.join(strange)}")
    if bool(row.get("rules")) != any(name in row for name in _SEATS):
        raise GroupsError(f"{key}: rules should say where what it says of its seats is written")
    if "," in row["name"]:
        raise GroupsError(f"{key}: name should hold no comma")  # the choices of a form are joined by commas
    return Group(**{**row, **lists, "key": key})
