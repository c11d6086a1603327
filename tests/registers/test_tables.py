"""The tables that the bot works by say what was typed by hand from the partnership's rules, and no more."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge import calendar, risks, scoring, workflows
from tests.registers import rights_by_hand as hand

CELLS = {
    f"{likelihood}x{impact}": (likelihood, impact, *cell)
    for likelihood, row in hand.MATRIX.items()
    for impact, cell in enumerate(row, 1)
}


@pytest.mark.parametrize(("likelihood", "impact", "score", "colour"), CELLS.values(), ids=CELLS)
def test_every_cell_of_the_matrix_has_its_score_and_its_colour(
    likelihood: int, impact: int, score: int, colour: str
) -> None:
    assert (scoring.score(likelihood, impact), scoring.rag(likelihood, impact)) == (score, colour)


@pytest.mark.parametrize("entry", hand.THREE_BY_THREE, ids="-".join)
def test_what_is_entered_in_three_steps_keeps_its_colour(entry: tuple[str, str]) -> None:
    likelihood, impact = map(scoring.entered, entry)

    assert (likelihood, impact) == tuple(hand.OF_THREE[step] for step in entry)
    assert (scoring.score(likelihood, impact), scoring.rag(likelihood, impact)) == hand.THREE_BY_THREE[entry]


@pytest.mark.parametrize("meeting", hand.CUT_OFF_AND_PACK)
def test_working_days_before_a_meeting_step_over_bank_holidays(meeting: str) -> None:
    on = date.fromisoformat(meeting)

    found = tuple(calendar.working_days_before(on, days).isoformat() for days in (10, 5))

    assert found == hand.CUT_OFF_AND_PACK[meeting]


AFTER = {
    "triage of an escalation": (2, hand.TRIAGE_OF_ESCALATIONS),
    "decision about an alert": (5, hand.TRIAGE_OF_RISKS),
    "answer to a challenge": (10, hand.ANSWER_TO_A_CHALLENGE),
}


@pytest.mark.parametrize(("days", "expected"), AFTER.values(), ids=AFTER)
def test_working_days_after_a_day_step_over_bank_holidays(days: int, expected: dict[str, str]) -> None:
    found = {start: calendar.working_days_after(date.fromisoformat(start), days).isoformat() for start in expected}

    assert found == expected


# --- who may take which step -----------------------------------------------------------------------------------


def test_the_table_of_escalations_has_every_step_that_was_typed_by_hand_and_no_other() -> None:
    typed = {(step.before, step.after): set(step.who) for step in hand.ESCALATION_STEPS if step.before}
    typed["with-executive", "responded"] |= {hand.Who.CLOCK}  # the third answer to an urgent one
    typed |= {(step.before, step.after): {hand.Who.CLOCK} for step in hand.URGENT_STEPS if step.before == "submitted"}
    workflow = workflows.escalations()

    found: dict[tuple[str, str], set[str]] = {}
    for step in workflow.steps.values():
        if step.to != step.state:
            found.setdefault((step.state, step.to), set()).update(step.by)

    assert set(workflow.states) == hand.ESCALATION_STATES
    assert set(workflow.open_states()) == hand.ESCALATION_OPEN
    assert found == typed


def test_the_table_of_risks_has_every_step_that_was_typed_by_hand_and_lets_nobody_else_take_it() -> None:
    of_hand = {"chair": hand.Who.GROUP_CHAIR}
    typed = {(step.before, step.after): step.who for step in hand.RISK_STEPS if step.before}
    typed["open", "closed"] |= hand.CLOSES_SENSITIVE.who

    found: dict[tuple[str, str], set[str]] = {}
    for step in risks.transitions().values():
        for start in step.starts:
            if start != step.to:
                found.setdefault((start, step.to), set()).update(of_hand.get(who, who) for who in step.who)

    assert set(risks.states()) == hand.RISK_STATES
    assert set(found) == set(typed)
    assert {pair: who - typed[pair] for pair, who in found.items() if who - typed[pair]} == {}
    assert risks.transitions()["rescore"].who == hand.MAY_RESCORE


REVIEWS = {
    "red in a month": ("Red", "2026-11-24", "2026-12-24"),
    "red from the end of January": ("Red", "2028-01-31", "2028-02-29"),
    "amber in a quarter, from February 29": ("Amber", "2028-02-29", "2028-05-26"),  # Monday 29 May is a bank holiday
    "green in half a year, over Christmas": ("Green", "2026-06-25", "2026-12-24"),
}


@pytest.mark.parametrize(("colour", "since", "expected"), REVIEWS.values(), ids=REVIEWS)
def test_the_next_review_is_so_many_months_later_on_a_working_day(colour: str, since: str, expected: str) -> None:
    clocks = {"review_months": hand.REVIEW_MONTHS}

    found = risks.review_on(scoring.Rag(colour), date.fromisoformat(since), clocks)

    assert found.isoformat() == expected
