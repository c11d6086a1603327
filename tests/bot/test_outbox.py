"""What is queued is sent once; what fails is tried again, given up or put in doubt, and somebody is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.outbox import MAX_ATTEMPTS, SENDERS, Outbox
from bot.sending import TryLater, Undeliverable
from db import deliveries
from db.deliveries import Delivery, Destination
from db.people import Identity, Role
from handlers import undelivered
from handlers.context import Request
from handlers.messages import Card, Text, card_to_json
from handlers.wording import WordingError
from tests.fakes import Bot, said

ANNA, BEN = Destination("test", "anna"), Destination("test", "ben")
SECRET = "the words of the message"


class Chat:
    """A platform to send to. `chat.will("anna", TryLater("busy"))` says how sending to somebody ends, one by one."""

    platform = "test"

    def __init__(self) -> None:
        self.posted: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.gate: asyncio.Event | None = None
        self._plans: dict[str, list[Exception | None]] = {}
        self._always: dict[str, Exception] = {}

    def will(self, address: str, *ends: Exception | None) -> None:
        """Say how the next sendings to somebody end; after these, they arrive."""
        self._plans[address] = list(ends)

    def always(self, address: str, end: Exception) -> None:
        """Say how every sending to somebody ends."""
        self._always[address] = end

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card, or fail as planned."""
        if self.gate:
            await self.gate.wait()
        plan = self._plans.get(destination.address) or [self._always.get(destination.address)]
        end = plan.pop(0)
        if end:
            raise end
        self.posted.append((destination.address, card.title))
        self.ids.append(delivery_id)
        return f"message-{len(self.posted)}"


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def outbox(bot: Bot, chat: Chat) -> Outbox:
    return Outbox(bot.dispatcher, [chat])


@pytest.fixture
def put(bot: Bot) -> Callable[..., None]:
    """Queue a card: `put("Title", ANNA, BEN)`."""

    def queue(title: str, *to: Destination, expires_in: timedelta | None = None, kind: str = "test message") -> None:
        card = card_to_json(Card(title, (Text(SECRET),)))
        bot.dispatcher.within(
            lambda context: deliveries.put(
                context.session, key=title, kind=kind, card=card, destinations=to, now=context.now,
                expires_at=None if expires_in is None else context.now + expires_in,
            )
        )  # fmt: skip

    return queue


def rows(bot: Bot) -> dict[str, Any]:
    """Return every delivery that is not a notice, by address."""
    with Session(bot.engine) as session:
        found = session.scalars(select(Delivery).where(Delivery.address.in_(["anna", "ben"])))
        return {row.address: row for row in found}


async def everything(outbox: Outbox) -> int:
    """Let the outbox work until nothing is due; return how many were tried."""
    tried = 0
    while now := await outbox.run_once():
        tried += now
    return tried


async def test_a_queued_message_is_sent_once_and_its_id_is_kept(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    put("Hello", ANNA)

    assert await everything(outbox) == 1
    assert await everything(outbox) == 0
    assert chat.posted == [("anna", "Hello")]
    row = rows(bot)["anna"]
    assert (row.state, row.message_id, row.id, row.sent_at) == ("sent", "message-1", chat.ids[0], bot.clock.now)


async def test_one_place_that_fails_does_not_hold_up_another(
    chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    chat.always("anna", TryLater("busy"))
    put("Hello", ANNA, BEN)
    put("Hello again", ANNA, BEN)

    await everything(outbox)

    assert chat.posted == [("ben", "Hello"), ("ben", "Hello again")]


async def test_a_busy_platform_gets_the_message_after_the_time_it_asked_for(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    chat.will("anna", TryLater("busy", timedelta(minutes=5)))
    put("Hello", ANNA)

    await everything(outbox)
    bot.clock.pass_(minutes=4, seconds=59)
    assert await everything(outbox) == 0
    bot.clock.pass_(seconds=1)
    assert await everything(outbox) == 1
    assert chat.posted == [("anna", "Hello")]


async def test_a_message_that_never_gets_through_is_given_up_and_told(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", TryLater("busy"))
    put("Hello", ANNA)

    tried = 0
    for _ in range(20):
        tried += await outbox.run_once()
        bot.clock.pass_(hours=1)

    assert (rows(bot)["anna"].state, tried) == ("dead", MAX_ATTEMPTS + 1)
    assert chat.posted == [(coordinator.user_id, "A message could not be sent")]


ENDS = {
    "never deliverable": (Undeliverable("channel_not_found"), "dead", "A message could not be sent"),
    "a timeout": (TimeoutError(), "verify", "A message may not have arrived"),
    "a cut connection": (ConnectionResetError(), "verify", "A message may not have arrived"),
    "a server error": (RuntimeError("500"), "verify", "A message may not have arrived"),
}


@pytest.mark.parametrize(("end", "state", "title"), ENDS.values(), ids=ENDS)
async def test_what_cannot_be_sent_or_is_uncertain_is_told_to_the_secretariat_once_without_its_words(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None], end: Exception, state: str, title: str
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", end)
    put("Hello", ANNA)

    await everything(outbox)
    bot.clock.pass_(days=1)
    await everything(outbox)

    assert rows(bot)["anna"].state == state
    assert chat.posted == [(coordinator.user_id, title)]
    notice = said(bot.queued()[-1].card)
    assert "Test message" in notice
    assert SECRET not in notice
    assert "Hello" not in notice


async def test_the_notice_names_the_person_who_was_not_reached(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    bot.enrol(Role.STRATEGY_MANAGER)
    member = bot.enrol(Role.MEMBER, name="Mo Member")
    chat.always(member.user_id, Undeliverable("account closed"))
    put("Hello", Destination("test", member.user_id))

    await everything(outbox)

    assert "Mo Member" in said(bot.queued()[-1].card)


async def test_a_notice_goes_to_others_than_the_one_who_cannot_be_reached(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    gone, other = bot.enrol(Role.COORDINATOR), bot.enrol(Role.STRATEGY_MANAGER)
    chat.always(gone.user_id, Undeliverable("account closed"))
    put("Hello", Destination("test", gone.user_id))

    await everything(outbox)

    assert chat.posted == [(other.user_id, "A message could not be sent")]


async def test_a_notice_that_fails_is_not_told_in_turn(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    for role in (Role.COORDINATOR, Role.STRATEGY_MANAGER):
        chat.always(bot.enrol(role).user_id, Undeliverable("account closed"))
    chat.always("anna", Undeliverable("channel_not_found"))
    put("Hello", ANNA)

    await everything(outbox)

    assert [queued.kind for queued in bot.queued()] == ["test message"] + 2 * ["notice of an undelivered message"]


async def test_a_message_whose_sender_vanished_is_put_in_doubt_and_told_but_not_repeated(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    put("Hello", ANNA)
    bot.dispatcher.within(
        lambda context: deliveries.claim(
            context.session, owner="vanished", platforms=["test"], now=context.now, lease=timedelta(60), limit=1
        )
    )
    bot.clock.pass_(days=61)

    await everything(outbox)

    assert rows(bot)["anna"].state == "verify"
    assert chat.posted == [(coordinator.user_id, "A message may not have arrived")]


async def test_a_message_past_its_use_is_not_sent_and_told(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None]
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    put("The meeting begins", ANNA, expires_in=timedelta(hours=1))
    bot.clock.pass_(hours=1)

    await everything(outbox)

    assert chat.posted == [(coordinator.user_id, "A message came too late to be sent")]


async def test_a_process_that_was_paused_does_not_post(bot: Bot, chat: Chat, put: Callable[..., None]) -> None:
    seconds: Iterator[float] = iter((0.0, 100.0, 100.0, 100.0))
    paused = Outbox(bot.dispatcher, [chat], monotonic=lambda: next(seconds))
    put("Hello", ANNA)

    assert await paused.run_once() == 1
    assert (chat.posted, rows(bot)["anna"].state) == ([], "pending")
    bot.clock.pass_(minutes=1)
    await paused.run_once()
    assert chat.posted == [("anna", "Hello")]


async def test_a_card_that_this_version_cannot_read_is_given_up(bot: Bot, outbox: Outbox) -> None:
    bot.dispatcher.within(
        lambda context: deliveries.put(
            context.session, key="new", kind="news", card={"hologram": 1}, destinations=[ANNA], now=context.now
        )
    )

    await everything(outbox)

    assert rows(bot)["anna"].state == "dead"


async def test_a_platform_without_a_sender_keeps_its_messages(bot: Bot, put: Callable[..., None]) -> None:
    put("Hello", ANNA)

    assert await everything(Outbox(bot.dispatcher, [])) == 0
    assert rows(bot)["anna"].state == "pending"


async def test_no_more_are_under_way_than_there_are_senders(outbox: Outbox, put: Callable[..., None]) -> None:
    put("Hello", *(Destination("test", f"person {number}") for number in range(SENDERS + 3)))

    assert await outbox.run_once() == SENDERS
    assert await outbox.run_once() == 3


async def test_a_running_outbox_sends_what_a_request_queues_and_drains_before_it_stops(
    bot: Bot, chat: Chat, outbox: Outbox
) -> None:
    chat.gate = asyncio.Event()
    await outbox.start()
    await bot.dispatcher.handle(Request(Identity("test", "anna"), "neglect", reply_to=ANNA, key="once"))
    async with asyncio.timeout(10):
        while not rows(bot) or rows(bot)["anna"].state != "sending":  # noqa: ASYNC110 - only the table says so
            await asyncio.sleep(0.01)
    stopping = asyncio.create_task(outbox.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    chat.gate.set()
    await stopping

    assert rows(bot)["anna"].state == "sent"


async def test_after_the_stop_nothing_is_claimed(bot: Bot, outbox: Outbox, put: Callable[..., None]) -> None:
    await outbox.start()
    await outbox.stop()
    put("Hello", ANNA)
    outbox.wake()
    await asyncio.sleep(0.01)

    assert rows(bot)["anna"].state == "pending"


FAILURES = {"the database": OperationalError("select", {}, Exception()), "a mistake of ours": RuntimeError()}
every_failure = pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)


@every_failure
async def test_a_claim_that_fails_does_not_end_the_outbox(
    bot: Bot,
    chat: Chat,
    put: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    logged: list[Any],
    failure: Exception,
) -> None:
    put("Hello", ANNA)
    outbox = Outbox(bot.dispatcher, [chat])

    async def broken(_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(bot.dispatcher, "in_transaction", broken)
        assert await outbox.run_once() == 0

    assert [entry["event"] for entry in logged] == ["deliveries cannot be claimed"]
    assert await outbox.run_once() == 1
    assert chat.posted == [("anna", "Hello")]


@every_failure
async def test_an_outcome_that_cannot_be_kept_ends_in_doubt_and_not_in_a_second_message(
    bot: Bot, chat: Chat, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    put("Hello", ANNA)
    outbox = Outbox(bot.dispatcher, [chat])
    real, calls = bot.dispatcher.in_transaction, iter(range(9))

    async def failing(work: Any) -> Any:
        if next(calls) == 1:
            raise failure
        return await real(work)

    monkeypatch.setattr(bot.dispatcher, "in_transaction", failing)
    await outbox.run_once()
    bot.clock.pass_(hours=1)
    await everything(outbox)

    assert (chat.posted, rows(bot)["anna"].state) == ([("anna", "Hello")], "verify")


async def test_a_broken_template_makes_the_notice_plain_and_holds_nothing_up(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise WordingError

    monkeypatch.setattr(undelivered, "words", broken)
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.always("anna", Undeliverable("channel_not_found"))
    put("Hello", ANNA, BEN)

    await everything(outbox)

    assert chat.posted == [("ben", "Hello"), (coordinator.user_id, "A message could not be sent")]
    notice = said(bot.queued()[-1].card)
    assert ("Test message" in notice, SECRET in notice) == (True, False)


async def test_logs_hold_neither_words_nor_addresses(
    bot: Bot, chat: Chat, outbox: Outbox, put: Callable[..., None], logged: list[dict[str, Any]]
) -> None:
    chat.will("anna", TryLater("busy"), Undeliverable("gone"))
    put("Hello", ANNA, BEN)
    await everything(outbox)
    bot.clock.pass_(hours=1)
    await everything(outbox)

    assert {entry["event"] for entry in logged} == {
        "delivery sent", "delivery will be tried again", "delivery needs a person"
    }  # fmt: skip
    assert not [entry for entry in logged if any(word in str(entry) for word in (SECRET, "Hello", "anna", "ben"))]
