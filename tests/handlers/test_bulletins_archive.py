"""The archive: by reference, and with corrections however long they are."""

from __future__ import annotations

import pytest

from bot import surfaces
from db.people import Role
from handlers.context import House
from tests.bulletins import REF, Desk
from tests.fakes import STRANGER, Bot, labels, said


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


LONG = "\n\n".join(f"Please use the form number {number} of your team today. " * 3 for number in range(9))


def test_a_reference_opens_that_bulletin_for_everybody(desk: Desk) -> None:
    desk.sent()

    card = desk.bot.types(f"bulletins {REF.lower()}", who=STRANGER)

    assert card.title == "The form has moved"
    assert f"{REF}, sent on 24 November 2026." in said(card)


@pytest.mark.parametrize("words", [REF, "BUL-2026-999"])
def test_a_reference_of_a_draft_is_not_there_for_others(desk: Desk, words: str) -> None:
    desk.writes()

    card = desk.bot.types(f"bulletins {words}", who=desk.bot.enrol(Role.MEMBER))

    assert card.title == "I cannot find that bulletin."


@pytest.mark.parametrize("verb", ["bulletin", "bulletins"])
def test_a_reference_opens_a_draft_for_the_secretariat(desk: Desk, verb: str) -> None:
    desk.writes()

    card = desk.bot.types(f"{verb} {REF}", who=desk.author)

    assert card.title == f"{REF}: The form has moved"
    assert "A draft" in said(card)


@pytest.mark.parametrize("words", ["BUL-99999999999-1", "BUL"])
def test_what_only_looks_like_a_reference_is_looked_up_as_words(desk: Desk, words: str) -> None:
    desk.sent()

    assert desk.bot.types(f"bulletins {words}").title == "No bulletin speaks of that"


def test_a_short_correction_stands_under_what_it_corrects(desk: Desk) -> None:
    desk.sent()
    desk.corrects("Please use the old form today.")

    card = desk.bot.types(f"bulletins {REF}")

    assert "Correction of 24 November 2026" in said(card)
    assert "Next part" not in labels(card)


def test_corrections_that_do_not_fit_under_it_are_parts_of_their_own_and_each_fits_everywhere(desk: Desk) -> None:
    desk.sent()
    for number in range(9):
        desk.corrects(f"Correction {number}. {LONG}"[:1450])
    card = desk.bot.types(f"bulletins {REF}")
    shown = [card]
    while "Next part" in labels(card):
        card = desk.presses(card, "Next part")
        shown.append(card)

    assert len(shown) == 10
    assert "It was corrected later" in said(shown[0])
    assert [f"Correction {number}." in said(shown[number + 1]) for number in range(9)] == [True] * 9
    assert [problem for one in shown for problems in surfaces.every().values() for problem in problems(one)] == []
