"""The one way in."""

from __future__ import annotations

from tests.fakes import Bot


def test_a_question_is_answered(bot: Bot) -> None:
    assert bot.types("neglect").title == "Neglect"
