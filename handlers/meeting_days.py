"""The days of a meeting: on which a group can meet, by when items must be in, and when papers go out."""

from __future__ import annotations

import re
from datetime import date, time

from db import audit
from db.meetings import Days, Meeting
from handlers import persons
from handlers.context import Context
from knowledge import clocks
from knowledge.calendar import CalendarError, instant, is_working_day, working_days_before

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def periods() -> dict[str, int]:
    """Return how many working days before a meeting the cut-off and the pack are."""
    return clocks.numbers("escalations")


def days(context: Context, day: date, at: time | None) -> Days:
    """Work out when a meeting begins, by when items must be in, and when its papers go out."""
    before = periods()
    return {
        "on": day,
        "cut_off_on": working_days_before(day, before["cut_off"]),
        "pack_on": working_days_before(day, before["pack"]),
        "starts_at": instant(day, at, context.house.time_zone) if at else None,
    }


def time_of(context: Context, row: Meeting) -> time | None:
    """Return the time in London at which a meeting begins; None where it is not fixed."""
    return row.starts_at.astimezone(context.house.time_zone).time() if row.starts_at else None


def read_day(context: Context, text: str) -> date | str:
    """Return a day on which a group can meet, or what is wrong with it."""
    found = persons.read_day(context, text)
    if not isinstance(found, date):
        return found or "Please give a day."
    if found < context.today:
        return f"{said(found)} is over."
    try:
        if not is_working_day(found):
            return f"{said(found)} is a weekend or a bank holiday. Please give a working day."
        working_days_before(found, max(periods().values()))
    except CalendarError as error:
        return str(error)
    return found


def read_time(text: str) -> time | str | None:
    """Return the time at which a meeting begins, None where none is given, or what is wrong with it."""
    if not text.strip():
        return None
    found = _TIME.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else "Please give a time such as 14:30."


def said(day: date) -> str:
    """Return a day as people read it, with its weekday."""
    return f"{day:%A %-d %B %Y}"


def note(context: Context, action: str, row: Meeting, **detail: str) -> None:
    """Write what was done to a meeting into the audit trail."""
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{context.actor.person_id}",
        action=action,
        subject=f"meeting {row.id}",
        on=row.on.isoformat(),
        **detail,
    )
