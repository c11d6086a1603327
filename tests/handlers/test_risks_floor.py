"""A partnership that wants the worst impact never below amber."""

from __future__ import annotations

import pytest

from handlers.context import House
from tests.fakes import Bot, said
from tests.risking import Register


@pytest.fixture
def house() -> House:
    return House(reached=frozenset({"test"}), risk_floor=True)


def test_with_the_floor_the_worst_impact_is_amber_at_least_and_reviewed_as_amber(bot: Bot) -> None:
    desk = Register(bot)

    desk.opened(inherent_l="1", inherent_i="5", current_l="1", current_i="5", target_l="1", target_i="5")

    assert "5, Amber" in said(desk.sees(desk.member))
    assert f"{desk.row().next_review}" == "2027-02-24"
