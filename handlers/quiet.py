"""Quiet hours: those of the house, which hold for everybody and every channel, and those that people chose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from db import subscriptions
from db.deliveries import Destination
from handlers.context import Context
from knowledge.calendar import CalendarError, Hours, quiet_until

_A_DAY = timedelta(days=1)


def quiet(context: Context, destinations: Iterable[Destination], now: datetime) -> dict[Destination, datetime]:
    """Return until when each destination is not to be disturbed; those that may be are left out.

    Where the hours of the house and a person's own follow each other, it is the end of both. Where the two together
    leave no time of the day, those of the house alone hold: a message is deferred, never swallowed.
    """
    wanted = list(dict.fromkeys(destinations))
    own = subscriptions.quiet_hours(context.session, wanted)
    found = {to: _until(context, now, own.get(to, "")) for to in wanted}
    return {to: until for to, until in found.items() if until is not None}


def _until(context: Context, now: datetime, own: str) -> datetime | None:
    house = _hours(context.house.quiet_hours)
    every = [hours for hours in (house, _hours(own)) if hours]
    moment = now
    while moment - now < _A_DAY:
        later = [end for hours in every if (end := quiet_until(moment, hours, context.house.time_zone))]
        if not later:
            return moment if moment > now else None
        moment = max(later)
    return quiet_until(now, house, context.house.time_zone) if house else None


def _hours(text: str) -> Hours | None:
    """Read quiet hours that were checked when they were kept; none where they cannot be read."""
    try:
        return Hours.parse(text) if text else None
    except CalendarError:
        return None
