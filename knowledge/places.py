"""Places in training as rules: until when one is held, who is next, what is late. No storage, no clock.

The partnership has no booking rules of its own. The days are settings of the house, chosen after the practice of other
boards (domain section 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge.calendar import CalendarError, instant, working_days_after

LEAST_TO_ANSWER = timedelta(hours=1)  # an offer that is shorter helps nobody; a choice of the design
_DAY, _SATURDAY = timedelta(days=1), 5
_EACH_YEAR = ((1, 1), (12, 25), (12, 26))  # month and day of the bank holidays that no year is without
LAST_MINUTE = time(23, 59)  # of the day on which booking closes


@dataclass(frozen=True, slots=True)
class Rules:
    """The periods of one house, in working days, and when its working day ends."""

    manager_days: int
    offer_days: int
    late_days: int
    work_ends: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """From when and until when a session can be booked, and when it begins. Its `state` is that of the session."""

    state: str
    opens_on: date
    closes_on: date
    starts_at: datetime


def closes_at(span: Span, rules: Rules) -> datetime:
    """Return when booking ends: with the last minute of its last day, and never after the session began."""
    return min(instant(span.closes_on, LAST_MINUTE, rules.zone), span.starts_at)


def manager_until(now: datetime, span: Span, rules: Rules) -> datetime:
    """Return until when a place is held for somebody whose manager has not agreed yet."""
    return _until(now, rules.manager_days, span, rules)


def offer_until(now: datetime, span: Span, rules: Rules) -> datetime | None:
    """Return when an offer lapses that is made now; None when too little time is left to make one."""
    if span.starts_at - now < LEAST_TO_ANSWER:
        return None
    return _until(now, rules.offer_days, span, rules)


def _until(now: datetime, days: int, span: Span, rules: Rules) -> datetime:
    ends = instant(_after(now.astimezone(rules.zone).date(), days), rules.work_ends, rules.zone)
    closes = closes_at(span, rules)
    # Booking may be closed while people still wait: what comes free then is theirs until the session begins.
    return min(ends, closes if closes - now >= LEAST_TO_ANSWER else span.starts_at)


def _after(day: date, days: int) -> date:
    """Return the n-th working day after a day. Places go on moving also beyond the known bank holidays."""
    try:
        return working_days_after(day, days)
    except CalendarError:
        while days > 0:
            day += _DAY
            days -= day.weekday() < _SATURDAY and (day.month, day.day) not in _EACH_YEAR
        return day


def is_over(held_until: datetime | None, now: datetime) -> bool:
    """Say whether the time for which a place was held is over: at its last moment it is."""
    return held_until is not None and held_until <= now


def next_in_line(waiting: Iterable[tuple[int, int]], free: int) -> list[int]:
    """Return who is offered a place, of pairs of a place in the line and a booking: the lowest first, never more."""
    return [booking for _, booking in sorted(waiting)[: max(free, 0)]]


def is_late(today: date, starts_on: date, late_days: int) -> bool:
    """Say whether a place that is given up today is given up late: fewer working days before than others need."""
    return starts_on <= _after(today, late_days)


def why_not(now: datetime, span: Span, rules: Rules) -> str:
    """Say why a session cannot be booked now; empty when it can."""
    by_state = {
        "draft": "I cannot find that session.",
        "cancelled": "This session does not take place.",
        "done": "This session is over. It cannot be booked any more.",
        "closed": "Booking for this session is closed.",
    }
    if span.state in by_state:
        return by_state[span.state]
    if span.starts_at <= now:
        return "This session has begun. It cannot be booked any more."
    if now >= closes_at(span, rules):
        return f"Booking for this session closed on {span.closes_on:%A %-d %B %Y}."
    if now.astimezone(rules.zone).date() < span.opens_on:
        return f"Booking for this session opens on {span.opens_on:%A %-d %B %Y}."
    return ""
