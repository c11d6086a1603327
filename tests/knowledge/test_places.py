"""Rules of places: until when they are kept, who is next, and what is late, over weekends and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from knowledge import places
from knowledge.places import Rules, Span

RULES = Rules(5, 1, 3, time(17), ZoneInfo("Europe/London"))


def span(starts_at: datetime, closes_on: date) -> Span:
    return Span("open", date(2026, 1, 1), closes_on, starts_at)


LATER = span(datetime(2027, 6, 1, 9, tzinfo=UTC), date(2027, 5, 31))
OFFERS = {  # typed by hand: made at, lapses at
    "on a Friday": (datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC)),
    "before Christmas": (datetime(2026, 12, 24, 10, tzinfo=UTC), datetime(2026, 12, 29, 17, tzinfo=UTC)),
    "before the clock goes back": (datetime(2026, 10, 23, 10, tzinfo=UTC), datetime(2026, 10, 26, 17, tzinfo=UTC)),
    "before the clock goes forward": (datetime(2027, 3, 25, 10, tzinfo=UTC), datetime(2027, 3, 30, 16, tzinfo=UTC)),
    "after midnight in London": (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), datetime(2026, 7, 3, 16, tzinfo=UTC)),
}


@pytest.mark.parametrize(("now", "ends"), OFFERS.values(), ids=OFFERS)
def test_an_offer_lapses_at_the_end_of_the_next_working_day(now: datetime, ends: datetime) -> None:
    assert places.offer_until(now, LATER, RULES) == ends


def test_no_time_outlasts_the_session_and_no_offer_is_made_in_the_last_hour() -> None:
    soon = span(datetime(2026, 11, 23, 10, tzinfo=UTC), date(2026, 11, 20))

    assert places.offer_until(datetime(2026, 11, 23, 9, tzinfo=UTC), soon, RULES) == soon.starts_at
    assert places.offer_until(datetime(2026, 11, 23, 9, 1, tzinfo=UTC), soon, RULES) is None
    assert places.manager_until(datetime(2026, 11, 20, 9, tzinfo=UTC), soon, RULES) == datetime(
        2026, 11, 20, 23, 59, tzinfo=UTC
    )


def test_at_its_last_moment_a_time_is_over() -> None:
    at = datetime(2026, 11, 23, 17, tzinfo=UTC)

    assert (places.is_over(at, at), places.is_over(None, at)) == (True, False)


def test_the_first_of_the_line_are_next_and_never_more_than_are_free() -> None:
    assert places.next_in_line([(3, 30), (1, 10), (2, 20)], 2) == [10, 20]
    assert places.next_in_line([(1, 10)], -1) == []


LATE = {"in time": (date(2026, 12, 4), False), "late": (date(2026, 12, 7), True), "the day": (date(2026, 12, 10), True)}


@pytest.mark.parametrize(("today", "late"), LATE.values(), ids=LATE)
def test_late_is_within_the_last_three_working_days(today: date, late: bool) -> None:
    assert places.is_late(today, date(2026, 12, 10), 3) is late


def test_places_go_on_moving_where_bank_holidays_are_not_known_yet() -> None:
    session = span(datetime(2029, 2, 1, 9, tzinfo=UTC), date(2029, 1, 31))
    friday = datetime(2028, 12, 29, 10, tzinfo=UTC)

    assert places.offer_until(friday, session, RULES) == datetime(2029, 1, 2, 17, tzinfo=UTC)
    assert places.manager_until(friday, session, RULES) == datetime(2029, 1, 8, 17, tzinfo=UTC)
    assert places.is_late(friday.date(), date(2029, 1, 4), 3) is True
    assert places.is_late(friday.date(), date(2029, 1, 5), 3) is False
