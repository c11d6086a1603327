"""The first page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from handlers.context import House
from tests import fakes
from tests.fakes import Bot, Clock, article, labels, said

STANDING = ["Whom to call", "What can I do here?"]


@pytest.fixture
def busy(engine: Engine, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot with many topics."""
    slugs = ("thresholds-tiers", "mash-referral", "lado-allegations", "professional-escalation", "neglect", "fire")
    talking = Bot(engine, fakes.knowledge(*map(article, slugs)), house, clock)
    yield talking
    talking.dispatcher.close()


def test_before_anybody_asked_the_four_topics_that_matter_most_are_offered(busy: Bot) -> None:
    card = busy.types("home")

    assert labels(card) == [
        "Thresholds tiers",
        "Mash referral",
        "Lado allegations",
        "Professional escalation",
        *STANDING,
    ]


def test_the_most_asked_topics_come_first(busy: Bot) -> None:
    for text in ("fire", "neglect", "fire"):
        busy.types(text)

    assert labels(busy.types("home"))[:3] == ["Fire", "Neglect", "Thresholds tiers"]


def test_what_was_asked_long_ago_does_not_count(busy: Bot) -> None:
    busy.types("fire")
    busy.clock.pass_(days=91)

    assert "Fire" not in labels(busy.types("home"))


def test_a_topic_is_opened_by_its_button(busy: Bot) -> None:
    assert busy.presses(busy.types("home"), "Mash referral").title == "Mash referral"


def test_a_topic_without_an_article_is_not_offered(bot: Bot) -> None:
    assert labels(bot.types("home")) == STANDING


def test_the_first_page_says_what_this_is_and_what_not_to_type(bot: Bot) -> None:
    told = said(bot.types("home"))

    for part in ("Tower Hamlets", "999", "Do not type names"):
        assert part in told
