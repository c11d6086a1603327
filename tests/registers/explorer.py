"""Goes through a workflow as machines do: everything that anybody is offered, tried by everybody, in every state.

It knows no label and no route of the feature. It opens a record, presses what is there, fills in every form with each
of its choices, looks what state the record is in then, and puts the database back as it was.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from handlers.context import Request
from handlers.messages import Button, Card, Errors, Field, Form, Reply
from tests.fakes import Bot
from tests.registers.cast import STRANGERS_NAME, Cast

HARMLESS = "Two agencies have no lead for this priority and the group has asked both of them twice."
FILLED = {"date": "2027-02-04", "time": "10:00", "confirm": "yes"}
DEEPEST = 4  # presses from the card of a record


@dataclass(frozen=True, slots=True)
class Try:
    """Something that arrives: a button that was pressed, or a form that was sent."""

    route: str
    value: str
    fields: tuple[tuple[str, str], ...] = ()

    def by(self, cast: Cast, name: str) -> Request:
        """Return it as it arrives from somebody."""
        return Request(cast.places[name], route=self.route, value=self.value, fields=dict(self.fields))


@dataclass(slots=True)
class Saved:
    """The whole database and the time, to go back to."""

    content: sqlite3.Connection
    now: datetime


class Time:
    """Goes back to a moment that was kept: `kept = time.keeps()`, `time.goes_back(kept)`. For SQLite only."""

    def __init__(self, bot: Bot, engine: Engine) -> None:
        self._bot, self._engine = bot, engine
        self._path = engine.url.database or ""
        self._watch = sqlite3.connect(self._path)
        self._at: Saved | None = None
        self._version = self._changes()

    def keeps(self) -> Saved:
        """Keep what is now."""
        self._bot.dispatcher.settled()
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self._path)) as there:
            there.backup(kept)
        return Saved(kept, self._bot.clock.now)

    def goes_back(self, kept: Saved) -> None:
        """Let everything be as it was. Where nothing was written meanwhile, there is nothing to do."""
        self._bot.dispatcher.settled()
        self._bot.clock.now = kept.now
        if kept is self._at and self._changes() == self._version:
            return
        self._engine.dispose()
        with closing(sqlite3.connect(self._path)) as there:
            kept.content.backup(there)
        self._at, self._version = kept, self._changes()

    def unchanged(self) -> bool:
        """Say whether nothing was written since going back."""
        self._bot.dispatcher.settled()
        return self._changes() == self._version

    def _changes(self) -> int:
        found: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return found


def fillings(form: Form, own: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Return a form filled in with its first choices, and with the last of each box; `own` are words for some boxes."""
    mine = {box.name: own[box.name] for box in form.fields if box.name in own and _takes(box, own[box.name])}
    plain = {box.name: mine.get(box.name) or harmless(box) for box in form.fields}
    yield tuple(plain.items())
    for box in form.fields:
        if box.name not in mine and box.choices and box.choices[-1].value != plain[box.name]:
            yield tuple((plain | {box.name: box.choices[-1].value}).items())


def _takes(box: Field, words: str) -> bool:
    return not box.choices or words in [choice.value for choice in box.choices]


def harmless(box: Field) -> str:
    """Return something that fits a box."""
    if box.choices:
        return box.value or box.choices[0].value
    return box.value or FILLED.get(box.kind, HARMLESS[: box.max_length])


@dataclass(slots=True)
class Explorer:
    """Finds what can be tried about one record at one moment, and what comes of it."""

    cast: Cast
    time: Time
    own: Mapping[str, str] = field(default_factory=dict)
    refused: dict[str, Reply] = field(default_factory=dict)  # forms that did not take what was typed, by route

    def offered(self, ref: str, opens: str, now: Saved) -> Iterator[tuple[Try, str]]:
        """Return everything about a record that anybody is offered, each once, with the first who was.

        After each the database stands as the try has left it, until the next one is asked for.
        """
        seen: set[tuple[Try, str]] = set()  # the same button may lead different people to different cards
        waiting: deque[tuple[str, Try, int]] = deque()
        for name in everybody(self.cast):
            self.time.goes_back(now)
            reply = self.cast.bot.does(Request(self.cast.places[name], f"{opens} {ref}"))
            waiting.extend((name, one, 1) for one in self._next(reply, ref))
        while waiting:
            name, tried, deep = waiting.popleft()
            if (key := (tried, "" if tried.fields else name)) in seen:
                continue
            seen.add(key)
            self.time.goes_back(now)
            reply = self.cast.bot.does(tried.by(self.cast, name))
            if isinstance(reply, Errors):
                self.refused[tried.route] = reply
            if deep < DEEPEST and (isinstance(reply, Form) or self.time.unchanged()):
                waiting.extend((name, one, deep + 1) for one in self._next(reply, ref))
            yield tried, name

    def _next(self, reply: Reply | None, ref: str) -> Iterator[Try]:
        if isinstance(reply, Form):
            yield from (Try(reply.action, reply.about, filled) for filled in fillings(reply, self.own))
        if isinstance(reply, Card):
            for action in reply.actions:
                if isinstance(action, Button) and ref in action.value:
                    yield Try(action.action, action.value)


def everybody(cast: Cast) -> list[str]:
    """Return the names of all players and of the stranger."""
    return [*cast.ids, STRANGERS_NAME]


def rows(engine: Engine, table: str, *, key: str = "ref") -> dict[str, dict[str, Any]]:
    """Return every record of a table by its reference, or by another column."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - names of the tests' own
        return {row[key]: dict(row) for row in found.mappings()}
