"""Calendar files as other programmes read them: events in, the text of RFC 5545 out; the same for the same events."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from knowledge.calendar_event import Event

PUBLISH = "PUBLISH"  # RFC 5546, 3.2.1: it is shown, and nobody is asked to answer
_PRODUCT = "-//THSCP assistant//calendar//EN"
_SPECIAL = re.compile(r"[\\;,]")
_STEP, _NONE = timedelta(hours=1), timedelta()
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ADDRESS = re.compile(r"https?://[!-~]+")


class _Words(icalendar.vText):
    """Text that comes back as it was. Icalendar's own takes a backslash before a capital N for the end of a line."""

    def to_ical(self) -> bytes:
        """Return the text with its special characters escaped (RFC 5545, 3.3.11)."""
        return _SPECIAL.sub(r"\\\g<0>", self).replace("\n", "\\n").encode()


def calendar(events: Iterable[Event], *, name: str, zone: ZoneInfo, method: str = PUBLISH) -> bytes:
    """Return a calendar with these events, in the clock of a zone, which is described for the years that they need."""
    rows = list(events)
    whole = icalendar.Calendar()
    whole.add("prodid", _PRODUCT)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    whole["x-wr-calname"] = _Words(line(name))
    moments = [at for event in rows for at in (event.starts, event.ends) if isinstance(at, datetime)]
    if moments:
        whole.add_component(_described(zone, min(moments).year - 1))
    for event in rows:
        whole.add_component(_written(event, zone))
    text: bytes = whole.to_ical()
    return text


def line(text: str) -> str:
    """Return text as one line of what can be seen, so that no part of it can pass for a line of the calendar."""
    return " ".join("".join(" " if _unseen(char) else char for char in text).split())


def lines(text: str) -> str:
    """Return text as lines of what can be seen."""
    return "\n".join(line(one) for one in text.splitlines()).strip("\n")


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _described(zone: ZoneInfo, year: int) -> icalendar.Timezone:
    """Return the rules of a zone from a year on, as those of that year, which come again in each.

    Not icalendar's own: it takes the clock after a change for the one before it, and writes the years as RDATE, of
    which ical.js leaves out the first. Britain's rules have been the same since 1996.
    """
    described = icalendar.Timezone()
    described.add("tzid", zone.key)
    for change in _changes(zone, year):
        before, after = (change - _STEP).astimezone(zone), change.astimezone(zone)
        part = icalendar.TimezoneDaylight() if after.dst() else icalendar.TimezoneStandard()
        shown = (change + (before.utcoffset() or _NONE)).replace(tzinfo=None)
        part.add("dtstart", shown)
        part.add("rrule", {"freq": "yearly", "bymonth": shown.month, "byday": f"-1{_DAYS[shown.weekday()]}"})
        part.add("tzoffsetfrom", before.utcoffset())
        part.add("tzoffsetto", after.utcoffset())
        part.add("tzname", after.tzname())
        described.add_component(part)
    return described


@functools.lru_cache(maxsize=64)
def _changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """Return the moments of a year at which the clock is put forward or back."""
    first = datetime(year, 1, 1, tzinfo=UTC)
    hours = (first + number * _STEP for number in range(366 * 24))
    return tuple(at for at in hours if at.astimezone(zone).utcoffset() != (at - _STEP).astimezone(zone).utcoffset())


def _written(event: Event, zone: ZoneInfo) -> icalendar.Event:
    written = icalendar.Event()
    written.add("uid", event.uid)
    written.add("sequence", event.sequence)
    written.add("dtstamp", event.stamp)
    written.add("last-modified", event.stamp)
    written.add("dtstart", _local(event.starts, zone))
    written.add("dtend", _local(event.ends, zone))
    written["summary"] = _Words(line(event.summary))
    written.add("status", event.status.value)
    if event.place:
        written["location"] = _Words(line(event.place))
    if event.description:
        written["description"] = _Words(lines(event.description))
    if _ADDRESS.fullmatch(event.url):
        written.add("url", event.url)
    return written


def _local(at: datetime | date, zone: ZoneInfo) -> datetime | date:
    """Return a moment in the clock of the zone. The hour that comes a second time is only known by its UTC."""
    if not isinstance(at, datetime):
        return at
    shown = at.astimezone(zone)
    return at.astimezone(UTC) if shown.fold else shown
