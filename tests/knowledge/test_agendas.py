"""Rules of agendas: days as people type them, when items begin, and the list of what records bring."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from knowledge import agendas
from knowledge.agendas import AgendasError

TODAY = date(2026, 11, 21)
DAYS = {
    "2026-12-03": date(2026, 12, 3),
    "2026-1-3": date(2026, 1, 3),
    "3-dec": date(2026, 12, 3),
    "3 December": date(2026, 12, 3),
    "03/12/2026": date(2026, 12, 3),
    "3/1/2026": date(2026, 1, 3),
    "Thursday 3 December 2026": date(2026, 12, 3),
    "31/11/2026": None,
    "12/31/2026": None,
    "3rd dec": date(2026, 12, 3),
    "21 nov": TODAY,
    "20 nov": date(2027, 11, 20),
    "3 jan 2026": date(2026, 1, 3),
    "29 feb": date(2028, 2, 29),
    "31 november": None,
    "29 feb 2027": None,
    "2026-13-01": None,
    "3 nothing": None,
    "tomorrow": None,
    "": None,
}


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read_as_people_type_it(text: str) -> None:
    assert agendas.read_day(text, today=TODAY) == DAYS[text]


def test_items_begin_one_after_the_other() -> None:
    start = datetime(2026, 12, 3, 10, tzinfo=UTC)

    found = agendas.begins(start, [15, 5, 30])

    assert [one.strftime("%H:%M") for one in found if one] == ["10:00", "10:15", "10:20"]
    assert agendas.begins(None, [15, 5]) == [None, None]


ROW = "{purpose: note, presenter: Chair, minutes: 5, source: DESIGN, checked_on: 2026-11-21}"
BROKEN = {
    "no rows": "- one",
    "not a row": "risk: five",
    "a name that is missing": "risk: {purpose: note}",
    "an unknown purpose": f"risk: {ROW.replace('note', 'argue')}",
    "minutes in words": f"risk: {ROW.replace('5,', 'five,')}",
    "no minutes": f"risk: {ROW.replace(' 5,', ' 0,')}",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_list_of_sources_is_not_taken(broken: str) -> None:
    with pytest.raises(AgendasError):
        agendas.parse(BROKEN[broken])


def test_every_source_says_where_it_is_from() -> None:
    assert agendas.parse(f"risk: {ROW}")["risk"].minutes == 5
    assert all(one.source and one.checked_on for one in agendas.shipped().values())
