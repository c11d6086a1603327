"""Copies of a database, made and put back as an operator would who tells the bot nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from db import engine as database
from tests.crash.stage import NAME, Stage

_COPY = "backup"


def made(on: Stage) -> None:
    """Copy the database as it is now, beside it. PostgreSQL copies only what nobody is connected to."""
    if not on.cluster:
        beside = sqlite3.connect(f"file:{_path(on)}?mode=ro", uri=True, isolation_level=None)
        beside.execute("VACUUM INTO ?", (str(on.folder / _COPY),))
        beside.close()
        return
    on.kill(*on.bots)
    on.cluster.drop(_COPY)
    on.cluster.create(_COPY, like=NAME)
    on.start()


def put_back(on: Stage) -> None:
    """Put the copy in the place of the database. No bot may run."""
    if not on.cluster:
        for leftover in ("-wal", "-shm"):
            Path(f"{_path(on)}{leftover}").unlink(missing_ok=True)
        (on.folder / _COPY).replace(_path(on))
        return
    on.cluster.drop(NAME)
    on.cluster.create(NAME, like=_COPY)


def _path(on: Stage) -> Path:
    return Path(str(database.driver_url(on.url).database))
