"""What somebody can do here. Who sees which verb is tested in test_rights.py."""

from __future__ import annotations

from db.people import Role
from handlers.context import Request
from handlers.messages import Card
from tests.fakes import STRANGER, Bot, said


def test_help_says_how_to_begin_and_what_not_to_type(bot: Bot) -> None:
    told = said(bot.types("help"))

    assert "/thscp" in told
    assert "never type a child" in told
    assert "999" in told


def test_the_button_shows_the_same_as_the_word(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)

    assert bot.does(Request(who, route="help.show")) == bot.types("help", who=who)


def test_help_leads_to_whom_to_call(bot: Bot) -> None:
    card = bot.presses(bot.types("help", who=STRANGER), "Whom to call")

    assert isinstance(card, Card)
    assert card.title == "Whom to call"
