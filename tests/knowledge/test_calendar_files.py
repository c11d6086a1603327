"""Calendar files: what is read of them, and what is refused in plain words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar_files import MAX_BYTES, CalendarFileError, Entry, read

LONDON = ZoneInfo("Europe/London")


def calendar(*events: str, around: str = "") -> bytes:
    made = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{around}{made}END:VCALENDAR\r\n".encode()


def only(*lines: str) -> Entry:
    [entry] = read(calendar("\r\n".join(lines)))
    return entry


def test_an_event_of_several_days_ends_on_its_last_day() -> None:
    entry = only("UID:one", "SUMMARY:Half term", "DTSTART;VALUE=DATE:20271025", "DTEND;VALUE=DATE:20271030")

    assert (entry.starts, entry.ends, entry.all_day) == (date(2027, 10, 25), date(2027, 10, 29), True)
    assert (entry.uid, entry.summary, entry.number, entry.cancelled) == ("one", "Half term", 1, False)


def test_a_day_without_an_end_is_that_day() -> None:
    assert only("DTSTART;VALUE=DATE:20271025").ends == date(2027, 10, 25)


def test_a_length_stands_for_an_end() -> None:
    assert only("DTSTART;VALUE=DATE:20271025", "DURATION:P2D").ends == date(2027, 10, 26)
    assert only("DTSTART:20271025T090000Z", "DURATION:PT90M").ends == datetime(2027, 10, 25, 10, 30, tzinfo=UTC)


ZONES = {
    "named": (";TZID=Europe/London:20270701T140000", datetime(2027, 7, 1, 13, tzinfo=UTC)),
    "windows": (";TZID=GMT Standard Time:20270701T140000", datetime(2027, 7, 1, 13, tzinfo=UTC)),
    "with a path": (";TZID=/example.org/20070227_1/Europe/Paris:20270701T140000", datetime(2027, 7, 1, 12, tzinfo=UTC)),
    "world time": (":20270701T140000Z", datetime(2027, 7, 1, 14, tzinfo=UTC)),
    "no zone is London": (":20270701T140000", datetime(2027, 7, 1, 13, tzinfo=UTC)),
}


@pytest.mark.parametrize(("line", "moment"), ZONES.values(), ids=ZONES)
def test_a_time_is_read_in_its_zone(line: str, moment: datetime) -> None:
    starts = only(f"DTSTART{line}").starts

    assert isinstance(starts, datetime)
    assert starts.utcoffset() is not None
    assert starts.astimezone(UTC) == moment


def test_a_length_over_the_change_of_the_clocks_is_counted_as_it_passes() -> None:
    entry = only("DTSTART;TZID=Europe/London:20270328T003000", "DURATION:PT2H")

    assert isinstance(entry.ends, datetime)
    assert entry.ends.astimezone(UTC) == datetime(2027, 3, 28, 2, 30, tzinfo=UTC)
    assert entry.ends.tzinfo == LONDON


def test_folded_and_escaped_words_are_put_together_again() -> None:
    entry = only("SUMMARY:Health and Well\r\n being Board\\, open", "DTSTART;VALUE=DATE:20271025", "DESCRIPTION:a\\nb")

    assert entry.summary == "Health and Wellbeing Board, open"
    assert entry.description == "a\nb"


def test_what_stands_inside_and_beside_an_event_is_left_aside() -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nRRULE:FREQ=SECONDLY\r\n"
    around = f"{zone}END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VTODO\r\nSUMMARY:Not this\r\nEND:VTODO\r\n"
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nDESCRIPTION:Alarm\r\nRRULE:X\r\nEND:VALARM"

    [entry] = read(calendar(f"DTSTART;VALUE=DATE:20271025\r\nDESCRIPTION:Mine\r\n{alarm}", around=around))

    assert entry.description == "Mine"


def test_a_cancelled_event_is_marked_and_events_keep_their_order() -> None:
    found = read(
        calendar("DTSTART;VALUE=DATE:20271025\r\nSTATUS:CANCELLED", "DTSTART;VALUE=DATE:20270101\r\nSTATUS:CONFIRMED")
    )

    assert [(one.number, one.cancelled) for one in found] == [(1, True), (2, False)]


DAY = "DTSTART;VALUE=DATE:20271025"
REFUSED = {
    "nothing": (b"", "not a calendar file"),
    "something else": (b"first,last\n", "not a calendar file"),
    "no events": (calendar(), "no events"),
    "no day": (calendar("SUMMARY:Board"), "Event 1 of the calendar has no day"),
    "a day that is none": (calendar("DTSTART;VALUE=DATE:20271399"), "Event 1"),
    "a far day": (calendar("DTSTART;VALUE=DATE:99990101"), "from 2000 to 2099"),
    "too long ago": (calendar("DTSTART;VALUE=DATE:00010101"), "from 2000 to 2099"),
    "two beginnings": (calendar(f"{DAY}\r\n{DAY}"), "day that cannot be read"),
    "repeating": (calendar(DAY, f"{DAY}\r\nRRULE:FREQ=SECONDLY;COUNT=9999999"), "Event 2 of the calendar repeats"),
    "repeating, hidden by a fold": (calendar(f"{DAY}\r\nRRU\r\n LE:FREQ=DAILY"), "repeats"),
    "dates beside": (calendar(f"{DAY}\r\nRDATE;VALUE=DATE:20271026"), "repeats"),
    "script in the title": (calendar(f"{DAY}\r\nSUMMARY:<script>alert(1)</script>"), "code of a web page in its title"),
    "script in the text": (calendar(f"{DAY}\r\nDESCRIPTION:a <ScRipt src=x>"), "code of a web page in its description"),
    "a link that runs": (calendar(f"{DAY}\r\nURL:javascript:alert(1)"), "https://"),
    "a long title": (calendar(f"{DAY}\r\nSUMMARY:{'a' * 301}"), "more than 300 characters"),
    "not UTF-8": (calendar(DAY).replace(b"VERSION:2.0", b"X:\xff\xfe\xfa"), "not text in UTF-8"),
    "UTF-16": (calendar(DAY).decode().encode("utf-16"), "not text in UTF-8"),
    "too large": (b"BEGIN:VCALENDAR\r\n" + b"X" * MAX_BYTES, "larger than 2 MB"),
    "100,000 events": (
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 50_000 + b"END:VCALENDAR\n",
        "more than 1,000 events",
    ),
    "too many lines": (calendar(f"{DAY}\r\n" + "X-A:1\r\n" * 300), "too many lines"),
    "an event in an event": (calendar(f"{DAY}\r\nBEGIN:VEVENT\r\nEND:VEVENT"), "inside another"),
    "broken off": (calendar(DAY)[:-40], "breaks off"),
    "wrong ends": (calendar("END:VCALENDAR"), "damaged"),
    "deep": (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000, "too deep"),
    "unknown zone": (calendar("DTSTART;TZID=Mars/Olympus:20271025T100000"), "do not know: Mars/Olympus"),
    "a path for a zone": (calendar("DTSTART;TZID=../../etc/passwd:20271025T100000"), "do not know"),
    "ends first": (calendar(f"{DAY}\r\nDTEND;VALUE=DATE:20271001"), "ends before it begins"),
    "a day and a time": (calendar(f"{DAY}\r\nDTEND:20271026T100000Z"), "begins with a time and ends without"),
    "an endless length": (calendar(f"{DAY}\r\nDURATION:P99999999W"), "Event 1"),
}


@pytest.mark.parametrize(("data", "said"), REFUSED.values(), ids=REFUSED)
def test_a_calendar_that_cannot_be_used_is_refused_in_plain_words(data: bytes, said: str) -> None:
    with pytest.raises(CalendarFileError, match=said) as refused:
        read(data)

    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 200


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: calendar(DAY, text)))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    try:
        found = read(data)
    except CalendarFileError:
        return
    assert all(one.ends >= one.starts for one in found)
