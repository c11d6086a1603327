"""What a program leaves behind while it runs: rows, logs, print, figures, temporary files, bytes of the database.

A platform, an import or a bulletin shows that it keeps nothing by a function that types a text:
`await leaves_nothing(left, engine, types)`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import logging
import os
import sqlite3
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
from sqlalchemy import Engine

from bot import logs
from db.tables import metadata

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")

_OF_TESTS = {"httpx"}  # who stands for browsers and for Slack may say which address it asked for

Types = Callable[[str], Awaitable[object]]  # a door: types a text there, and returns all that comes back


@dataclass(frozen=True, slots=True)
class Words:
    """A text that no door may let in, and the `marks` by which it would be known again. All of it is invented."""

    kind: str
    text: str
    marks: tuple[str, ...]
    decisions: frozenset[str]

    def seen_in(self, place: str | bytes) -> int:
        """Count the marks in what was found at some place, whatever their case; a hash of the text is one too."""
        found = place if isinstance(place, bytes) else place.encode("utf-8", "backslashreplace")
        lower = found.lower()
        return sum(lower.count(trace) for trace in _traces(self))


@functools.cache
def _traces(words: Words) -> frozenset[bytes]:
    texts = {words.text, words.text.lower(), *words.marks}
    hashes = [hashlib.new(name, text.encode()) for name in _HASHES for text in texts]
    coded = {base64.b64encode(mark.encode())[:-4].lower() for mark in words.marks if len(mark) > 9}
    return frozenset(
        {*(mark.lower().encode() for mark in words.marks), *(h.hexdigest().encode() for h in hashes)} | coded
    )


_REFUSED = frozenset({"ask", "block"})
DETAILS = Words(
    "details",
    "is Zebediah Quillfeather-Thrimble allowed home? NHS number 999 787 7896",
    ("Zebediah", "Quillfeather", "Thrimble", "999 787 7896", "787 7896", "9997877896"),
    _REFUSED,
)
DANGER = Words(
    "danger",
    "Ambrosine Vexworthy-Pell is being hit by his dad right now",
    ("Ambrosine", "Vexworthy", "Pell is being", "hit by his dad"),
    frozenset({"urgent"}),
)
SENTINELS = (DETAILS, DANGER)


# --- what is watched -------------------------------------------------------------------------------------------


class _Everything(logging.Handler):
    """Keeps every record of every logger as it would be written, with its arguments and its exception."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.written: list[tuple[str, str]] = []
        self._writes = logging.Formatter("%(levelname)s %(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.written.append((record.name, f"{self._writes.format(record)} {record.args!r} {record.__dict__!r}"))


@dataclass(slots=True)
class Left:
    """What was left behind since the watch began. `left.of(words, engine)` names the places that hold the words."""

    folder: Path
    printed: Callable[[], str]
    log: _Everything = field(default_factory=_Everything)
    errors: list[str] = field(default_factory=list)
    temporary: list[int] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    @property
    def talked(self) -> set[str]:
        """Return which loggers wrote anything."""
        return {name for name, _ in self.log.written}

    def everything_talks(self) -> None:
        """Make every logger as talkative as it can be, one that is to keep a library quiet too.

        Loggers that come later need it again.
        """
        logging.root.setLevel(logging.DEBUG)
        if self.log not in logging.root.handlers:
            logging.root.addHandler(self.log)
        for name in {
            *logging.root.manager.loggerDict,
            "slack_bolt",
            "slack_sdk",
            "aiohttp",
            "sqlalchemy.engine",
        }:
            logger = logging.getLogger(name)
            logger.setLevel(logging.WARNING if name in _OF_TESTS else logging.DEBUG)
            logger.disabled, logger.propagate = False, True

    def of(self, words: Words, engine: Engine) -> list[str]:
        """Return the places in which any of the words stand."""
        self.seen.append(self.printed())
        places: list[tuple[str, str | bytes]] = [(f"log {name}", text) for name, text in self.log.written]
        places += [("print", text) for text in self.seen]
        places += [("exception", text) for text in self.errors]
        places += [("metrics", prometheus_client.generate_latest())]
        places += [("temporary file", _content(descriptor)) for descriptor in self.temporary]
        places += [("temporary file", path.read_bytes()) for path in self.folder.rglob("*") if path.is_file()]
        places += [("name of a temporary file", str(path)) for path in self.folder.rglob("*")]
        places += [(f"table {name}", rows) for name, rows in tables(engine).items()]
        places += _files(engine, self.folder)
        return sorted({name for name, content in places if words.seen_in(content)})


def tables(engine: Engine) -> dict[str, str]:
    """Return every row of every table, as one string for each table."""
    with engine.connect() as connection:
        return {name: repr(connection.execute(table.select()).all()) for name, table in metadata.tables.items()}


def _content(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _files(engine: Engine, folder: Path) -> list[tuple[str, bytes]]:
    """Return the bytes of a SQLite database, of its log and of a backup; for PostgreSQL the log of its server."""
    if engine.dialect.name != "sqlite":
        log = Path(str(engine.url.query["host"])) / "log"
        return [("log of PostgreSQL", log.read_bytes())]
    path = Path(str(engine.url.database))
    found = [("database file", file.read_bytes()) for file in path.parent.glob(f"{path.name}*")]
    backup = folder.parent / f"backup-of-{path.name}"
    backup.unlink(missing_ok=True)
    connection = sqlite3.connect(path)  # as docs/operate.md says it
    connection.execute("VACUUM INTO ?", (str(backup),))
    connection.close()
    return [*found, ("backup", backup.read_bytes())]


# --- watching --------------------------------------------------------------------------------------------------


@contextmanager
def watching(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Left]:
    """Watch everything that is left behind. Begin before the database opens, whose logger reads its level once."""
    temporary = folder / "temporary"
    temporary.mkdir()
    own = io.StringIO()
    left = Left(temporary, lambda: "".join((own.getvalue(), *capfd.readouterr())))
    with _levels_as_before(), monkeypatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(os, "open", _noting(os.open, temporary, left.temporary))
        patch.setattr(threading, "excepthook", lambda args: left.errors.append(repr(args)))
        with redirect_stderr(own):
            logs.configure("DEBUG")
        left.everything_talks()
        yield left
    for descriptor in left.temporary:
        os.close(descriptor)


@contextmanager
def _levels_as_before() -> Iterator[None]:
    root = logging.root
    found = {name: one for name, one in root.manager.loggerDict.items() if isinstance(one, logging.Logger)}
    before = {name: (one.level, one.disabled, one.propagate) for name, one in found.items()}
    level, handlers = root.level, root.handlers[:]
    yield
    for name, logger in root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            logger.level, logger.disabled, logger.propagate = before.get(name, (logging.NOTSET, False, True))
    root.handlers[:] = handlers
    root.setLevel(level)  # which makes every logger forget what it remembers of its level


def _noting(opens: Callable[..., int], folder: Path, kept: list[int]) -> Callable[..., int]:
    """Open as before, and keep a hold on every temporary file, so that one that is deleted can still be read."""

    def noted(path: Any, flags: int, *more: Any, **named: Any) -> int:
        descriptor = opens(path, flags, *more, **named)
        if str(path).startswith(str(folder)):
            kept.append(os.dup(descriptor))
        return descriptor

    return noted


async def leaves_nothing(left: Left, engine: Engine, types: Types, *, texts: tuple[Words, ...] = SENTINELS) -> None:
    """Type texts that must be refused, and check that no place holds them, what comes back included."""
    for words in texts:
        answer = await types(words.text)
        assert not words.seen_in(answer if isinstance(answer, bytes) else repr(answer)), f"{words.kind} came back"
    assert {words.kind: left.of(words, engine) for words in texts} == {words.kind: [] for words in texts}
