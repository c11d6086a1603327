"""The dates of groups: the next one, the one that an item is in time for, and papers that are locked once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import engine as database
from db import meetings
from tests.fakes import Clock

FIRST, SECOND = date(2026, 12, 3), date(2027, 1, 14)


@pytest.fixture(autouse=True)
def _two_meetings(engine: Engine) -> None:
    with database.transaction(engine) as session:
        for on in (SECOND, FIRST):
            add(session, on)
        add(session, date(2026, 11, 25), group="Delivery Group")


def add(session: Session, on: date, group: str = "Executive") -> bool:
    cut_off, pack = on - timedelta(days=14), on - timedelta(days=7)
    return meetings.add(session, group, on=on, cut_off_on=cut_off, pack_on=pack) is not None


NEXT = {
    "before the first": (date(2026, 11, 21), FIRST),
    "on the first": (FIRST, SECOND),
    "between them": (date(2026, 12, 24), SECOND),
    "on the second": (SECOND, None),
}


@pytest.mark.parametrize("when", NEXT)
def test_the_next_meeting_is_the_first_after_a_day(engine: Engine, when: str) -> None:
    day, expected = NEXT[when]

    with Session(engine) as session:
        found = meetings.next_meeting(session, "Executive", day)

    assert (found.on if found else None) == expected


IN_TIME = {
    "before the cut-off": (date(2026, 11, 18), FIRST),
    "on the cut-off": (date(2026, 11, 19), FIRST),
    "after the cut-off": (date(2026, 11, 20), SECOND),
    "after the last cut-off": (date(2027, 1, 1), None),
}


@pytest.mark.parametrize("when", IN_TIME)
def test_an_item_is_in_time_until_the_end_of_the_cut_off(engine: Engine, when: str) -> None:
    day, expected = IN_TIME[when]

    with Session(engine) as session:
        found = meetings.in_time(session, "Executive", day)

    assert (found.on if found else None) == expected


def test_nothing_is_in_time_for_papers_that_are_locked(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        first = meetings.next_meeting(session, "Executive", date(2026, 11, 1))
        assert first is not None
        assert [meetings.lock(session, first, at=clock.now) for _ in range(2)] == [True, False]

    with Session(engine) as session:
        found = meetings.in_time(session, "Executive", date(2026, 11, 18))
        assert found is not None
        assert found.on == SECOND


def test_papers_are_to_be_locked_from_the_day_on_which_they_go_out(engine: Engine) -> None:
    with database.transaction(engine) as session:
        assert meetings.to_lock(session, date(2026, 11, 17)) == []
        assert [one.on for one in meetings.to_lock(session, FIRST)] == [date(2026, 11, 25), FIRST]


def test_a_cancelled_meeting_is_none_until_it_is_planned_again(engine: Engine) -> None:
    with database.transaction(engine) as session:
        first = meetings.next_meeting(session, "Executive", date(2026, 11, 1))
        assert first is not None
        assert meetings.cancel(session, first.id) is not None
        assert meetings.cancel(session, first.id) is None

    with database.transaction(engine) as session:
        assert [one.on for one in meetings.coming(session, "Executive", date(2026, 11, 1))] == [SECOND]
        assert meetings.last_meeting(session, "Executive", SECOND) is None
        assert (add(session, FIRST), add(session, FIRST)) == (True, False)
        assert [one.on for one in meetings.coming(session, "Executive", date(2026, 11, 1))] == [FIRST, SECOND]


def test_the_meetings_of_all_groups_come_in_order(engine: Engine) -> None:
    with Session(engine) as session:
        found = [(group, one.on) for group, one in meetings.all_coming(session, date(2026, 11, 21))]

    assert found == [("Delivery Group", date(2026, 11, 25)), ("Executive", FIRST), ("Executive", SECOND)]
