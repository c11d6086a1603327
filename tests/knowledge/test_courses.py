"""The catalogue of training has a source for everything, and its rules count places and days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib import resources

import pytest

from knowledge import check, courses
from knowledge.courses import CoursesError, Room, Search, posting_day

TEXT = (resources.files("knowledge") / "data" / "courses.yaml").read_text(encoding="utf-8")
POSTING = courses.shipped().posting
OPEN = Room("open", date(2026, 11, 1), date(2026, 12, 2), capacity=10, held=8, waiting=0, waiting_list=True)
TODAY = date(2026, 11, 20)


def test_every_course_names_a_document_that_we_know() -> None:
    known = check.source_titles()

    assert {one.source.partition(",")[0] for one in courses.shipped().courses} <= set(known)


def test_what_is_from_2013_is_marked_as_historic_and_nothing_else_is() -> None:
    for one in courses.shipped().courses:
        assert one.historic is one.source.startswith("annual-report-2013-14")


def test_the_categories_of_the_old_list_are_a_and_b_and_c_has_no_courses_there() -> None:
    used = [one.category for one in courses.shipped().courses if one.historic]

    assert (used.count("A"), used.count("B"), used.count("C")) == (13, 18, 0)


BROKEN = {
    "no kind so called": ('kind: "conference", source', 'kind: "party", source', "there is no kind party"),
    "no category so called": ('category: "B"', 'category: "D"', "there is no category D"),
    "a wrong reference": ("CRS-2020-001", "CRS-20-1", "a reference should look like"),
    "a word that is none of the boxes": ("length:", "duration:", "may hold"),
    "a title twice": ('title: "Exploitation"', 'title: "neglect"', "two courses are called neglect"),
    "no section": ('source: "achievements-2022-23, Training Programme"', 'source: "achievements"', "a comma between"),
    "no weeks": ("weeks_ahead: 8", "weeks_ahead: soon", "posting"),
    "no day": ("checked_on: 2026-11-22", "checked_on: lately", "checked_on"),
    "no meaning": ("A: {meaning: ", "A: {means: ", "category A: should hold meaning"),
    "no words": ("Roadshow, words", "Roadshow, called", "kind roadshow"),
    "a part too many": ("posting:", "more: 1\nposting:", "the catalogue should hold"),
    "historic in words": ("historic: true", 'historic: "yes"', "historic should be"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_in_the_catalogue_is_said_with_its_place(case: str) -> None:
    old, new, words = BROKEN[case]
    assert old in TEXT

    with pytest.raises(CoursesError, match=words):
        courses.parse(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "2 places left"),
        ({"held": 9}, "1 place left"),
        ({"held": 10}, "full"),
        ({"held": 12, "waiting": 1}, "full, 1 waits"),
        ({"held": 10, "waiting": 3}, "full, 3 wait"),
        ({"closes_on": date(2026, 11, 19)}, "booking closed"),
        ({"closes_on": TODAY}, "2 places left"),
        ({"opens_on": date(2026, 11, 21)}, "booking opens on 21 November 2026"),
        ({"state": "closed"}, "booking closed"),
        ({"state": "cancelled", "elsewhere": True}, "cancelled"),
        ({"elsewhere": True}, "book elsewhere"),
    ],
)
def test_places_are_said_in_words(changed: dict[str, object], words: str) -> None:
    assert replace(OPEN, **changed).in_words(TODAY) == words  # type: ignore[arg-type]


def test_a_full_session_can_be_asked_for_only_where_people_can_wait() -> None:
    full = replace(OPEN, held=10)

    assert full.bookable(TODAY)
    assert not replace(full, waiting_list=False).bookable(TODAY)
    assert not replace(OPEN, elsewhere=True).bookable(TODAY)
    assert not replace(OPEN, state="draft").bookable(TODAY)


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 12, 4), date(2026, 12, 1)),
        (date(2026, 12, 5), None),
        (date(2027, 1, 3), None),  # the first working day is the 4th
        (date(2026, 11, 2), date(2026, 11, 2)),
        (date(2026, 11, 9), date(2026, 11, 9)),
        (date(2026, 11, 13), None),
        (date(2099, 1, 1), None),  # beyond the bank holidays that are known
    ],
)
def test_dates_are_posted_on_the_first_working_day_of_the_month_and_of_weeks_in_november(
    today: date, day: date | None
) -> None:
    assert posting_day(today, POSTING) == day


def test_after_an_outage_they_are_posted_late_but_not_for_ever() -> None:
    patient = replace(POSTING, late=timedelta(days=0))

    assert posting_day(date(2026, 12, 2), patient) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("november", Search(month=11)),
        ("in March 2027", Search(month=3, year=2027)),
        ("2027-03", Search(month=3, year=2027)),
        ("month 2026", Search(month=11, year=2026, campaign=True)),
        ("lunch", Search(kind="lunch-and-learn")),
        ("courses", Search()),
        ('"Anti racism"', Search(words="anti racism")),
    ],
)
def test_what_people_look_for_is_a_month_a_kind_or_words(text: str, found: Search) -> None:
    assert courses.search(text) == found


def test_a_month_without_its_year_is_the_next_one() -> None:
    assert Search(month=11).span(TODAY) == (date(2026, 11, 1), date(2026, 12, 1))
    assert Search(month=12).span(TODAY) == (date(2026, 12, 1), date(2027, 1, 1))
    assert Search(month=3).span(TODAY) == (date(2027, 3, 1), date(2027, 4, 1))
    assert Search(words="neglect").span(TODAY) is None
