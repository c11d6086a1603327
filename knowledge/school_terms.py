"""School terms and holidays: the holidays between terms, and days of one kind that overlap. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_HOLIDAY = 60  # days: the summer has about 45, and what is longer is a term that was left out
_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Days with a name, both ends included; `number` is the row or event of the file that holds them."""

    number: int
    first: date
    last: date
    what: str

    def overlaps(self, other: Span) -> bool:
        """Say whether a day is in both."""
        return self.first <= other.last and other.first <= self.last


def overlapping(spans: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Give the neighbours in time that share a day."""
    ordered = sorted(spans, key=lambda one: (one.first, one.last))
    return ((one, other) for one, other in itertools.pairwise(ordered) if one.overlaps(other))


def partly_in_term(holidays: Sequence[Span], terms: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Give the holidays that begin or end in the middle of a term: a half term lies within one, with term around."""
    for holiday in holidays:
        for term in terms:
            if holiday.overlaps(term) and not (term.first < holiday.first and holiday.last < term.last):
                yield holiday, term


def between(terms: Sequence[Span]) -> Iterator[Span]:
    """Give the holidays between terms that do not overlap; a weekend alone is none."""
    for one, other in itertools.pairwise(sorted(terms, key=lambda one: one.first)):
        first, last = one.last + _DAY, other.first - _DAY
        days = (last - first).days + 1
        if 0 < days <= LONGEST_HOLIDAY and any(
            (first + _DAY * ahead).weekday() < _SATURDAY for ahead in range(min(days, 7))
        ):
            yield Span(one.number, first, last, f"Holidays between terms, before {other.what}")
