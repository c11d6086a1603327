"""What was refused leaves no trace: in no table, log, figure, exception, temporary file, database file or backup."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
import structlog
from sqlalchemy import Engine, text

from db import audit
from db import engine as database
from db.deliveries import Destination
from handlers.context import House, Knowledge, Request
from tests.doors import Walk, doors
from tests.fakes import CHANNEL, STRANGER, Bot, Clock, Script
from tests.traces import DANGER, SENTINELS, Left, Words, leaves_nothing, watching

PLACE = Destination("test", "channel-1")


Capture = pytest.CaptureFixture[str]


@pytest.fixture
def left(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Iterator[Left]:
    """Watch what is left behind, from before the database is opened."""
    assert database_url
    with watching(tmp_path, monkeypatch, capfd) as found:
        yield found


async def test_what_is_refused_at_any_door_leaves_no_trace(left: Left, bot: Bot, engine: Engine) -> None:
    found = list(doors(Walk(bot)))

    async def types(words: str) -> object:
        tried = [door for door in found if not (words == DANGER.text and door.lets_in(DANGER))]
        replies = [await bot.dispatcher.handle(door.request(words)) for door in tried]
        bot.dispatcher.settled()
        left.everything_talks()
        return replies

    await leaves_nothing(left, engine, types)
    assert len(found) > 50
    assert {"sqlalchemy.engine.Engine", "asyncio"} <= left.talked


async def test_names_of_boxes_and_of_routes_leave_no_trace(left: Left, bot: Bot, engine: Engine) -> None:
    async def types(words: str) -> object:
        replies = [
            await bot.dispatcher.handle(Request(STRANGER, route="enquiries.send", fields={words: "x"})),
            await bot.dispatcher.handle(Request(STRANGER, route=words, value=words)),
        ]
        bot.dispatcher.settled()
        return replies

    await leaves_nothing(left, engine, types)
    assert left.talked


# --- when something breaks -------------------------------------------------------------------------------------

BROKEN = {
    "nothing can be counted": ("screenings",),
    "nothing can be queued": ("deliveries",),
    "nobody knows what ran before": ("handled_requests",),
    "nobody knows who may what": ("role_grants",),
    "nothing at all can be kept": ("screenings", "deliveries", "handled_requests", "questions", "role_grants"),
}


@pytest.mark.parametrize("lost", BROKEN.values(), ids=BROKEN)
async def test_a_broken_database_says_nothing_of_what_was_refused(
    left: Left, bot: Bot, engine: Engine, lost: tuple[str, ...]
) -> None:
    coordinator = bot.enrol()
    with engine.begin() as connection:
        for table in lost:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO lost_{table}"))

    async def types(words: str) -> object:
        requests = [
            Request(STRANGER, words, key="event-1", conversation=CHANNEL),
            Request(STRANGER, words, key="event-2", reply_to=PLACE),
            Request(coordinator, route="enquiries.answer", fields={"answer": words}, key="form:1"),
        ]
        return [await bot.dispatcher.handle(request) for request in requests]

    answers = [await types(words.text) for words in SENTINELS]
    bot.dispatcher.settled()
    with engine.begin() as connection:
        for table in lost:
            connection.execute(text(f"ALTER TABLE lost_{table} RENAME TO {table}"))

    assert not [words for words in SENTINELS if words.seen_in(repr(answers))]
    assert {words.kind: left.of(words, engine) for words in SENTINELS} == {"details": [], "danger": []}


async def test_a_broken_guard_says_nothing_of_what_it_read(
    left: Left, engine: Engine, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    guard = Script({})
    guard.breaks()  # with an error that holds the text
    broken = Bot(engine, knowledge, house, clock, guard)

    async def types(words: str) -> object:
        requests = [
            Request(STRANGER, words, key="event-1"),
            Request(STRANGER, words, key="event-2", reply_to=PLACE),
            Request(STRANGER, route="enquiries.send", fields={"question": words}, key="form:1"),
            Request(STRANGER, route="ask.topic", value=words),
        ]
        replies = [await broken.dispatcher.handle(request) for request in requests]
        broken.dispatcher.settled()
        return replies

    await leaves_nothing(left, engine, types)
    broken.dispatcher.close()
    assert "guard failed" in "".join(left.seen)


# --- the watch itself ------------------------------------------------------------------------------------------

SPILT = Words("spilt", "the Ottershawe-Brindle file", ("Ottershawe",), frozenset())


def _in_a_table(engine: Engine) -> None:
    with database.transaction(engine) as session:
        now = Clock().now
        audit.add(session, at=now, actor="", action="", subject=SPILT.text)


def _deleted_from_a_table(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE elsewhere (words TEXT)"))
        connection.execute(text("INSERT INTO elsewhere VALUES (:words)"), {"words": SPILT.text})
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM elsewhere"))


def _in_an_exception(_engine: Engine) -> None:
    try:
        int(SPILT.text)
    except ValueError:
        logging.getLogger("slack_bolt.app").debug("failed", exc_info=True)


def _in_a_temporary_file(_engine: Engine) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(SPILT.text.encode())


def _in_a_named_file_that_is_deleted(_engine: Engine) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(SPILT.text.upper().encode())


def _in_a_figure(_engine: Engine) -> None:
    registry = prometheus_client.REGISTRY
    counter = prometheus_client.Counter("spilt", "Spilt.", ["words"], registry=None)
    counter.labels(SPILT.text).inc()
    registry.register(counter)
    _UNDO.append(lambda: registry.unregister(counter))


_UNDO: list[Callable[[], None]] = []
SPILLS: dict[str, tuple[Callable[[Engine], Any], str]] = {
    "a row": (_in_a_table, "table audit"),
    "a log with arguments": (lambda _: logging.getLogger("aiohttp.client").debug("sent %s", SPILT.text), "log aiohttp"),
    "what a log carries besides": (
        lambda _: logging.getLogger("slack_sdk.web").debug("sent", extra={"body": SPILT.text}),
        "log slack_sdk",
    ),
    "a log of the root": (lambda _: logging.debug(SPILT.text), "log root"),  # noqa: LOG015 - somebody may use it
    "our own log": (lambda _: structlog.get_logger().debug("text", words=SPILT.text), "print"),
    "an exception that is logged": (_in_an_exception, "log slack_bolt"),
    "print": (lambda _: print(SPILT.text), "print"),  # noqa: T201 - that is the point
    "a figure": (_in_a_figure, "metrics"),
    "a temporary file without a name": (_in_a_temporary_file, "temporary file"),
    "a temporary file that is deleted": (_in_a_named_file_that_is_deleted, "temporary file"),
    "a hash": (lambda _: print(hashlib.sha256(SPILT.text.encode()).hexdigest()), "print"),  # noqa: T201 - as above
}


@pytest.mark.parametrize(("spill", "place"), SPILLS.values(), ids=SPILLS)
def test_a_trace_that_is_left_is_found(left: Left, engine: Engine, spill: Callable[[Engine], Any], place: str) -> None:
    assert left.of(SPILT, engine) == []

    spill(engine)
    found = left.of(SPILT, engine)
    while _UNDO:
        _UNDO.pop()()

    assert place in " ".join(found)


def test_words_in_the_file_of_a_database_are_found_even_when_they_were_deleted_again(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    with watching(tmp_path, monkeypatch, capfd) as left:
        _deleted_from_a_table(sqlite_engine)
        assert left.of(SPILT, sqlite_engine) == ["database file"]

        _in_a_table(sqlite_engine)
        assert left.of(SPILT, sqlite_engine) == ["backup", "database file", "table audit"]
