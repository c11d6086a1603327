"""What the secretariat may do about an e-mail address from which messages come back."""

from __future__ import annotations

from db.people import Role
from handlers import mailing
from handlers.context import Request
from tests.fakes import Bot, said

ADDRESS = "robin.invented@agency.example"


def broken(bot: Bot) -> None:
    bot.dispatcher.within(lambda context: mailing.bounced(context, ADDRESS, key="1", final=True, status="550 5.1.1"))


def test_the_notice_goes_to_the_secretariat_once_and_not_to_the_address_that_fails(bot: Bot) -> None:
    bot.enrol(Role.COORDINATOR)

    broken(bot)
    broken(bot)

    assert [one.to.platform for one in bot.queued()] == ["test"]
    assert ADDRESS.partition("@")[0].replace(".", "\\.") in said(bot.queued()[0].card)


def test_pressing_twice_is_harmless_and_noted_once(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    broken(bot)
    notice = bot.queued()[0].card

    first = bot.presses(notice, "Send there again", who=coordinator)
    second = bot.presses(notice, "Send there again", who=coordinator)

    assert "E-mails are sent there again" in said(first)
    assert "already" in said(second)
    assert [row.action for row in bot.audited()] == ["e-mail address cleared"]


def test_others_cannot_press_it(bot: Bot) -> None:
    broken(bot)

    reply = bot.does(Request(bot.enrol(Role.MEMBER), route="mailing.clear", value="1"))

    assert reply is not None
    assert "I cannot show you that" in said(reply)


def test_an_address_that_is_not_marked_stays_as_it_is(bot: Bot) -> None:
    reply = bot.does(Request(bot.enrol(Role.COORDINATOR), route="mailing.clear", value="999"))

    assert reply is not None
    assert "already" in said(reply)
