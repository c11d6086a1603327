"""Quorum and absences as rules: seats that are filled, deputies who count once, and seats that were empty twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge import cycle, groups, quorum, workflows
from knowledge.groups import GroupsError
from knowledge.quorum import Kept, Place, Quorum

EXECUTIVE = groups.shipped()["executive"]
NEEDED = EXECUTIVE.quorum
LA, ICB, POLICE = NEEDED


def forecast(*places: Place, **answers: str) -> quorum.Forecast:
    return quorum.forecast(NEEDED, places, {int(who[1:]): said for who, said in answers.items()})


YES = (Place(LA, 1, answer="attends"), Place(ICB, 2, answer="attends"))
CASES = {
    "all come": ((*YES, Place(POLICE, 3, answer="attends")), {}, Quorum.QUORATE, ()),
    "one has not answered": ((*YES, Place(POLICE, 3)), {}, Quorum.OPEN, (f"{POLICE}: no answer yet.",)),
    "apologies": (
        (*YES, Place(POLICE, 3, answer="apologies")), {}, Quorum.NOT, (f"{POLICE}: apologies and no deputy.",),
    ),
    "nobody sits there": (YES, {}, Quorum.NOT, (f"{POLICE}: nobody sits there.",)),
    "a deputy comes": ((*YES, Place(POLICE, 3, (4,), "deputy")), {}, Quorum.QUORATE, ()),
    "a deputy says so themselves": (
        (*YES, Place(POLICE, 3, (4,), "apologies")), {"p4": "attends"}, Quorum.QUORATE, (),
    ),
    "a deputy sends apologies": (
        (*YES, Place(POLICE, 3, (4,), "deputy")), {"p4": "apologies"}, Quorum.NOT,
        (f"{POLICE}: the deputy cannot count for this seat too, or does not come.",),
    ),
    "a deputy sits there for another seat": (
        (*YES, Place(POLICE, 3, (1,), "deputy")), {"p1": "attends"}, Quorum.NOT,
        (f"{POLICE}: the deputy cannot count for this seat too, or does not come.",),
    ),
    "one deputy for two seats": (
        (YES[0], Place(ICB, 2, (4,), "deputy"), Place(POLICE, 3, (4,), "deputy")), {}, Quorum.NOT,
        (f"{POLICE}: the deputy cannot count for this seat too, or does not come.",),
    ),
    "one deputy for two seats, one of which has another deputy too": (
        (YES[0], Place(ICB, 2, (4, 5), "deputy"), Place(POLICE, 3, (4,), "deputy")), {}, Quorum.QUORATE, (),
    ),
    "two sit on a seat and one comes": (
        (*YES, Place(POLICE, 3, answer="apologies"), Place(POLICE, 4, answer="attends")), {}, Quorum.QUORATE, (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_meeting_is_quorate_when_each_seat_that_is_needed_is_filled_by_somebody_else(case: str) -> None:
    places, answers, state, missing = CASES[case]

    found = forecast(*places, **answers)

    assert (found.state, found.missing) == (state, missing)


TWICE = {
    "both have the same two": (((14, 15), (14, 15)), set()),
    "one has another": (((14, 15), (14,)), set()),
    "both have one": (((14,), (14,)), {2, 3}),
    "three have two": (((14,), (14, 15), (15,)), {2, 3, 4}),
    "one has none": (((), (14,)), {2}),
}


@pytest.mark.parametrize("case", TWICE)
def test_deputies_were_there_for_one_seat_each_and_whoever_they_are_too_few_for_is_named(case: str) -> None:
    deputies, wrong = TWICE[case]
    places = [Place(f"Seat {at}", at, known) for at, known in enumerate(deputies, 2)]

    assert quorum.counted_twice(places, dict.fromkeys(range(2, 5), "deputy")) == wrong


def test_without_a_rule_nothing_is_forecast() -> None:
    assert quorum.forecast((), YES, {}).state is Quorum.NO_RULE
    assert quorum.met((), ()).words == "No quorum rule is known for this group."


def test_the_seats_lead_in_turn_and_the_first_begins() -> None:
    turns = [quorum.chair_of_day(EXECUTIVE.rotation, before) for before in ("", LA, ICB, POLICE, "somebody else")]

    assert turns == [LA, ICB, POLICE, LA, LA]
    assert not quorum.chair_of_day((), LA)


def empty(last: list[Kept], before: list[Kept], group: str = "partnership", *, deputy_counts: bool = True) -> set[int]:
    found = quorum.empty_twice(groups.shipped()[group], last, before, deputy_counts=deputy_counts)
    return {one.person_id for one in found}


def test_a_seat_that_one_member_has_is_one_seat_whoever_has_it() -> None:
    assert empty([Kept(POLICE, 2, "absent")], [Kept(POLICE, 1, "apologies")]) == {2}
    assert empty([Kept(POLICE, 2, "absent")], [Kept(POLICE, 1, "present")]) == set()


def test_on_a_shared_seat_each_counts_for_themselves() -> None:
    last = [Kept("Adviser", 1, "absent"), Kept("Adviser", 2, "absent")]
    before = [Kept("Adviser", 1, "absent"), Kept("Adviser", 2, "present")]

    assert empty(last, before) == {1}


def test_relevant_agencies_are_empty_only_when_none_of_them_came() -> None:
    none = [Kept("Relevant agency", one, "absent") for one in (1, 2)]
    one = [none[0], replace(none[1], mark="present")]

    assert empty(none, none) == {1, 2}
    assert empty(one, none) == set()
    assert empty(none, one) == set()


def test_whether_a_deputy_counts_is_a_setting() -> None:
    before, last = [Kept(POLICE, 1, "deputy")], [Kept(POLICE, 1, "deputy")]

    assert empty(last, before) == set()
    assert empty(last, before, deputy_counts=False) == {1}


def test_without_a_meeting_before_nobody_was_away_twice() -> None:
    assert empty([Kept(POLICE, 1, "absent")], []) == set()


# --- data --------------------------------------------------------------------------------------------------


def test_only_the_executive_has_a_rule_of_quorum_and_advisers_send_no_deputy() -> None:
    assert [key for key, one in groups.shipped().items() if one.quorum] == ["executive"]
    assert not any("Adviser" in one.deputies for one in groups.shipped().values())


WRONG = {
    "a seat that is not there": ("quorum: [Mayor]\n  rules: somewhere", "there is no seat Mayor"),
    "no source": ("quorum: [Chair]", "rules should say where"),
    "a source of nothing": ("rules: somewhere", "rules should say where"),
    "something else": ("colour: blue", "should hold name"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mistake_in_the_rules_of_a_group_is_named(wrong: str) -> None:
    line, words = WRONG[wrong]
    text = f"""one:
  name: One
  chair: Nobody
  meets: Never
  seats: [Chair]
  also: []
  source: Invented
  checked_on: 2026-11-21
  {line}
"""

    with pytest.raises(GroupsError, match=words):
        groups.parse(text)


GAPS = {
    "executive": "2 months", "qap": "3 months", "statutory-panel": "4 months", "rapid-review-working-group": "6 weeks",
    "rapid-review-panel": None,
}  # fmt: skip


@pytest.mark.parametrize("key", GAPS)
def test_a_group_has_the_longest_gap_that_a_source_gives_it(key: str) -> None:
    found = cycle.gap_of(key)

    assert (str(found) if found else None) == GAPS[key]


def test_every_state_of_a_meeting_can_be_reached_and_left_until_its_minutes_are_agreed() -> None:
    flow = workflows.meetings()
    reached = {step.to for step in flow.steps.values()} | {"proposed"}
    left = {state for (state, _), step in flow.steps.items() if step.to != state}

    assert reached == set(flow.states)
    assert left == set(flow.open_states())
