"""What may have been sent although it stands as waiting is looked for first: after a gap, and in an older copy."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot import trusting
from bot.outbox import Outbox
from bot.sending import TryLater, Undeliverable
from bot.trusting import Trusting
from db import claims, deliveries
from db import engine as database
from db.claims import Wanted
from db.deliveries import Delivery, Lane, Queue
from db.people import Role
from handlers.context import House, Knowledge
from tests.bot.chat import ANNA, BEN, Chat, Seconds, Taken, everything, put, rows, settle, state
from tests.fakes import Bot, Clock


class Attended:
    """A database that is attended: `Attended(clock)` since now; `attended.restored()` says that a copy was put back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.trusted_since = clock.now
        self.restored_at: datetime | None = None

    def restored(self) -> None:
        """Put an older copy in the place of the database."""
        self.trusted_since = self.restored_at = self._clock.now


class Serving:
    """An outbox that was just started over a database of which it knows since when it is attended."""

    def __init__(self, bot: Bot, chat: Chat) -> None:
        self.attended = Attended(bot.clock)
        self.trusting = Trusting(self.attended)
        self.seconds = Seconds()
        self.outbox = Outbox(bot.dispatcher, [chat], monotonic=self.seconds, trusting=self.trusting)
        self._bot = bot

    async def starts(self) -> Outbox:
        """Find out which database this is."""
        await self.trusting.start(self._bot.dispatcher, "another")
        return self.outbox


async def serve(bot: Bot, chat: Chat) -> Serving:
    serving = Serving(bot, chat)
    await serving.starts()
    return serving


async def test_what_is_due_while_the_database_is_attended_is_sent_without_a_look(bot: Bot, chat: Chat) -> None:
    serving = await serve(bot, chat)
    put(bot, "Hello", ANNA)
    bot.clock.pass_(hours=1)  # for its pace, or for a pause: an outbox that lives has not lost sight of it

    await everything(serving.outbox)

    assert (chat.posted, chat.looked) == ([("anna", "Hello")], [])


async def test_after_a_short_gap_nothing_is_looked_for(bot: Bot, chat: Chat) -> None:
    put(bot, "Hello", ANNA)
    bot.clock.pass_(seconds=119)

    await everything((await serve(bot, chat)).outbox)

    assert (chat.posted, chat.looked) == ([("anna", "Hello")], [])


async def test_what_is_more_than_two_minutes_overdue_after_a_gap_is_looked_for_once(bot: Bot, chat: Chat) -> None:
    put(bot, "Hello", ANNA, BEN)
    bot.clock.pass_(seconds=121)
    serving = await serve(bot, chat)
    chat.always("anna", TryLater("refused"))

    for _ in range(3):
        await everything(serving.outbox)
        bot.clock.pass_(minutes=10)

    assert sorted(chat.looked) == ["anna", "ben"]
    assert chat.posted == [("ben", "Hello")]


async def test_what_is_due_after_the_start_is_not_looked_for(bot: Bot, chat: Chat) -> None:
    put(bot, "Later", ANNA, due_in=3600)
    bot.clock.pass_(minutes=30)
    serving = await serve(bot, chat)
    bot.clock.pass_(minutes=60)

    await everything(serving.outbox)

    assert (chat.said_to("anna"), chat.looked) == (["Later"], [])


async def test_before_it_is_known_since_when_a_database_is_attended_nothing_but_danger_is_sent(
    bot: Bot, chat: Chat
) -> None:
    serving = await serve(bot, chat)
    serving.attended.trusted_since = datetime.max.replace(tzinfo=UTC)
    put(bot, "Hello", ANNA)
    put(bot, "Answer", ANNA, kind=deliveries.REPLY)
    put(bot, "Danger", ANNA, kind=deliveries.URGENT)

    await everything(serving.outbox)
    assert chat.said_to("anna") == ["Danger"]
    serving.attended.trusted_since = bot.clock.now
    await everything(serving.outbox)

    assert chat.said_to("anna") == ["Danger", "Answer", "Hello"]


async def test_what_was_sent_after_a_copy_was_made_is_not_sent_again_by_the_copy(bot: Bot, chat: Chat) -> None:
    for title in ("one", "two", "three"):
        put(bot, title, ANNA, BEN)
    await everything(Outbox(bot.dispatcher, [chat]))
    bot.dispatcher.within(lambda context: back_to_waiting(context.session))
    serving = await serve(bot, chat)
    serving.attended.restored()
    put(bot, "four", ANNA)

    assert await everything(serving.outbox) == 0  # what another process sent may still be on its way
    bot.clock.pass_(seconds=15)
    await everything(serving.outbox)

    assert chat.said_to("anna") == ["one", "two", "three", "four"]
    assert chat.said_to("ben") == ["one", "two", "three"]
    assert chat.looked.count("ben") == 1
    assert {row.state for row in rows(bot).values()} == {"sent"}


def back_to_waiting(session: Session) -> None:
    """Make the rows those of an older copy."""
    session.execute(update(Delivery).values(state="pending", message_id="", sent_at=None, attempts=0, fence=0))
    session.execute(update(Lane).values(next_at=Delivery.not_before).where(Delivery.lane_id == Lane.id))


async def test_a_history_that_cannot_be_read_holds_back_what_may_have_been_sent(bot: Bot, chat: Chat) -> None:
    put(bot, "Hello", ANNA)
    bot.clock.pass_(minutes=3)
    serving = await serve(bot, chat)
    chat.history_fails("anna", TryLater("busy", timedelta(seconds=40)))

    await everything(serving.outbox)
    bot.clock.pass_(seconds=39)
    await everything(serving.outbox)
    assert chat.posted == []
    bot.clock.pass_(seconds=1)
    await everything(serving.outbox)
    await everything(serving.outbox)

    assert chat.posted == [("anna", "Hello")]


async def test_where_nobody_can_look_what_is_overdue_is_sent(bot: Bot, chat: Chat) -> None:
    chat.has_no_history()
    put(bot, "Hello", ANNA)
    bot.clock.pass_(hours=3)
    serving = await serve(bot, chat)

    await everything(serving.outbox)
    await everything(serving.outbox)

    assert chat.posted == [("anna", "Hello")]


async def test_where_nobody_can_look_in_an_older_copy_a_person_is_asked(bot: Bot, chat: Chat) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    chat.has_no_history()
    put(bot, "Hello", ANNA)
    serving = await serve(bot, chat)
    bot.clock.pass_(seconds=1)
    serving.attended.restored()
    bot.clock.pass_(seconds=20)

    for _ in range(4):
        await everything(serving.outbox)
        bot.clock.pass_(minutes=1)

    assert state(bot) == "verify"
    assert chat.posted == [(coordinator.user_id, "A message may not have arrived")]


# --- a SQLite file that is put back ----------------------------------------------------------------------------


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """Give a SQLite file."""
    return Path(shutil.copy(sqlite_template, tmp_path / "served.db"))


class Life:
    """One life of a server over a file: it sends what is due, and ends."""

    def __init__(self, file: Path, chat: Chat, knowledge: Knowledge, clock: Clock) -> None:
        self.engine = database.connect(f"sqlite:///{file}")
        self.bot = Bot(self.engine, knowledge, House(), clock)
        self.serving = Serving(self.bot, chat)

    async def begins(self) -> Life:
        """Start."""
        await self.serving.starts()
        return self

    def ends(self) -> None:
        """End as a killed process does: nothing is tidied up."""
        self.bot.dispatcher.close()
        self.engine.dispose()


Begin = Callable[[], Awaitable[Life]]


@pytest.fixture
def lives() -> Iterator[list[Life]]:
    """Give the lives of a server; those that still last are ended."""
    begun: list[Life] = []
    yield begun
    for life in begun:
        life.ends()


@pytest.fixture
def next_life(file: Path, chat: Chat, knowledge: Knowledge, clock: Clock, lives: list[Life]) -> Begin:
    """Give what ends the life before and begins the next one."""

    async def begin() -> Life:
        while lives:
            lives.pop().ends()
        lives.append(Life(file, chat, knowledge, clock))
        return await lives[-1].begins()

    return begin


async def test_a_copy_of_the_file_that_is_put_back_unnoticed_sends_nothing_twice(
    next_life: Begin, file: Path, chat: Chat, tmp_path: Path, clock: Clock
) -> None:
    life = await next_life()
    put(life.bot, "one", ANNA)
    await everything(life.serving.outbox)
    put(life.bot, "two", ANNA, BEN)
    copied(life, tmp_path / "copy.db")
    await everything(life.serving.outbox)

    life.ends()
    shutil.copy(tmp_path / "copy.db", file)
    life = await next_life()
    clock.pass_(seconds=15)
    for _ in range(3):
        await everything(life.serving.outbox)

    assert (chat.said_to("anna"), chat.said_to("ben")) == (["one", "two"], ["two"])
    assert sorted(chat.looked) == ["anna", "ben"]


async def test_what_the_secretariat_was_told_after_a_copy_was_made_is_not_told_again_by_the_copy(
    next_life: Begin, file: Path, chat: Chat, tmp_path: Path, clock: Clock
) -> None:
    life = await next_life()
    coordinator = life.bot.enrol(Role.COORDINATOR)
    put(life.bot, "one", ANNA)
    copied(life, tmp_path / "copy.db")
    chat.always("anna", Undeliverable("channel_not_found"))
    await everything(life.serving.outbox)
    await everything(life.serving.outbox)
    told = chat.said_to(coordinator.user_id)
    life.ends()
    shutil.copy(tmp_path / "copy.db", file)
    clock.pass_(seconds=60)
    life = await next_life()
    for _ in range(6):
        clock.pass_(seconds=15)
        await everything(life.serving.outbox)

    assert len(told) == 1
    assert state(life.bot) == "dead"
    assert chat.said_to(coordinator.user_id) == told


async def test_a_folder_that_is_put_back_with_all_its_files_sends_nothing_twice(
    next_life: Begin, file: Path, chat: Chat, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusting, "SAME_MOMENT", 20_000_000)  # copying takes longer than that
    life = await next_life()
    put(life.bot, "one", ANNA)
    await everything(life.serving.outbox)
    put(life.bot, "two", ANNA)
    copied(life, tmp_path / "copy.db")
    shutil.copy2(f"{file}.claims", tmp_path / "copy.claims")
    await everything(life.serving.outbox)
    await asyncio.sleep(0.05)

    life.ends()
    shutil.copy2(tmp_path / "copy.db", file)
    shutil.copy2(tmp_path / "copy.claims", f"{file}.claims")
    life = await next_life()
    clock.pass_(seconds=15)
    for _ in range(3):
        await everything(life.serving.outbox)

    assert (chat.said_to("anna"), chat.looked) == (["one", "two"], ["anna"])


async def test_a_server_that_is_started_again_doubts_nothing(next_life: Begin, chat: Chat) -> None:
    life = await next_life()
    put(life.bot, "one", ANNA)
    await everything(life.serving.outbox)
    put(life.bot, "two", ANNA)

    life = await next_life()
    await everything(life.serving.outbox)

    assert (chat.said_to("anna"), chat.looked) == (["one", "two"], [])


async def test_a_file_that_is_taken_elsewhere_looks_before_it_sends(
    next_life: Begin, file: Path, chat: Chat, clock: Clock
) -> None:
    life = await next_life()
    put(life.bot, "one", ANNA)
    await everything(life.serving.outbox)
    put(life.bot, "two", ANNA)
    clock.pass_(seconds=1)
    forgotten(file)

    life = await next_life()
    clock.pass_(seconds=15)
    for _ in range(3):
        await everything(life.serving.outbox)

    assert (chat.said_to("anna"), chat.looked) == (["one", "two"], ["anna"])


async def test_a_clock_that_is_put_back_an_hour_after_the_doubt_holds_nothing_up(
    next_life: Begin, file: Path, chat: Chat, clock: Clock
) -> None:
    life = await next_life()
    put(life.bot, "one", ANNA)
    await everything(life.serving.outbox)
    put(life.bot, "two", ANNA)
    forgotten(file)
    clock.pass_(hours=1)
    life = await next_life()

    clock.pass_(hours=-1)
    life.serving.attended.trusted_since = clock.now
    for _ in range(4):
        clock.pass_(seconds=15)
        await everything(life.serving.outbox)

    assert (chat.said_to("anna"), chat.looked) == (["one", "two"], ["anna"])


async def test_what_a_killed_server_was_sending_is_in_doubt_at_once_when_nobody_else_can_have_the_file(
    next_life: Begin, chat: Chat, clock: Clock
) -> None:
    chat.will("anna", Taken(TimeoutError()))
    life = await next_life()
    put(life.bot, "one", ANNA)
    life.bot.dispatcher.within(lambda context: claimed_by_another(context.session, clock))

    life = await next_life()

    assert state(life.bot) == "verify"
    await settle(life.bot, life.serving.outbox, life.serving.seconds)
    await everything(life.serving.outbox)
    assert chat.said_to("anna") == ["one"]


def claimed_by_another(session: Session, clock: Clock) -> None:
    """Let another process hold what is due."""
    wanted = [Wanted("test", Queue.POST, 50, timedelta(seconds=30))]
    claims.claim(session, owner="killed", wanted=wanted, now=clock.now)


def forgotten(file: Path) -> None:
    """Leave behind what stands beside the file."""
    Path(f"{file}.claims").unlink()


def copied(life: Life, to: Path) -> None:
    """Copy the file of a running server as a backup does."""
    with life.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{to}'")
        connection.exec_driver_sql("BEGIN")
