"""A bulletin goes out once, whatever happens in between: late, paused, changed, cancelled, or to nobody."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.outbox import Outbox
from db import engine as database
from db.people import Identity, IdentityRow, Person, Role
from handlers.bulletins import sending
from handlers.context import House, Knowledge
from handlers.messages import Card, Errors
from handlers.wording import WordingError
from tests.bot.chat import Chat, everything
from tests.bulletins import NINE_ON_TUESDAY, REF, Desk
from tests.fakes import Bot, said


@pytest.fixture
def house() -> House:
    holidays = ((date(2026, 12, 21), date(2027, 1, 1)),)
    return House(public_url="https://bot.example", reached=frozenset({"test"}), school_holidays=holidays)


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def leaves(bot: Bot, who: Identity) -> None:
    with database.transaction(bot.engine) as session:
        ids = session.query(IdentityRow.person_id).filter_by(user_id=who.user_id)
        on = bot.clock.now.date()
        session.execute(update(Person).where(Person.id.in_(ids)).values(left_on=on))


def test_two_servers_that_tick_at_once_queue_a_bulletin_once(desk: Desk, knowledge: Knowledge, house: House) -> None:
    desk.scheduled()
    desk.bot.clock.now = NINE_ON_TUESDAY
    other = Bot(desk.bot.engine, knowledge, house, desk.bot.clock)

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda bot: bot.dispatcher.within(sending.queue_due), (desk.bot, other)))
    other.dispatcher.close()

    assert sum(done) == 1
    assert len(desk.messages()) == 2


def test_a_crash_before_the_commit_queues_nothing_and_the_next_tick_everything(desk: Desk) -> None:
    desk.scheduled()
    desk.bot.clock.now = NINE_ON_TUESDAY

    with pytest.raises(ZeroDivisionError):
        desk.bot.dispatcher.within(lambda context: sending.queue_due(context) / 0)
    crashed = desk.messages()
    desk.tick()

    assert crashed == []
    assert len(desk.messages()) == 2


def test_what_was_missed_for_less_than_a_day_is_sent_when_the_service_is_back(desk: Desk) -> None:
    desk.scheduled()
    desk.bot.clock.now = NINE_ON_TUESDAY + timedelta(hours=23)

    desk.tick()

    assert len(desk.messages()) == 2


def test_what_was_missed_for_longer_is_held_and_its_people_are_told_once(desk: Desk) -> None:
    desk.scheduled()
    desk.bot.clock.now = NINE_ON_TUESDAY + timedelta(hours=25)

    desk.tick()
    desk.tick()

    assert desk.messages() == []
    assert desk.notices("was not sent") == sorted([desk.author.user_id, desk.approver.user_id])
    assert "Paused" in said(desk.opens())


def test_a_held_bulletin_goes_out_when_somebody_lets_it_go_on(desk: Desk) -> None:
    desk.scheduled()
    desk.bot.clock.now = NINE_ON_TUESDAY + timedelta(hours=25)
    desk.tick()

    desk.presses(desk.opens(), "Let it go on")
    desk.tick()

    assert len(desk.messages()) == 2


def test_a_statutory_partner_pauses_a_bulletin_and_the_strategy_manager_is_told(desk: Desk) -> None:
    partner = desk.bot.enrol(Role.STATUTORY_PARTNER)
    desk.scheduled()

    desk.presses(desk.bot.types("scheduled", who=partner), f"Pause {REF}", partner)
    desk.bot.clock.now = NINE_ON_TUESDAY
    desk.tick()

    assert desk.messages() == []
    assert desk.notices(f"{REF} is paused") == sorted([desk.author.user_id, desk.approver.user_id])
    desk.presses(desk.bot.types("scheduled", who=partner), f"Let {REF} go on", partner)
    desk.tick()
    assert len(desk.messages()) == 3


def test_what_is_paused_while_it_is_sent_goes_on_where_it_stopped(desk: Desk) -> None:
    desk.sending()

    desk.presses(desk.opens(), "Pause it")
    desk.arrives()
    desk.tick()
    halted = said(desk.opens())
    desk.presses(desk.opens(), "Let it go on")
    desk.arrives()
    desk.tick()

    assert "Paused while being sent" in halted
    assert "Sent" in said(desk.opens())


def test_a_cancelled_bulletin_is_not_sent(desk: Desk) -> None:
    desk.scheduled()

    desk.fills(desk.presses(desk.opens(), "More"), "Cancel it", sure="yes")
    desk.bot.clock.now = NINE_ON_TUESDAY
    desk.tick()

    assert desk.messages() == []


def test_cancelling_while_it_is_sent_calls_back_what_has_not_left(desk: Desk) -> None:
    desk.sending()

    card = desk.fills(desk.presses(desk.opens(), "More"), "Cancel it", sure="yes")
    desk.arrives()

    assert "2 that had not left are stopped" in said(card)
    desk.tick()
    assert desk.bot.types("bulletins").actions == ()


def test_what_is_being_sent_is_the_version_that_was_approved_and_the_change_is_the_next(desk: Desk) -> None:
    desk.sending()

    sections = desk.presses(desk.presses(desk.opens(), "More"), "Write the sections")
    desk.fills(sections, "What to do now", text="- Please wait for the next form.")
    during = said(desk.opens())
    desk.arrives()
    desk.tick()

    assert "Being sent" in during
    assert {one.key for one in desk.messages()} == {f"bulletin:{REF}:v1"}
    after = said(desk.opens())
    assert "A draft" in after
    whole = said(desk.presses(desk.bot.types("bulletins"), f"Read {REF}"))
    assert "Please use the new form from today" in whole
    assert "next form" not in whole


def test_who_has_left_when_it_goes_out_does_not_get_it(desk: Desk) -> None:
    leaver = desk.bot.enrol(Role.MEMBER)
    desk.scheduled()
    leaves(desk.bot, leaver)
    desk.bot.clock.now = NINE_ON_TUESDAY

    desk.tick()

    assert leaver.user_id not in {one.to.address for one in desk.messages()}


def test_a_bulletin_that_would_reach_nobody_any_more_is_held_and_its_people_are_told(desk: Desk) -> None:
    scrutineer = desk.bot.enrol(Role.SCRUTINEER)
    desk.scheduled(roles="SCRUTINEER")
    leaves(desk.bot, scrutineer)
    desk.bot.clock.now = NINE_ON_TUESDAY

    desk.tick()

    assert desk.messages() == []
    assert desk.author.user_id in desk.notices("was not sent")


def test_a_template_with_an_error_holds_the_bulletin_and_keeps_the_others_going(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.scheduled()
    desk.bot.clock.now = NINE_ON_TUESDAY

    def broken(*_: object, **__: object) -> list[Card]:
        raise WordingError("template bulletin_urgent.j2, line 3: unexpected end")

    monkeypatch.setattr("handlers.bulletins.compose.cards", broken)
    desk.tick()

    told = [one.card for one in desk.bot.queued() if "was not sent" in one.card.title]
    assert "line 3" in said(told[0])
    assert desk.messages() == []


TIMES = {
    "in the past": ("2026-11-20", "09:00", "day"),
    "a time that does not exist": ("2027-03-28", "01:30", "time"),
    "no day": ("soon", "09:00", "day"),
}


@pytest.mark.parametrize(("day", "time", "box"), TIMES.values(), ids=TIMES)
def test_a_time_that_cannot_be_is_refused_with_what_to_do(desk: Desk, day: str, time: str, box: str) -> None:
    found = desk.tries(desk.approved(), "Choose when", day=day, time=time)

    assert isinstance(found, Errors)
    assert list(found.by_field) == [box]
    assert "hoose" in found.by_field[box]


def test_a_time_in_the_night_is_kept_with_a_warning(desk: Desk) -> None:
    assert "outside the usual hours" in said(desk.scheduled(day="2026-11-28", time="22:00"))
    assert "outside the usual hours" not in said(
        desk.fills(desk.opens(), "Choose when", day="2026-11-24", time="09:00")
    )


def test_a_bulletin_for_schools_in_the_school_holidays_is_kept_with_a_warning(desk: Desk) -> None:
    card = desk.begins(kind="schools", title="For schools")
    sections = desk.presses(card, "Write the sections")
    text = "- Please check your team list."
    card = desk.presses(desk.fills(sections, "Actions for designated safeguarding leads", text=text), "Back")
    desk.presses(card, "Send for approval")
    desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)

    found = desk.fills(desk.opens(), "Choose when", day="2026-12-22", time="10:00")

    assert "22 December 2026 is in the school holidays" in said(found)
    assert "outside the usual hours" not in said(found)


def test_a_summer_morning_in_london_is_an_hour_earlier_in_utc(desk: Desk) -> None:
    desk.scheduled(day="2027-06-01", time="09:00")
    desk.bot.clock.now = datetime(2027, 6, 1, 8, 0, tzinfo=UTC)

    assert desk.tick() == 1


def test_sending_now_asks_once_more_and_begins_at_once(desk: Desk) -> None:
    card = desk.approved()

    unsure = desk.tries(card, "Send it now", sure="")
    desk.fills(card, "Send it now", sure="yes")

    assert isinstance(unsure, Errors)
    assert len(desk.messages()) == 2


def test_a_bulletin_that_was_sent_a_month_ago_leaves_the_list_and_stays_in_the_archive(desk: Desk) -> None:
    desk.sent()
    desk.bot.clock.pass_(days=32)

    desk.tick()

    assert REF not in said(desk.bot.types("bulletin", who=desk.author))
    assert REF in said(desk.bot.types("bulletins"))


async def test_two_outboxes_that_restart_in_the_middle_send_a_bulletin_to_each_reader_once(desk: Desk) -> None:
    readers = [desk.bot.enrol(Role.MEMBER) for _ in range(12)]
    desk.sending()
    chat = Chat()
    await Outbox(desk.bot.dispatcher, [chat]).run_once()  # it sends a few and is gone
    desk.tick()

    others = [Outbox(desk.bot.dispatcher, [chat]) for _ in range(2)]
    await asyncio.gather(*map(everything, others))
    desk.tick()

    everybody = [who.user_id for who in (*readers, desk.author, desk.approver)]
    posted = [address for address, title in chat.posted if title == "The form has moved"]
    assert sorted(posted) == sorted(everybody)
    assert "Sent" in said(desk.opens())
