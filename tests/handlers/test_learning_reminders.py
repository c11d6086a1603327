"""Reminders of training: who has a confirmed place gets three, with the link in the later two, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from db.bookings import BookingState
from db.people import Identity, Role
from db.training import SessionState
from handlers.context import House, Knowledge
from handlers.learning import ticking
from handlers.learning.ticking import AT_ONCE
from handlers.messages import Card
from tests import learning, reminding
from tests.fakes import Bot, Clock, Queued, labels, said, talking
from tests.reminding import at


@pytest.fixture
def ola(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Ola Invented")


def passes(bot: Bot, start: str, end: str) -> None:
    """Let days pass: at nine and at twenty-one o'clock in UTC the clock does everything and messages arrive."""
    now = at(start)
    while now <= at(end):
        bot.clock.now = now
        bot.dispatcher.within(ticking.tick)
        reminding.tick(bot)
        reminding.deliver(bot)
        now += timedelta(hours=12)


def told(bot: Bot, who: Identity) -> list[Card]:
    return [one.card for one in reminding.reminded(bot, who)]


def notices(bot: Bot) -> list[Queued]:
    return [one for one in bot.queued() if one.key.startswith("few-bookings:")]


def test_a_place_is_reminded_of_14_and_5_working_days_and_1_day_before(bot: Bot, ola: Identity) -> None:
    learning.booking(bot, learning.session(bot), ola)

    passes(bot, "2026-12-28 09:00", "2027-01-22 09:00")

    assert reminding.due(bot) == [at("2026-12-30 09:00"), at("2027-01-13 09:00"), at("2027-01-19 09:00")]
    assert [learning.LINK in said(card) for card in told(bot, ola)] == [False, True, True]


def test_nobody_without_a_confirmed_place_gets_a_reminder_or_the_link(bot: Bot) -> None:
    session = learning.session(bot)
    for state in BookingState:
        if state is not BookingState.CONFIRMED:
            learning.booking(bot, session, bot.enrol(Role.MEMBER), state=state.value)

    assert bot.dispatcher.within(ticking.tick) == 0
    passes(bot, "2027-01-13 09:00", "2027-01-13 09:00")

    assert bot.queued() == []


def test_who_gives_their_place_up_hears_no_more_and_who_gets_it_back_does(bot: Bot, ola: Identity) -> None:
    place = learning.booking(bot, learning.session(bot), ola)
    passes(bot, "2026-12-28 09:00", "2026-12-30 09:00")
    learning.set_booking(bot, place, state=BookingState.CANCELLED.value)
    passes(bot, "2027-01-11 09:00", "2027-01-14 09:00")
    assert len(told(bot, ola)) == 1

    learning.set_booking(bot, place, state=BookingState.CONFIRMED.value)
    passes(bot, "2027-01-15 09:00", "2027-01-20 21:00")

    assert len(told(bot, ola)) == 2
    assert "20 January 2027" in said(told(bot, ola)[1])


def test_a_session_that_is_called_off_is_not_reminded_of(bot: Bot, ola: Identity) -> None:
    session = learning.session(bot)
    learning.booking(bot, session, ola)
    bot.dispatcher.within(ticking.tick)
    learning.set_session(bot, session, state=SessionState.CANCELLED.value)

    passes(bot, "2026-12-28 09:00", "2027-01-21 09:00")

    assert told(bot, ola) == []


def test_a_session_that_is_moved_after_reminders_is_reminded_of_for_the_new_day(bot: Bot, ola: Identity) -> None:
    session = learning.session(bot)
    learning.booking(bot, session, ola)
    passes(bot, "2026-12-28 09:00", "2027-01-14 09:00")
    assert len(told(bot, ola)) == 2

    learning.set_session(bot, session, starts_at=at("2027-02-17 09:30"))
    passes(bot, "2027-01-15 09:00", "2027-02-18 09:00")

    assert reminding.due(bot)[2:] == [at("2027-02-10 09:00"), at("2027-02-16 09:00")]
    assert all("17 February 2027" in said(card) for card in told(bot, ola)[2:])


def test_a_new_link_is_the_one_in_the_next_reminder(bot: Bot, ola: Identity) -> None:
    session = learning.session(bot)
    learning.booking(bot, session, ola)
    bot.dispatcher.within(ticking.tick)
    learning.set_session(bot, session, link="https://example.org/join/2", place="Room [1]")

    passes(bot, "2026-12-30 09:00", "2026-12-30 09:00")
    passes(bot, "2027-01-13 09:00", "2027-01-13 09:00")

    card = told(bot, ola)[-1]
    assert "https://example.org/join/2" in said(card)
    assert learning.LINK not in said(card)
    assert r"Room \[1\]" in said(card)


def test_done_with_one_reminder_does_not_take_the_link_away(bot: Bot, ola: Identity) -> None:
    learning.booking(bot, learning.session(bot), ola)
    passes(bot, "2026-12-28 09:00", "2026-12-30 09:00")
    bot.presses(told(bot, ola)[0], "Done", who=ola)

    passes(bot, "2027-01-13 09:00", "2027-01-13 09:00")

    assert learning.LINK in said(told(bot, ola)[1])


CLOCK_CHANGES = {
    "forward": ("2027-03-29 08:00", "2027-03-25 09:00"),  # Monday is Easter Monday, Friday is Good Friday
    "back": ("2026-10-26 09:30", "2026-10-23 08:00"),
}


@pytest.mark.parametrize(("starts", "expected"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_the_day_after_a_clock_change_the_last_reminder_came_at_nine_in_london(
    bot: Bot, ola: Identity, starts: str, expected: str
) -> None:
    bot.clock.now = at(starts) - timedelta(days=6)
    learning.booking(bot, learning.session(bot, starts_at=at(starts)), ola)

    passes(bot, f"{bot.clock.now:%Y-%m-%d %H:%M}", f"{at(starts):%Y-%m-%d %H:%M}")

    assert reminding.due(bot)[-1] == at(expected)


def test_the_clock_may_come_as_often_as_it_likes_and_after_a_restart(bot: Bot, ola: Identity) -> None:
    learning.booking(bot, learning.session(bot), ola)

    assert [bot.dispatcher.within(ticking.tick) for _ in range(3)] == [1, 0, 0]
    passes(bot, "2026-12-30 09:00", "2026-12-30 21:00")
    assert len(told(bot, ola)) == 1


def test_what_one_tick_leaves_the_next_one_does(bot: Bot, ola: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    assert AT_ONCE >= 100
    monkeypatch.setattr(ticking, "AT_ONCE", 2)
    for day in range(3):
        learning.booking(bot, learning.session(bot, learning.course(bot, f"Course {day}")), ola)

    assert [bot.dispatcher.within(ticking.tick) for _ in range(3)] == [2, 1, 0]


# --- few bookings ----------------------------------------------------------------------------------------------


def test_the_secretariat_is_told_once_and_privately_of_a_session_with_few_bookings(bot: Bot, ola: Identity) -> None:
    keeper = bot.enrol(Role.COORDINATOR)
    session = learning.session(bot, least=2)
    learning.booking(bot, session, ola)
    bot.clock.now = at("2027-01-06 08:59")
    bot.dispatcher.within(ticking.tick)
    assert notices(bot) == []

    for hour in (9, 10, 20):
        bot.clock.now = at(f"2027-01-06 {hour:02}:00")
        bot.dispatcher.within(ticking.tick)

    [notice] = notices(bot)
    assert notice.to.address == keeper.user_id
    assert "1 confirmed place. It needs 2" in said(notice.card)
    assert labels(notice.card) == ["Open it", "Call it off"]
    form = bot.opens(notice.card, "Call it off", who=keeper)
    assert form.title == "Cancel a session"
    assert isinstance(bot.sends(form, who=keeper, why="Too few people."), Card)
    assert learning.kept_session(bot, session).state == SessionState.CANCELLED.value


NOT_TOLD_OF: dict[str, dict[str, Any]] = {
    "enough places": {"least": 1},
    "none needed": {"least": 0},
    "booked elsewhere": {"least": 5, "book_at": "https://example.org/"},
    "called off": {"least": 5, "state": SessionState.CANCELLED.value},
    "a draft": {"least": 5, "state": SessionState.DRAFT.value},
    "bookings opened after that day": {"least": 5, "opens_on": at("2027-01-07 00:00").date()},
}


def test_other_sessions_are_not_told_of(bot: Bot, ola: Identity) -> None:
    bot.enrol(Role.COORDINATOR)
    for changed in NOT_TOLD_OF.values():
        learning.booking(bot, learning.session(bot, **changed), ola)
    bot.clock.now = at("2027-01-07 12:00")

    bot.dispatcher.within(ticking.tick)

    assert notices(bot) == []


def test_nothing_is_said_of_few_bookings_where_places_are_booked_elsewhere(
    engine: Engine, knowledge: Knowledge, clock: Clock
) -> None:
    house = House(reached=frozenset({"test"}), book_elsewhere="https://learning.example/")
    with talking(Bot(engine, knowledge, house, clock)) as bot:
        bot.enrol(Role.COORDINATOR)
        learning.session(bot, least=5)
        bot.clock.now = at("2027-01-07 12:00")

        assert bot.dispatcher.within(ticking.tick) == 0
        assert notices(bot) == []


def test_beyond_the_known_bank_holidays_reminders_are_planned_all_the_same(bot: Bot, ola: Identity) -> None:
    bot.clock.now = at("2199-01-01 12:00")
    learning.booking(bot, learning.session(bot, starts_at=at("2199-02-01 12:00"), least=5), ola)

    assert bot.dispatcher.within(ticking.tick) == 1
