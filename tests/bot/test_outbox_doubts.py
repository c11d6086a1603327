"""What nobody knows is looked up before anything is repeated; where nobody can look, a person is asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.outbox import Outbox
from bot.sending import TryLater
from db import claims, deliveries
from db.claims import Wanted
from db.deliveries import Destination, Queue
from db.people import Role
from handlers.context import Context
from tests.bot.chat import ANNA, BEN, Chat, Seconds, Taken, everything, put, rows, settle, state
from tests.fakes import Bot


def vanishes(bot: Bot, queue: Queue = Queue.POST) -> None:
    """Let a worker take what is due and never be heard of again."""

    def work(context: Context) -> None:
        wanted = [Wanted("test", queue, 50, timedelta(seconds=30))]
        claims.claim(context.session, owner="vanished", wanted=wanted, now=context.now)

    bot.dispatcher.within(work)


DOUBTS = {
    "a timeout": TimeoutError(),
    "a cut connection": ConnectionResetError(),
    "a server error": RuntimeError("500"),
}
every_doubt = pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)


@every_doubt
async def test_what_arrived_although_nobody_said_so_is_found_and_not_repeated(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds, doubt: Exception
) -> None:
    chat.will("anna", Taken(doubt))
    put(bot, "Hello", ANNA)

    await everything(outbox)
    assert state(bot) == "verify"
    assert await settle(bot, outbox, seconds) == 1
    await everything(outbox)

    assert chat.posted == [("anna", "Hello")]
    assert (state(bot), rows(bot)["anna"].message_id) == ("sent", "message-1")


@every_doubt
async def test_what_did_not_arrive_is_found_missing_and_sent_once_more(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds, doubt: Exception
) -> None:
    chat.will("anna", doubt)
    put(bot, "Hello", ANNA)

    await everything(outbox)
    await settle(bot, outbox, seconds)
    await everything(outbox)

    assert (chat.posted, state(bot)) == ([("anna", "Hello")], "sent")


async def test_nothing_is_looked_for_before_it_must_have_arrived(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.will("anna", TimeoutError())
    put(bot, "Hello", ANNA)
    await everything(outbox)

    assert await settle(bot, outbox, seconds, after=14.9) == 0
    bot.clock.pass_(hours=1)  # only the clock on the wall: somebody set it
    assert await outbox.verify_once() == 0
    assert chat.looked == []
    seconds.pass_(0.1)
    assert await outbox.verify_once() == 1


async def test_a_second_doubt_about_the_same_message_is_waited_for_anew(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.will("anna", TimeoutError(), Taken(TimeoutError()))
    put(bot, "Hello", ANNA)
    await everything(outbox)
    await settle(bot, outbox, seconds)
    await everything(outbox)
    assert state(bot) == "verify"

    assert await outbox.verify_once() == 0
    assert await settle(bot, outbox, seconds) == 1
    assert (state(bot), len(chat.posted)) == ("sent", 1)


async def test_a_platform_that_always_fails_ambiguously_ends_with_a_person(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", RuntimeError("500"))
    put(bot, "Hello", ANNA)

    for _ in range(20):
        await everything(outbox)
        await settle(bot, outbox, seconds)
        bot.clock.pass_(hours=1)
    await everything(outbox)

    assert state(bot) == "dead"
    assert chat.posted == [(coordinator.user_id, "A message could not be sent")]


async def test_a_history_that_cannot_be_read_for_now_is_read_later(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.will("anna", Taken(TimeoutError()))
    chat.history_fails("anna", TryLater("busy", timedelta(seconds=40)), RuntimeError("500"))
    put(bot, "Hello", ANNA)
    await everything(outbox)

    await settle(bot, outbox, seconds)
    assert await settle(bot, outbox, seconds) == 0  # it asked for 40 seconds
    bot.clock.pass_(seconds=30)
    for _ in range(4):
        await settle(bot, outbox, seconds)

    assert (state(bot), len(chat.looked), len(chat.posted)) == ("sent", 3, 1)


async def test_where_nobody_can_look_a_person_is_asked_and_nothing_is_repeated(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.has_no_history()
    chat.will("anna", Taken(TimeoutError()))
    put(bot, "Hello", ANNA)

    for _ in range(5):
        await everything(outbox)
        await settle(bot, outbox, seconds)
        bot.clock.pass_(days=1)
    await everything(outbox)

    assert (state(bot), chat.looked) == ("verify", ["anna"])
    assert chat.posted == [("anna", "Hello"), (coordinator.user_id, "A message may not have arrived")]


async def test_a_post_waits_for_the_doubt_before_it_but_not_for_a_person(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.has_no_history()
    chat.will("anna", TimeoutError())
    put(bot, "First", ANNA)
    put(bot, "Second", ANNA)

    await everything(outbox)
    bot.clock.pass_(hours=1)
    await everything(outbox)
    assert chat.posted == []
    await settle(bot, outbox, seconds)
    await everything(outbox)

    assert chat.said_to("anna") == ["Second"]


async def test_a_reply_does_not_wait_for_the_doubt_before_it(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("anna", TimeoutError())
    put(bot, "First", ANNA, kind=deliveries.REPLY)
    put(bot, "Second", ANNA, kind=deliveries.REPLY)

    await everything(outbox)

    assert chat.said_to("anna") == ["Second"]


async def test_all_doubts_of_one_destination_are_settled_by_one_look(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.will("anna", TimeoutError(), Taken(TimeoutError()), TimeoutError())
    for title in ("one", "two", "three"):
        put(bot, title, ANNA, kind=deliveries.REPLY)
        await everything(outbox)

    assert await settle(bot, outbox, seconds) == 3
    await everything(outbox)

    assert chat.looked == ["anna"]
    assert sorted(chat.said_to("anna")) == ["one", "three", "two"]


# --- vanished senders ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", Queue, ids=str)
async def test_a_message_whose_sender_vanished_is_looked_for_and_sent_when_it_is_not_there(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds, queue: Queue
) -> None:
    put(bot, "Hello", ANNA, queue=queue)
    vanishes(bot, queue)

    bot.clock.pass_(seconds=29)
    assert await everything(outbox) == 0
    bot.clock.pass_(seconds=1)
    await everything(outbox)
    assert state(bot) == "verify"
    await settle(bot, outbox, seconds)
    await everything(outbox)

    assert (chat.posted, state(bot), rows(bot)["anna"].attempts) == ([("anna", "Hello")], "sent", 1)


async def test_a_sender_that_vanishes_again_and_again_does_not_make_a_message_dead(
    bot: Bot, outbox: Outbox, seconds: Seconds
) -> None:
    put(bot, "Hello", ANNA)
    for _ in range(12):
        vanishes(bot)
        bot.clock.pass_(seconds=30)
        await everything(outbox)
        await settle(bot, outbox, seconds)
        assert state(bot) == "pending"

    await everything(outbox)

    assert state(bot) == "sent"


async def test_what_a_sender_says_after_its_lease_is_heard_when_it_arrived(bot: Bot, chat: Chat) -> None:
    slow, other = Outbox(bot.dispatcher, [chat]), Outbox(bot.dispatcher, [Chat()])
    chat.gate = asyncio.Event()
    put(bot, "Hello", ANNA)
    sending = asyncio.create_task(slow.run_once())
    while not rows(bot) or state(bot) != "sending":  # noqa: ASYNC110 - only the table says so
        await asyncio.sleep(0.01)
    bot.clock.pass_(seconds=30)
    await everything(other)
    assert state(bot) == "verify"
    chat.gate.set()
    await sending

    assert (state(bot), len(chat.posted)) == ("sent", 1)


async def test_two_verifiers_do_not_both_settle_the_same_doubt(bot: Bot, chat: Chat, seconds: Seconds) -> None:
    one, other = (Outbox(bot.dispatcher, [chat], monotonic=seconds) for _ in range(2))
    chat.will("anna", TimeoutError())
    put(bot, "Hello", ANNA, BEN)
    await everything(one)
    for outbox in (one, other):
        await outbox.verify_once()
    seconds.pass_(16)

    assert [await one.verify_once(), await other.verify_once()] == [1, 0]
    await everything(one)
    await everything(other)

    assert sorted(chat.posted) == [("anna", "Hello"), ("ben", "Hello")]


async def test_what_expired_while_it_was_in_doubt_is_not_sent_late(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds
) -> None:
    chat.will("anna", TimeoutError())
    put(bot, "The meeting begins", ANNA, expires_in=10)

    await everything(outbox)
    await settle(bot, outbox, seconds)
    await everything(outbox)

    assert (state(bot), chat.posted) == ("expired", [])


async def test_what_one_person_of_a_channel_sees_holds_nobody_else_up(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("channel", TimeoutError())
    put(bot, "For Anna", Destination("test", "channel", only_for="anna"))
    await everything(outbox)
    put(bot, "For Ben", Destination("test", "channel", only_for="ben"))

    await everything(outbox)

    assert chat.said_to("channel") == ["For Ben"]
