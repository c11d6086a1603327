"""The plan of a year: the cycle of the arrangements on days that avoid what can be avoided, honest where not."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import is_working_day
from knowledge.cycle import shipped
from knowledge.year_plan import NOT_LOADED, Blocked, Plan, Why, propose

SUB_GROUPS = ("qap",)
MAY_HOLIDAY = Blocked(date(2026, 5, 25), date(2026, 5, 29), Why.HOLIDAY, "May half term")
ALL_OF_MAY = Blocked(date(2026, 5, 1), date(2026, 5, 31), Why.HOLIDAY, "a long holiday")


def planned(*blocked: Blocked) -> Plan:
    return propose(2026, blocked, sub_groups=SUB_GROUPS)


def on(plan: Plan, group: str, month: int) -> list[date]:
    return [one.on for one in plan.proposals if one.group == group and one.on.month == month]


def test_a_year_has_the_meetings_of_the_annual_cycle_in_order() -> None:
    plan = planned()

    assert [(one.on.month, one.group) for one in plan.proposals if one.group != "qap"] == [
        (5, "executive"), (6, "partnership"), (7, "executive"), (9, "partnership"), (11, "executive"),
        (1, "partnership"), (2, "executive"), (3, "partnership"),
    ]  # fmt: skip
    assert [one.on.month for one in plan.proposals if one.group == "qap"] == [4, 6, 9, 10]
    assert [one.on for one in plan.proposals] == sorted(one.on for one in plan.proposals)
    assert 10 <= on(plan, "partnership", 1)[0].day <= 21


def test_nothing_is_said_of_holidays_that_nobody_loaded() -> None:
    assert planned().unknown == tuple(NOT_LOADED.values())
    assert planned(MAY_HOLIDAY).unknown == (NOT_LOADED[Why.RELIGIOUS], NOT_LOADED[Why.BOARD])


def test_a_day_on_which_something_is_avoids_it_and_no_compromise_is_named() -> None:
    first = on(planned(), "executive", 5)[0]
    plan = planned(Blocked(first, first, Why.BOARD, "Health and Wellbeing Board"))

    assert on(plan, "executive", 5) != [first]
    assert [one.compromises for one in plan.proposals if one.on.month == 5] == [()]


def test_a_month_that_is_all_holidays_still_has_its_meeting_and_says_why() -> None:
    [executive] = [one for one in planned(ALL_OF_MAY).proposals if one.on.month == 5]

    assert executive.compromises[0] == "school holidays: a long holiday"
    assert "has as much against it" in executive.compromises[1]


def test_the_cycle_of_the_arrangements_breaks_its_own_rule_and_that_is_said() -> None:
    warnings = planned().warnings

    assert sum("Executive" in one and "more than 2 months" in one for one in warnings) >= 2
    assert any("Quality Assurance and Performance" in one and "3 months" in one for one in warnings)


def test_a_meeting_is_not_later_than_the_longest_gap_allows_where_its_month_has_such_a_day() -> None:
    plan = propose(2027, [], sub_groups=SUB_GROUPS)

    [may], [july] = on(plan, "executive", 5), on(plan, "executive", 7)
    assert (may, july) == (date(2027, 5, 13), date(2027, 7, 13))
    assert not any("13 May 2027" in warning for warning in plan.warnings)


def test_the_meeting_before_the_year_counts_too() -> None:
    late = propose(2026, (), sub_groups=(), before={"executive": date(2026, 2, 10)}).warnings
    early = propose(2026, (), sub_groups=(), before={"executive": date(2026, 3, 31)}).warnings

    assert len(late) == len(early) + 1
    assert "10 February 2026" in late[0]


@given(
    st.lists(
        st.tuples(st.dates(date(2026, 4, 1), date(2027, 3, 31)), st.integers(0, 30), st.sampled_from(Why)), max_size=12
    )
)
def test_every_proposal_is_a_working_day_of_its_month_and_names_all_that_stands_against_it(
    days: list[tuple[date, int, Why]],
) -> None:
    blocked = [
        Blocked(first, first + timedelta(days=length), why, f"number {at}")
        for at, (first, length, why) in enumerate(days)
    ]
    plan = planned(*blocked)

    assert len(plan.proposals) == len(planned().proposals)
    for one in plan.proposals:
        assert is_working_day(one.on)
        assert one.on.month in {event.month for event in shipped().events}
        against = [f"{other.why.value}: {other.what}" for other in blocked if other.covers(one.on)]
        assert [text for text in one.compromises if "number" in text] == against
