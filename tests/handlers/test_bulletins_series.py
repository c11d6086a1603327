"""Bulletins that come again are prepared in time, once, and never sent by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db import engine as database
from db.bulletins import Bulletin
from db.people import Role
from db.reminders import Plan, PlanState
from handlers.context import House
from handlers.messages import Card, Errors
from tests.bulletins import Desk
from tests.fakes import Bot, said

LEAD_BEFORE_JANUARY = datetime(2026, 12, 24, 9, tzinfo=UTC)  # five working days before Tuesday 5 January 2027


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def repeats(desk: Desk, rule: str = "monthly on the first tuesday") -> None:
    desk.fills(
        desk.presses(desk.begins(kind="monthly", title="Monthly bulletin"), "More"), "Prepare it regularly", rule=rule
    )


def open_reminders(desk: Desk) -> list[str]:
    with database.transaction(desk.bot.engine) as session:
        plans = select(Plan.subject).where(Plan.ladder == "draft", Plan.state != PlanState.CANCELLED.value)
        return list(session.scalars(plans))


def refs(desk: Desk) -> list[str]:
    with database.transaction(desk.bot.engine) as session:
        return [one.ref for one in session.scalars(select(Bulletin).order_by(Bulletin.id))]


def test_a_draft_is_prepared_once_five_working_days_before_and_its_author_reminded(desk: Desk) -> None:
    repeats(desk)
    desk.bot.clock.now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    early = desk.tick()
    desk.bot.clock.now = LEAD_BEFORE_JANUARY

    prepared = [desk.tick(), desk.tick()]

    assert (early, prepared) == (0, [1, 0])
    assert desk.notices("is ready to be written") == [desk.author.user_id]
    assert open_reminders(desk) == ["bulletin:BUL-2026-002:draft"]
    assert "Monthly bulletin" in said(desk.opens("BUL-2026-002"))


def test_a_prepared_draft_is_never_sent_unapproved(desk: Desk) -> None:
    repeats(desk)
    desk.bot.clock.now = LEAD_BEFORE_JANUARY
    desk.tick()

    desk.bot.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    desk.tick()

    assert [one for one in desk.bot.queued() if one.kind == "bulletin"] == []


RULES = ("every now and then", "", "monthly on the ninth tuesday")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_cannot_be_read_is_refused_with_examples(desk: Desk, rule: str) -> None:
    more = desk.presses(desk.begins(), "More")

    found = desk.tries(more, "Prepare it regularly", rule=rule)

    assert isinstance(found, Errors)
    assert "first Tuesday" in found.by_field["rule"]


def test_november_is_prepared_week_by_week(desk: Desk) -> None:
    repeats(desk, "weekly on tuesday in november")
    prepared = []
    for day in (23, 24, 30):
        desk.bot.clock.now = datetime(2026, 11, day, 9, tzinfo=UTC)
        prepared.append(desk.tick())

    assert prepared == [1, 0, 0]


def test_what_was_stopped_is_not_prepared_any_more(desk: Desk) -> None:
    repeats(desk)
    listed = desk.does("series", "0", desk.author)
    desk.presses(listed, "Stop Monthly bulletin")  # type: ignore[arg-type]
    desk.bot.clock.now = LEAD_BEFORE_JANUARY

    assert desk.tick() == 0
    assert refs(desk) == ["BUL-2026-001"]


def test_what_comes_again_can_be_changed_and_the_next_draft_follows_it(desk: Desk) -> None:
    repeats(desk)
    listed = desk.presses(desk.bot.types("scheduled", who=desk.approver), "What is prepared regularly", desk.approver)

    wrong = desk.tries(listed, "Change Monthly bulletin", desk.approver, rule="now and then")
    found = desk.fills(
        listed, "Change Monthly bulletin", desk.approver, title="News for all", rule="monthly on the last friday",
        roles="SCRUTINEER", needs_reading="yes", mine="yes",
    )  # fmt: skip
    desk.bot.clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)  # five working days before and less: Friday the 27th
    desk.tick()

    assert isinstance(wrong, Errors)
    assert "27 November 2026" in said(found)
    card = desk.opens("BUL-2026-002", desk.approver)
    assert "News for all" in card.title
    assert "scrutineer" in said(card)
    assert desk.notices("is ready to be written") == [desk.approver.user_id]


def test_others_change_nothing_that_comes_again(desk: Desk) -> None:
    repeats(desk)
    member = desk.bot.enrol(Role.MEMBER)

    found = desk.does("change-series", "1", member, title="Mine", rule="monthly on the last friday")

    assert isinstance(found, Card)
    assert "Mine" not in said(desk.bot.types("scheduled", who=desk.author))
    assert "Monthly bulletin" in said(desk.does("series", "0", desk.author))
