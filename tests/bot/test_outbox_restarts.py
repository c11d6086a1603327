"""A server that is killed between any two steps of one delivery: the next one posts it exactly once all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pytest

from bot.outbox import Outbox
from bot.sending import TryLater
from db.deliveries import Destination, Queue
from handlers.messages import Card
from tests.bot.chat import Chat, Seconds, Taken, put, state
from tests.fakes import Bot

ENOUGH = 60  # steps, more than any delivery here takes


class KilledError(BaseException):
    """The process ended here; nobody catches this."""


class Steps:
    """Counts the steps of one life and ends it at one of them."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise KilledError

    @property
    def reached(self) -> bool:
        """Say whether the life came to its last step."""
        return self._left <= 0


class Mortal(Chat):
    """A platform beside a process that can be killed before and after every call. What it took, it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.step: Any = lambda: None

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card; the process may be killed before it goes out, and before the answer is heard."""
        self.step()
        try:
            return await super().send(destination, card, delivery_id=delivery_id)
        finally:
            self.step()

    async def find(self, destination: Destination, delivery_ids: Collection[str], since: datetime) -> Mapping[str, str]:
        """Look into the history; the process may be killed before and after."""
        self.step()
        found = await super().find(destination, delivery_ids, since)
        self.step()
        return found


SCENES: dict[str, tuple[Queue, list[Exception | Taken | None]]] = {
    "it arrives": (Queue.POST, []),
    "it arrives, and the answer is lost": (Queue.POST, [Taken(TimeoutError())]),
    "a reply arrives, and the answer is lost": (Queue.REPLY, [Taken(TimeoutError())]),
    "it is lost on the way": (Queue.POST, [TimeoutError()]),
    "it is refused for now": (Queue.POST, [TryLater("refused")]),
    "it is lost, then the answer": (Queue.POST, [ConnectionResetError(), Taken(TimeoutError())]),
}


async def lives(bot: Bot, chat: Mortal, steps: Steps, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server send and settle everything until it is killed."""
    real = bot.dispatcher.in_transaction

    async def mortal(work: Any) -> Any:
        steps()  # before the transaction: as good as a kill inside, which rolls back
        done = await real(work)
        steps()
        return done

    seconds = Seconds()
    outbox = Outbox(bot.dispatcher, [chat], monotonic=seconds)
    chat.step = steps
    with monkeypatch.context() as patch:
        patch.setattr(bot.dispatcher, "in_transaction", mortal)
        try:
            await lasts(bot, outbox, seconds, address)
        except KilledError:
            pass
        finally:
            chat.step = lambda: None


async def lasts(bot: Bot, outbox: Outbox, seconds: Seconds, address: str) -> None:
    """Work until somebody has their message."""
    for _ in range(9):
        for work in (outbox.run_once, outbox.verify_once):
            await work()
            if state(bot, address) == "sent":
                return
        seconds.pass_(16)
        bot.clock.pass_(seconds=16)


@pytest.mark.parametrize(("queue", "ends"), SCENES.values(), ids=SCENES)
async def test_a_server_that_is_killed_between_any_two_steps_leaves_one_message(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, queue: Queue, ends: list[Exception | Taken | None]
) -> None:
    chat = Mortal()
    outcomes = {}
    for last in range(1, ENOUGH):
        address = f"reader {last}"
        chat.will(address, *ends)
        put(bot, f"Message {last}", Destination("test", address), queue=queue)
        steps = Steps(last)
        await lives(bot, chat, steps, address, monkeypatch)
        bot.clock.pass_(seconds=31)
        seconds = Seconds()
        await lasts(bot, Outbox(bot.dispatcher, [chat], monotonic=seconds), seconds, address)
        outcomes[last] = (len(chat.said_to(address)), state(bot, address))
        if not steps.reached:
            break

    assert set(outcomes.values()) == {(1, "sent")}, outcomes
    assert 8 <= len(outcomes) < ENOUGH - 1  # every step was the last one once, and none is left


async def test_two_servers_at_once_share_the_work_and_send_nothing_twice(bot: Bot) -> None:
    chat = Chat()
    one, other = Outbox(bot.dispatcher, [chat]), Outbox(bot.dispatcher, [chat])
    readers = [Destination("test", f"reader {number}") for number in range(20)]
    for number in range(5):
        put(bot, f"Message {number}", *readers)

    await one.start()
    await other.start()
    async with asyncio.timeout(60):
        while len(chat.posted) < 100:  # noqa: ASYNC110 - the chat says nothing when it is posted to
            await asyncio.sleep(0.02)
    await one.stop()
    await other.stop()

    assert len(set(chat.ids)) == len(chat.ids) == 100
    assert all(chat.said_to(to.address) == [f"Message {number}" for number in range(5)] for to in readers)


async def test_servers_that_are_stopped_one_after_the_other_lose_and_repeat_nothing(bot: Bot) -> None:
    chat = Chat()
    readers = [Destination("test", f"reader {number}") for number in range(30)]
    for number in range(4):
        put(bot, f"Message {number}", *readers)

    for _ in range(40):
        outbox = Outbox(bot.dispatcher, [chat])
        await outbox.start()
        await asyncio.sleep(0.03)
        await outbox.stop()
        if len(chat.posted) == 120:
            break

    assert len(set(chat.ids)) == len(chat.ids) == 120
    assert all(chat.said_to(to.address) == [f"Message {number}" for number in range(4)] for to in readers)
