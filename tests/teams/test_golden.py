"""The bot's own cards and forms as Teams is sent them, kept in `golden/` to be read and compared.

When a change is meant, write them anew and read the difference before it is committed:

    GOLDEN=refresh .venv/bin/python -m pytest tests/teams/test_golden.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.teams import inputs, render
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Form, Reply
from knowledge import articles, contacts
from knowledge.check import source_titles
from tests.email.cards import CARDS
from tests.fakes import CHANNEL, STRANGER, Bot, Clock, Shelf, said
from tests.slack.test_golden import CONTACTS, SAID
from tests.teams import package
from tests.teams.lint import lint_message, lint_task

GOLDEN = Path(__file__).parent / "golden"
REFRESH = os.environ.get("GOLDEN") == "refresh"
Json = dict[str, Any]


def _shown(card: Card) -> Callable[[Bot], Reply]:
    return lambda _bot: card


EVERY = {**SAID, **{f"example-{name}": _shown(card) for name, card in CARDS.items()}}


@pytest.fixture
def bot(sqlite_engine: Any, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot with invented contacts, so that a number that changes changes no file here."""
    talking = Bot(sqlite_engine, replace(knowledge, contacts=CONTACTS), house, clock)
    yield talking
    talking.dispatcher.close()


def drawn(reply: Reply, form: Form | None = None) -> Json:
    """Return what Teams is sent for a reply, and hold it to the limits of Teams."""
    match reply:
        case Card():
            message, task = render.message(reply, mark="mark"), render.dialog_card(reply)
        case Form():
            message, task = render.inline_form(reply), render.dialog(reply)
        case Errors():
            assert form is not None
            typed = {field.name: f"What was typed in {field.name}" for field in form.fields}
            message = render.inline_form(form, values=typed, instead=reply)
            task = render.dialog(form, values=typed, instead=reply)
    assert (lint_message(message), lint_task(task)) == ([], [])
    assert package.problems([message["attachments"][0]["content"], task["card"]["content"]]) == [[], []]
    return {"message": message, "dialog": task}


def _readable(thing: Any) -> Any:
    """Show what a button carries: a form is packed together with a token, which is another one each time."""
    if isinstance(thing, Mapping):
        form = inputs.unpacked(thing.get("form"))
        kept = {"form": said(replace(form, token="...")).splitlines()} if form else {}
        return {name: _readable(value) for name, value in thing.items()} | kept
    return [_readable(one) for one in thing] if isinstance(thing, list | tuple) else thing


def _form_before(bot: Bot) -> Form:
    return bot.opens(bot.types("quantum chromodynamics"), "Ask the secretariat")


@pytest.mark.parametrize("name", EVERY)
def test_what_teams_is_sent_is_what_was_read_and_approved(bot: Bot, name: str) -> None:
    reply = EVERY[name](bot)
    form = _form_before(bot) if isinstance(reply, Errors) else None
    shown = json.dumps(_readable(drawn(reply, form)), indent=2, ensure_ascii=False)
    path = GOLDEN / f"{name}.json"
    if REFRESH:
        path.write_text(shown + "\n", encoding="utf-8")

    assert path.read_text(encoding="utf-8") == shown + "\n"


def test_every_golden_file_belongs_to_something_that_is_said() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(EVERY)


def test_teams_would_show_every_shipped_article_whole(sqlite_engine: Any, house: House, clock: Clock) -> None:
    library = articles.load(articles.shipped())
    shelf = Knowledge(library, contacts.shipped(), source_titles(), Shelf(library.articles.values()))
    talking = Bot(sqlite_engine, shelf, house, clock)
    cut = []

    for slug in library.articles:
        reply = talking.does(Request(STRANGER, route="ask.topic", value=slug, conversation=CHANNEL))
        assert isinstance(reply, Card)
        message = render.message(reply)
        if lint_message(message) or "left out" in json.dumps(message):
            cut.append(slug)
    talking.dispatcher.close()

    assert cut == []
