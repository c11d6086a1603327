"""When things about an escalation are due, counted in working days from the periods that it was raised with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from db.meetings import Meeting
from knowledge import clocks
from knowledge.calendar import working_days_after

KIND = "escalations"


def freeze(raised_on: date) -> dict[str, Any]:
    """Return what a record keeps when it is raised: today's periods, and by when it is looked at."""
    periods = clocks.numbers(KIND)
    return {"periods": periods, "triage_due": working_days_after(raised_on, periods["triage"]).isoformat()}


def begun(frozen: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return the clocks of a record that waits for triage from a day on: anew, with the periods of its first day."""
    if not frozen:
        return freeze(on)
    return {**frozen, "triage_due": working_days_after(on, period(frozen, "triage")).isoformat()}


def period(frozen: Mapping[str, Any], name: str) -> int:
    """Return a period of a record; for a draft, which has none yet, the one that holds today."""
    known: Mapping[str, int] = frozen.get("periods", {})
    return known[name] if name in known else clocks.numbers(KIND)[name]


def triage_due(frozen: Mapping[str, Any]) -> date | None:
    """Return the day by which the strategy manager looks at it; None for a draft."""
    found = frozen.get("triage_due")
    return date.fromisoformat(found) if found else None


def answer_due(decided_on: date, frozen: Mapping[str, Any]) -> date:
    """Return the day by which the group has its answer."""
    return working_days_after(decided_on, period(frozen, "answer"))


def chase_on(response_due: date, frozen: Mapping[str, Any]) -> date:
    """Return the day on which a response that is missing is asked for."""
    return working_days_after(response_due, period(frozen, "chase"))


def days_open(raised_on: date, until: date) -> int:
    """Count the days since it was raised."""
    return (until - raised_on).days


def open_for(raised_on: date, until: date) -> str:
    """Say how long it is or was open: "1 day open"."""
    days = days_open(raised_on, until)
    return f"{days} day{'' if days == 1 else 's'} open"


def is_old(raised_on: date, today: date, frozen: Mapping[str, Any]) -> bool:
    """Say whether it is open for so long that the paper shows it in red."""
    return today - raised_on > timedelta(days=period(frozen, "old"))


def day(on: date) -> str:
    """Return a day as people say it: "Thursday 19 November"."""
    return f"{on:%A %-d %B}"


def pack_words(coming: Meeting | None, in_time: Meeting | None, today: date) -> str:
    """Say which meeting of the Executive an escalation of today can reach, and when its pack closes or closed."""
    if coming is None:
        return "No date of the next Executive is known yet. The secretariat tells you when there is one."
    if in_time is not None and in_time.on == coming.on:
        left = "today" if in_time.cut_off_on == today else f"on {day(in_time.cut_off_on)}"
        return f"The Executive meets on {day(coming.on)}. The pack closes {left}, so it can reach that meeting."
    closed = f"The pack of the Executive on {day(coming.on)} closed on {day(coming.cut_off_on)}."
    if coming.cut_off_on >= today:  # the papers were locked before their day
        closed = f"The papers of the Executive on {day(coming.on)} are locked."
    if in_time is None:
        return f"{closed} No later date is known yet. Mark it urgent if it cannot wait."
    left = "today" if in_time.cut_off_on == today else f"on {day(in_time.cut_off_on)}"
    return f"{closed} The next is on {day(in_time.on)}; its pack closes {left}. Mark it urgent if it cannot wait."
