"""Rules of agendas: what records bring to them, when each item begins, and a day as people type it. No storage."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text

PURPOSES = ("decide", "discuss", "note", "assure")
DAY = (  # 2026-12-03, 03/12/2026, 3-dec, Thursday 3 December
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4}"
    r"|(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day )?\d{1,2}(?:st|nd|rd|th)?[- ][a-z]{3,9}(?:[- ]\d{4})?"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SPOKEN = re.compile(r"(?:[a-z]+day )?(\d{1,2})(?:st|nd|rd|th)?[- ]([a-z]{3,9})(?:[- ](\d{4}))?")
_NEEDED = {"purpose": str, "presenter": str, "minutes": int, "source": str, "checked_on": date}


class AgendasError(ValueError):
    """A list of automatic items that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """How items of one source come to an agenda: what for, by whom, for how long, and where that is from."""

    purpose: str
    presenter: str
    minutes: int
    source: str
    checked_on: date


@functools.cache
def shipped() -> Mapping[str, Automatic]:
    """Return the sources of automatic items that come with the program, in their order on an agenda."""
    return parse((resources.files("knowledge") / "data" / "agendas.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, Automatic]:
    """Read the sources of automatic items. Raises AgendasError on what is missing, unknown or malformed."""
    rows = yaml_text.parsed(text)
    if not isinstance(rows, dict):
        raise AgendasError("it should hold one source a row")
    return MappingProxyType({str(name): _automatic(str(name), row) for name, row in rows.items()})


def _automatic(name: str, row: Any) -> Automatic:
    if not isinstance(row, dict) or row.keys() != _NEEDED.keys():
        raise AgendasError(f"{name}: it should hold {', '.join(_NEEDED)}")
    malformed = [box for box, kind in _NEEDED.items() if type(row[box]) is not kind]
    if malformed or row["purpose"] not in PURPOSES or row["minutes"] < 1:
        raise AgendasError(f"{name}: {', '.join(malformed) or 'purpose or minutes'} is malformed")
    return Automatic(**row)


def begins(start: datetime | None, minutes: Iterable[int]) -> list[datetime | None]:
    """Return when each item begins, one after the other; None for each where the meeting has no time."""
    found, before = [], 0
    for one in minutes:
        found.append(start + timedelta(minutes=before) if start else None)
        before += one
    return found


def read_day(text: str, *, today: date) -> date | None:
    """Return the day that is meant, in one of the ways of `DAY`, or None; without a year, the next such day."""
    words = " ".join(text.lower().split())
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
            return date(*map(int, found.groups()))
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", words):
            return date(*map(int, reversed(found.groups())))
        spoken = _SPOKEN.fullmatch(words)
        if spoken is None:
            return None
        month = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(spoken[2])), 0)
        years = [int(spoken[3])] if spoken[3] else range(today.year, today.year + 5)  # 29 February comes in four
        days = [day for year in years if (day := _exists(year, month, int(spoken[1])))]
        return next((day for day in days if spoken[3] or day >= today), None)
    except ValueError:
        return None


def _exists(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
