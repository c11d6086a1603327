"""Calendar files: what stands in them byte by byte, and that no title can be more than a title."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.calendar_event import Event, Status
from knowledge.calendar_text import calendar, line, lines

LONDON = ZoneInfo("Europe/London")
STAMP = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MEETING = Event(
    uid="MTG-2027-001@bot.example",
    sequence=0,
    stamp=STAMP,
    starts=datetime(2027, 3, 25, 10, 0, tzinfo=UTC),
    ends=datetime(2027, 3, 25, 12, 0, tzinfo=UTC),
    summary="Executive",
)
# Typed by hand: the clocks change at 01:00 UTC on the last Sundays of March and October.
ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:20260329T010000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")
HOSTILE = "A;b,c\\n\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Other\x00\x85\u2028\u2029x"


def written(*events: Event) -> bytes:
    return calendar(events, name="Dates", zone=LONDON)


def local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=LONDON)


def test_the_same_events_give_the_same_bytes() -> None:
    assert written(MEETING) == written(replace(MEETING))


def test_every_line_ends_as_the_standard_says_and_none_is_longer_than_75_octets() -> None:
    text = written(replace(MEETING, summary="Ä" * 300, description="Word " * 200))

    rows = text.split(b"\r\n")
    assert rows[-1] == b""
    assert max(map(len, rows)) <= 75
    assert b"\n" not in text.replace(b"\r\n", b"")


def test_a_calendar_says_what_made_it_and_that_it_is_only_shown() -> None:
    text = written(MEETING).decode()

    assert "VERSION:2.0\r\n" in text
    assert "METHOD:PUBLISH\r\n" in text
    assert "X-WR-CALNAME:Dates\r\n" in text
    assert "DTSTAMP:20261120T090000Z\r\n" in text
    assert "LAST-MODIFIED:20261120T090000Z\r\n" in text


def test_an_empty_calendar_can_be_read_and_needs_no_zone() -> None:
    found = icalendar.Calendar.from_ical(written())

    assert found.walk("VEVENT") == found.walk("VTIMEZONE") == []


def test_times_stand_in_the_clock_of_london_with_its_rules_from_the_year_before() -> None:
    text = written(replace(MEETING, starts=local("2027-06-01T10:00"), ends=local("2027-06-01T12:00"))).decode()

    assert "DTSTART;TZID=Europe/London:20270601T100000\r\n" in text
    assert "DTEND;TZID=Europe/London:20270601T120000\r\n" in text
    assert ZONE in text


def test_the_hour_that_comes_twice_is_said_in_utc_the_second_time() -> None:
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)

    text = written(replace(MEETING, starts=first, ends=first + timedelta(hours=1))).decode()

    assert "DTSTART;TZID=Europe/London:20271031T013000\r\n" in text
    assert "DTEND:20271031T013000Z\r\n" in text


def test_a_meeting_without_a_time_is_there_all_day() -> None:
    text = written(replace(MEETING, starts=date(2027, 3, 25), ends=date(2027, 3, 26))).decode()

    assert "DTSTART;VALUE=DATE:20270325\r\n" in text
    assert "DTEND;VALUE=DATE:20270326\r\n" in text
    assert "VTIMEZONE" not in text


@pytest.mark.parametrize("status", Status)
def test_how_sure_it_is_stands_in_the_words_of_the_standard(status: Status) -> None:
    assert f"STATUS:{status.value}\r\n".encode() in written(replace(MEETING, status=status))


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a.example/\r\nBEGIN:VEVENT", "https://a b", "x"])
def test_what_is_no_web_address_is_left_out(address: str) -> None:
    text = written(replace(MEETING, url=address))

    assert b"URL" not in text
    assert text.count(b"BEGIN:VEVENT") == 1


@given(*[st.text(st.characters(), max_size=200)] * 3)
@example(HOSTILE, HOSTILE, HOSTILE)
@example("\\;\\,\\N", 'DQUOTE "x"; y:z', "^n^^'")
def test_whatever_stands_in_an_event_comes_back_as_one_event_and_the_same_words(
    summary: str, place: str, description: str
) -> None:
    text = written(replace(MEETING, summary=summary, place=place, description=description))

    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert text.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    assert found["summary"] == line(summary)
    assert found.get("location", "") == line(place)
    assert found.get("description", "") == lines(description)
    assert found["uid"] == MEETING.uid


moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC it is


@given(starts=moments, minutes=st.integers(1, 3000))
@example(starts=datetime(2027, 3, 28, 0, 30, tzinfo=UTC), minutes=60)
@example(starts=datetime(2027, 10, 31, 0, 30, tzinfo=UTC), minutes=60)
def test_every_moment_comes_back_as_the_same_moment(starts: datetime, minutes: int) -> None:
    starts = starts.replace(microsecond=0)
    ends = starts + timedelta(minutes=minutes)

    [found] = icalendar.Calendar.from_ical(written(replace(MEETING, starts=starts, ends=ends))).walk("VEVENT")

    assert [found.decoded(name).astimezone(UTC) for name in ("dtstart", "dtend")] == [starts, ends]
