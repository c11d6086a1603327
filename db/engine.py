"""Connections: what SQLite and PostgreSQL each need to be safe, and transactions around plain functions."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

BUSY_MS = 10_000
SERVER_SECONDS = 3  # until a PostgreSQL that does not speak, or has no connection free, counts as failed

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_FORMS = "Use sqlite:///FILE, with three slashes, or postgresql://NAME:PASSWORD@HOST/DATABASE."


class DatabaseError(Exception):
    """The database cannot be used as it is; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def driver_url(url: str) -> URL:
    """Return the address with the driver that this program brings.

    Raises DatabaseError for other kinds, and for an address that cannot be read, which may hold a password.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if driver := _DRIVERS.get(kind):
            target = parsed.set(drivername=driver)
            target.get_dialect()().create_connect_args(target)  # finds a file in the place of a host, and the like
            return target
    except (ArgumentError, ValueError):
        raise DatabaseError("THSCP_DATABASE_URL cannot be read as an address.", _FORMS) from None
    raise DatabaseError(f"THSCP_DATABASE_URL names '{kind}'.", _FORMS)


def connect(url: str, *, threads: int = 1, checkpoint: bool = True) -> Engine:
    """Open the database for `threads` threads; SQLite always gets one connection and one thread.

    `checkpoint=False` is for commands that run beside a server on the same SQLite file: see `docs/decisions.md`.
    """
    target = driver_url(url)
    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    if target.get_backend_name() == "sqlite":
        engine = create_engine(
            target,
            json_serializer=dumps,
            hide_parameters=True,  # an error that is logged must not hold what people wrote
            poolclass=QueuePool,  # for a database in memory too: its one connection is the database
            pool_size=1,
            max_overflow=0,
            connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        if not checkpoint:
            event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA wal_autocheckpoint=0"))
        event.listen(engine, "begin", _begin_immediate)
        return engine
    engine = create_engine(
        target,
        json_serializer=dumps,
        hide_parameters=True,
        pool_size=threads,
        max_overflow=1,
        pool_pre_ping=True,
        pool_timeout=SERVER_SECONDS,
        connect_args={"connect_timeout": SERVER_SECONDS},
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def existing(url: str) -> Engine | None:
    """Open a database beside a server that may be using it; None when its SQLite file does not exist yet."""
    target = driver_url(url)
    if target.get_backend_name() == "sqlite" and not (target.database and Path(target.database).exists()):
        return None
    return connect(url, checkpoint=False)


def hold_alone(url: str) -> Callable[[], None]:
    """Make sure that no other server uses the same SQLite file, until this process ends or calls what it gets back.

    Two processes that write and tidy the write-ahead log at once can damage it. PostgreSQL, and a database in
    memory, need no such thing. Raises DatabaseError while another process holds the file.
    """
    target = driver_url(url)
    path = target.database
    if target.get_backend_name() != "sqlite" or not path or path == ":memory:":
        return lambda: None
    descriptor = os.open(f"{path}.lock-file", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DatabaseError(
            f"Another server uses {path}.", "Stop it first, or use PostgreSQL, which several servers can share."
        ) from None
    return lambda: os.close(descriptor)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own: _begin_immediate does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # EXPLAIN ANALYZE of a list of ten actions among 10,000: 68 of 87 ms went into compiling it.
    connection.execute("SET jit = off")
    connection.commit()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One transaction: leaving it commits, an exception rolls it back."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def answers(engine: Engine) -> bool:
    """Say whether the database answers at all; used by the readiness check."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar() == 1
