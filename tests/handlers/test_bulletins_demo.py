"""The demonstration: somebody invented for every part of a bulletin's life."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from db import groups
from db.people import Role
from handlers import demo
from handlers.bulletins.kinds import KINDS
from tests.fakes import Bot


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STRATEGY_MANAGER, Role.STATUTORY_PARTNER, Role.MEMBER])
def test_somebody_writes_approves_pauses_and_reads(role: Role) -> None:
    assert any(role in persona.roles for persona in demo.PERSONAS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_can_agree_to_what_a_kind_needs(bot: Bot, kind: str) -> None:
    for _ in range(2):  # a demonstration that is started again
        bot.dispatcher.within(lambda context: demo.enrol(context, "test"))

    with Session(bot.engine) as session:
        sitting = {one: groups.members(session, one.group, on=bot.clock.now.date()) for one in KINDS[kind].approvals}
    for one, rows in sitting.items():
        assert [row.seat for row in rows if one.seat in ("", row.seat)] == [one.seat]
    assert {persona.key for persona in demo.PERSONAS.values()} >= {"coordinator", "manager", "partner", "young"}
