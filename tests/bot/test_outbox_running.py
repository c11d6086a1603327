"""An outbox that runs: it wakes by itself, survives what fails, and ends in good order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.outbox import Outbox
from bot.sending import TryLater, Undeliverable
from db.people import Identity
from handlers.context import Request
from tests.bot.chat import ANNA, BEN, SECRET, Chat, Seconds, Taken, everything, put, rows, settle, state
from tests.fakes import Bot

# --- running, failing and stopping -----------------------------------------------------------------------------


async def test_a_process_that_was_paused_does_not_post(bot: Bot, chat: Chat, seconds: Seconds) -> None:
    put(bot, "Hello", ANNA)

    class Pausing(Outbox):
        """Stands still between the claim and the sending."""

        async def _begin(self, done: Any) -> list[asyncio.Task[None]]:
            seconds.pass_(20)
            return await super()._begin(done)

    assert await Pausing(bot.dispatcher, [chat], monotonic=seconds).run_once() == 1
    assert (chat.posted, state(bot)) == ([], "pending")
    await everything(Outbox(bot.dispatcher, [chat]))

    assert (chat.posted, rows(bot)["anna"].attempts) == ([("anna", "Hello")], 1)


async def test_a_running_outbox_sends_what_a_request_queues_and_drains_before_it_stops(bot: Bot, chat: Chat) -> None:
    outbox = Outbox(bot.dispatcher, [chat])
    chat.gate = asyncio.Event()
    await outbox.start()
    await bot.dispatcher.handle(Request(Identity("test", "anna"), "neglect", reply_to=ANNA, key="once"))
    async with asyncio.timeout(10):
        while not rows(bot) or state(bot) != "sending":  # noqa: ASYNC110 - only the table says so
            await asyncio.sleep(0.01)
    stopping = asyncio.create_task(outbox.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    chat.gate.set()
    await stopping

    assert state(bot) == "sent"


async def test_after_the_stop_nothing_is_claimed(bot: Bot, outbox: Outbox) -> None:
    await outbox.start()
    await outbox.stop()
    put(bot, "Hello", ANNA)
    outbox.wake()
    await asyncio.sleep(0.01)

    assert state(bot) == "pending"


async def test_a_running_outbox_wakes_by_itself_when_something_is_due(bot: Bot, chat: Chat) -> None:
    outbox = Outbox(bot.dispatcher, [chat])
    put(bot, "Later", ANNA, due_in=60)
    await outbox.start()
    await asyncio.sleep(0.05)
    assert chat.posted == []
    bot.clock.pass_(minutes=1)
    async with asyncio.timeout(10):
        while not chat.posted:  # noqa: ASYNC110 - the chat says nothing when it is posted to
            await asyncio.sleep(0.01)
    await outbox.stop()

    assert chat.posted == [("anna", "Later")]


FAILURES = {"the database": OperationalError("select", {}, Exception()), "a mistake of ours": RuntimeError()}
every_failure = pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)


@every_failure
async def test_a_claim_that_fails_does_not_end_the_outbox(
    bot: Bot, chat: Chat, monkeypatch: pytest.MonkeyPatch, logged: list[Any], failure: Exception
) -> None:
    put(bot, "Hello", ANNA)
    outbox = Outbox(bot.dispatcher, [chat])
    real, calls = bot.dispatcher.in_transaction, iter(range(99))

    async def broken(work: Any) -> Any:
        if next(calls) == 0:
            raise failure
        return await real(work)

    monkeypatch.setattr(bot.dispatcher, "in_transaction", broken)
    assert await outbox.run_once() == 0

    assert [entry["event"] for entry in logged] == ["deliveries cannot be claimed"]
    assert await outbox.run_once() == 1
    assert chat.posted == [("anna", "Hello")]


@every_failure
async def test_an_outcome_that_cannot_be_kept_is_kept_later_and_the_message_is_not_sent_again(
    bot: Bot, chat: Chat, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    put(bot, "Hello", ANNA)
    outbox = Outbox(bot.dispatcher, [chat])
    real, calls = bot.dispatcher.in_transaction, iter(range(99))

    async def failing(work: Any) -> Any:
        if next(calls) == 1:
            raise failure
        return await real(work)

    monkeypatch.setattr(bot.dispatcher, "in_transaction", failing)
    await outbox.run_once()
    assert state(bot) == "sending"
    bot.clock.pass_(hours=1)
    await everything(outbox)

    assert (chat.posted, state(bot)) == ([("anna", "Hello")], "sent")


async def test_logs_hold_neither_words_nor_addresses(
    bot: Bot, chat: Chat, outbox: Outbox, seconds: Seconds, logged: list[dict[str, Any]]
) -> None:
    chat.will("anna", TryLater("busy"), Taken(TimeoutError()), Undeliverable("gone"))
    put(bot, "Hello", ANNA, BEN)
    put(bot, "Hello again", ANNA)
    await everything(outbox)
    bot.clock.pass_(hours=1)
    await everything(outbox)
    await settle(bot, outbox, seconds)
    await everything(outbox)

    assert {entry["event"] for entry in logged} == {
        "delivery sent", "delivery will be tried again", "delivery needs a person", "delivery is in doubt"
    }  # fmt: skip
    assert not [entry for entry in logged if any(word in str(entry) for word in (SECRET, "Hello", "anna", "ben"))]
