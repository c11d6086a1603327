"""Days and hours as the partnership counts them: instants, working days, quiet hours, and dates that come again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import (
    CalendarError,
    Hours,
    Rule,
    exists,
    instant,
    is_working_day,
    next_dates,
    quiet_until,
    working_days_after,
    working_days_before,
    working_days_between,
)

LONDON = ZoneInfo("Europe/London")
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
MISSING = [time(1, minute) for minute in (0, 15, 30, 45)]  # on the last Sunday of March
DAYS = [date(2011, 1, 1) + timedelta(days=number) for number in range((date(2036, 1, 1) - date(2011, 1, 1)).days)]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def last_sunday(year: int, month: int) -> date:
    return next(day for day in reversed(DAYS) if (day.year, day.month, day.weekday()) == (year, month, 6))


FORWARD = {last_sunday(year, 3) for year in range(2011, 2036)}
BACK = {last_sunday(year, 10) for year in range(2011, 2036)}


# --- instants --------------------------------------------------------------------------------------------------


def test_every_quarter_of_an_hour_of_every_london_date_from_2011_to_2035_is_one_instant() -> None:
    assert len(DAYS) == 9131
    for day in DAYS:
        instants = [instant(day, at, LONDON) for at in QUARTERS]
        steps = {later - earlier for earlier, later in itertools.pairwise(instants)}
        usual = {timedelta(minutes=15)}
        if day in FORWARD:  # 01:00 is 02:00, ... and then it is 02:00 again
            assert len(set(instants)) == 92
            assert steps == {*usual, timedelta(minutes=-45)}
        else:  # strictly later with every quarter
            assert steps == ({*usual, timedelta(minutes=75)} if day in BACK else usual)
        assert instants[0] < instants[-1] < instant(day + timedelta(days=1), time(0), LONDON)


def test_every_quarter_of_an_hour_exists_but_four_on_the_last_sunday_of_march() -> None:
    around = sorted({day + timedelta(days=off) for day in FORWARD | BACK for off in (-1, 0, 1)})

    missing = [(day, at) for day in around for at in QUARTERS if not exists(day, at, LONDON)]

    assert missing == [(day, at) for day in sorted(FORWARD) for at in MISSING]


@given(st.dates(date(2011, 1, 1), date(2035, 12, 31)), st.times())
def test_a_local_clock_shows_at_the_instant_what_was_asked_for_or_the_gap_later(day: date, at: time) -> None:
    shown = instant(day, at, LONDON).astimezone(LONDON).replace(tzinfo=None)
    gap = timedelta() if exists(day, at, LONDON) else timedelta(hours=1)

    assert shown == datetime.combine(day, at) + gap


INSTANTS = {
    "in winter": (date(2026, 12, 1), time(9), "2026-12-01 09:00"),
    "in summer": (date(2026, 7, 1), time(9), "2026-07-01 08:00"),
    "a time that does not exist": (date(2027, 3, 28), time(1, 30), "2027-03-28 01:30"),
    "the hour after it": (date(2027, 3, 28), time(2, 30), "2027-03-28 01:30"),
    "a time that comes twice": (date(2026, 10, 25), time(1, 30), "2026-10-25 00:30"),
    "a time that names its second coming": (date(2026, 10, 25), time(1, 30, fold=1), "2026-10-25 00:30"),
}


@pytest.mark.parametrize(("day", "at", "expected"), INSTANTS.values(), ids=INSTANTS)
def test_a_local_time_is_this_instant(day: date, at: time, expected: str) -> None:
    assert instant(day, at, LONDON) == moment(expected)


# --- working days ----------------------------------------------------------------------------------------------


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def test_the_bank_holidays_of_2026_are_no_working_days() -> None:
    weekdays = [day for day in days(date(2026, 1, 1), date(2026, 12, 31)) if day.weekday() < 5]

    closed = [day for day in weekdays if not is_working_day(day)]

    assert closed == [
        date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25), date(2026, 8, 31),
        date(2026, 12, 25), date(2026, 12, 28),
    ]  # fmt: skip


BEFORE = {
    "one before a Monday is Friday": (date(2026, 11, 23), 1, date(2026, 11, 20)),
    "five before a Thursday": (date(2026, 12, 3), 5, date(2026, 11, 26)),
    "none before a working day is that day": (date(2026, 12, 3), 0, date(2026, 12, 3)),
    "none before a Sunday is Friday": (date(2026, 11, 22), 0, date(2026, 11, 20)),
    "one before a Sunday is Friday too": (date(2026, 11, 22), 1, date(2026, 11, 20)),
    "one after Christmas, over four closed days": (date(2026, 12, 29), 1, date(2026, 12, 24)),
    "over Easter": (date(2027, 3, 30), 1, date(2027, 3, 25)),
}
AFTER = {
    "one after a Friday is Monday": (date(2026, 11, 20), 1, date(2026, 11, 23)),
    "none after a Saturday is Monday": (date(2026, 11, 21), 0, date(2026, 11, 23)),
    "one after a Saturday is Monday too": (date(2026, 11, 21), 1, date(2026, 11, 23)),
    "over Christmas": (date(2026, 12, 24), 1, date(2026, 12, 29)),
    "fifteen from a notification": (date(2026, 11, 25), 15, date(2026, 12, 16)),
}


@pytest.mark.parametrize(("day", "n", "expected"), BEFORE.values(), ids=BEFORE)
def test_working_days_are_counted_back(day: date, n: int, expected: date) -> None:
    assert working_days_before(day, n) == expected


@pytest.mark.parametrize(("day", "n", "expected"), AFTER.values(), ids=AFTER)
def test_working_days_are_counted_on(day: date, n: int, expected: date) -> None:
    assert working_days_after(day, n) == expected


@given(st.dates(date(2012, 6, 1), date(2028, 6, 1)), st.integers(0, 60))
def test_what_is_counted_on_can_be_counted_between(day: date, n: int) -> None:
    later = working_days_after(day, n)

    assert is_working_day(later)
    assert working_days_between(day, later) == (n or int(later > day))
    assert working_days_between(later, day) == -working_days_between(day, later)


@given(st.dates(date(2012, 6, 1), date(2028, 6, 1)), st.integers(1, 60))
def test_counting_back_and_then_on_returns_to_a_working_day(day: date, n: int) -> None:
    start = working_days_after(day, 0)

    assert working_days_after(working_days_before(start, n), n) == start


BEYOND = {
    "a day": lambda: is_working_day(date(2040, 1, 2)),
    "a day long ago": lambda: is_working_day(date(2001, 1, 2)),
    "counted back": lambda: working_days_before(date(2012, 1, 3), 5),
    "counted on": lambda: working_days_after(date(2040, 1, 2), 1),
    "counted between": lambda: working_days_between(date(2026, 1, 1), date(2040, 1, 2)),
    "a rule": lambda: next_dates(Rule.parse("quarterly on day 1"), date(2026, 1, 1), 200),
}


@pytest.mark.parametrize("count", BEYOND.values(), ids=BEYOND)
def test_nothing_is_counted_beyond_the_known_bank_holidays_and_it_says_what_to_do(count: object) -> None:
    assert callable(count)
    with pytest.raises(CalendarError, match=r"known from 2012 to \d{4}.*update the package govuk-bank-holidays"):
        count()


def test_working_days_are_not_counted_backwards_by_a_negative_number() -> None:
    with pytest.raises(CalendarError, match="from 0"):
        working_days_after(date(2026, 11, 21), -1)


# --- quiet hours -----------------------------------------------------------------------------------------------

QUIET = {
    "an hour before they begin": ("21:00-07:00", "2026-11-21 20:00", None),
    "when they begin": ("21:00-07:00", "2026-11-21 21:00", "2026-11-22 07:00"),
    "after midnight": ("21:00-07:00", "2026-11-22 03:00", "2026-11-22 07:00"),
    "when they end": ("21:00-07:00", "2026-11-22 07:00", None),
    "within one day": ("12:00-13:30", "2026-11-21 12:15", "2026-11-21 13:30"),
    "in summer": ("21:00-07:00", "2026-07-01 20:30", "2026-07-02 06:00"),
    "through the night in which the clock goes forward": ("21:00-07:00", "2027-03-27 22:00", "2027-03-28 06:00"),
    "through the night in which the clock goes back": ("21:00-07:00", "2026-10-24 21:00", "2026-10-25 07:00"),
    "until a time that comes twice, before its first coming": ("21:00-01:30", "2026-10-24 23:00", "2026-10-25 00:30"),
    "until a time that comes twice, between": ("21:00-01:30", "2026-10-25 01:10", "2026-10-25 01:30"),
    "until a time that does not exist": ("21:00-01:30", "2027-03-28 00:30", "2027-03-28 01:30"),
}


@pytest.mark.parametrize(("hours", "now", "until"), QUIET.values(), ids=QUIET)
def test_quiet_hours_end_at_this_instant(hours: str, now: str, until: str | None) -> None:
    assert quiet_until(moment(now), Hours.parse(hours), LONDON) == (moment(until) if until else None)


@given(st.integers(0, 25 * 365 * 24 * 60), st.times(), st.times())
def test_quiet_hours_hold_exactly_while_a_local_clock_shows_them_and_end_outside_of_them(
    minutes: int, first: time, last: time
) -> None:
    now = moment("2011-01-01") + timedelta(minutes=minutes)
    first, last = first.replace(second=0, microsecond=0), last.replace(second=0, microsecond=0)
    hours = Hours(first, last)
    if first == last:
        return
    shown = now.astimezone(LONDON).time()
    within = first <= shown < last if first < last else shown >= first or shown < last

    until = quiet_until(now, hours, LONDON)

    assert (until is not None) is within
    if until:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(until, hours, LONDON) is None


@pytest.mark.parametrize("text", ["21:00-07:00", " 21:00 - 07:00 ", "21:00\u201307:00"])
def test_quiet_hours_are_read_and_written(text: str) -> None:
    assert str(Hours.parse(text)) == "21:00-07:00"


@pytest.mark.parametrize("text", ["", "21-7", "21:00", "25:00-07:00", "21:60-07:00", "21:00-21:00", "9:00-17:00"])
def test_hours_that_cannot_be_read_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(CalendarError, match="such as 21:00-07:00"):
        Hours.parse(text)


# --- rules -----------------------------------------------------------------------------------------------------

RULES = {
    "monthly on the first tuesday": ["2026-12-01", "2027-01-05", "2027-02-02"],
    "monthly on the last friday": ["2026-11-27", "2026-12-29", "2027-01-29"],  # Christmas Day, then two days closed
    "monthly on day 31": ["2026-11-30", "2026-12-31", "2027-02-01"],  # 31 January is a Sunday
    "monthly on day 1": ["2026-12-01", "2027-01-04", "2027-02-01"],
    "weekly on tuesday in november": ["2026-11-24", "2027-11-02", "2027-11-09"],
    "quarterly on the first tuesday": ["2027-01-05", "2027-04-06", "2027-07-06"],
    "quarterly on day 31": ["2027-02-01", "2027-04-30", "2027-08-02"],
}


@pytest.mark.parametrize(("text", "expected"), RULES.items(), ids=RULES)
def test_a_rule_comes_again_on_these_dates(text: str, expected: list[str]) -> None:
    rule = Rule.parse(text)

    assert [day.isoformat() for day in next_dates(rule, date(2026, 11, 21), 3)] == expected
    assert str(rule) == text


def test_a_rule_as_people_type_it_is_read() -> None:
    assert Rule.parse(" Monthly  on the FIRST Tuesday ") == Rule.parse("monthly first tuesday")
    assert Rule.parse("quarterly on the 31st") == Rule.parse("quarterly 31")
    assert Rule.parse("weekly tuesdays in November") == Rule.parse("weekly on tuesday in november")


@pytest.mark.parametrize("text", ["", "daily", "monthly on day 0", "monthly on day 32", "monthly on the fifth tuesday"])
def test_a_rule_that_cannot_be_read_is_refused_with_examples(text: str) -> None:
    with pytest.raises(CalendarError, match="monthly on the first Tuesday"):
        Rule.parse(text)


@given(st.sampled_from(list(RULES)), st.dates(date(2012, 2, 1), date(2027, 1, 1)))
def test_the_dates_of_a_rule_are_working_days_in_order_and_the_same_from_wherever_one_looks(
    text: str, after: date
) -> None:
    rule = Rule.parse(text)
    found = next_dates(rule, after, 6)

    assert all(map(is_working_day, found))
    assert found == sorted(set(found))
    assert found[0] > after
    assert next_dates(rule, found[0], 5) == found[1:]
    assert next_dates(rule, found[0] - timedelta(days=1), 1) == found[:1]
