"""Calendar files (.ics) that somebody brings: read into entries, or refused in words for people. Pure; no clock.

Only the events are read. Repeating ones are not worked out, and descriptions of time zones are left aside: neither can
be made to count for ever. RFC 5545 says what stands where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_BYTES, MAX_EVENTS, MAX_LINES = 2_000_000, 1_000, 200  # a year of a board has a dozen; lines are those of an event
MOST = {"SUMMARY": 300, "LOCATION": 300, "URL": 1_000, "UID": 300, "DESCRIPTION": 5_000}  # characters
YEARS = (2000, 2100)
LONDON = ZoneInfo("Europe/London")  # what a time without a zone means here
_FOLD = re.compile(r"\r?\n[ \t]")
_NAMED = re.compile(r"([A-Za-z0-9-]+)[;:]")
_MARKUP = re.compile(r"<\s*[a-z!/?]", re.IGNORECASE)
_SCRIPT = re.compile(r"<\s*/?\s*(?:script|iframe|object|embed)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_REPEATS = ("RRULE", "RDATE", "EXRULE")
_ZONED = re.compile(r'(DTSTART|DTEND)([^:]*?);TZID=("[^"]*"|[^;:]*)', re.IGNORECASE)
_EVENT, _DEEP = "VEVENT", 10  # parts inside parts; an alarm of an event is the third
_DAY = timedelta(days=1)


class CalendarFileError(ValueError):
    """A calendar file that cannot be taken; the message tells people what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar file. `number` is its place in the file, the first being 1.

    `starts` and `ends` are both days, and `ends` is then the last day itself; or both are moments with a time zone.
    The texts are as they were typed: they have to be escaped where they are shown.
    """

    number: int
    uid: str
    summary: str
    description: str
    location: str
    url: str
    starts: date | datetime
    ends: date | datetime
    cancelled: bool

    @property
    def all_day(self) -> bool:
        """Say whether it has no time of day."""
        return not isinstance(self.starts, datetime)


def read(data: bytes) -> list[Entry]:
    """Return the events of a calendar file in their order. Raises CalendarFileError with what is wrong with it."""
    if len(data) > MAX_BYTES:
        raise CalendarFileError(f"The calendar is larger than {MAX_BYTES // 1_000_000} MB. Export a shorter time.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarFileError("The calendar is not text in UTF-8. Export it again from your calendar.") from None
    if "BEGIN:VCALENDAR" not in text.upper():
        raise CalendarFileError("This is not a calendar file. Export your calendar as a file that ends with .ics.")
    events = list(_events(_FOLD.sub("", text).splitlines()))
    if not events:
        raise CalendarFileError("The calendar holds no events. Export it again, with its events.")
    if len(events) > MAX_EVENTS:
        raise CalendarFileError(f"The calendar holds more than {MAX_EVENTS:,} events. Split it up.")
    return [_entry(at, lines) for at, lines in enumerate(events, 1)]


def _events(lines: Iterable[str]) -> Iterator[list[str]]:
    """Give the lines of each event; what stands inside it, such as an alarm, and beside it is left out."""
    inside: list[str] = []
    kept: list[str] = []
    for line in lines:
        word, _, what = line.strip().upper().partition(":")
        if word == "BEGIN":
            if len(inside) == _DEEP or (what == _EVENT and _EVENT in inside):
                raise _damaged("an event begins inside another, or its parts are too deep")
            inside.append(what)
        elif word == "END":
            if not inside or inside.pop() != what:
                raise _damaged("something in it does not end")
            if what == _EVENT:
                yield kept
                kept = []
        elif inside[-1:] == [_EVENT] and line.strip():
            kept.append(line)
    if inside:
        raise _damaged("it breaks off in the middle")


def _damaged(how: str) -> CalendarFileError:
    return CalendarFileError(f"The calendar is damaged: {how}. Export it again.")


def _entry(number: int, lines: list[str]) -> Entry:
    import icalendar  # noqa: PLC0415 - it takes long to load, and few ever bring a calendar

    if len(lines) > MAX_LINES:
        raise _wrong(number, "has too many lines. Take it out")
    if {found[1].upper() for line in lines if (found := _NAMED.match(line))} & set(_REPEATS):
        raise _wrong(number, "repeats. Repeating events are not read: give each day as an event of its own")
    zones = {found[1].upper(): _zone(number, found[3]) for line in lines if (found := _ZONED.match(line))}
    plain = [_ZONED.sub(r"\1\2", line, count=1) if _ZONED.match(line) else line for line in lines]
    try:
        event = icalendar.Event.from_ical("\r\n".join([f"BEGIN:{_EVENT}", *plain, f"END:{_EVENT}"]))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise _wrong(number, "cannot be read. Take it out, or export the calendar again") from error
    texts = {name: _text(number, event, name) for name in MOST}
    starts, ends = _times(number, event, zones)
    return Entry(
        number=number,
        uid=texts["UID"],
        summary=texts["SUMMARY"],
        description=texts["DESCRIPTION"],
        location=texts["LOCATION"],
        url=texts["URL"],
        starts=starts,
        ends=ends,
        cancelled=str(event.get("STATUS", "")).strip().upper() == "CANCELLED",
    )


def _wrong(number: int, what: str) -> CalendarFileError:
    return CalendarFileError(f"Event {number} of the calendar {what}.")


def _text(number: int, event: Any, name: str) -> str:
    value = event.get(name, "")
    text = _CONTROL.sub("", str(value[0] if isinstance(value, list) and value else value)).strip()
    if name != "DESCRIPTION":
        text = " ".join(text.split())
    called = {"SUMMARY": "title", "LOCATION": "place", "URL": "link", "UID": "mark"}.get(name, "description")
    if len(text) > MOST[name]:
        raise _wrong(number, f"has a {called} of more than {MOST[name]:,} characters. Make it shorter")
    if (_SCRIPT if name == "DESCRIPTION" else _MARKUP).search(text):
        raise _wrong(number, f"has code of a web page in its {called}. Take it out")
    if name == "URL" and text and not text.lower().startswith(("https://", "http://")):
        raise _wrong(number, "has a link that does not begin with https://. Take it out")
    return text


def _times(number: int, event: Any, zones: Mapping[str, ZoneInfo]) -> tuple[date | datetime, date | datetime]:
    starts = _moment(number, event, "DTSTART", zones)
    if starts is None:
        raise _wrong(number, "has no day. Give it one, or take it out")
    ends = _moment(number, event, "DTEND", zones)
    if ends is None:
        return starts, _last(number, starts, event)
    if isinstance(starts, datetime) is not isinstance(ends, datetime):
        raise _wrong(number, "begins with a time and ends without one, or the other way round. Correct it")
    if ends < starts:
        raise _wrong(number, "ends before it begins. Correct it")
    if isinstance(ends, datetime):
        return starts, ends
    return starts, max(starts, ends - _DAY)  # the file names the day after it; some programs name the day itself


def _last(number: int, starts: date | datetime, event: Any) -> date | datetime:
    """Return when an event ends that says how long it takes, or nothing at all."""
    if "DURATION" not in event:
        return starts
    takes = _value(event, "DURATION")
    if not isinstance(takes, timedelta) or not timedelta() <= takes <= 366 * _DAY:
        raise _wrong(number, "has a length that cannot be read. Correct it")
    if isinstance(starts, datetime):
        return (starts.astimezone(UTC) + takes).astimezone(starts.tzinfo)
    return max(starts, starts + takes - _DAY)


def _moment(number: int, event: Any, name: str, zones: Mapping[str, ZoneInfo]) -> date | datetime | None:
    if name not in event:
        return None
    found = _value(event, name)
    if not isinstance(found, date) or not YEARS[0] <= found.year < YEARS[1]:
        raise _wrong(number, f"has a day that cannot be read, or is not from {YEARS[0]} to {YEARS[1] - 1}. Correct it")
    if not isinstance(found, datetime):
        return found
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return found.replace(tzinfo=zones.get(name, LONDON))


def _value(event: Any, name: str) -> Any:
    """Return a day, a moment or a length; None where the library could not read it, or read several."""
    try:
        return getattr(event[name], "dt", None)
    except ValueError:  # what the library says of a value that it could not read
        return None


def _zone(number: int, named: str) -> ZoneInfo:
    """Return a time zone by its usual name, by the one that Windows has for it, or by one with a path before it."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - as above

    plain = named.strip('"').lstrip("/")
    for name in (WINDOWS_TO_OLSON.get(plain, plain), "/".join(plain.split("/")[-2:])):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    shown = " ".join(_CONTROL.sub("", named).split())[:60]
    raise _wrong(number, f"has a time zone that I do not know: {shown}. Give its times in London time")
