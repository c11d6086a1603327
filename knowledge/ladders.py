"""Ladders of reminders: what is said to whom, how long before or after a day. Data with a source, and no clock."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from knowledge import yaml_text
from knowledge.calendar import CalendarError, instant, working_days_after, working_days_before

OPENS = time(9)  # when steps of days are due, so that one morning makes one message
_UNITS = ("working_days", "days", "hours")
_WORDS = ("title", "day", "time", "due", "name")


class LaddersError(ValueError):
    """A list of ladders that cannot be used; the message says where and why."""


class Reader(StrEnum):
    """To whom a step is said."""

    PERSON = "person"
    DEPUTY = "deputy"
    CHAIR = "chair"
    SECRETARIAT = "secretariat"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: `offset` of a `unit` from the anchor, negative before it. `press` opens the form that answers it."""

    name: str
    unit: str
    offset: int
    to: Reader
    text: str
    task: str
    again: bool = False
    press: str = ""

    @property
    def ahead(self) -> bool:
        """Say whether it is of no more use once the anchor has passed."""
        return self.offset <= 0


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in the order of time, where they come from and when that was last checked."""

    name: str
    source: str
    checked_on: date
    steps: tuple[Step, ...]


def due(step: Step, anchor_on: date, anchor_at: datetime | None, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which a step is due; never on a weekend or a bank holiday.

    What is to come before the anchor does: a reminder at nine of something at eight comes on the working day before.
    Raises CalendarError beyond the years whose bank holidays are known, and for hours from a day without a time.
    """
    moment = _counted(step, anchor_on, anchor_at, zone)
    if step.ahead and moment >= passed(anchor_on, anchor_at, zone):
        return instant(working_days_before(moment.astimezone(zone).date(), 1), OPENS, zone)
    return moment


def _counted(step: Step, anchor_on: date, anchor_at: datetime | None, zone: ZoneInfo) -> datetime:
    if step.unit == "hours":
        if anchor_at is None:
            raise CalendarError("Hours are counted from a time, and only a day is known.")
        moment = anchor_at + timedelta(hours=step.offset)
        wanted = moment.astimezone(zone).date()
        day = working_days_before(wanted, 0)
        return moment if day == wanted else instant(day, OPENS, zone)
    if step.unit == "days":
        return instant(working_days_before(anchor_on + timedelta(days=step.offset), 0), OPENS, zone)
    count = working_days_after if step.offset > 0 else working_days_before
    return instant(count(anchor_on, abs(step.offset)), OPENS, zone)


def passed(anchor_on: date, anchor_at: datetime | None, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which an anchor has passed: its time, or the end of its day."""
    return anchor_at or instant(anchor_on + timedelta(days=1), time(0), zone)


@functools.cache
def shipped() -> Mapping[str, Ladder]:
    """Return the ladders that come with the program, by name."""
    return parse((resources.files("knowledge") / "data" / "ladders.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, Ladder]:
    """Read ladders from YAML. Raises LaddersError on what is missing, unknown or malformed."""
    try:
        rows = yaml_text.parsed(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no calendar has
        raise LaddersError(" ".join(str(error).split())) from None
    if not isinstance(rows, dict):
        raise LaddersError("it must be rows, each under the name of a ladder")
    return MappingProxyType({name: _ladder(str(name), row) for name, row in rows.items()})


def _ladder(name: str, row: Any) -> Ladder:
    given = row if isinstance(row, dict) else {}
    if problem := _wrong(given, {"source": str, "checked_on": date, "steps": dict}, {}):
        raise LaddersError(f"{name}: {problem}")
    steps = tuple(_step(f"{name}, {step}", str(step), fields) for step, fields in given["steps"].items())
    return Ladder(name, given["source"], given["checked_on"], steps)


def _step(place: str, name: str, row: Any) -> Step:
    given = row if isinstance(row, dict) else {}
    units = [unit for unit in _UNITS if unit in given]
    if len(units) != 1:
        raise LaddersError(f"{place}: it needs one of {', '.join(_UNITS)}")
    if problem := _wrong(given, {units[0]: int, "to": str, "text": str}, {"task": str, "again": bool, "press": str}):
        raise LaddersError(f"{place}: {problem}")
    if given["to"] not in tuple(Reader):
        raise LaddersError(f"{place}: to must be one of {', '.join(Reader)}")
    try:
        said(given["text"], **dict.fromkeys(_WORDS, ""))
    except (LookupError, ValueError):
        raise LaddersError(f"{place}: text may hold {', '.join(_WORDS)} in braces") from None
    return Step(
        name=name,
        unit=units[0],
        offset=given[units[0]],
        to=Reader(given["to"]),
        text=given["text"],
        task=given.get("task", name),
        again=given.get("again", False),
        press=given.get("press", ""),
    )


def said(text: str, **values: str) -> str:
    """Return the words of a step: `title`, `day`, `time`, `due` and `name` stand in braces in it."""
    return text.format_map(values)


def _wrong(row: Mapping[str, Any], needed: Mapping[str, type], more: Mapping[str, type]) -> str:
    if missing := sorted(needed.keys() - row.keys()):
        return f"{', '.join(missing)} is missing"
    shapes = {**needed, **more}
    if unknown := sorted(map(str, row.keys() - shapes.keys())):
        return f"there is no {', '.join(unknown)}"
    malformed = [name for name, value in row.items() if type(value) is not shapes[name]]
    return f"{', '.join(malformed)} is malformed" if malformed else ""
