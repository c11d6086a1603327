"""Whom to call."""

from __future__ import annotations

import pytest

from handlers.context import Request
from handlers.messages import Card
from knowledge import contacts
from tests.fakes import STRANGER, Bot, labels, said

NAMES = {
    "mast": "mast",
    "MASH": "mast",
    "front door": "mast",
    "999": "emergency",
    "out of hours": "edt",
    "lado": "lado",
}


def test_every_shipped_contact_is_shown(bot: Bot) -> None:
    card = bot.types("contact")

    assert card.title == "Whom to call"
    for contact in contacts.shipped().values():
        assert contact.name.split("(")[0].strip().replace("-", r"\-") in said(card)


@pytest.mark.parametrize(("word", "key"), NAMES.items(), ids=NAMES)
def test_one_service_is_found_by_the_names_that_people_use(bot: Bot, word: str, key: str) -> None:
    card = bot.types(f"contact {word}")

    assert card.title == contacts.shipped()[key].name
    assert bot.presses(card, "All contacts").title == "Whom to call"


def test_a_number_nobody_confirmed_is_shown_with_its_source_and_date_and_says_so(bot: Bot) -> None:
    told = said(bot.types("contact mast"))

    assert contacts.shipped()["mast"].phone.split()[-1] in told
    assert "Not yet confirmed by the partnership" in told
    assert "Checked" in told


def test_a_withheld_number_is_not_shown(bot: Bot) -> None:
    assert "Ofsted" not in said(bot.types("contact"))


def test_the_notification_holds_the_number_itself(bot: Bot) -> None:
    assert "999" in bot.types("contact 999").summary


def test_words_that_are_no_contact_are_a_question(bot: Bot) -> None:
    assert bot.types("contact lens").title == "I don't know that one"


def test_the_button_shows_all(bot: Bot) -> None:
    card = bot.does(Request(STRANGER, route="contact.show"))

    assert isinstance(card, Card)
    assert (card.title, labels(card)) == ("Whom to call", [])
