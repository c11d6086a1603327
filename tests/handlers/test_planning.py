"""What reminders are due when: ladders become one message for each person and morning, exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, update

from db import engine as database
from db import people, subscriptions
from db.deliveries import Delivery, Occurrence
from db.groups import join
from db.people import Deputy, Identity, Role
from handlers import reminders as feature
from handlers.context import Context, Knowledge
from handlers.messages import Tone
from tests import fakes
from tests.fakes import Bot, Clock, labels, said
from tests.reminding import HOUSE, at, cancel, due, id_of, opened, plan, plan_soon, reminded, tick, time_passes


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


# --- ladders ---------------------------------------------------------------------------------------------------


def test_a_meeting_is_announced_step_by_step_each_once(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-12-17 14:00")

    time_passes(bot, "2026-11-21 09:30", "2027-01-10 09:30")

    mine = reminded(bot, ann)
    assert [one.key.split(":")[2] for one in mine] == [
        "2026-11-26", "2026-12-08", "2026-12-10", "2026-12-14", "2026-12-16", "2026-12-17", "2026-12-21",
    ]  # fmt: skip
    assert "Call for items for **Executive** on 17 December 2026." in said(mine[0].card)
    assert "**Executive** is on 17 December 2026 at 14:00." in said(mine[5].card)


def test_a_message_is_queued_ahead_and_due_at_nine_in_london(bot: Bot, ann: Identity) -> None:
    bot.clock.now = at("2027-07-01 07:30")
    plan(bot, ann, "Executive", "2027-07-02")

    assert tick(bot, "2027-07-01 07:44") == 0
    assert tick(bot, "2027-07-01 07:45") == 1
    assert due(bot)[-1] == at("2027-07-01 08:00")


def test_looking_again_says_nothing_twice(bot: Bot, ann: Identity) -> None:
    plan_soon(bot, ann, "Executive")
    tick(bot, "2026-11-25 09:00")
    for _ in range(3):
        bot.clock.pass_(minutes=1)
        assert tick(bot) == 0

    assert len(reminded(bot, ann)) == 1


def test_steps_that_are_past_when_something_is_planned_are_left_out(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-11-24")

    tick(bot)

    assert reminded(bot) == []
    tick(bot, "2026-11-24 09:00")
    assert ["is on 24 November" in said(one.card) for one in reminded(bot, ann)] == [True, True]


def test_what_falls_on_a_bank_holiday_comes_on_the_last_working_day_before(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Panel", "2026-12-28")

    tick(bot, "2026-12-24 09:00")

    assert len([one for one in reminded(bot, ann) if "2026-12-24" in one.key]) == 1
    time_passes(bot, "2026-12-24 15:00", "2026-12-29 03:00")
    assert [one.key.split(":")[2] for one in reminded(bot, ann)][-1] == "2026-12-24"


CLOCK_CHANGES = {
    "forward": ("2027-03-30", "2027-03-25 09:00"),
    "forward, after the bank holidays": ("2027-03-31", "2027-03-30 08:00"),
    "back": ("2026-10-27", "2026-10-26 09:00"),
    "back, before it": ("2026-10-26", "2026-10-23 08:00"),
}


@pytest.mark.parametrize(("on", "expected"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_around_a_clock_change_it_is_still_nine_in_london(bot: Bot, ann: Identity, on: str, expected: str) -> None:
    start = at(f"{on} 09:00") - timedelta(days=9)
    bot.clock.now = start
    plan(bot, ann, "Panel", on, ladder="training-joining")

    time_passes(bot, f"{start:%Y-%m-%d %H:%M}", f"{on} 00:00")

    assert at(expected) in due(bot)


# --- one message for several -----------------------------------------------------------------------------------


def test_what_falls_together_for_one_person_is_one_message_and_others_get_their_own(bot: Bot, ann: Identity) -> None:
    bob = bot.enrol(Role.MEMBER, name="Bob")
    for title in ("Executive", "Panel", "Board"):
        plan_soon(bot, ann, title)
    plan_soon(bot, bob, "Executive")

    tick(bot, "2026-11-25 09:00")

    [digest], [single] = reminded(bot, ann), reminded(bot, bob)
    assert digest.card.title == "Reminders: 3"
    assert [title in said(digest.card) for title in ("Executive", "Panel", "Board")] == [True] * 3
    assert labels(digest.card) == [
        "Later or done: 1, Executive", "Later or done: 2, Panel", "Later or done: 3, Board", "My reminders",
    ]  # fmt: skip
    assert single.card.title == "Reminder: Executive"


def test_a_morning_of_many_fits_on_a_card(bot: Bot, ann: Identity) -> None:
    for number in range(9):
        plan_soon(bot, ann, f"A meeting with a long name, as some have, number {number}")

    tick(bot, "2026-11-25 09:00")

    [digest] = reminded(bot, ann)
    assert digest.card.title == "Reminders: 9"
    assert len(digest.card.actions) == 6
    assert all(len(label) <= 75 for label in labels(digest.card))


def test_titles_that_people_typed_stay_as_they_were(bot: Bot, ann: Identity) -> None:
    plan_soon(bot, ann, "*Stars* {day} [link](https://elsewhere.example)")

    tick(bot, "2026-11-25 09:00")

    [one] = reminded(bot, ann)
    assert r"**\*Stars\* \{day\} \[link\]" in said(one.card)


# --- who -------------------------------------------------------------------------------------------------------


def test_what_is_for_the_secretariat_comes_to_each_of_them_to_put_off_by_themselves(bot: Bot, ann: Identity) -> None:
    sam = bot.enrol(Role.STRATEGY_MANAGER, name="Sam")
    nico = Identity("test", "person-1")
    plan(bot, ann, "Executive", "2026-11-20 14:00")
    bot.clock.now = at("2026-12-04 08:50")

    tick(bot)

    [to_nico], [to_sam] = reminded(bot, nico), reminded(bot, sam)
    assert "Draft minutes of **Executive**" in said(to_nico.card)
    bot.presses(to_nico.card, "Tomorrow", who=nico)
    assert "Executive" in said(bot.types("reminders", who=nico))
    assert "Executive" not in said(bot.types("reminders", who=sam))
    assert said(to_sam.card) != said(to_nico.card)  # each has buttons of their own


def test_a_deputy_and_the_chair_are_those_of_that_day(bot: Bot, ann: Identity) -> None:
    dee, chair = bot.enrol(Role.MEMBER, name="Dee"), bot.enrol(Role.MEMBER, Role.CHAIR, name="Charlie")
    ids = {who: id_of(bot, who) for who in (ann, dee, chair)}
    with database.transaction(bot.engine) as session:
        session.add(
            Deputy(person_id=ids[dee], for_person_id=ids[ann], role=Role.MEMBER.value, from_on=date(2026, 11, 30))
        )
        for who in (ann, chair):
            join(session, ids[who], "Quality", on=date(2026, 11, 20))
    plan(bot, ann, "Notice", "2026-12-03", ladder="deadline")
    plan(bot, ann, "ESC-2026-001", "2026-11-24", ladder="response")

    time_passes(bot, "2026-11-21 09:30", "2026-12-03 15:00")

    assert ["You stand in for Ann, who owes it" in said(one.card) for one in reminded(bot, dee)] == [True]
    assert ["was to have a response" in said(one.card) for one in reminded(bot, chair)] == [True]


def test_what_nobody_can_be_told_goes_to_the_secretariat_with_whom_it_was_for(bot: Bot, ann: Identity) -> None:
    plan_soon(bot, ann, "Executive")
    with database.transaction(bot.engine) as session:
        session.execute(update(people.Person).where(people.Person.name == "Ann").values(left_on=date(2026, 11, 25)))

    tick(bot, "2026-11-25 09:00")

    [told] = reminded(bot)
    assert told.to.address == "person-1"
    assert "For Ann, whom I cannot reach: **Executive** is on 26 November 2026." in said(told.card)


def test_whoever_switched_reminders_off_gets_only_statutory_ones(bot: Bot, ann: Identity) -> None:
    person_id = id_of(bot, ann)
    with database.transaction(bot.engine) as session:
        subscriptions.set_(session, person_id, "reminder", wanted=False, at=bot.clock.now)
    plan_soon(bot, ann, "Executive")
    plan(bot, ann, "Notice", "2026-11-26", ladder="deadline", statutory=True)

    time_passes(bot, "2026-11-21 09:30", "2026-11-26 15:00")

    assert {(one.card.title, one.kind) for one in reminded(bot, ann)} == {("Reminder: Notice", "statutory-reminder")}


# --- late ------------------------------------------------------------------------------------------------------


def test_what_was_missed_comes_once_when_the_service_is_back(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-12-03")
    tick(bot)

    assert tick(bot, "2026-12-01 22:10") == 3  # papers, pack and replies, of 24, 26 and 30 November
    assert tick(bot) == 0
    assert len(reminded(bot, ann)) == 3


def test_what_is_of_no_use_any_more_is_reported_in_one_line_and_not_sent(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-11-26 10:00")
    tick(bot)

    tick(bot, "2026-11-26 10:00")

    assert reminded(bot) == []
    [told] = bot.queued()
    assert (told.to.address, told.card.tone) == ("person-1", Tone.WARNING)
    assert said(told.card).count("For Ann: **Executive** is on 26 November 2026 at 10:00.") == 2
    bot.clock.pass_(minutes=1)
    tick(bot)
    assert len(bot.queued()) == 1


def test_a_plan_that_cannot_be_read_is_reported_once(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2041-11-26")
    plan(bot, ann, "Panel", "2026-12-01", ladder="rope")

    for _ in range(2):
        tick(bot)

    told = [said(one.card) for one in bot.queued()]
    assert len(told) == 2
    assert "update the package govuk" in told[0].replace("\\", "")
    assert "There is no ladder rope" in told[1]


def test_a_message_goes_out_of_hours_only_until_it_is_of_no_use(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-11-26 08:00")

    tick(bot, "2026-11-25 08:50")

    with database.transaction(bot.engine) as session:  # quiet hours put it off, and this is how long
        expires = set(session.scalars(select(Occurrence.expires_at)))
    assert expires == {at("2026-11-26 08:00")}


# --- what moves ------------------------------------------------------------------------------------------------


def test_when_a_meeting_moves_nothing_said_is_said_again_and_nothing_of_the_old_day_comes(
    bot: Bot, ann: Identity
) -> None:
    plan(bot, ann, "Executive", "2026-12-03")
    time_passes(bot, "2026-11-21 09:30", "2026-11-27 09:30")  # papers and pack
    plan(bot, ann, "Executive", "2026-12-17")

    time_passes(bot, "2026-11-27 15:30", "2026-12-18 09:30")

    days = [one.key.split(":")[2] for one in reminded(bot, ann)]
    assert days == ["2026-11-24", "2026-11-26", "2026-12-14", "2026-12-16", "2026-12-17"]  # no papers, no pack again


def test_the_day_before_is_said_again_for_a_new_day(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-12-03")
    time_passes(bot, "2026-11-21 09:30", "2026-12-02 15:30")
    plan(bot, ann, "Executive", "2026-12-10")

    time_passes(bot, "2026-12-02 21:30", "2026-12-09 15:30")

    assert "**Executive** is on 10 December 2026." in said(reminded(bot, ann)[-1].card)


def test_planning_the_same_again_changes_nothing_but_the_words(bot: Bot, ann: Identity) -> None:
    plan(bot, ann, "Executive", "2026-12-03", body="In the hall.")
    tick(bot)
    card = bot.types("reminders", who=ann)
    bot.presses(opened(bot, card, ann), "In a week", who=ann)
    plan(bot, ann, "Executive", "2026-12-03", body="In the town hall.")

    time_passes(bot, "2026-11-21 15:30", "2026-12-02 15:30")

    mine = reminded(bot, ann)
    assert "2026-11-24" not in [one.key.split(":")[2] for one in mine]
    assert "In the town hall." in said(mine[-1].card)


def test_a_message_that_waits_is_called_back_when_its_meeting_is_cancelled_and_the_others_in_it_still_come(
    bot: Bot, ann: Identity
) -> None:
    plan_soon(bot, ann, "Executive")
    plan_soon(bot, ann, "Panel")
    tick(bot, "2026-11-25 08:50")
    cancel(bot, "Executive")

    tick(bot, "2026-11-25 08:51")

    with database.transaction(bot.engine) as session:
        states = list(session.scalars(select(Delivery.state).order_by(Delivery.due_at)))
    assert sorted(states) == ["cancelled", "pending"]
    assert reminded(bot, ann)[-1].card.title == "Reminder: Panel"
    time_passes(bot, "2026-11-25 09:00", "2026-12-10 15:30")
    assert "Executive" not in said(reminded(bot, ann)[-1].card)


def test_after_a_cancellation_the_same_can_be_planned_again(bot: Bot, ann: Identity) -> None:
    plan_soon(bot, ann, "Executive")
    tick(bot)
    cancel(bot, "Executive")
    tick(bot)
    plan_soon(bot, ann, "Executive")

    assert tick(bot, "2026-11-25 09:00") == 1


# --- several workers, and restarts ------------------------------------------------------------------------------


def test_many_workers_at_once_queue_each_message_once(bot: Bot) -> None:
    for number in range(20):
        plan_soon(bot, bot.enrol(Role.MEMBER), f"Meeting {number}")
    bot.clock.now = at("2026-11-25 09:00")

    with ThreadPoolExecutor(4) as workers:
        queued = list(workers.map(lambda _: bot.dispatcher.within(feature.queue_due), range(8)))

    assert sum(queued) == len(reminded(bot)) == 20


def test_after_a_restart_what_was_queued_and_not_sent_is_not_queued_again(
    bot: Bot, ann: Identity, engine: Engine, knowledge: Knowledge, clock: Clock
) -> None:
    plan_soon(bot, ann, "Executive")
    tick(bot, "2026-11-25 08:50")

    with fakes.talking(Bot(engine, knowledge, HOUSE, clock)) as restarted:
        assert tick(restarted, "2026-11-25 09:10") == 0

    assert len(reminded(bot)) == 1


def test_a_morning_of_very_many_is_queued_in_parts_and_all_of_it_before_nine(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.planning.MESSAGES_AT_ONCE", 2)
    readers = [bot.enrol(Role.MEMBER) for _ in range(5)]
    for who in readers:
        plan_soon(bot, who, f"Meeting of {who.user_id}")

    queued = [tick(bot, f"2026-11-25 08:{minute}") for minute in (45, 46, 47, 48)]

    assert queued == [2, 2, 1, 0]
    assert {one.to.address for one in reminded(bot)} == {who.user_id for who in readers}
    assert set(due(bot)) == {at("2026-11-25 09:00")}


def test_a_worker_that_dies_before_its_commit_leaves_everything_to_the_next(bot: Bot, ann: Identity) -> None:
    plan_soon(bot, ann, "Executive")
    bot.clock.now = at("2026-11-25 09:00")

    def dies(context: Context) -> None:
        feature.queue_due(context)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        bot.dispatcher.within(dies)

    assert reminded(bot) == []
    assert tick(bot) == 1
    assert len(reminded(bot)) == 1
