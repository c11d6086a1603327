"""Approval of articles: of one wording, by a role, once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from db import audit
from handlers import approvals
from handlers.context import UserError
from knowledge.articles import Library
from tests.fakes import Bot, article, said


def approve(bot: Bot, *slugs: str) -> list[str]:
    return bot.dispatcher.within(
        lambda context: approvals.approve(
            context.session, context.knowledge.library, slugs, by="Executive Group", at=context.now
        )
    )


def trail(bot: Bot) -> list[tuple[str, str, str]]:
    with Session(bot.engine) as session:
        return [(row.actor, row.action, row.subject) for row in audit.latest(session, limit=9)]


def test_an_approval_is_kept_once_with_a_line_in_the_trail(bot: Bot) -> None:
    assert approve(bot, "neglect", "threshold") == ["neglect", "threshold"]
    assert approve(bot, "neglect") == []

    assert trail(bot) == [
        ("Executive Group", "approved", "article threshold"), ("Executive Group", "approved", "article neglect")
    ]  # fmt: skip


def test_an_answer_shows_the_day_of_its_approval_in_the_partnership_and_not_in_greenwich(bot: Bot) -> None:
    bot.clock.now = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    approve(bot, "neglect")

    assert "Approved by the Executive Group on 1 July 2027." in said(bot.types("neglect"))


def test_a_withdrawn_article_is_not_approved(bot: Bot) -> None:
    library = Library({}, withdrawn={"old": article("old", status="withdrawn")})

    with pytest.raises(UserError, match="There is no article 'old'"):
        bot.dispatcher.within(
            lambda context: approvals.approve(context.session, library, ["old"], by="Executive Group", at=context.now)
        )

    assert trail(bot) == []


def test_one_unknown_article_means_that_nothing_is_approved(bot: Bot) -> None:
    with pytest.raises(UserError, match="There is no article 'bees'"):
        approve(bot, "neglect", "bees")

    assert trail(bot) == []
