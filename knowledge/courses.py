"""The catalogue of training that comes with the program, and the rules of its dates. Data with a source; no clock."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text
from knowledge.calendar import CalendarError, working_days_after

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_REF = re.compile(r"CRS-\d{4}-\d{3}")
_PARTS = ("categories", "kinds", "subjects", "posting", "briefing", "checked_on", "courses")
_NEEDED, _MAY = ("title", "kind", "source"), ("category", "level", "mode", "length", "led_by", "historic")
_DAY = timedelta(days=1)


class CoursesError(ValueError):
    """A catalogue that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One course of the catalogue. `historic`: it shows what there was, and is not on offer."""

    ref: str
    title: str
    kind: str
    source: str
    category: str = ""
    level: str = ""
    mode: str = ""
    length: str = ""
    led_by: str = ""
    historic: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of learning: what it is called, and the words by which people look for it."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """When the coming dates are posted, how far ahead they look, and how late they may still be posted."""

    at: time
    ahead: timedelta
    late: timedelta
    weekly_in: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that the file of courses holds."""

    categories: Mapping[str, str]
    kinds: Mapping[str, Kind]
    subjects: tuple[str, ...]
    posting: Posting
    headings: tuple[str, ...]
    questions: tuple[str, ...]
    checked_on: date
    courses: tuple[Shipped, ...]


@functools.cache
def shipped() -> Catalogue:
    """Return the catalogue that comes with the program."""
    return parse((resources.files("knowledge") / "data" / "courses.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Catalogue:
    """Read a catalogue. Raises CoursesError with the place of the first mistake."""
    rows = yaml_text.parsed(text)
    if not isinstance(rows, dict) or set(rows) != set(_PARTS):
        raise CoursesError(f"the catalogue should hold {', '.join(_PARTS)}")
    if not isinstance(rows["checked_on"], date):
        raise CoursesError("checked_on: should be a day, such as 2026-11-22")
    kinds = {str(key): _kind(str(key), row) for key, row in rows["kinds"].items()}
    categories = {str(key): _sourced(f"category {key}", row, "meaning") for key, row in rows["categories"].items()}
    found = tuple(_course(str(ref), row, kinds, categories) for ref, row in rows["courses"].items())
    titles = [course.title.casefold() for course in found]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise CoursesError(f"two courses are called {', '.join(twice)}")
    briefing = rows["briefing"]
    _sourced("briefing", briefing, "source")
    return Catalogue(
        MappingProxyType(categories), MappingProxyType(kinds), tuple(map(str, rows["subjects"])),
        _posting(rows["posting"]), tuple(briefing["headings"]), tuple(briefing["questions"]), rows["checked_on"], found,
    )  # fmt: skip


def _sourced(where: str, row: Any, name: str) -> str:
    if not isinstance(row, dict) or not row.get("source") or not isinstance(row.get(name), str):
        raise CoursesError(f"{where}: should hold {name} and source")
    return str(row[name])


def _kind(key: str, row: Any) -> Kind:
    if not isinstance(row, dict) or not row.get("name") or not isinstance(row.get("words"), list):
        raise CoursesError(f"kind {key}: should hold name and words")
    return Kind(str(row["name"]), tuple(map(str, row["words"])))


def _posting(row: Any) -> Posting:
    _sourced("posting", row, "source")
    try:
        weeks, late = timedelta(weeks=row["weeks_ahead"]), timedelta(days=row["late_days"])
        return Posting(time.fromisoformat(row["at"]), weeks, late, int(row["weekly_in"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CoursesError(f"posting: {error}") from error


def _course(ref: str, row: Any, kinds: Iterable[str], categories: Iterable[str]) -> Shipped:
    if not _REF.fullmatch(ref):
        raise CoursesError(f"{ref}: a reference should look like CRS-2014-001")
    if not isinstance(row, dict) or not set(_NEEDED) <= set(row) <= {*_NEEDED, *_MAY}:
        raise CoursesError(f"{ref}: should hold {', '.join(_NEEDED)}, and may hold {', '.join(_MAY)}")
    if "," not in row["source"]:
        raise CoursesError(f"{ref}: source should name a document and a section, with a comma between")
    if row["kind"] not in kinds:
        raise CoursesError(f"{ref}: there is no kind {row['kind']}")
    if row.get("category", "") not in {"", *categories}:
        raise CoursesError(f"{ref}: there is no category {row['category']}")
    if not isinstance(row.get("historic", False), bool):
        raise CoursesError(f"{ref}: historic should be true or false")
    return Shipped(ref, **row)


# --- rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """What a session has room for, as it stands: its state, its days of booking, and how many hold a place or wait."""

    state: str
    opens_on: date
    closes_on: date
    capacity: int
    held: int
    waiting: int
    waiting_list: bool
    elsewhere: bool = False

    def bookable(self, today: date) -> bool:
        """Say whether somebody can ask for a place here today, or wait for one."""
        room = self.held < self.capacity or self.waiting_list
        return self.state == "open" and not self.elsewhere and self.opens_on <= today <= self.closes_on and room

    def in_words(self, today: date) -> str:
        """Say how it stands with places."""
        if self.state in _STATES:
            return _STATES[self.state]
        if self.elsewhere:
            return "book elsewhere"
        if self.state == "closed" or today > self.closes_on:
            return "booking closed"
        if today < self.opens_on:
            return f"booking opens on {self.opens_on:%-d %B %Y}"
        left = self.capacity - self.held
        if left > 0:
            return "1 place left" if left == 1 else f"{left} places left"
        waits = f", {self.waiting} wait{'s' if self.waiting == 1 else ''}" if self.waiting else ""
        return f"full{waits}"


_STATES = {"draft": "not open yet", "cancelled": "cancelled", "done": "over"}


def posting_day(today: date, posting: Posting) -> date | None:
    """Return the last day, not too long ago, on which dates were to be posted: today, mostly; None when none was.

    It is the first working day of each month, and of each week in Safeguarding Month.
    """
    for back in range(posting.late.days + 1):
        day = today - _DAY * back
        if day in _posting_days(day, posting):
            return day
    return None


def _posting_days(day: date, posting: Posting) -> set[date]:
    try:
        days = {working_days_after(day.replace(day=1), 0)}
        if day.month == posting.weekly_in:
            days.add(working_days_after(day - _DAY * day.weekday(), 0))
    except CalendarError:
        return set()
    return days


# --- what people look for ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for: words of a subject, a kind, or a month with or without its year.

    `campaign`: the whole programme of Safeguarding Month.
    """

    words: str = ""
    kind: str = ""
    month: int = 0
    year: int = 0
    campaign: bool = False

    def span(self, today: date) -> tuple[date, date] | None:
        """Return the first day of the month that is meant and of the one after it; None for any time."""
        if not self.month:
            return None
        year = self.year or today.year + (self.month < today.month)
        return date(year, self.month, 1), date(year + self.month // 12, self.month % 12 + 1, 1)


# A topic in up to four words, or any in quotation marks. Words that join others, and numbers, make it a question.
TOPIC = re.compile(
    r"(?:(?!.*\d\d)(?!.*\b(?:about|and|are|at|by|can|do|does|for|from|how|in|is|notes?|of|on|or|should|that|the|to|we|what|when|"
    r"where|who|why|with)\b)[\w'-]+(?: [\w'-]+){0,3}|\"[^\"]{2,80}\")?",
    re.IGNORECASE,
)
_MONTH = re.compile(rf"(?:in )?({'|'.join(MONTHS)})(?: (20\d\d))?", re.IGNORECASE)
_CAMPAIGN = re.compile(r"(?:safeguarding )?month(?: (20\d\d))?", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def search(text: str) -> Search:
    """Read what somebody looks for."""
    plain = " ".join(text.lower().split()).strip('"')
    if found := _MONTH.fullmatch(plain):
        return Search(month=MONTHS.index(found[1]) + 1, year=int(found[2] or 0))
    if found := _CAMPAIGN.fullmatch(plain):
        return Search(month=shipped().posting.weekly_in, year=int(found[1] or 0), campaign=True)
    if found := _YEAR_MONTH.fullmatch(plain):
        return Search(month=int(found[2]), year=int(found[1]))
    kind = next((key for key, one in shipped().kinds.items() if plain in one.words and key != "course"), "")
    return Search(kind=kind) if kind else Search(words="" if plain in shipped().kinds["course"].words else plain)


@functools.cache
def wanted() -> re.Pattern[str]:
    """Return the words after `training` that look for dates. Any others make it a question."""
    known = shipped()
    words = {*known.subjects, *(word for kind in known.kinds.values() for word in kind.words), *_titles()}
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(
        rf"(?:{listed}|drafts|dates|{_MONTH.pattern}|{_CAMPAIGN.pattern}|\"[^\"]{{2,80}}\")?", re.IGNORECASE
    )


@functools.cache
def titles() -> re.Pattern[str]:
    """Return what may follow `course`: a reference, a title of the catalogue, or any title in quotation marks."""
    listed = "|".join(map(re.escape, _titles()))
    return re.compile(rf"CRS-\d{{4}}-\d{{1,6}}|{listed}|\"[^\"]{{2,150}}\"", re.IGNORECASE)


def _titles() -> list[str]:
    return sorted((course.title.lower() for course in shipped().courses), key=len, reverse=True)
