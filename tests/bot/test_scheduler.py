"""The ticker wakes the outbox, beats and does what is due; what fails is logged and tried on the next tick."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Engine

from bot import scheduler
from bot.attendance import Attendance
from bot.outbox import Outbox
from bot.scheduler import SILENT_SECONDS, Scheduler
from bot.server import Server
from db import deliveries, heartbeats
from db.deliveries import Destination
from handlers import reviews
from handlers.context import Context, House, Knowledge
from handlers.messages import Card, card_to_json
from tests import fakes
from tests.asking import get
from tests.fakes import Bot, Clock

PATIENCE = 20  # seconds until something that does not happen counts as broken; no measure of speed


@pytest.fixture
def bot(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot on one database: the ticks have nothing to do with storage."""
    with fakes.talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        yield bot


@pytest.fixture
def stored(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot on both databases."""
    with fakes.talking(Bot(engine, knowledge, house, clock)) as bot:
        yield bot


class Waking(Outbox):
    """An outbox that only says when it was woken."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.dispatcher, [])
        self.woken = asyncio.Event()

    def wake(self) -> None:
        """Note it."""
        self.woken.set()

    async def is_woken(self) -> None:
        """Wait until it happens again."""
        self.woken.clear()
        async with asyncio.timeout(PATIENCE):
            await self.woken.wait()


class Uptime:
    """A clock that nobody can set, which stands still until the test moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Watching(Attendance):
    """An attendance that says when it has beaten, and fails while the database is away."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.dispatcher)
        self.away = False
        self.beaten = asyncio.Event()

    async def beat(self) -> None:
        """Beat, and note it."""
        if self.away:
            raise RuntimeError("words of somebody")
        await super().beat()
        self.beaten.set()

    async def has_beaten(self) -> None:
        """Wait until it happens again."""
        self.beaten.clear()
        async with asyncio.timeout(PATIENCE):
            await self.beaten.wait()


def ticker(bot: Bot, outbox: Outbox | None = None, **more: Any) -> Scheduler:
    return Scheduler(bot.dispatcher, outbox or Waking(bot), Attendance(bot.dispatcher), **more)


@asynccontextmanager
async def running(ticking: Scheduler) -> AsyncIterator[Scheduler]:
    await ticking.start()
    try:
        yield ticking
    finally:
        await ticking.stop()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


def seen(ticking: pytest.MonkeyPatch, table: dict[str, Any]) -> list[str]:
    """Note in the list whenever the work 'probe' of a table is done."""
    done: list[str] = []

    def probe(context: Context) -> int:
        done.append(context.now.isoformat())
        return 1

    ticking.setitem(table, "probe", probe)
    return done


async def test_the_outbox_is_woken_again_and_again_until_the_stop(bot: Bot) -> None:
    outbox = Waking(bot)

    async with running(ticker(bot, outbox)):
        await outbox.is_woken()
        await outbox.is_woken()
    outbox.woken.clear()
    await asyncio.sleep(1.2)

    assert not outbox.woken.is_set()


def test_everything_that_may_be_due_is_looked_at() -> None:
    assert {reviews.queue_digests, reviews.forget} <= set(scheduler.EACH_HOUR.values())


@pytest.mark.parametrize("table", ["EACH_MINUTE", "EACH_HOUR"])
async def test_everything_is_done_once_at_the_start(bot: Bot, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    done = seen(monkeypatch, getattr(scheduler, table))
    outbox = Waking(bot)

    async with running(ticker(bot, outbox)):
        await until(lambda: bool(done))
        await outbox.is_woken()
        await outbox.is_woken()

    assert done == [bot.clock.now.isoformat()]


ANOTHER = {
    "a minute later": ("EACH_MINUTE", {"minutes": 1}, 2),
    "an hour later": ("EACH_HOUR", {"hours": 1}, 2),
    "after a step back of an hour": ("EACH_MINUTE", {"hours": -1}, 2),
    "within the hour": ("EACH_HOUR", {"minutes": 29}, 1),
    "within the minute": ("EACH_MINUTE", {"seconds": 59}, 1),
}


@pytest.mark.parametrize(("table", "time", "times"), ANOTHER.values(), ids=ANOTHER)
async def test_work_is_done_again_when_another_minute_or_hour_has_begun(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, table: str, time: dict[str, float], times: int
) -> None:
    done = seen(monkeypatch, getattr(scheduler, table))
    outbox = Waking(bot)

    async with running(ticker(bot, outbox)):
        await until(lambda: bool(done))
        bot.clock.pass_(**time)
        await outbox.is_woken()
        await outbox.is_woken()
        await outbox.is_woken()

    assert len(done) == times


async def test_what_is_due_is_done_once_and_counted_in_the_log(
    bot: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    bot.types("bees")
    bot.clock.pass_(days=31)
    ticking = ticker(bot)

    for _ in range(2):
        await ticking.run("forget")

    assert [(entry["event"], entry["work"], entry["number"]) for entry in logged] == [("due work done", "forget", 1)]


async def test_work_that_fails_is_logged_without_words_and_does_not_keep_the_other_work_from_being_done(
    bot: Bot, logged: list[MutableMapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Context) -> int:
        raise RuntimeError("words of somebody")

    monkeypatch.setitem(scheduler.EACH_MINUTE, "broken", broken)
    after = seen(monkeypatch, scheduler.EACH_MINUTE)
    hourly = seen(monkeypatch, scheduler.EACH_HOUR)

    async with running(ticker(bot)):
        await until(lambda: bool(after and hourly))

    failures = {(entry["event"], entry["work"], entry["error"]) for entry in logged if "error" in entry}
    assert failures == {("due work failed", "broken", "RuntimeError")}
    assert "words of somebody" not in repr(logged)


async def test_two_servers_do_a_due_thing_once(stored: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def due(context: Context) -> int:
        card = card_to_json(Card("Reminder", ()))
        put = deliveries.put(
            context.session, key="reminder:1", kind="reminder", card=card, now=context.now,
            destinations=[Destination("test", "channel-1")],
        )  # fmt: skip
        looked.append(1)
        return int(put)

    monkeypatch.setitem(scheduler.EACH_MINUTE, "due", due)
    async with running(ticker(stored)), running(ticker(stored)):
        await until(lambda: len(looked) == 2)

    assert [queued.key for queued in stored.queued()] == ["reminder:1"]


async def test_what_became_due_while_nothing_ran_is_caught_up_once(
    stored: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, looked = stored.clock.now, 0

    def due(context: Context) -> int:
        nonlocal looked
        looked += 1
        card = card_to_json(Card("Reminder"))
        return context.now > at and deliveries.put(
            context.session, key="reminder:1", kind="reminder", card=card, now=context.now,
            destinations=[Destination("test", "channel-1")],
        )  # fmt: skip

    monkeypatch.setitem(scheduler.EACH_MINUTE, "due", due)
    for hours in (0, 8, 1):
        stored.clock.pass_(hours=hours)
        before = looked
        async with running(ticker(stored)):
            await until(lambda before=before: looked > before)  # type: ignore[misc]

    assert [queued.key for queued in stored.queued()] == ["reminder:1"]


async def test_the_ticks_go_on_while_work_takes_its_time(bot: Bot) -> None:
    outbox = Waking(bot)
    attendance = Slow(bot)

    async with running(Scheduler(bot.dispatcher, outbox, attendance)):
        await outbox.is_woken()
        await outbox.is_woken()
        beats = attendance.begun
        attendance.go_on.set()

    assert beats == 1


class Slow(Attendance):
    """An attendance whose beat takes as long as the test wants."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.dispatcher)
        self.begun = 0
        self.go_on = asyncio.Event()

    async def beat(self) -> None:
        """Wait."""
        self.begun += 1
        await self.go_on.wait()


async def test_a_server_is_not_ready_when_no_tick_was_completed_for_two_minutes(bot: Bot) -> None:
    uptime, attendance = Uptime(), Watching(bot)
    ticking = Scheduler(bot.dispatcher, Waking(bot), attendance, monotonic=uptime)
    server = Server(bot.dispatcher, [ticking], watched=[ticking.not_ready])

    async with server.running():
        await attendance.has_beaten()
        attendance.away = True
        before = await get(server, "/health/ready")
        uptime.seconds += SILENT_SECONDS + 5
        silent = await get(server, "/health/ready")
        alive = await get(server, "/health/live")
        attendance.away = False
        await attendance.has_beaten()
        await attendance.has_beaten()
        after = await get(server, "/health/ready")

    assert (before.status_code, silent.status_code, alive.status_code, after.status_code) == (200, 503, 200, 200)
    assert silent.json()["reasons"] == ["no tick was completed for 125 seconds"]


async def test_each_tick_is_written_where_other_servers_and_people_see_it(bot: Bot) -> None:
    attendance = Watching(bot)

    async with running(Scheduler(bot.dispatcher, Waking(bot), attendance)):
        await attendance.has_beaten()
        bot.clock.pass_(seconds=3)
        await attendance.has_beaten()
        await attendance.has_beaten()

    assert bot.dispatcher.within(lambda context: heartbeats.last_beat(context.session)) == bot.clock.now
