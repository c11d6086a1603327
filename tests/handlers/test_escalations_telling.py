"""Whom an escalation tells, what it never tells, and how silence goes on to somebody else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from db import channels, groups, people, registry
from db import engine as database
from db.deliveries import Delivery, Lane, Queue
from db.people import Role
from handlers import reminders
from handlers.messages import Card
from tests.escalating import GROUP, REF, Room
from tests.fakes import STRANGER, Bot, said


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot)


def channel(room: Room) -> str:
    with database.transaction(room.bot.engine) as session:
        number = groups.group_id(session, GROUP)
        channels.register(
            session,
            platform="test",
            address="group-room",
            name="group",
            group_id=number,
            at=room.bot.clock.now,
            by=None,
        )
    return "group-room"


def test_the_answer_goes_back_to_the_chair_and_the_channel_of_the_group(room: Room) -> None:
    address = channel(room)
    room.brings("responded")

    assert {address, room.chair.user_id} == room.told(f"{REF}: answered")
    assert "Both agencies will name one" in said(room.notices(f"{REF}: answered")[0].card)
    assert room.row().feedback_to_group_at is not None


def test_what_is_sensitive_is_in_no_notice_and_in_no_channel(room: Room) -> None:
    channel(room)
    room.brings("responded", marking="OFFICIAL-SENSITIVE", title="A secret of the group")

    told = "".join(said(one.card) for one in room.bot.queued())
    assert "secret" not in told
    assert "will name one" not in told


READS_SENSITIVE = {"chair", "manager", "coordinator", "scrutineer", "partner"}


def test_what_is_sensitive_is_read_by_the_few_and_others_learn_nothing(room: Room) -> None:
    room.raises(marking="OFFICIAL-SENSITIVE", title="A secret of the group")
    people = {
        "chair": room.chair, "manager": room.manager, "coordinator": room.coordinator, "scrutineer": room.scrutineer,
        "partner": room.partners[0], "member": room.member, "other chair": room.other, "stranger": STRANGER,
    }  # fmt: skip
    cards = {name: room.opens(who) for name, who in people.items()}
    missing = {name: room.opens(who, "ESC-2026-999") for name, who in people.items()}

    assert {name for name, card in cards.items() if "secret" in said(card)} == READS_SENSITIVE
    assert all(said(cards[name]) == said(missing[name]) for name in people if name not in READS_SENSITIVE)


def test_an_urgent_notice_waits_for_no_other_message(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")

    with Session(room.bot.engine) as session:
        lanes = {
            session.get_one(Lane, one.lane_id).queue for one in session.query(Delivery) if "partner" in one.address
        }
    assert lanes == {Queue.URGENT.value}


def test_a_partner_responds_from_the_notice(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    for number, partner in enumerate(room.partners, 1):
        notice = next(one for one in room.notices("as urgent") if one.to.address == partner.user_id)
        form = room.bot.opens(notice.card, "Respond now", who=partner)
        card = room.bot.sends(form, who=partner, response="We agree.")
        assert isinstance(card, Card)
        assert number == len(room.partners) or f"{number} of 3 have answered" in said(card)

    assert room.status() == "responded"


def reminded(room: Room) -> dict[str, list[str]]:
    """Lay out and send what is due now; return the titles that each person got."""
    room.bot.dispatcher.within(reminders.queue_due)
    found: dict[str, list[str]] = {}
    for one in room.bot.queued():
        if one.key.startswith("reminder:"):
            found.setdefault(one.to.address, []).append(said(one.card))
    return found


def test_an_owner_gets_one_message_about_many_and_silence_goes_on(room: Room) -> None:
    for _ in range(4):
        room.raises()
    reminded(room)
    room.bot.clock.now = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    [digest] = reminded(room)[room.manager.user_id]
    assert all(f"ESC-2026-00{number}" in digest for number in range(1, 5))

    room.bot.clock.now = datetime(2026, 11, 26, 9, 5, tzinfo=UTC)
    assert "was not" in "".join(reminded(room)[room.coordinator.user_id])


def test_what_was_looked_at_is_not_reminded_of(room: Room) -> None:
    room.brings("accepted")
    reminded(room)
    room.bot.clock.now = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)

    assert room.manager.user_id not in reminded(room)


def test_the_scrutineer_reads_on_monday_what_moved(room: Room) -> None:
    room.brings("responded")
    room.bot.clock.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    room.ticks()
    assert room.told("what moved last week") == set()
    room.bot.clock.now = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    room.ticks()
    room.ticks()

    [notice] = room.notices("what moved last week")
    assert notice.to.address == room.scrutineer.user_id
    assert "answered by the Executive: 1" in said(notice.card)


def test_two_do_not_deal_with_the_same(room: Room) -> None:
    room.raises()
    room.takes("claim", room.manager)

    assert "Sam Invented has ESC-2026-001 already" in said(room.takes("claim", room.coordinator))
    room.takes("release", room.manager)
    room.takes("claim", room.coordinator)
    assert "Dealt with by\nNico Invented" in said(room.opens(room.manager))


def test_clocks_of_a_record_stay_as_they_were_when_it_was_raised(room: Room) -> None:
    room.raises()

    frozen = room.row().clocks
    assert frozen["triage_due"] == "2026-11-24"
    assert frozen["periods"]["cut_off"] == 10


def test_without_dates_the_chair_is_told_that_none_is_known(bot: Bot) -> None:
    room = Room(bot, dates=False)

    assert "No date of the next Executive is known yet" in said(room.raises())


def test_who_takes_over_a_role_is_reminded_and_who_left_is_not(room: Room) -> None:
    room.raises()
    on = room.bot.clock.now.date()
    with database.transaction(room.bot.engine) as session:
        registry.leave(session, people.find(session, room.manager, on=on).person_id or 0, on=on)
    new = room.enrols("Kim Invented", Role.STRATEGY_MANAGER, group="")

    assert (room.ticks(), room.ticks()) == (2, 0)
    reminded(room)
    room.bot.clock.now = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    assert set(reminded(room)) == {new.user_id}
