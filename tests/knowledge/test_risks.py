"""The rules of the register: states, reviews and days, held against what is typed here from domain.md 2.4 to 2.7."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest
import yaml

from knowledge import risks
from knowledge.risks import Refusal
from knowledge.scoring import Rag

# what somebody may do to a risk, by where it stands and what they are in it: domain.md 2.5
MAY = {
    ("alert", "member"): set(),
    ("alert", "owner"): {"open-it"},
    ("alert", "strategy manager"): {"open-it", "merge", "dismiss"},
    ("open", "owner"): {"rescore", "escalate"},
    ("open", "chair"): {"escalate", "close"},
    ("open", "coordinator"): {"rescore"},
    ("open", "strategy manager"): {"rescore", "close"},
    ("open", "statutory partner"): {"accept", "close"},
    ("open", "scrutineer"): set(),
    ("open", "clock"): {"escalate"},
    ("escalated", "clock"): {"answered"},
    ("escalated", "owner"): set(),
    ("accepted", "clock"): {"expire"},
    ("accepted", "owner"): {"reopen"},
    ("accepted", "chair"): {"reopen"},
    ("accepted", "scrutineer"): {"reopen"},
    ("accepted", "statutory partner"): set(),
    ("closed", "owner"): {"reopen"},
    ("closed", "strategy manager"): set(),
    ("merged", "strategy manager"): set(),
    ("not-a-risk", "strategy manager"): set(),
    ("not-a-risk", "scrutineer"): set(),
}
LEADS_TO = {
    "open-it": "open", "merge": "merged", "dismiss": "not-a-risk", "rescore": "open", "escalate": "escalated",
    "answered": "open", "accept": "accepted", "expire": "open", "close": "closed", "reopen": "open",
}  # fmt: skip


@pytest.mark.parametrize("case", MAY, ids=str)
def test_somebody_may_do_what_the_domain_says_and_no_more(case: tuple[str, str]) -> None:
    status, part = case

    assert set(risks.possible(status, frozenset({part}))) == MAY[case]


def test_every_action_leads_where_the_domain_says() -> None:
    assert {name: one.to for name, one in risks.transitions().items()} == LEADS_TO


def test_an_action_in_the_wrong_state_is_refused_in_words_and_one_of_others_without() -> None:
    late = risks.after("closed", "merge", frozenset({"strategy manager"}))
    others = risks.after("alert", "merge", frozenset({"member"}))

    assert isinstance(late, Refusal)
    assert late.reason == "You cannot merge it now: it is closed."
    assert others == Refusal("", "")


REVIEWS = {
    "red, monthly": (Rag.RED, "2026-11-24", "2026-12-24"),
    "red, from the end of January": (Rag.RED, "2027-01-31", "2027-02-26"),  # 28 February 2027 is a Sunday
    "amber, quarterly": (Rag.AMBER, "2026-11-24", "2027-02-24"),
    "green, six-monthly, to a leap day": (Rag.GREEN, "2027-08-31", "2028-02-29"),
    "red, to a bank holiday": (Rag.RED, "2026-11-28", "2026-12-24"),  # 28 December is one, before it a weekend
}


@pytest.mark.parametrize("case", REVIEWS)
def test_the_next_review_comes_by_the_colour_on_a_working_day(case: str) -> None:
    colour, since, on = REVIEWS[case]

    assert risks.review_on(colour, date.fromisoformat(since), risks.clocks()) == date.fromisoformat(on)


@pytest.mark.parametrize(("raised", "by"), [("2026-11-24", "2026-12-01"), ("2026-12-24", "2027-01-05")])
def test_an_alert_is_decided_on_in_five_working_days(raised: str, by: str) -> None:
    assert risks.triage_by(date.fromisoformat(raised), risks.clocks()) == date.fromisoformat(by)


def test_a_challenge_is_answered_in_ten_working_days() -> None:
    assert risks.answer_by(date(2026, 11, 24), risks.clocks()) == date(2026, 12, 8)


FOLDER = resources.files("knowledge") / "data"


@pytest.mark.parametrize("name", ["risk_states", "risk_clocks", "risk_choices", "risk_matrix"])
def test_every_table_says_where_it_comes_from_and_when_that_was_checked(name: str) -> None:
    rows = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))

    assert rows["source"].startswith("DESIGN")
    assert isinstance(rows["checked_on"], date)
