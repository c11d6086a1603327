"""School terms: the holidays between them, and what stands against each other."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.school_terms import LONGEST_HOLIDAY, Span, between, overlapping, partly_in_term

# Typed from a calendar: two halves of autumn, and spring.
FIRST = Span(2, date(2027, 9, 1), date(2027, 10, 22), "Autumn, first half")
SECOND = Span(3, date(2027, 11, 1), date(2027, 12, 17), "Autumn, second half")
SPRING = Span(4, date(2028, 1, 4), date(2028, 2, 11), "Spring")


def test_the_days_between_terms_are_holidays_in_whatever_order_they_are_given() -> None:
    assert [(one.first, one.last) for one in between([SPRING, FIRST, SECOND])] == [
        (date(2027, 10, 23), date(2027, 10, 31)),
        (date(2027, 12, 18), date(2028, 1, 3)),
    ]


def test_a_weekend_between_terms_is_no_holiday() -> None:
    monday = Span(3, date(2027, 10, 25), date(2027, 12, 17), "Autumn, second half")

    assert list(between([FIRST, monday])) == []


def test_a_gap_that_no_holiday_is_as_long_as_is_left_alone() -> None:
    assert list(between([FIRST, SPRING])) == []
    assert (SPRING.first - FIRST.last).days > LONGEST_HOLIDAY


def test_terms_that_share_a_day_are_named_together() -> None:
    early = Span(5, date(2027, 10, 22), date(2027, 10, 30), "Another")

    assert list(overlapping([SECOND, early, FIRST])) == [(FIRST, early)]


def test_a_half_term_lies_within_a_term_and_a_holiday_over_its_end_does_not() -> None:
    inside = Span(6, date(2027, 9, 20), date(2027, 9, 24), "Half term")
    over = Span(7, date(2027, 12, 10), date(2027, 12, 31), "Christmas")

    assert list(partly_in_term([inside, over], [FIRST, SECOND])) == [(over, SECOND)]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 120)), max_size=8))
def test_no_holiday_between_terms_has_a_day_of_a_term(days: list[tuple[int, int]]) -> None:
    begin = date(2027, 1, 1)
    terms = [
        Span(at, begin + timedelta(first), begin + timedelta(first + length), "T")
        for at, (first, length) in enumerate(days)
    ]
    if not list(overlapping(terms)):
        assert not any(holiday.overlaps(term) for holiday in between(terms) for term in terms)
