"""The bot's own cards and forms as Slack is sent them, kept in `golden/` to be read and compared.

When a change is meant, write them anew and read the difference before it is committed:

    GOLDEN=refresh .venv/bin/python -m pytest tests/slack/test_golden.py
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.slack import render
from db.people import Role
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Form, Reply
from knowledge import articles, contacts
from knowledge.check import source_titles
from tests.fakes import CHANNEL, STRANGER, Bot, Clock, Shelf
from tests.slack.blocks import lint_message, lint_view

GOLDEN = Path(__file__).parent / "golden"
REFRESH = os.environ.get("GOLDEN") == "refresh"
CONTACTS = contacts.parse("""
emergency: {name: Emergency services, when: Now, phone: "999", source: invented, checked_on: 2026-11-01, verified: true}
mast: {name: MAST, when: By day, phone: "020 7946 0001", source: invented, checked_on: 2026-11-01, verified: false}
edt: {name: Duty Team, when: Nights, phone: "020 7946 0002", source: invented, checked_on: 2026-11-01, verified: false}
""")
_TOKEN = re.compile(r'\\"token\\": \\"[^"]*\\"')
Json = dict[str, Any]


def _declined(bot: Bot) -> Card:
    return bot.types("quantum chromodynamics")


def _vote(bot: Bot) -> Reply:
    return bot.presses(bot.types("neglect"), "It did not help")


def _sent(bot: Bot) -> Reply:
    return bot.sends(bot.opens(_declined(bot), "Ask the secretariat"), question="Who chairs the group?")


def _answer_form(bot: Bot) -> Reply:
    coordinator = bot.enrol(Role.COORDINATOR)
    _sent(bot)
    return bot.opens(bot.queued()[0].card, "Answer", who=coordinator)


def _gaps(bot: Bot) -> Reply:
    coordinator = bot.enrol(Role.COORDINATOR)
    _sent(bot)
    _vote(bot)
    return bot.types("gaps", who=coordinator)


SAID: dict[str, Callable[[Bot], Reply]] = {
    "answer": lambda bot: bot.types("neglect"),
    "answer-in-a-channel": lambda bot: bot.types("neglect", conversation=CHANNEL),
    "offer": lambda bot: bot.types("perhaps neglect"),
    "no-answer": _declined,
    "nothing-asked": lambda bot: bot.types(""),
    "danger": lambda bot: bot.types("a child is being hurt right now, he is bleeding"),
    "name-asked": lambda bot: bot.types("Danny is upset"),
    "details-refused": lambda bot: bot.types("my pupil Aisha Khan, NHS number 943 476 5919"),
    "ask-again-form": lambda bot: bot.opens(bot.types("Danny is upset"), "It is not about a child or family"),
    "vote": _vote,
    "secretariat-form": lambda bot: bot.opens(_declined(bot), "Ask the secretariat"),
    "secretariat-form-errors": lambda bot: bot.sends(bot.opens(_declined(bot), "Ask the secretariat"), question=""),
    "secretariat-form-sent": _sent,
    "secretariat-notice": lambda bot: (_answer_form(bot), bot.queued()[0].card)[1],
    "secretariat-answer-form": _answer_form,
    "gaps": _gaps,
    "status": lambda bot: bot.types("status", who=bot.enrol(Role.COORDINATOR)),
    "not-allowed": lambda bot: bot.types("gaps"),
    "help": lambda bot: bot.types("help"),
    "contact": lambda bot: bot.types("contact"),
    "home": lambda bot: bot.types("home"),
}


@pytest.fixture
def bot(sqlite_engine: Any, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot with invented contacts, so that a number that changes changes no file here."""
    talking = Bot(sqlite_engine, replace(knowledge, contacts=CONTACTS), house, clock)
    yield talking
    talking.dispatcher.close()


def drawn(name: str, reply: Reply) -> Json:
    """Return what Slack is sent for a reply, and hold it to Slack's limits."""
    match reply:
        case Card() if name == "home":
            view = render.home(reply)
            assert lint_view(view) == []
            return view
        case Card():
            message, view = render.message(reply), render.modal_card(reply)
            assert (lint_message(message), lint_view(view)) == ([], [])
            return {"message": message, "modal": view}
        case Form():
            view = render.modal(reply)
            assert lint_view(view) == []
            return view
        case Errors():
            return dict(render.errors(reply))


@pytest.mark.parametrize("name", SAID)
def test_what_slack_is_sent_is_what_was_read_and_approved(bot: Bot, name: str) -> None:
    shown = json.dumps(drawn(name, SAID[name](bot)), indent=2, ensure_ascii=False)
    shown = _TOKEN.sub(r'\\"token\\": \\"...\\"', shown)
    path = GOLDEN / f"{name}.json"
    if REFRESH:
        path.write_text(shown + "\n", encoding="utf-8")

    assert path.read_text(encoding="utf-8") == shown + "\n"


def test_every_golden_file_belongs_to_something_that_is_said() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(SAID)


def test_slack_would_show_every_shipped_article_whole(sqlite_engine: Any, house: House, clock: Clock) -> None:
    library = articles.load(articles.shipped())
    shelf = Knowledge(library, contacts.shipped(), source_titles(), Shelf(library.articles.values()))
    talking = Bot(sqlite_engine, shelf, house, clock)

    for slug in library.articles:
        reply = talking.does(Request(STRANGER, route="ask.topic", value=slug, conversation=CHANNEL))
        assert reply is not None
        assert "left out" not in json.dumps(drawn(slug, reply)), slug
    talking.dispatcher.close()
