"""Risks while they are kept: reviewed in every state, passed on, marked anew, and closed as they stand today."""

from __future__ import annotations

import pytest

from handlers.messages import Card
from tests.fakes import Bot, said
from tests.risking import GROUP, REF, SCORES, Register

ACCEPTED = {"reason": "Nothing more can be done now.", "expiry": "2027-10-01"}
WORDS = {"title": "No agency leads on neglect", "cause": "Posts are empty.", "event": "Help is late.",
         "consequence": "Harm is seen late."}  # fmt: skip


@pytest.fixture
def desk(bot: Bot) -> Register:
    return Register(bot)


def stands(card: Card) -> dict[str, str]:
    """Return the facts of a card by their names."""
    return next(dict(part.pairs) for part in card.body if hasattr(part, "pairs"))


@pytest.mark.parametrize("state", ["escalated", "accepted"])
def test_what_is_with_the_executive_or_accepted_is_still_reviewed_and_stays_where_it_is(
    desk: Register, state: str
) -> None:
    desk.opened()
    if state == "escalated":
        desk.presses(desk.owner, "Escalate it")
    else:
        desk.fills(desk.partner, "Accept it for a time", **ACCEPTED)
    desk.at(2027, 2, 20)

    desk.fills(desk.owner, "Score it again", reason="Looked at again.")

    assert desk.row().status == state
    assert f"{desk.row().next_review:%Y-%m}" == "2027-05"


def test_a_new_owner_is_found_for_a_risk_that_is_accepted(desk: Register) -> None:
    desk.opened()
    desk.fills(desk.partner, "Accept it for a time", **ACCEPTED)
    desk.fills(desk.manager, "Owner and answer", name="Mo Invented", group=GROUP)

    desk.presses(desk.member, "I will own it")

    assert desk.row().owner_accepted_at is not None
    assert [one.card.title for one in desk.told(desk.owner)][-1] == f"{REF} is not yours now"


def test_states_are_said_with_the_names_of_those_who_have_it(desk: Register) -> None:
    card = desk.sees(desk.manager, desk.raises().title.split()[0])

    assert stands(card)["State"] == "Raised, waits for the Strategy Manager"


def test_after_something_was_done_the_card_still_says_what_the_risk_is(desk: Register) -> None:
    desk.opened()

    card = desk.presses(desk.owner, "Escalate it")

    assert "No agency leads on neglect" in said(card)


def test_what_turns_out_to_be_sensitive_is_marked_so_with_the_challenges_to_it(desk: Register) -> None:
    desk.opened()
    desk.fills(
        desk.scrutineer, "Challenge it", challenge="What shows it?", challenged="Example Trust", name="Ola Invented"
    )
    assert REF in said(desk.sees(desk.other))

    desk.fills(desk.coordinator, "Describe it", **WORDS, marking="OFFICIAL-SENSITIVE")

    hidden = said(desk.sees(desk.other, "RSK-2026-999"))
    assert said(desk.sees(desk.other)) == hidden
    assert said(desk.bot.types("challenge CHA-2026-001", who=desk.other)) == hidden
    assert "What shows it?" in said(desk.bot.types("challenge CHA-2026-001", who=desk.owner))


def test_what_was_scored_above_its_target_meanwhile_is_not_closed_as_met(desk: Register) -> None:
    desk.opened(current_l="2", current_i="3")
    desk.fills(desk.manager, "Ask to close it", why="target", evidence="The posts are filled.")
    desk.fills(desk.owner, "Score it again", **{**SCORES, "current_l": "4"})

    card = desk.presses(desk.chair, "Agree to close it")

    assert "above its target" in card.title
    assert desk.row().status == "open"
