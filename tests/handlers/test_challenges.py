"""The challenge log: who asks, who answers by when, and who says that the answer will do."""

from __future__ import annotations

import pytest

from handlers.messages import Card, Errors
from tests.fakes import STRANGER, Bot, button_of, labels, said
from tests.risking import REF, Register

CHA = "CHA-2026-001"
ASKED = {
    "challenge": "What would show that the mitigation works?",
    "assurance": "Figures of both services.",
    "challenged": "Example Trust",
    "name": "Ola Invented",
    "theme": "Neglect",
}


@pytest.fixture
def desk(bot: Bot) -> Register:
    return Register(bot)


def asked(desk: Register) -> None:
    desk.opened()
    card = desk.fills(desk.scrutineer, "Challenge it", **ASKED)
    assert card.title == f"{CHA} is in the log"


def sees(desk: Register, who: object) -> Card:
    return desk.bot.types(f"challenge {CHA}", who=who)  # type: ignore[arg-type]


def takes(desk: Register, who: object, label: str, words: str) -> Card | Errors:
    form = desk.bot.opens(sees(desk, who), label, who=who)  # type: ignore[arg-type]
    return desk.bot.sends(form, who=who, words=words)  # type: ignore[arg-type]


def test_the_scrutineer_challenges_a_risk_and_the_owner_has_ten_working_days(desk: Register) -> None:
    asked(desk)

    shown = said(sees(desk, desk.owner))
    assert "Tuesday 8 December 2026" in shown
    assert REF in shown
    assert "challenged by CHA" in said(desk.sees(desk.manager)).replace("\\", "")
    assert desk.told(desk.owner)[-1].card.title == f"{CHA}: you are asked for assurance"


def test_a_challenge_goes_from_asked_to_closed_with_what_changed_for_children(desk: Register) -> None:
    asked(desk)
    desk.bot.presses(sees(desk, desk.owner), "I am working on it", who=desk.owner)
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")
    takes(desk, desk.scrutineer, "It satisfies me", "The figures show it.")

    reply = takes(desk, desk.scrutineer, "Close it", " ")
    assert isinstance(reply, Errors)
    card = takes(desk, desk.scrutineer, "Close it", "Help comes a month earlier.")

    assert isinstance(card, Card)
    assert ("State", "Closed") in card.body[0].pairs  # type: ignore[union-attr]
    assert "Help comes a month earlier." in said(card).replace("\\", "")


WHO_MAY_AFTER_THE_ANSWER = {
    "member": set(),
    "owner": set(),
    "chair": set(),
    "manager": set(),
    "coordinator": set(),
    "partner": set(),
    "scrutineer": {"It satisfies me", "It does not satisfy me"},
}


ALWAYS = {f"Open {REF}", "Links", "History"}


@pytest.mark.parametrize("who", WHO_MAY_AFTER_THE_ANSWER)
def test_only_the_challenger_or_the_scrutineer_accepts_an_answer(desk: Register, who: str) -> None:
    asked(desk)
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")

    assert set(labels(sees(desk, getattr(desk, who)))) - ALWAYS == WHO_MAY_AFTER_THE_ANSWER[who]


def test_a_member_can_challenge_and_accept_the_answer_to_it(desk: Register) -> None:
    card = desk.bot.types("challenge", who=desk.member)
    form = desk.bot.opens(card, "Challenge somebody", who=desk.member)
    desk.bot.sends(form, who=desk.member, **ASKED)
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")

    assert "It satisfies me" in labels(sees(desk, desk.member))


def test_an_answer_that_does_not_satisfy_is_answered_again_or_escalated_as_a_linked_draft(desk: Register) -> None:
    asked(desk)
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")
    takes(desk, desk.scrutineer, "It does not satisfy me", "The figures are missing.")
    assert "Answer it" in labels(sees(desk, desk.owner))

    card = takes(desk, desk.scrutineer, "Escalate it", "To ask for the figures.")

    assert isinstance(card, Card)
    assert "ESC-2026-001" in said(card)


def test_the_escalation_of_a_challenge_reaches_the_chair_who_sends_it_and_loses_nothing(desk: Register) -> None:
    asked(desk)
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")
    takes(desk, desk.scrutineer, "It does not satisfy me", "The figures are missing.")

    too_long = takes(desk, desk.scrutineer, "Escalate it", "x" * 301)
    card = takes(desk, desk.scrutineer, "Escalate it", "To ask for the figures.")

    assert isinstance(too_long, Errors)
    assert isinstance(card, Card)
    assert "The figures are missing." in said(card).replace("\\", "")
    notice = desk.told(desk.chair)[-1].card
    assert notice.title == f"{CHA} is to go to the Executive"
    draft = desk.bot.presses(notice, "Open ESC-2026-001", who=desk.chair)
    assert "To ask for the figures." in said(draft).replace("\\", "")


def test_a_challenger_reads_nothing_of_a_sensitive_risk_in_the_draft_that_comes_of_it(desk: Register) -> None:
    desk.opened()
    card = desk.fills(desk.member, "Challenge it", **ASKED)
    assert card.title == f"{CHA} is in the log"
    words = {"title": "No agency leads on neglect", "cause": "Posts are empty.", "event": "Help is late.",
             "consequence": "Harm is seen late."}  # fmt: skip
    desk.loses_its_raiser()
    desk.fills(desk.coordinator, "Describe it", **words, marking="OFFICIAL-SENSITIVE")
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")
    takes(desk, desk.member, "It does not satisfy me", "The figures are missing.")
    takes(desk, desk.member, "Escalate it", "To ask for the figures.")

    assert "Harm is seen late" not in said(desk.bot.types("escalation ESC-2026-001", who=desk.member))


def test_whoever_is_to_answer_is_reminded_until_they_have(desk: Register) -> None:
    asked(desk)
    assert desk.reminded_on(desk.owner)[0] == "2026-12-01"

    takes(desk, desk.owner, "Answer it", "Both posts are filled.")
    assert "2026-12-08" not in desk.reminded_on(desk.owner)

    desk.at(2026, 12, 9)
    takes(desk, desk.scrutineer, "It does not satisfy me", "The figures are missing.")
    assert "Wednesday 23 December 2026" in said(sees(desk, desk.owner))
    assert "2026-12-23" in desk.reminded_on(desk.owner)


def test_nobody_answers_what_they_asked_themselves(desk: Register) -> None:
    desk.opened()

    reply = desk.tries(desk.scrutineer, "Challenge it", **{**ASKED, "name": "Sky Invented"})

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {"name"}


def test_no_button_leads_to_a_risk_that_one_may_not_read(desk: Register) -> None:
    ref = desk.raises(ticks="sensitive").title.split()[0]
    desk.fills(desk.scrutineer, "Challenge it", ref, **ASKED)

    assert f"Open {ref}" in labels(sees(desk, desk.scrutineer))
    assert f"Open {ref}" not in labels(sees(desk, desk.owner))


WRONG = {"challenge": " ", "challenged": "", "name": "Nobody Here", "forum": "somewhere"}


@pytest.mark.parametrize("box", WRONG)
def test_a_challenge_that_is_not_right_is_refused_at_its_box(desk: Register, box: str) -> None:
    desk.opened()

    reply = desk.tries(desk.scrutineer, "Challenge it", **{**ASKED, box: WRONG[box]})

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {box}


def test_the_second_of_two_who_answer_keeps_what_they_typed(desk: Register) -> None:
    asked(desk)
    form = desk.bot.opens(sees(desk, desk.owner), "Answer it", who=desk.owner)
    desk.bot.presses(sees(desk, desk.owner), "I am working on it", who=desk.owner)

    reply = desk.bot.sends(form, who=desk.owner, words="Both posts are filled.")

    assert isinstance(reply, Errors)
    assert reply.also is not None


def test_a_button_of_an_earlier_version_does_nothing(desk: Register) -> None:
    asked(desk)
    button = button_of(sees(desk, desk.owner), "I am working on it")
    takes(desk, desk.owner, "Answer it", "Both posts are filled.")

    reply = desk.bot.does(desk.asks(desk.owner, button))

    assert isinstance(reply, Card)
    assert "answered now" in reply.title


def test_a_stranger_learns_nothing_from_a_reference(desk: Register) -> None:
    asked(desk)

    assert said(sees(desk, STRANGER)) == said(desk.bot.types("challenge CHA-2026-999", who=STRANGER))
