"""What people decide about a message on its way, and what they are told of one that did not arrive."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.outbox import Outbox
from bot.sending import TryLater, Undeliverable
from db import deliveries
from db.deliveries import Destination
from db.people import Role
from handlers import undelivered
from handlers.wording import WordingError
from tests.bot.chat import ANNA, BEN, SECRET, Chat, Seconds, everything, put, rows, settle, state
from tests.fakes import Bot, said

# --- cancelling and holding ------------------------------------------------------------------------------------


def decide(bot: Bot, decision: Any, key: str) -> int:
    return int(bot.dispatcher.within(lambda context: decision(context.session, key, now=context.now)))


async def test_what_is_cancelled_before_it_leaves_is_not_sent(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    put(bot, "Hello", ANNA, BEN)
    put(bot, "Next", ANNA)

    assert decide(bot, deliveries.cancel, "Hello") == 2
    await everything(outbox)

    assert chat.posted == [("anna", "Next")]


LATE = {
    "it arrived": (None, "sent", ["Hello"]),
    "it did not": (TryLater("refused"), "cancelled", []),
    "it never will": (Undeliverable("gone"), "cancelled", []),
}


@pytest.mark.parametrize(("end", "becomes", "posted"), LATE.values(), ids=LATE)
async def test_what_is_cancelled_while_it_is_sent_is_cancelled_unless_it_arrives(
    bot: Bot, chat: Chat, outbox: Outbox, end: Exception | None, becomes: str, posted: list[str]
) -> None:
    chat.gate = asyncio.Event()
    chat.will("anna", end)
    put(bot, "Hello", ANNA)
    sending = asyncio.create_task(outbox.run_once())
    while not rows(bot) or state(bot) != "sending":  # noqa: ASYNC110 - only the table says so
        await asyncio.sleep(0.01)

    assert decide(bot, deliveries.cancel, "Hello") == 1
    chat.gate.set()
    await sending
    bot.clock.pass_(hours=1)
    await everything(outbox)

    assert (state(bot), chat.said_to("anna")) == (becomes, posted)


async def test_what_is_cancelled_while_in_doubt_is_not_repeated_when_it_did_not_arrive(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.will("anna", TimeoutError())
    put(bot, "Hello", ANNA)
    await everything(outbox)

    decide(bot, deliveries.cancel, "Hello")
    await settle(bot, outbox, seconds)
    await everything(outbox)

    assert (state(bot), chat.posted) == ("cancelled", [])


async def test_what_is_held_waits_without_holding_up_others_until_it_is_resumed(
    bot: Bot, chat: Chat, outbox: Outbox
) -> None:
    put(bot, "Hello", ANNA)
    put(bot, "Next", ANNA)

    assert decide(bot, deliveries.hold, "Hello") == 1
    await everything(outbox)
    assert chat.said_to("anna") == ["Next"]
    bot.clock.pass_(hours=1)
    assert decide(bot, deliveries.resume, "Hello") == 1
    await everything(outbox)

    assert chat.said_to("anna") == ["Next", "Hello"]
    assert decide(bot, deliveries.resume, "Hello") == 0


# --- being told ------------------------------------------------------------------------------------------------


async def test_what_cannot_be_sent_is_told_to_the_secretariat_once_without_its_words(
    bot: Bot, chat: Chat, outbox: Outbox
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", Undeliverable("channel_not_found"))
    put(bot, "Hello", ANNA)

    await everything(outbox)
    bot.clock.pass_(days=1)
    await everything(outbox)

    assert chat.posted == [(coordinator.user_id, "A message could not be sent")]
    notice = said(bot.queued()[-1].card)
    assert "Test message" in notice
    assert SECRET not in notice
    assert "Hello" not in notice


async def test_the_notice_names_the_person_who_was_not_reached(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    bot.enrol(Role.STRATEGY_MANAGER)
    member = bot.enrol(Role.MEMBER, name="Mo Member")
    chat.always(member.user_id, Undeliverable("account closed"))
    put(bot, "Hello", Destination("test", member.user_id))

    await everything(outbox)

    assert "Mo Member" in said(bot.queued()[-1].card)


async def test_a_notice_goes_to_others_than_the_one_who_cannot_be_reached(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    gone, other = bot.enrol(Role.COORDINATOR), bot.enrol(Role.STRATEGY_MANAGER)
    chat.always(gone.user_id, Undeliverable("account closed"))
    put(bot, "Hello", Destination("test", gone.user_id))

    await everything(outbox)

    assert chat.posted == [(other.user_id, "A message could not be sent")]


async def test_a_notice_that_fails_is_not_told_in_turn(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    for role in (Role.COORDINATOR, Role.STRATEGY_MANAGER):
        chat.always(bot.enrol(role).user_id, Undeliverable("account closed"))
    chat.always("anna", Undeliverable("channel_not_found"))
    put(bot, "Hello", ANNA)

    await everything(outbox)

    assert [queued.kind for queued in bot.queued()] == ["test message"] + 2 * ["notice of an undelivered message"]


async def test_a_message_that_fails_for_many_is_told_in_one_notice_and_latecomers_in_a_second(
    bot: Bot, chat: Chat, outbox: Outbox
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    gone = [Destination("test", f"gone {number}") for number in range(30)]
    for number, reader in enumerate(gone):
        chat.always(reader.address, Undeliverable("gone") if number < 29 else TryLater("busy", timedelta(minutes=1)))
    put(bot, "Bulletin", *gone)

    await everything(outbox)
    chat.always("gone 29", Undeliverable("gone"))
    bot.clock.pass_(minutes=1)
    await everything(outbox)
    assert chat.said_to(coordinator.user_id) == ["29 messages could not be sent"]
    bot.clock.pass_(minutes=9)
    await everything(outbox)
    await everything(outbox)

    assert chat.said_to(coordinator.user_id) == ["29 messages could not be sent", "A message could not be sent"]


async def test_a_broken_template_makes_the_notice_plain_and_holds_nothing_up(
    bot: Bot, chat: Chat, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise WordingError

    monkeypatch.setattr(undelivered, "words", broken)
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", Undeliverable("channel_not_found"))
    put(bot, "Hello", ANNA, BEN)

    await everything(outbox)

    assert chat.posted == [("ben", "Hello"), (coordinator.user_id, "A message could not be sent")]
    notice = said(bot.queued()[-1].card)
    assert ("Test message" in notice, SECRET in notice) == (True, False)
