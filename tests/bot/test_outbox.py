"""What is queued is sent once, in order; what fails is tried again or given up, and somebody is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.outbox import RESERVED, SENDERS, Outbox
from bot.sending import TryLater, Undeliverable
from db import deliveries
from db.deliveries import Destination, Queue
from db.outcomes import MAX_ATTEMPTS
from db.people import Role
from handlers.context import Context
from tests.bot.chat import ANNA, BEN, Chat, Seconds, everything, put, rows, state
from tests.fakes import Bot

# --- what arrives ----------------------------------------------------------------------------------------------


async def test_a_queued_message_is_sent_once_and_its_id_is_kept(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    put(bot, "Hello", ANNA)

    assert await everything(outbox) == 1
    assert await everything(outbox) == 0
    assert chat.posted == [("anna", "Hello")]
    row = rows(bot)["anna"]
    assert (row.state, row.message_id, row.id, row.sent_at) == ("sent", "message-1", chat.ids[0], bot.clock.now)


async def test_one_destination_gets_its_messages_in_the_order_they_were_due(
    bot: Bot, chat: Chat, outbox: Outbox
) -> None:
    for title, due_in in (("second", 20), ("third", 30), ("first", 10)):
        put(bot, title, ANNA, due_in=due_in)
    bot.clock.pass_(minutes=1)

    await everything(outbox)

    assert chat.said_to("anna") == ["first", "second", "third"]


async def test_one_place_that_fails_does_not_hold_up_another(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.always("anna", TryLater("refused"))
    put(bot, "Hello", ANNA, BEN)
    put(bot, "Hello again", ANNA, BEN)

    await everything(outbox)

    assert chat.posted == [("ben", "Hello"), ("ben", "Hello again")]


async def test_no_more_are_under_way_than_there_are_senders(bot: Bot, outbox: Outbox) -> None:
    everybody = [Destination("test", f"reader {number}") for number in range(SENDERS + 3)]
    put(bot, "Hello", *everybody, queue=Queue.REPLY)

    assert await outbox.run_once() == SENDERS
    assert await outbox.run_once() == 3


async def test_posts_leave_senders_free_for_replies(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    everybody = [Destination("test", f"reader {number}") for number in range(SENDERS)]
    put(bot, "Bulletin", *everybody)
    put(bot, "Answer", *everybody, kind=deliveries.REPLY)

    assert await outbox.run_once() == SENDERS
    assert [title for _, title in chat.posted] == ["Answer"] * SENDERS
    assert await outbox.run_once() == SENDERS - RESERVED


async def test_a_card_that_this_version_cannot_read_is_given_up(bot: Bot, outbox: Outbox) -> None:
    bot.dispatcher.within(
        lambda context: deliveries.put(
            context.session, key="new", kind="news", card={"hologram": 1}, destinations=[ANNA], now=context.now
        )
    )

    await everything(outbox)

    assert state(bot) == "dead"


async def test_a_platform_without_a_sender_keeps_its_messages(bot: Bot) -> None:
    put(bot, "Hello", ANNA)

    assert await everything(Outbox(bot.dispatcher, [])) == 0
    assert state(bot) == "pending"


# --- what certainly failed -------------------------------------------------------------------------------------


async def test_a_busy_platform_gets_the_message_after_the_time_it_asked_for(
    bot: Bot, chat: Chat, outbox: Outbox
) -> None:
    chat.will("anna", TryLater("busy", timedelta(minutes=5), counts=False))
    put(bot, "Hello", ANNA)

    await everything(outbox)
    bot.clock.pass_(minutes=4, seconds=59)
    assert await everything(outbox) == 0
    bot.clock.pass_(seconds=1)
    assert await everything(outbox) == 1
    assert chat.posted == [("anna", "Hello")]


async def test_being_busy_is_no_reason_to_give_a_message_up(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("anna", *([TryLater("busy", timedelta(seconds=30), counts=False)] * (MAX_ATTEMPTS + 5)))
    put(bot, "Hello", ANNA)

    for _ in range(MAX_ATTEMPTS + 6):
        await everything(outbox)
        bot.clock.pass_(seconds=30)

    assert (state(bot), rows(bot)["anna"].attempts) == ("sent", 1)


async def test_a_busy_lane_leaves_every_other_alone(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.always("anna", TryLater("busy", timedelta(hours=1), counts=False))
    put(bot, "Bulletin", ANNA, BEN)
    await everything(outbox)
    put(bot, "Answer", BEN, kind=deliveries.REPLY)
    put(bot, "Second bulletin", BEN)

    await everything(outbox)

    assert sorted(chat.said_to("ben")) == ["Answer", "Bulletin", "Second bulletin"]


async def test_a_message_that_never_gets_through_is_given_up_and_told(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", TryLater("refused"))
    put(bot, "Hello", ANNA)

    tried = 0
    for _ in range(20):
        tried += await everything(outbox)
        bot.clock.pass_(hours=1)

    assert (state(bot), tried) == ("dead", MAX_ATTEMPTS + 1)
    assert chat.posted == [(coordinator.user_id, "A message could not be sent")]


async def test_what_died_does_not_hold_up_what_comes_after_it(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("anna", Undeliverable("the message is too long"))
    put(bot, "Too long", ANNA)
    put(bot, "Next", ANNA)

    await everything(outbox)

    assert chat.said_to("anna") == ["Next"]


async def test_a_reply_does_not_wait_for_one_that_waits_for_its_next_try(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("anna", TryLater("refused"))
    put(bot, "First", ANNA, kind=deliveries.REPLY)
    await outbox.run_once()
    put(bot, "Second", ANNA, kind=deliveries.REPLY)

    await everything(outbox)
    bot.clock.pass_(seconds=10)
    await everything(outbox)

    assert chat.said_to("anna") == ["Second", "First"]


async def test_a_post_waits_for_one_before_it_that_waits_for_its_next_try(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("anna", TryLater("refused"))
    put(bot, "First", ANNA)
    await outbox.run_once()
    put(bot, "Second", ANNA)

    assert await everything(outbox) == 0
    bot.clock.pass_(seconds=10)
    await everything(outbox)

    assert chat.said_to("anna") == ["First", "Second"]


async def test_a_message_past_its_use_is_not_sent_and_told(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    put(bot, "The meeting begins", ANNA, expires_in=3600)
    bot.clock.pass_(hours=1)

    await everything(outbox)
    await everything(outbox)

    assert chat.posted == [(coordinator.user_id, "A message came too late to be sent")]


async def test_a_message_that_expires_behind_another_is_reported_in_time(bot: Bot, chat: Chat, outbox: Outbox) -> None:
    chat.will("anna", TryLater("refused", timedelta(days=1)))
    put(bot, "First", ANNA)
    put(bot, "The meeting begins", ANNA, expires_in=3600)
    await everything(outbox)
    bot.clock.pass_(hours=1)

    await outbox.verify_once()

    assert state(bot) == "expired"


# --- order and pace --------------------------------------------------------------------------------------------


async def test_posts_to_one_destination_keep_their_pace_and_replies_do_not_wait_for_it(bot: Bot) -> None:
    chat = Chat(pace=2)
    outbox = Outbox(bot.dispatcher, [chat], monotonic=Seconds())
    for title in ("First", "Second"):
        put(bot, title, ANNA, BEN)
    put(bot, "Answer", ANNA, kind=deliveries.REPLY)

    await everything(outbox)
    assert sorted(chat.posted) == [("anna", "Answer"), ("anna", "First"), ("ben", "First")]
    bot.clock.pass_(seconds=1.9)
    assert await everything(outbox) == 0
    bot.clock.pass_(seconds=0.1)
    assert await everything(outbox) == 2


async def test_a_message_that_certainly_failed_uses_up_the_pace_too(bot: Bot) -> None:
    chat = Chat(pace=2)
    outbox = Outbox(bot.dispatcher, [chat], monotonic=Seconds())
    chat.will("anna", TryLater("busy", timedelta(seconds=1), counts=False))
    put(bot, "First", ANNA)

    await everything(outbox)
    bot.clock.pass_(seconds=1)

    assert await everything(outbox) == 0


async def test_all_posts_of_a_platform_together_keep_its_pace(bot: Bot) -> None:
    chat = Chat(per_second=5)
    outbox = Outbox(bot.dispatcher, [chat], monotonic=Seconds())
    put(bot, "Bulletin", *(Destination("test", f"reader {number}") for number in range(40)))

    arrived = []
    for _ in range(60):
        await everything(outbox)
        arrived.append(len(chat.posted))
        bot.clock.pass_(seconds=0.1)

    assert 5 * 5 <= arrived[-1] <= 5 * 6 + 2
    in_a_second = [later - earlier for earlier, later in zip(arrived, arrived[10:], strict=False)]
    assert max(in_a_second) <= 5 + 2  # what a slow round left over may be caught up


async def test_a_reply_does_not_wait_for_the_pace_of_the_platform(bot: Bot) -> None:
    chat = Chat(per_second=1)
    outbox = Outbox(bot.dispatcher, [chat], monotonic=Seconds())
    put(bot, "Bulletin", *(Destination("test", f"reader {number}") for number in range(9)))
    await everything(outbox)
    put(bot, "Answer", ANNA, kind=deliveries.REPLY)

    await everything(outbox)

    assert chat.said_to("anna") == ["Answer"]


# --- quiet hours -----------------------------------------------------------------------------------------------


async def test_posts_wait_for_the_end_of_quiet_hours_and_lose_no_attempt(bot: Bot, chat: Chat) -> None:
    morning = bot.clock.now + timedelta(hours=8)

    def quiet(_context: Context, _destinations: object, now: datetime) -> dict[Destination, datetime]:
        return {ANNA: morning} if now < morning else {}

    outbox = Outbox(bot.dispatcher, [chat], quiet=quiet)
    for title in ("First", "Second"):
        put(bot, title, ANNA, BEN)
    put(bot, "Third", ANNA, due_in=60)
    put(bot, "Answer", ANNA, kind=deliveries.REPLY)
    put(bot, "Danger", ANNA, kind=deliveries.URGENT)

    await everything(outbox)
    bot.clock.pass_(hours=7, minutes=59)
    await everything(outbox)
    assert chat.said_to("anna") == ["Danger", "Answer"]
    assert chat.said_to("ben") == ["First", "Second"]
    bot.clock.pass_(minutes=1)
    await everything(outbox)

    assert chat.said_to("anna") == ["Danger", "Answer", "First", "Second", "Third"]
    assert rows(bot)["anna"].attempts == 1
