"""Periods of records as data: how many days, where that comes from, and when it was checked. No storage, no clock."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text

_UNITS = ("working_days", "days", "times")


class ClocksError(ValueError):
    """A list of periods that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Period:
    """How many of a unit, where it comes from and when that was last checked."""

    number: int
    unit: str
    source: str
    checked_on: date


@functools.cache
def shipped() -> Mapping[str, Mapping[str, Period]]:
    """Return the periods that come with the program: by the kind of record, then by name."""
    return parse((resources.files("knowledge") / "data" / "clocks.yaml").read_text(encoding="utf-8"))


def numbers(kind: str) -> dict[str, int]:
    """Return the periods of a kind of record as plain numbers, to be kept in the record when it is raised."""
    return {name: period.number for name, period in shipped()[kind].items()}


def parse(text: str) -> Mapping[str, Mapping[str, Period]]:
    """Read periods from YAML. Raises ClocksError on what is missing, unknown or malformed."""
    kinds = yaml_text.parsed(text)
    if not isinstance(kinds, dict) or not all(isinstance(rows, dict) for rows in kinds.values()):
        raise ClocksError("it should hold periods by name under each kind of record")
    return MappingProxyType(
        {
            kind: MappingProxyType({name: _period(f"{kind}, {name}", row) for name, row in rows.items()})
            for kind, rows in kinds.items()
        }
    )


def _period(place: str, row: Any) -> Period:
    given = row if isinstance(row, dict) else {}
    units = [unit for unit in _UNITS if unit in given]
    if len(units) != 1 or given.keys() != {units[0], "source", "checked_on"}:
        raise ClocksError(f"{place}: it should hold source, checked_on and one of {', '.join(_UNITS)}")
    number, source, checked_on = given[units[0]], given["source"], given["checked_on"]
    if type(number) is not int or number < 0 or not isinstance(source, str) or not isinstance(checked_on, date):
        raise ClocksError(f"{place}: it is malformed")
    return Period(number, units[0], source, checked_on)
