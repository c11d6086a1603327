"""Bulletins that were sent are found again: by words after `bulletins`, and under a question without an article."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from db import engine as database
from db.bulletins import Bulletin, BulletinIssue, State
from db.people import Role
from handlers.messages import Button, Card
from tests.fakes import Bot, labels, said

NEGLECT = {
    "headline": "The neglect guide has a tool for counting missed meals.",
    "spotlight": "The Sunflower project helps young carers in Poplar with homework on Mondays.",
    "training": "Infant neglect, Thursday 3 December, online.",
}


def sent(bot: Bot, title: str, sections: Mapping[str, str], *, day: int = 3, **more: Any) -> int:
    """Put a bulletin into the archive as it lies there when its readers got it, and return its number."""
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    if not bot.counted(Bulletin):
        bot.enrol(Role.COORDINATOR)
    with database.transaction(bot.engine) as session:
        number = (session.scalar(select(func.count()).select_from(Bulletin)) or 0) + 1
        row = Bulletin(
            year=2026, number=number, kind="monthly", title=title, sections=dict(sections), audience={},
            state=State.SENT.value, author_id=1, changed_by=1, created_at=at, changed_at=at, **more,
        )  # fmt: skip
        session.add(row)
        session.flush()
        content = {
            "kind": "monthly", "sections": dict(sections), "image_url": "", "image_alt": "", "marking": "OFFICIAL",
            "needs_reading": False, "audience_words": "", "correction_of": "",
        }  # fmt: skip
        issue = BulletinIssue(
            bulletin_id=row.id, version=1, title=title, content=content, parts=1, due_at=at, sent_at=at
        )
        session.add(issue)
        return row.id


def pressed(bot: Bot, card: Card, label: str) -> Card:
    found = bot.presses(card, label)
    assert isinstance(found, Card)
    return found


def test_a_question_without_an_article_is_offered_the_bulletin_that_speaks_of_it(bot: Bot) -> None:
    sent(bot, "New guide: neglect & more", NEGLECT)

    card = bot.types("what is the sunflower project?")

    assert card.title == "I don't know that one"
    assert "A bulletin of 3 November 2026 speaks of this" in said(card)
    whole = pressed(bot, card, "Bulletin of 3 November 2026: New guide: neglect & more")
    assert "The Sunflower project helps young carers" in said(whole)


def test_articles_that_are_offered_stay_and_the_bulletin_comes_after_them(bot: Bot) -> None:
    sent(bot, "New guide", NEGLECT)

    card = bot.types("perhaps the neglect guide with a tool for counting missed meals")

    assert labels(card)[:3] == ["Neglect", "Threshold", "Private fostering"]
    assert labels(card)[-1] == "Bulletin of 3 November 2026: New guide"
    assert len(card.actions) <= 6


def test_an_answer_from_an_article_is_never_joined_by_a_bulletin(bot: Bot) -> None:
    sent(bot, "Neglect", {"headline": "What is neglect? It is neglect."})

    card = bot.types("what is neglect")

    assert card.title == "Neglect"
    assert "Bulletin" not in said(card)


@pytest.mark.parametrize("question", ["quantum chromodynamics", "perhaps the weather in Poplar", "who is the mayor"])
def test_a_bulletin_that_may_not_speak_of_the_question_is_not_offered(bot: Bot, question: str) -> None:
    sent(bot, "New guide", NEGLECT)

    assert "ulletin" not in said(bot.types(question))


def test_what_nobody_was_sent_is_not_found(bot: Bot) -> None:
    number = sent(bot, "New guide", NEGLECT)
    with database.transaction(bot.engine) as session:
        session.scalars(select(BulletinIssue).where(BulletinIssue.bulletin_id == number)).one().sent_at = None

    assert "ulletin" not in said(bot.types("what is the sunflower project?"))
    assert bot.types("bulletins sunflower").title == "No bulletin speaks of that"


def test_a_corrected_bulletin_says_so_and_shows_both(bot: Bot) -> None:
    number = sent(bot, "New guide", NEGLECT)
    sent(bot, "The date", {"headline": "Infant neglect is on 4 December."}, day=5, correction_of=number)

    card = bot.types("when is the infant neglect training in december")

    assert "It was corrected on 5 November 2026" in said(card)
    whole = pressed(bot, card, "Bulletin of 3 November 2026: New guide")
    assert "3 December" in said(whole)
    assert "4 December" in said(whole)


def test_a_long_title_is_cut_on_the_button_and_whole_in_the_text(bot: Bot) -> None:
    title = "Safeguarding Month and everything that comes with it, week by week by week by week"
    sent(bot, title, NEGLECT)

    card = bot.types("what is the sunflower project?")

    button = card.actions[-1]
    assert isinstance(button, Button)
    assert len(button.label) <= 75
    assert button.label.endswith("…")
    assert title in said(card)


FOUND = {
    "one word": ("bulletins sunflower", "Partner spotlight"),
    "a word of the title": ("bulletins guide", "New guide"),
    "a heading": ("bulletins training", "Training dates"),
    "a word that was mistyped": ("bulletins sunflwer", "Partner spotlight"),
    "capitals": ("Bulletins MISSED MEALS", "This month"),
}


@pytest.mark.parametrize(("typed", "shown"), FOUND.values(), ids=FOUND)
def test_words_after_bulletins_find_those_that_were_sent(bot: Bot, typed: str, shown: str) -> None:
    sent(bot, "New guide", NEGLECT)
    sent(bot, "Online harm", {"headline": "Games and chat rooms."}, day=10)

    card = bot.types(typed)

    assert card.title == "Bulletins that speak of that"
    assert shown in said(card)
    assert labels(card)[0] == "3 November 2026: New guide"


def test_a_long_question_that_begins_with_bulletins_is_a_question(bot: Bot) -> None:
    card = bot.types(f"bulletins {'and newsletters ' * 8}, who writes them?")

    assert card.title == "I don't know that one"


def test_the_whole_archive_is_one_press_away(bot: Bot) -> None:
    sent(bot, "New guide", NEGLECT)

    nothing = bot.types("bulletins volcano")

    assert labels(pressed(bot, nothing, "All bulletins")) == ["Read BUL-2026-001"]
