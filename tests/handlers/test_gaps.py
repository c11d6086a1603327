"""What the knowledge base lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from db.people import Identity, Role
from handlers import reviews
from handlers.context import House, Request
from handlers.messages import Card, Facts, Heading, Table
from knowledge.articles import Problem
from tests import fakes
from tests.fakes import STRANGER, Bot, Clock, article, labels, said


@pytest.fixture
def coordinator(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR)


def tables(card: Card) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of each table under its heading."""
    headings = [element.text for element in card.body if isinstance(element, Heading)]
    rows = {}
    for before, element in zip(card.body, card.body[1:], strict=False):
        if isinstance(element, Table):
            assert isinstance(before, Heading), headings
            rows[before.text] = list(element.rows)
    return rows


def test_where_nothing_is_missing_it_says_so(bot: Bot, coordinator: Identity) -> None:
    told = said(bot.types("gaps", who=coordinator))

    assert "Nobody waits for an answer" in told
    assert "Every question so far found an answer" in told


def test_what_was_asked_and_not_answered_is_counted_with_its_nearest_topic(bot: Bot, coordinator: Identity) -> None:
    for text in ("bees", "Bees", "wasps", "neglect"):
        bot.types(text)

    card = bot.types("gaps", who=coordinator)

    assert tables(card) == {"Asked and not answered": [("bees", "2", "Neglect"), ("wasps", "1", "Neglect")]}


def test_after_thirty_days_only_the_count_by_topic_is_left(bot: Bot, coordinator: Identity) -> None:
    bot.types("bees")
    bot.clock.pass_(days=31)
    bot.dispatcher.within(reviews.forget)

    told = said(bot.types("gaps", who=coordinator))

    assert "bees" not in told
    assert r"Neglect (1)" in told


def test_articles_that_did_not_help_are_named(bot: Bot, coordinator: Identity) -> None:
    bot.presses(bot.types("neglect"), "It did not help")
    bot.presses(bot.types("threshold"), "This helped")

    assert tables(bot.types("gaps", who=coordinator)) == {"Articles that did not help": [("Neglect", "1", "0")]}


def test_those_who_wait_are_answered_from_here_oldest_first(bot: Bot, coordinator: Identity) -> None:
    for number in range(6):
        bot.sends(bot.opens(bot.types("bees"), "Ask the secretariat"), question=f"Question {number}?")
        bot.clock.pass_(minutes=1)

    card = bot.types("gaps", who=coordinator)

    assert labels(card) == [f"Answer ASK-2026-00{number}" for number in (1, 2, 3, 4)]
    assert bot.opens(card, "Answer ASK-2026-002", who=coordinator).title == "Answer ASK-2026-002"


def test_the_day_of_a_question_is_that_of_the_partnership_and_not_of_greenwich(bot: Bot, coordinator: Identity) -> None:
    bot.clock.now = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    bot.sends(bot.opens(bot.types("bees"), "Ask the secretariat"), question="Who keeps the list?")

    assert "**ASK-2027-001**, 1 July: Who keeps the list?" in said(bot.types("gaps", who=coordinator))


@pytest.fixture
def neglected(engine: Engine, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot with old and broken articles."""
    old = article("old", review_by=date(2026, 1, 31), owner="Coordinator")
    broken = Problem("broken", "the front matter is missing")
    talking = Bot(engine, fakes.knowledge(article("new"), old, problems=(broken,)), house, clock)
    yield talking
    talking.dispatcher.close()


def test_overdue_and_broken_articles_are_named(neglected: Bot) -> None:
    card = neglected.types("gaps", who=neglected.enrol(Role.STRATEGY_MANAGER))

    assert tables(card)["Review overdue"] == [("Old", "31 January 2026", "Coordinator")]
    assert "the front matter is missing" in said(card)
    assert next(element for element in card.body if isinstance(element, Facts)).pairs == (
        ("Articles", "2"), ("Waiting for approval", "2"), ("Review overdue", "1"), ("Articles that cannot be read", "1")
    )  # fmt: skip


def test_others_do_not_see_what_people_asked(bot: Bot) -> None:
    bot.types("bees")

    for who in (STRANGER, bot.enrol(Role.MEMBER, Role.CHAIR)):
        for request in (Request(who, "gaps"), Request(who, route="gaps.show")):
            card = bot.does(request)
            assert isinstance(card, Card)
            assert "bees" not in said(card)
