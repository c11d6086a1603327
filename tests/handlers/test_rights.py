"""Who may do what: every route as every role. The expected rights are typed by hand, not read off the table."""

from __future__ import annotations

import pytest

from db.people import Role
from handlers.context import Request
from handlers.messages import Card
from handlers.routes import ROUTES
from tests.fakes import CHANNEL, STRANGER, Bot

EVERYONE = {"ask", "help", "contact", "home", "ask.topic", "ask.vote", "ask.share", "contact.show", "help.show"} | {
    "ask.again", "ask.send", "enquiries.ask", "enquiries.send"
}  # fmt: skip
ONLY_SECRETARIAT = {"gaps", "status", "gaps.show", "status.show"} | {
    "enquiries.reply", "enquiries.answer", "enquiries.draft", "terms", "terms.show", "terms.new", "terms.add",
    "terms.choose", "terms.remove"
}  # fmt: skip
ALLOWED = {
    None: EVERYONE,
    Role.MEMBER: EVERYONE,
    Role.CHAIR: EVERYONE,
    Role.COORDINATOR: EVERYONE | ONLY_SECRETARIAT,
    Role.STRATEGY_MANAGER: EVERYONE | ONLY_SECRETARIAT,
    Role.SCRUTINEER: EVERYONE,
    Role.STATUTORY_PARTNER: EVERYONE,
    Role.DATA_PROTECTION_OFFICER: EVERYONE,
    Role.ADMIN: EVERYONE,
}


def test_the_table_of_rights_names_every_route_and_every_role() -> None:
    assert set(ROUTES) == EVERYONE | ONLY_SECRETARIAT
    assert set(ALLOWED) == {None, *Role}


@pytest.mark.parametrize("role", ALLOWED, ids=str)
def test_everybody_may_do_what_the_table_says_and_no_more(bot: Bot, role: Role | None) -> None:
    who = bot.enrol(role) if role else STRANGER
    replies = {name: bot.does(Request(who, route=name, value="1", conversation=CHANNEL)) for name in ROUTES}

    refused = {name for name, reply in replies.items() if isinstance(reply, Card) and "cannot show" in reply.title}
    assert set(ROUTES) - refused == ALLOWED[role]


@pytest.mark.parametrize("role", ALLOWED, ids=str)
def test_help_names_what_somebody_may_type_and_nothing_else(bot: Bot, role: Role | None) -> None:
    card = bot.types("help", who=bot.enrol(role) if role else STRANGER)
    told = repr(card)

    for verb in ("ask", "help", "contact", "home", "gaps", "status", "terms"):
        assert (f"**{verb}**" in told) is (verb in ALLOWED[role])
