"""Reminders in people's hands: listed, put off and finished, each by whom they are for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.people import Identity, Role
from handlers.context import Knowledge, Request
from handlers.messages import Card
from tests import fakes
from tests.fakes import STRANGER, Bot, Clock, labels, said
from tests.reminding import HOUSE, at, due, opened, plan, reminded, tick, time_passes


@pytest.fixture
def bot(engine: Engine, knowledge: Knowledge, clock: Clock) -> Iterator[Bot]:
    """Give a bot that can reach people, on a Saturday morning in November, and a coordinator."""
    with fakes.talking(Bot(engine, knowledge, HOUSE, clock)) as bot:
        bot.enrol(Role.MEMBER, Role.COORDINATOR, name="Nico")
        yield bot


@pytest.fixture
def ann(bot: Bot) -> Identity:
    """Give a member who is reminded of things."""
    return bot.enrol(Role.MEMBER, name="Ann")


# --- putting off and finishing ---------------------------------------------------------------------------------


SNOOZES = {
    "Tomorrow": "2026-11-26 09:00",
    "In 3 working days": "2026-11-30 09:00",
    "In a week": "2026-12-02 09:00",
}


@pytest.mark.parametrize(("label", "expected"), SNOOZES.items(), ids=SNOOZES)
def test_a_reminder_that_was_put_off_comes_then_and_once(bot: Bot, ann: Identity, label: str, expected: str) -> None:
    plan(bot, ann, "Minutes", "2026-11-23")  # the actions of two working days later
    tick(bot, "2026-11-25 09:00")

    told = bot.presses(reminded(bot, ann)[-1].card, label, who=ann)

    assert isinstance(told, Card)
    assert told.title == f"I will remind you on {at(expected):%A %-d %B}"
    before = len(reminded(bot, ann))
    time_passes(bot, "2026-11-25 15:00", "2026-12-03 15:00")
    assert [one.card.title for one in reminded(bot, ann)[before:]] == ["Reminder: Minutes"]
    assert due(bot)[-1] == at(expected)


def test_a_statutory_reminder_waits_no_longer_than_its_deadline_and_is_never_switched_off(
    bot: Bot, ann: Identity
) -> None:
    plan(bot, ann, "Notice", "2026-12-02", ladder="deadline", statutory=True)
    tick(bot, "2026-11-30 09:00")
    card = reminded(bot, ann)[-1].card
    assert "put off until it, and not switched off" in said(card)

    told = bot.presses(card, "In a week", who=ann)

    assert isinstance(told, Card)
    assert told.title == "I will remind you on Wednesday 2 December"
    bot.presses(card, "Done", who=ann)
    tick(bot, "2026-12-02 09:00")
    assert "**Notice** is due on 2 December 2026." in said(reminded(bot, ann)[-1].card)
    late = bot.presses(reminded(bot, ann)[-1].card, "Tomorrow", who=ann)
    assert isinstance(late, Card)
    assert late.title == "This cannot wait any longer: it is due on 2 December."


def test_done_ends_what_asks_for_the_same_and_nothing_else(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "RSK-2026-001", "2026-12-07", ladder="review")
    plan(bot, ann, "RSK-2026-002", "2026-12-07", ladder="review")
    tick(bot, "2026-11-23 09:00")
    [digest] = reminded(bot, ann)

    bot.presses(opened(bot, digest.card, ann), "Done", who=ann)

    time_passes(bot, "2026-11-23 15:00", "2026-12-04 15:00")
    assert [one.card.title for one in reminded(bot, ann)] == ["Reminders: 2", "Reminder: RSK-2026-002"]
    assert [(row.action, row.subject) for row in bot.audited()][-1] == ("reminder done", "test:RSK-2026-001")


def test_my_reminders_are_listed_by_pages_with_a_button_each(bot: Bot, ann: Identity) -> None:
    for number in range(3):
        plan(bot, ann, f"Meeting {number}", "2026-12-17")
    tick(bot)

    first = bot.types("reminders", who=ann)
    second = bot.presses(first, "More", who=ann)

    assert isinstance(second, Card)
    assert len(first.actions) == 6
    assert "1 to 5 of 21" in said(first)
    assert "6 to 10 of 21" in said(second)


def test_nobody_sees_or_moves_the_reminders_of_another(bot: Bot, ann: Identity) -> None:
    bob = bot.enrol(Role.MEMBER, Role.COORDINATOR, name="Bob")
    plan(bot, ann, "Executive", "2026-12-17")
    tick(bot)
    button = opened(bot, bot.types("reminders", who=ann), ann)
    value = fakes.button_of(button, "Done").value

    for who in (bob, STRANGER):
        assert "Executive" not in said(bot.types("reminders", who=who))
        for route, given in (("one", value), ("done", value), ("snooze", f"{value} week")):
            reply = bot.does(Request(who, route=f"reminders.{route}", value=given))
            assert isinstance(reply, Card)
            assert reply.title == "I cannot find that reminder."


STALE = {
    "closed": ("reminders.done", "{0}", "closed already"),
    "until nobody knows when": ("reminders.snooze", "{1} never", "until when"),
    "no number": ("reminders.one", "x", "cannot find"),
    "a number that no row has": ("reminders.one", "99999999999", "cannot find"),
}


@pytest.mark.parametrize(("route", "value", "told"), STALE.values(), ids=STALE)
def test_a_button_that_is_out_of_date_is_explained(bot: Bot, ann: Identity, route: str, value: str, told: str) -> None:
    plan(bot, ann, "Executive", "2026-12-17")
    tick(bot)
    shown = bot.types("reminders", who=ann)
    first, second = (fakes.button_of(shown, label).value for label in labels(shown)[:2])
    bot.does(Request(ann, route="reminders.done", value=first))

    reply = bot.does(Request(ann, route=route, value=value.format(first, second)))

    assert isinstance(reply, Card)
    assert told in reply.title
