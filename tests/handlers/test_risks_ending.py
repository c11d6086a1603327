"""How risks leave the register and come back: accepted for a time, escalated, closed by two, opened again."""

from __future__ import annotations

import pytest

from handlers.messages import Card, Errors
from handlers.risks import ticking
from tests.fakes import Bot, labels, said
from tests.risking import REF, SCORES, Register

ACCEPTED = {"reason": "Nothing more can be done this year.", "expiry": "2027-03-31", "how": "meeting"}


@pytest.fixture
def desk(bot: Bot) -> Register:
    return Register(bot)


# --- accepted --------------------------------------------------------------------------------------------------


def test_a_partner_accepts_a_risk_until_a_day_and_it_opens_again_on_that_day_by_itself(desk: Register) -> None:
    desk.opened()

    desk.fills(desk.partner, "Accept it for a time", **ACCEPTED)

    assert desk.row().status == "accepted"
    assert "by Pat Invented, until Wednesday 31 March 2027" in said(desk.sees(desk.member))
    desk.at(2027, 3, 30)
    assert desk.tick() == 0
    desk.at(2027, 3, 31)
    assert [desk.tick(), desk.tick()] == [1, 0]
    assert desk.row().status == "open"
    assert desk.row().acceptance_expiry is None
    assert desk.told(desk.owner)[-1].card.title == f"{REF} is open again"


@pytest.mark.parametrize("box", ["reason", "expiry", "how"])
def test_nothing_is_accepted_without_a_reason_an_expiry_and_where_it_was_decided(desk: Register, box: str) -> None:
    desk.opened()

    reply = desk.tries(desk.partner, "Accept it for a time", **{**ACCEPTED, box: ""})

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {box}
    assert desk.row().status == "open"


@pytest.mark.parametrize("expiry", ["2026-11-24", "2027-11-26", "soon", "2027-02-29"])
def test_an_acceptance_ends_on_a_day_within_a_year(desk: Register, expiry: str) -> None:
    desk.opened()

    reply = desk.tries(desk.partner, "Accept it for a time", **{**ACCEPTED, "expiry": expiry})

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {"expiry"}


@pytest.mark.parametrize("who", ["owner", "chair", "scrutineer"])
def test_owner_chair_and_scrutineer_open_an_accepted_risk_again_with_a_reason(desk: Register, who: str) -> None:
    desk.opened()
    desk.fills(desk.partner, "Accept it for a time", **ACCEPTED)

    desk.fills(getattr(desk, who), "Open it again", reason="It has changed.")

    assert desk.row().status == "open"


@pytest.mark.parametrize("who", ["member", "other", "manager", "coordinator", "partner"])
def test_nobody_else_opens_it_again(desk: Register, who: str) -> None:
    desk.opened()
    desk.fills(desk.partner, "Accept it for a time", **ACCEPTED)

    assert "Open it again" not in desk.able(getattr(desk, who))


# --- closed ----------------------------------------------------------------------------------------------------


def test_a_risk_is_closed_by_two_with_evidence(desk: Register) -> None:
    desk.opened()
    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="Both posts are filled since May.")
    assert desk.row().status == "open"

    card = desk.presses(desk.chair, "Agree to close it")

    assert card.title == f"{REF} is closed"
    assert desk.row().status == "closed"
    assert "Both posts are filled" in said(desk.told(desk.owner)[-1].card)


def test_nothing_is_closed_as_met_while_the_score_is_above_the_target(desk: Register) -> None:
    desk.opened()

    reply = desk.tries(desk.manager, "Ask to close it", why="target", evidence="It is better.")
    assert isinstance(reply, Errors)

    desk.fills(desk.owner, "Score it again", **{**SCORES, "current_l": "2", "current_i": "3"})
    assert isinstance(desk.tries(desk.manager, "Ask to close it", why="target", evidence="It is better."), Card)


def test_nobody_but_the_chair_agrees_and_nobody_agrees_to_what_nobody_asked_for(desk: Register) -> None:
    desk.opened()
    assert "Agree to close it" not in desk.able(desk.chair)

    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="It is over.")

    for who in (desk.manager, desk.owner, desk.other, desk.partner, desk.scrutineer):
        assert "Agree to close it" not in desk.able(who)


def test_whoever_has_to_agree_can_keep_a_risk_open_and_the_strategy_manager_hears_why(desk: Register) -> None:
    desk.opened()
    assert "Keep it open" not in desk.able(desk.chair)
    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="It is over.")
    for who in (desk.manager, desk.owner, desk.other, desk.partner, desk.scrutineer):
        assert "Keep it open" not in desk.able(who)

    card = desk.fills(desk.chair, "Keep it open", reason="One post is empty again.")

    assert card.title == f"{REF} stays open"
    assert "One post is empty again" in said(desk.told(desk.manager)[-1].card)
    assert (desk.row().status, desk.row().evidence) == ("open", "")
    assert "Agree to close it" not in desk.able(desk.chair)


def test_a_reason_is_needed_to_keep_a_risk_open(desk: Register) -> None:
    desk.opened()
    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="It is over.")

    reply = desk.tries(desk.chair, "Keep it open", reason=" ")

    assert isinstance(reply, Errors)
    assert "Agree to close it" in desk.able(desk.chair)


def test_a_closed_risk_is_reopened_and_nothing_of_its_closing_holds_any_more(desk: Register) -> None:
    desk.opened()
    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="It is over.")
    desk.presses(desk.chair, "Agree to close it")

    desk.fills(desk.scrutineer, "Open it again", reason="It came back.")

    row = desk.row()
    assert (row.status, row.evidence, row.closed_at) == ("open", "", None)
    assert row.next_review is not None


def test_a_button_under_an_earlier_version_is_refused(desk: Register) -> None:
    desk.opened()
    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="It is over.")
    button = desk.button(desk.chair, "Agree to close it")
    desk.fills(desk.owner, "Add a control", words="A weekly call")

    reply = desk.bot.does(desk.asks(desk.chair, button))

    assert isinstance(reply, Card)
    assert "has changed" in reply.title
    assert f"Open {REF}" in labels(reply)
    assert desk.row().status == "open"


# --- escalated -------------------------------------------------------------------------------------------------


def test_the_owner_escalates_a_risk_as_a_linked_draft(desk: Register) -> None:
    desk.opened()

    desk.presses(desk.owner, "Escalate it")

    assert desk.row().status == "escalated"
    assert desk.row().escalation_ref == "ESC-2026-001"
    assert "escalated as ESC-2026-001" in said(desk.sees(desk.manager))
    assert desk.told(desk.chair)[-1].card.title == f"{REF} goes to the Executive"


def test_a_risk_and_its_escalation_lead_to_each_other_for_those_who_may_read_both(desk: Register) -> None:
    desk.opened()
    desk.presses(desk.owner, "Escalate it")

    card = desk.presses(desk.chair, "Open ESC-2026-001")

    assert "ESC-2026-001: a draft" in said(desk.sees(desk.chair))
    assert f"Open {REF}" in labels(card)
    assert "Open ESC-2026-001" not in desk.able(desk.member)  # who cannot read the drafts of a group


def test_a_red_risk_past_its_target_date_goes_up_by_itself_once(desk: Register) -> None:
    desk.opened(current_l="5", target_date="2026-11-27")
    desk.at(2026, 11, 27)
    assert desk.tick() == 0

    desk.at(2026, 11, 28)

    assert [desk.tick(), desk.tick()] == [1, 0]
    assert desk.row().status == "escalated"


def test_a_red_risk_without_any_action_goes_up_after_five_working_days(desk: Register) -> None:
    desk.opened(current_l="5")
    desk.at(2026, 12, 1)
    assert desk.tick() == 0

    desk.at(2026, 12, 2)
    assert desk.tick() == 1
    assert desk.row().status == "escalated"


def test_a_red_risk_with_an_open_action_stays_until_its_target_date(desk: Register) -> None:
    desk.opened(current_l="5")
    desk.fills(desk.owner, "Add an action", what="Fill both posts", owner="Ola Invented", due_on="2027-01-15")
    desk.at(2026, 12, 10)

    assert desk.tick() == 0
    assert desk.row().status == "open"


def test_an_amber_risk_never_goes_up_by_itself(desk: Register) -> None:
    desk.opened(target_date="2026-11-27")
    desk.at(2026, 12, 10)

    assert desk.tick() == 0


@pytest.mark.parametrize("state", ["responded", "withdrawn", "closed"])
def test_a_risk_comes_back_when_the_executive_has_answered(desk: Register, state: str) -> None:
    desk.opened()
    desk.presses(desk.owner, "Escalate it")
    assert desk.tick() == 0
    desk.escalation_is(state)

    assert [desk.tick(), desk.tick()] == [1, 0]
    assert desk.row().status == "open"
    assert desk.told(desk.owner)[-1].card.title == f"{REF} is back from the Executive"


# --- reviews and digests ---------------------------------------------------------------------------------------


def test_the_owner_is_reminded_before_a_review_and_every_week_after_it(desk: Register) -> None:
    desk.opened()

    days = desk.reminded_on(desk.owner)

    assert days[:4] == ["2027-02-10", "2027-02-22", "2027-03-03", "2027-03-10"]


def test_chairs_get_a_digest_of_their_group_once_a_month(desk: Register) -> None:
    desk.opened()
    desk.at(2026, 12, 1)

    assert [desk.bot.dispatcher.within(ticking.digest) for _ in range(2)] == [1, 0]
    assert desk.told(desk.chair)[-1].card.title == "Risks of Delivery Group this month"
    assert "12, Amber" in said(desk.told(desk.chair)[-1].card)
    assert not [one for one in desk.told(desk.other) if "this month" in one.card.title]


# --- the check of the register ---------------------------------------------------------------------------------


def check(desk: Register) -> str:
    return said(desk.bot.presses(desk.bot.types("risk", who=desk.coordinator), "Check the register",
                                 who=desk.coordinator))  # fmt: skip


def test_every_page_of_the_check_leads_to_the_pages_beside_it(desk: Register) -> None:
    for _ in range(12):
        desk.loses_its_owner(desk.opened())
    card = desk.bot.types("risk", who=desk.coordinator)
    seen = []
    for label in ("Check the register", "More", "Back"):
        reply = desk.bot.presses(card, label, who=desk.coordinator)
        assert isinstance(reply, Card)
        card = reply
        seen.append({"Back", "More"} & set(labels(card)))

    assert seen == [{"More"}, {"Back"}, {"More"}]


def test_a_register_in_order_says_so(desk: Register) -> None:
    desk.opened(current_l="5", current_i="4")

    assert "The register is in order" in check(desk)


def test_a_residual_that_was_lowered_without_any_control_is_named(desk: Register) -> None:
    desk.opened()
    assert "residual lowered without any control" in check(desk)

    desk.fills(desk.owner, "Add a control", words="A weekly call", effective="yes")
    assert "residual lowered without any control" not in check(desk)


def test_reviews_and_targets_that_have_passed_are_named(desk: Register) -> None:
    desk.opened()
    desk.at(2027, 6, 2)

    found = check(desk)

    assert "review overdue" in found
    assert "target date past" in found


def test_an_acceptance_that_has_run_out_is_named_until_the_clock_opens_it(desk: Register) -> None:
    desk.opened()
    desk.fills(desk.partner, "Accept it for a time", **ACCEPTED)
    desk.at(2027, 3, 31)

    assert "acceptance expired" in check(desk)


def test_an_owner_who_was_taken_away_is_named(desk: Register) -> None:
    desk.opened()
    desk.loses_its_owner()

    assert "no owner" in check(desk)


def test_an_owner_who_has_left_is_named(desk: Register) -> None:
    desk.opened()
    desk.leaves(desk.owner)

    assert "the owner has left" in check(desk)
