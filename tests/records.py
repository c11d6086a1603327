"""The list of people as tests read and change it: a record, its roles on a day, and the buttons of its card."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from db import directory, people, registry
from db.directory import Details
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Form
from tests.fakes import Bot

TODAY = date(2026, 11, 21)


def number(bot: Bot, who: Identity) -> int:
    with Session(bot.engine) as session:
        found = registry.owner(session, who)
    assert found is not None
    return found


def record(bot: Bot, who: Identity, on: date = TODAY) -> Details:
    with Session(bot.engine) as session:
        found = directory.details(session, registry.owner(session, who) or 0, on=on)
    assert found is not None
    return found


def roles(bot: Bot, who: Identity, on: date = TODAY) -> frozenset[Role]:
    with Session(bot.engine) as session:
        return people.find(session, who, on=on).roles


def form(bot: Bot, keeper: Identity, label: str, who: Identity) -> Form:
    """Open somebody's record and press one of its buttons."""
    card = bot.does(Request(keeper, route="people.card", value=str(number(bot, who))))
    assert isinstance(card, Card)
    return bot.opens(card, label, who=keeper)


def changed(bot: Bot, keeper: Identity, label: str, who: Identity, **fields: str) -> Card:
    """Do that, fill in the form that opens, and send it."""
    card = bot.sends(form(bot, keeper, label, who), who=keeper, **fields)
    assert isinstance(card, Card), card
    return card


def refused(bot: Bot, keeper: Identity, label: str, who: Identity, **fields: str) -> dict[str, str]:
    errors = bot.sends(form(bot, keeper, label, who), who=keeper, **fields)
    assert isinstance(errors, Errors), errors
    return dict(errors.by_field)
