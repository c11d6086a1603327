"""Cards and lists ask the database the same number of questions, whatever stands around a record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import engine as database
from db import escalations, history, relations, risks
from db.escalations import Escalation
from db.people import Identity, Role
from db.relations import Kind
from db.risks import Risk
from handlers import access
from handlers.context import Request
from handlers.messages import Card
from tests import promises
from tests.fakes import Bot, said
from tests.registers.shelves import Shelf, asked

ROLES = (Role.MEMBER, Role.STRATEGY_MANAGER, Role.STATUTORY_PARTNER)
CARDS = {
    "an escalation": ("escalation.show", "ESC-2026-001"),
    "a risk": ("risks.open", "RSK-2026-001"),
    "a challenge": ("challenges.open", "CHA-2026-001"),
    "an action": ("actions.open", "ACT-2026-001"),
    "links of an escalation": ("linking.show", "ESC-2026-001"),
    "links of a risk": ("linking.show", "RSK-2026-001"),
    "the history of a risk": ("audit.history", "RSK-2026-001"),
    "what is mine": ("my.show", ""),
    "a list of escalations": ("lists.show", "escalations|all|0|"),
    "a list of risks": ("lists.show", "risks|all|0|"),
    "a list of challenges": ("lists.show", "challenges|all|0|"),
    "a list of actions": ("actions.list", "all|0"),
    "the heat map": ("heatmap.show", ""),
}


def surround(bot: Bot, shelf: Shelf, people: list[int], times: int) -> None:
    """Put so many of everything around the first escalation, the first risk and the first challenge."""
    esc, rsk, cha = "ESC-2026-001", "RSK-2026-001", "CHA-2026-001"
    for number in range(times):
        other = shelf.escalation(f"other {number}"), shelf.risk(f"other {number}")
        challenge = shelf.challenge(f"other {number}", linked_risk=rsk)
        act = [shelf.action(f"do {number}", of_ref=ref, owner_person_id=people[number % 5]) for ref in (esc, rsk)]
        with database.transaction(bot.engine) as session:
            for first in (esc, rsk, cha, act[0], challenge):
                for second in (*other, act[1]):
                    relations.link(session, first, Kind.LED_TO, second, at=bot.clock.now, by=None)
            row = session.scalars(select(Escalation).where(Escalation.ref == esc)).one()
            row.scrutineer_comment += f"Comment {number}.\n"
            row.claimed_by = people[number % 5]
            escalations.answer(
                session, row, person_id=people[number % 5], agency=f"Agency {number}", decision_type="agreed",
                text="Yes.", at=bot.clock.now,
            )  # fmt: skip
            risk = session.scalars(select(Risk).where(Risk.ref == rsk)).one()
            risks.add_control(
                session, risk_id=risk.id, words=f"Look {number}", kind="detective", effective="yes",
                added_at=bot.clock.now, added_by=people[number % 5],
            )  # fmt: skip
            risks.add_score(
                session, risk_id=risk.id, at=bot.clock.now, by=people[number % 5], which="current", likelihood=3,
                impact=3, trend="same", reason="Looked at again",
            )  # fmt: skip
            for ref in (esc, rsk, cha):
                history.note(session, ref, at=bot.clock.now, actor_person_id=people[number % 5], action="commented")


def questions(bot: Bot, who: Identity) -> dict[str, int]:
    """Return how often the database is asked for each card."""
    found = {}
    for name, (route, value) in CARDS.items():
        with asked(bot.engine) as statements:
            card = bot.does(Request(who, route=route, value=value))
        assert isinstance(card, Card)
        assert access.NOT_FOUND not in said(card)
        found[name] = len(statements)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_card_with_thirty_of_everything_around_it_asks_as_often_as_with_one(bot: Bot, role: Role) -> None:
    shelf, who = Shelf(bot), bot.enrol(role, Role.MEMBER)
    people = [shelf.person(bot.enrol(Role.MEMBER)) for _ in range(5)]
    shelf.escalation("first", status="with-executive", urgency="urgent", target_meeting_id=promises.meeting(bot))
    shelf.risk("first", owner_id=people[0], owner_accepted_at=bot.clock.now, next_review=bot.clock.now.date())
    shelf.challenge("first", linked_risk="RSK-2026-001", owner_id=people[0])
    bot.clock.now += timedelta(hours=1)
    surround(bot, shelf, people, 1)
    questions(bot, who)  # the first time, some things are looked up that are kept
    one = questions(bot, who)
    surround(bot, shelf, people, 29)

    assert questions(bot, who) == one
