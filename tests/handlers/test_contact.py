"""Whom to call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from handlers.context import House, Knowledge, Request
from handlers.messages import Card
from knowledge import contacts
from tests.fakes import STRANGER, Bot, Clock, labels, said

NAMES = {
    "mast": "mast",
    "MASH": "mast",
    "front door": "mast",
    "999": "emergency",
    "out of hours": "edt",
    "lado": "lado",
    "nspcc-whistleblowing": "nspcc-whistleblowing",
    "whistleblowing": "nspcc-whistleblowing",
    "101": "police",
    "emergency duty team": "edt",
    "town hall": "town-hall",
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


def test_the_name_of_a_withheld_service_is_a_question(bot: Bot) -> None:
    assert bot.types("contact ofsted-whistleblowing").title == "I don't know that one"


def test_a_service_that_is_not_listed_any_more_gives_the_whole_list(
    sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    fewer = {key: contact for key, contact in contacts.shipped().items() if key != "lado"}
    other = Bot(sqlite_engine, replace(knowledge, contacts=fewer), house, clock)

    card = other.types("contact lado")
    other.dispatcher.close()

    assert card.title == "Whom to call"
    assert "LADO" not in said(card)


def test_the_notification_holds_the_number_itself(bot: Bot) -> None:
    assert "999" in bot.types("contact 999").summary


def test_words_that_are_no_contact_are_a_question(bot: Bot) -> None:
    assert bot.types("contact lens").title == "I don't know that one"


def test_the_button_shows_all(bot: Bot) -> None:
    card = bot.does(Request(STRANGER, route="contact.show"))

    assert isinstance(card, Card)
    assert (card.title, labels(card)) == ("Whom to call", [])
