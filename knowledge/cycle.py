"""The annual cycle as data: what meets in which month, and how long two meetings of a group may lie apart."""

from __future__ import annotations

import calendar
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import groups, yaml_text

SUB_GROUPS = "sub-groups"  # every group that works between the meetings of the others
# the working groups that section 16 means; the others meet on incident, as required, or have a gap of their own
_QUARTERLY = frozenset({"qap", "education-forum", "delivery-group", "exploitation", "effective-learning"})
_MID = (10, 21)
_APRIL = 4


class CycleError(ValueError):
    """An annual cycle that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Event:
    """What meets in a month; between the days `first` and `last` of it."""

    month: int
    group: str
    title: str
    note: str = ""
    first: int = 1
    last: int = 31

    def days(self, year: int) -> list[date]:
        """Return the days that are meant, in the business year that begins in April of `year`."""
        of = year if self.month >= _APRIL else year + 1
        last = min(self.last, calendar.monthrange(of, self.month)[1])
        return [date(of, self.month, day) for day in range(self.first, last + 1)]


@dataclass(frozen=True, slots=True)
class Gap:
    """The longest time between two meetings: calendar months, or weeks where there are no months."""

    months: int
    weeks: int
    source: str

    def latest(self, after: date) -> date:
        """Return the last day on which the next meeting keeps the rule."""
        if not self.months:
            return after + timedelta(weeks=self.weeks)
        month = after.year * 12 + after.month - 1 + self.months
        year, number = month // 12, month % 12 + 1
        return date(year, number, min(after.day, calendar.monthrange(year, number)[1]))

    def __str__(self) -> str:
        return f"{self.months} months" if self.months else f"{self.weeks} weeks"


@dataclass(frozen=True, slots=True)
class Cycle:
    """The events of a business year in their order, and the longest gaps by the key of a group.

    `sub_groups` are the keys of the groups that work between the meetings of the others.
    """

    events: tuple[Event, ...]
    sub_groups: tuple[str, ...]
    gaps: Mapping[str, Gap]
    source: str
    checked_on: date


def gap_of(key: str) -> Gap | None:
    """Return the longest time between two meetings of a group, by its key; None where no source says."""
    gaps = shipped().gaps
    return gaps.get(key) or (gaps.get(SUB_GROUPS) if key in _QUARTERLY else None)


@functools.cache
def shipped() -> Cycle:
    """Return the cycle that comes with the program."""
    return parse((resources.files("knowledge") / "data" / "cycle.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Cycle:
    """Read a cycle. Raises CycleError with the place of the first mistake."""
    data = yaml_text.parsed(text)
    if not isinstance(data, dict) or set(data) != {"source", "checked_on", "sub_groups", "events", "gaps"}:
        raise CycleError("it should hold source, checked_on, sub_groups, events and gaps")
    if not isinstance(data["checked_on"], date):
        raise CycleError("checked_on should be a date")
    events = tuple(_event(at, row) for at, row in enumerate(data["events"], 1))
    gaps = {_group(f"gaps, {key}", key): _gap(key, row) for key, row in data["gaps"].items()}
    sub_groups = tuple(_group("sub_groups", key) for key in data["sub_groups"])
    return Cycle(events, sub_groups, MappingProxyType(gaps), str(data["source"]), data["checked_on"])


def _event(at: int, row: Any) -> Event:
    place = f"event {at}"
    if not isinstance(row, dict) or not {"month", "group", "title"} <= set(row) <= {
        "month",
        "group",
        "title",
        "note",
        "days",
    }:
        raise CycleError(f"{place}: it should hold month, group and title, and may hold note and days")
    if row["month"] not in range(1, 13):
        raise CycleError(f"{place}: month should be a number from 1 to 12")
    if row.get("days", "mid") != "mid":
        raise CycleError(f"{place}: days can only be mid")
    first, last = _MID if "days" in row else (1, 31)
    return Event(row["month"], _group(place, row["group"]), str(row["title"]), str(row.get("note", "")), first, last)


def _gap(key: str, row: Any) -> Gap:
    if not isinstance(row, dict) or len({"months", "weeks"} & set(row)) != 1 or "source" not in row:
        raise CycleError(f"gaps, {key}: it should hold source, and months or weeks")
    return Gap(int(row.get("months", 0)), int(row.get("weeks", 0)), str(row["source"]))


def _group(place: str, key: Any) -> str:
    if key != SUB_GROUPS and key not in groups.shipped():
        raise CycleError(f"{place}: no group has the key {key}")
    return str(key)
