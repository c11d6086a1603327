"""Risks while they are kept: reviewed in every state, passed on, marked anew, and closed as they stand today."""

from __future__ import annotations

import pytest

from handlers import reminders
from handlers.messages import Card
from tests.fakes import Bot, said
from tests.risking import ALERT, GROUP, REF, SCORES, Register

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


def test_what_was_escalated_from_a_risk_becomes_sensitive_with_it(desk: Register) -> None:
    desk.opened()
    desk.presses(desk.owner, "Escalate it")
    desk.fills(desk.coordinator, "Describe it", **WORDS, marking="OFFICIAL-SENSITIVE")

    draft = desk.bot.types("escalation ESC-2026-001", who=desk.chair)
    assert stands(draft)["Marking"] == "OFFICIAL-SENSITIVE"
    history = desk.bot.presses(draft, "History", who=desk.chair)
    assert "corrected (marking)" in said(history)


def test_the_words_of_an_action_stay_in_a_risk_that_becomes_sensitive(desk: Register) -> None:
    desk.opened()
    form = desk.opens(desk.coordinator, "Add an action")
    desk.bot.sends(form, who=desk.coordinator, what="Fill both posts.", owner="Mo Invented", due_on="2026-12-31")
    desk.fills(desk.coordinator, "Describe it", **WORDS, marking="OFFICIAL-SENSITIVE")
    since = len(desk.bot.queued())
    form = desk.opens(desk.coordinator, "Add an action")
    desk.bot.sends(form, who=desk.coordinator, what="Ask both boards.", owner="Mo Invented", due_on="2026-12-31")
    desk.at(2026, 12, 22)
    desk.bot.dispatcher.within(reminders.queue_due)
    told = [said(one.card) for one in desk.told(desk.member, since)]

    assert len(told) > 1
    assert not [words for words in told if "posts" in words or "boards" in words]
    assert "Ask both boards" in said(desk.bot.types("actions ACT-2026-002", who=desk.member))


def test_nobody_is_told_of_what_they_did_to_a_risk_themselves(desk: Register) -> None:
    desk.opened()
    since = len(desk.bot.queued())
    desk.fills(desk.manager, "Ask to close it", why="gone", evidence="The posts are filled.")
    desk.presses(desk.chair, "Agree to close it")

    assert not desk.told(desk.chair, since)[1:]
    assert f"{REF} is closed" in [one.card.title for one in desk.told(desk.manager, since)]
    assert f"{REF} is closed" in [one.card.title for one in desk.told(desk.owner, since)]


def test_what_was_scored_above_its_target_meanwhile_is_not_closed_as_met(desk: Register) -> None:
    desk.opened(current_l="2", current_i="3")
    desk.fills(desk.manager, "Ask to close it", why="target", evidence="The posts are filled.")
    desk.fills(desk.owner, "Score it again", **{**SCORES, "current_l": "4"})

    card = desk.presses(desk.chair, "Agree to close it")

    assert "above its target" in card.title
    assert desk.row().status == "open"


def test_notices_of_a_sensitive_risk_hold_its_reference_and_the_step_alone(desk: Register) -> None:
    desk.raises()
    desk.fills(desk.coordinator, "Describe it", **WORDS, marking="OFFICIAL-SENSITIVE")
    before = len(desk.bot.queued())
    desk.fills(desk.manager, "Owner and answer", name="Ola Invented", group=GROUP)
    desk.fills(desk.manager, "Score it", **SCORES | {"current_l": "5"})

    notices = desk.bot.queued()[before:]

    assert [one.to.address for one in notices if f"You are asked to own {REF}" == one.card.title] == ["ola"]
    telling = [said(one.card) for one in notices for word in ("Red", "Score", ALERT["title"]) if word in said(one.card)]
    assert telling == []
