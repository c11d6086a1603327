"""What two independent programmes read in our calendars: the same events at the same moments, and their changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.calendar_event import Event, Status
from knowledge.calendar_text import calendar
from tests.calendars.readers import READERS, Read

LONDON = ZoneInfo("Europe/London")
HOSTILE = "Fees; costs, and \\n more\r\nEND:VEVENT\r\nBEGIN:VEVENT"
# Typed by hand: what the clock in London shows, and what that is in UTC.
MOMENTS = {
    "the Friday before the clocks go forward": ("2027-03-26T10:00", "2027-03-26T10:00:00Z", "2027-03-26T12:00:00Z"),
    "the Monday after": ("2027-03-29T10:00", "2027-03-29T09:00:00Z", "2027-03-29T11:00:00Z"),
    "over the hour that is left out": ("2027-03-28T00:30", "2027-03-28T00:30:00Z", "2027-03-28T02:30:00Z"),
    "the Friday before the clocks go back": ("2027-10-29T10:00", "2027-10-29T09:00:00Z", "2027-10-29T11:00:00Z"),
    "the Monday after that": ("2027-11-01T10:00", "2027-11-01T10:00:00Z", "2027-11-01T12:00:00Z"),
    "over the hour that comes twice": ("2027-10-31T00:30", "2027-10-30T23:30:00Z", "2027-10-31T01:30:00Z"),
    "in the year after": ("2028-07-03T14:00", "2028-07-03T13:00:00Z", "2028-07-03T15:00:00Z"),
}

by_both = pytest.mark.parametrize("reader", READERS)


def event(shown: str, number: int = 1) -> Event:
    starts = datetime.fromisoformat(shown).replace(tzinfo=LONDON).astimezone(UTC)
    return Event(
        uid=f"MTG-2027-{number:03}@bot.example",
        sequence=0,
        stamp=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        starts=starts,
        ends=starts + timedelta(hours=2),
        summary="Executive",
        place="Room 1, Town Hall",
    )


def read(reader: str, *events: Event) -> list[Read]:
    return READERS[reader](calendar(events, name="Dates", zone=LONDON))


@by_both
def test_both_read_every_moment_on_both_sides_of_both_clock_changes(reader: str) -> None:
    found = read(reader, *(event(shown, number) for number, (shown, _, _) in enumerate(MOMENTS.values(), 1)))

    assert [(one.starts, one.ends) for one in found] == [(starts, ends) for _, starts, ends in MOMENTS.values()]


def test_both_read_the_same() -> None:
    shown = [event(shown, number) for number, (shown, _, _) in enumerate(MOMENTS.values(), 1)]
    shown += [
        replace(shown[0], uid="a@b", summary=HOSTILE, description=f"One\nTwo; {HOSTILE}", status=Status.TENTATIVE),
        replace(shown[0], uid="c@d", starts=date(2027, 3, 28), ends=date(2027, 3, 29), sequence=7),
        replace(shown[0], uid="e@f", summary="Ä" * 100, status=Status.CANCELLED, sequence=2_000_000_000),
    ]

    one, other = (read(reader, *shown) for reader in READERS)

    assert one == other
    assert [found.uid for found in one] == [event.uid for event in shown]
    assert one[-3].summary == "Fees; costs, and \\n more END:VEVENT BEGIN:VEVENT"
    assert (one[-2].starts, one[-2].ends, one[-2].sequence) == ("2027-03-28", "2027-03-29", 7)
    assert one[-1].status == "CANCELLED"


@by_both
def test_a_change_and_a_cancellation_are_the_same_event_with_a_higher_number(reader: str) -> None:
    first = event("2027-03-26T10:00")
    moved = replace(event("2027-03-29T10:00"), sequence=1)
    cancelled = replace(moved, sequence=2, status=Status.CANCELLED)

    states = [read(reader, one)[0] for one in (first, moved, cancelled)]

    assert {one.uid for one in states} == {"MTG-2027-001@bot.example"}
    assert [one.sequence for one in states] == [0, 1, 2]
    assert [one.starts for one in states] == [
        "2027-03-26T10:00:00Z", "2027-03-29T09:00:00Z", "2027-03-29T09:00:00Z"
    ]  # fmt: skip
    assert [one.status for one in states] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
