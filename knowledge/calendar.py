"""Days and hours as the partnership counts them: working days, quiet hours, and dates that come again. No clock.

Source of the bank holidays: gov.uk/bank-holidays, England and Wales, as packed in govuk-bank-holidays.
"""

from __future__ import annotations

import calendar
import functools
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SATURDAY = 5
_DIVISION = "england-and-wales"
_QUARTERS = (1, 4, 7, 10)  # where quarters begin, of the year and of the financial year alike
_NOVEMBER = 11
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_WEEKDAY = rf"(?P<weekday>{'|'.join(WEEKDAYS)})"
_PLACE = rf"(?P<place>{'|'.join(_PLACES)})"
_IN_MONTHS = re.compile(
    rf"(?P<every>monthly|quarterly)(?: on)?(?: the)? (?:{_PLACE} {_WEEKDAY}|(?:day )?(?P<day>\d\d?)(?:st|nd|rd|th)?)"
)
_IN_NOVEMBER = re.compile(rf"weekly(?: on)? {_WEEKDAY}s? in november")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ?[-\u2013] ?([01]\d|2[0-3]):([0-5]\d)")


class CalendarError(Exception):
    """A day beyond the data, or hours or a rule that cannot be read; the message says what to do."""


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the one moment, in UTC, of a local date and time.

    A time that does not exist (the clock goes forward) is later by the gap; one that exists twice is the first.
    """
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def exists(day: date, at: time, zone: ZoneInfo) -> bool:
    """Say whether a local clock ever shows this date and time."""
    shown = instant(day, at, zone).astimezone(zone)
    return shown.replace(tzinfo=None, fold=0) == datetime.combine(day, at.replace(tzinfo=None, fold=0))


class _Holidays(NamedTuple):
    days: frozenset[date]
    first: date
    last: date


@functools.cache
def _holidays() -> _Holidays:
    # The file and not the package's class: that one brings `requests` into memory, and could ask the network.
    text = (resources.files("govuk_bank_holidays") / "bank-holidays.json").read_text(encoding="utf-8")
    days = frozenset(date.fromisoformat(event["date"]) for event in json.loads(text)[_DIVISION]["events"])
    return _Holidays(days, date(min(days).year, 1, 1), date(max(days).year, 12, 31))


def is_working_day(day: date) -> bool:
    """Say whether a day is neither a weekend nor a bank holiday in England and Wales.

    Raises CalendarError beyond the years whose bank holidays are known.
    """
    known = _holidays()
    if not known.first <= day <= known.last:
        raise CalendarError(
            f"Bank holidays are known from {known.first.year} to {known.last.year}, which {day:%-d %B %Y} is outside. "
            "Ask whoever runs the assistant to update the package govuk-bank-holidays."
        )
    return day.weekday() < _SATURDAY and day not in known.days


def working_days_before(day: date, n: int) -> date:
    """Return the n-th working day before a day; for 0, the day itself or the last working day before it.

    Raises CalendarError beyond the years whose bank holidays are known.
    """
    return _working_day(day, n, -_DAY)


def working_days_after(day: date, n: int) -> date:
    """Return the n-th working day after a day; for 0, the day itself or the next working day.

    Raises CalendarError beyond the years whose bank holidays are known.
    """
    return _working_day(day, n, _DAY)


def _working_day(day: date, n: int, step: timedelta) -> date:
    if n < 0:
        raise CalendarError("Working days are counted from 0.")
    day += step * (n > 0)
    while not is_working_day(day) or (n := n - 1) > 0:
        day += step
    return day


def working_days_between(a: date, b: date) -> int:
    """Count the working days after `a` up to and with `b`; negative when `b` comes first.

    So that `working_days_between(a, working_days_after(a, n)) == n`. Raises CalendarError beyond the years known.
    """
    if b < a:
        return -working_days_between(b, a)
    return sum(is_working_day(a + _DAY * ahead) for ahead in range(1, (b - a).days + 1))


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a day in which nothing should arrive, from one local time until another; they may cross midnight."""

    from_: time
    until: time

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read hours such as "21:00-07:00"; raises CalendarError."""
        found = _HOURS.fullmatch(text.strip())
        hours = found and cls(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
        if not hours or hours.from_ == hours.until:
            raise CalendarError("Give quiet hours as two different times, such as 21:00-07:00.")
        return hours

    def __str__(self) -> str:
        return f"{self.from_:%H:%M}-{self.until:%H:%M}"

    def hold(self, at: time) -> bool:
        """Say whether a local time lies within them; the last minute is no longer part."""
        if self.from_ < self.until:
            return self.from_ <= at < self.until
        return at >= self.from_ or at < self.until


def quiet_until(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime | None:
    """Return the moment, in UTC, at which quiet hours end; None when a local clock shows none of them now."""
    local = moment.astimezone(zone)
    if not hours.hold(local.time()):
        return None
    ends = (
        datetime.combine(local.date() + _DAY * later, hours.until.replace(fold=fold), zone).astimezone(UTC)
        for later in (0, 1)
        for fold in (0, 1)  # the clock may show the end twice, and the first may be over
    )
    return min(end for end in ends if end > moment and not hours.hold(end.astimezone(zone).time()))


class Every(StrEnum):
    """How often a rule comes round."""

    MONTH = "monthly"
    QUARTER = "quarterly"
    NOVEMBER = "weekly"  # each week of November, which is the safeguarding month


@dataclass(frozen=True, slots=True)
class Rule:
    """Dates that come again: a weekday of the month by its place (0 the first, -1 the last), or a day of the month.

    Day 31 is the last day of a short month. What falls on a weekend or bank holiday moves to the next working day.
    """

    every: Every
    weekday: int | None = None
    place: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read a rule, such as "monthly on the first tuesday", "quarterly on day 31", "weekly on tuesday in november".

        Raises CalendarError. What `str()` says of a rule can be read again.
        """
        plain = " ".join(text.lower().split())
        if found := _IN_NOVEMBER.fullmatch(plain):
            return cls(Every.NOVEMBER, weekday=WEEKDAYS.index(found["weekday"]))
        found = _IN_MONTHS.fullmatch(plain)
        if found and found["weekday"]:
            return cls(Every(found["every"]), weekday=WEEKDAYS.index(found["weekday"]), place=_PLACES[found["place"]])
        if found and 1 <= int(found["day"]) <= 31:  # noqa: PLR2004 - the longest month
            return cls(Every(found["every"]), day=int(found["day"]))
        raise CalendarError(
            "Say how often like this: monthly on the first Tuesday, monthly on day 31, "
            "weekly on Tuesday in November, or quarterly on the last Friday."
        )

    def __str__(self) -> str:
        if self.weekday is None:
            return f"{self.every} on day {self.day}"
        if self.every is Every.NOVEMBER:
            return f"{self.every} on {WEEKDAYS[self.weekday]} in november"
        place = next(word for word, place in _PLACES.items() if place == self.place)
        return f"{self.every} on the {place} {WEEKDAYS[self.weekday]}"


def next_dates(rule: Rule, after: date, count: int) -> list[date]:
    """Return the next dates of a rule after a day, in order, each a working day.

    Raises CalendarError when they lie beyond the years whose bank holidays are known.
    """
    start = after.replace(day=1) - _DAY  # what fell on the last day of a month may have moved into this one
    moved = (working_days_after(day, 0) for day in _nominal(rule, start))
    return list(itertools.islice((day for day in moved if day > after), count))


def _nominal(rule: Rule, start: date) -> Iterator[date]:
    for month in itertools.count(start.year * 12 + start.month - 1):
        year, number = month // 12, month % 12 + 1
        days = [date(year, number, day) for day in range(1, calendar.monthrange(year, number)[1] + 1)]
        named = [day for day in days if day.weekday() == rule.weekday]
        if rule.every is Every.NOVEMBER:
            yield from named if number == _NOVEMBER else ()
        elif rule.every is Every.MONTH or number in _QUARTERS:
            yield named[rule.place] if named else days[min(rule.day, len(days)) - 1]
