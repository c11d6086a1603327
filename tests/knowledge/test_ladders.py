"""Ladders of reminders: data with a source, and the moments at which their steps are due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from knowledge import ladders
from knowledge.calendar import CalendarError, is_working_day
from knowledge.ladders import LaddersError, Reader, Step

LONDON = ZoneInfo("Europe/London")


def rung(**when: int) -> Step:
    [(unit, offset)] = when.items()
    return Step("any", unit, offset, Reader.PERSON, "{title}", "any")


DUE = {
    "five working days before": (rung(working_days=-5), "2026-12-03", "", "2026-11-26 09:00"),
    "over Christmas": (rung(working_days=-1), "2026-12-29", "", "2026-12-24 09:00"),
    "the morning itself": (rung(working_days=0), "2026-12-03", "2026-12-03 14:00", "2026-12-03 09:00"),
    "the morning of a Saturday": (rung(working_days=0), "2026-11-28", "", "2026-11-27 09:00"),
    "the morning of what begins at eight": (rung(working_days=0), "2026-12-03", "2026-12-03 08:00", "2026-12-02 09:00"),
    "the morning of what begins at nine": (rung(working_days=0), "2026-12-03", "2026-12-03 09:00", "2026-12-02 09:00"),
    "two working days after": (rung(working_days=2), "2026-12-24", "", "2026-12-30 09:00"),
    "a fortnight before": (rung(days=-14), "2026-12-03", "", "2026-11-19 09:00"),
    "a fortnight before, on a Saturday": (rung(days=-14), "2026-12-05", "", "2026-11-20 09:00"),
    "three months after, on a bank holiday": (rung(days=91), "2026-09-28", "", "2026-12-24 09:00"),
    "two hours before": (rung(hours=-2), "2026-12-03", "2026-12-03 14:00", "2026-12-03 12:00"),
    "hours before, on a Sunday": (rung(hours=-48), "2026-12-01", "2026-12-01 14:00", "2026-11-27 09:00"),
    "in summer": (rung(working_days=-1), "2026-07-02", "", "2026-07-01 08:00"),
    "on the Monday after the clock went forward": (rung(working_days=-1), "2027-03-30", "", "2027-03-25 09:00"),
    "on the Monday after the clock went back": (rung(working_days=-1), "2026-10-27", "", "2026-10-26 09:00"),
}


@pytest.mark.parametrize(("step", "on", "at", "expected"), DUE.values(), ids=DUE)
def test_a_step_is_due_at_this_instant(step: Step, on: str, at: str, expected: str) -> None:
    anchor_at = datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None

    due = ladders.due(step, date.fromisoformat(on), anchor_at, LONDON)

    assert due == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_hours_need_a_time_to_count_from() -> None:
    with pytest.raises(CalendarError, match="from a time"):
        ladders.due(rung(hours=-2), date(2026, 12, 3), None, LONDON)


def test_a_step_beyond_the_known_bank_holidays_is_not_guessed() -> None:
    with pytest.raises(CalendarError, match="govuk-bank-holidays"):
        ladders.due(rung(working_days=2), date(2040, 12, 3), None, LONDON)


@pytest.mark.parametrize("name", ladders.shipped())
def test_a_shipped_ladder_has_a_source_and_steps_on_working_days_in_the_order_of_time(name: str) -> None:
    ladder = ladders.shipped()[name]
    due = [ladders.due(step, date(2026, 12, 28), None, LONDON) for step in ladder.steps]

    assert ladder.source
    assert ladder.checked_on <= date(2026, 11, 22)
    assert due == sorted(due)
    assert all(is_working_day(moment.date()) for moment in due)


WRONG = {
    "no rows": ("[]", "rows"),
    "no YAML": ("a: [", "while parsing"),
    "no source": ("a: {checked_on: 2026-11-21, steps: {}}", "a: source is missing"),
    "no day": ("a: {source: here, checked_on: soon, steps: {}}", "a: checked_on is malformed"),
    "no such day": ("a: {source: here, checked_on: 2026-02-30, steps: {}}", "day"),
    "unknown name": ("a: {source: here, checked_on: 2026-11-21, steps: {}, more: 1}", "a: there is no more"),
}
WRONG_STEPS = {
    "no offset": ("to: person, text: about", "it needs one of working_days, days, hours"),
    "two offsets": ("days: 1, hours: 2, to: person, text: about", "it needs one of"),
    "half a day": ("days: 0.5, to: person, text: about", "days is malformed"),
    "nobody": ("days: 1, to: everybody, text: about", "to must be one of person, deputy"),
    "unknown words": ('days: 1, to: person, text: "{title} in the {hall}"', "text may hold"),
    "a brace": ('days: 1, to: person, text: "{title} }"', "text may hold"),
    "unknown field": ("days: 1, to: person, text: about, colour: red", "there is no colour"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_ladder_that_cannot_be_used_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(LaddersError, match=told):
        ladders.parse(text)


@pytest.mark.parametrize(("step", "told"), WRONG_STEPS.values(), ids=WRONG_STEPS)
def test_a_step_that_cannot_be_used_is_named(step: str, told: str) -> None:
    with pytest.raises(LaddersError, match=f"a, one: {told}"):
        ladders.parse(f"a: {{source: here, checked_on: 2026-11-21, steps: {{one: {{{step}}}}}}}")
