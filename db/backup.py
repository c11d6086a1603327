"""Copies of the database: made beside a running server, and put back so that the old one is kept.

A copy knows less than what was sent since. So it is marked, and the outbox looks before it posts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, text
from sqlalchemy.orm import Session

from db import engine as database
from db import heartbeats, migrate
from db.engine import DatabaseError

_BUSY_SECONDS = database.BUSY_MS / 1000
_PRIVATE = 0o600  # a copy holds everything that the database holds
_LINGER_SECONDS = 3.0
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_OURS = "alembic_version"  # the table that says which version of this program made the others


def backup(url: str, file: Path, *, now: datetime) -> None:
    """Make a complete copy of the database, beside a server that may be using it.

    Raises DatabaseError when there is no database, when the file exists, or when a program is missing.
    """
    if file.exists():
        raise DatabaseError(f"{file} exists already.", "Choose another name: a backup is never overwritten.")
    if not file.parent.is_dir():
        raise DatabaseError(f"There is no folder {file.parent}.", "Make it first, or choose another place.")
    target = database.driver_url(url)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, _PRIVATE))
    try:
        if target.get_backend_name() == "sqlite":
            _copy_sqlite(_path_of(target), part, now)
        else:
            _run(target, "pg_dump", "--format=custom", "--schema=public", "--no-owner", f"--file={part}")
        _kept(part)
        part.rename(file)
        _kept(file.parent)
    finally:
        part.unlink(missing_ok=True)


def restore(url: str, file: Path, *, now: datetime) -> str:
    """Put a copy in the place of the database, bring it to this version, and say where the old one is kept.

    Raises DatabaseError when the file is no copy of such a database, or when somebody uses the database.
    """
    if not file.is_file():
        raise DatabaseError(f"There is no file {file}.", "Give the name of a file that 'thscp db backup' made.")
    target = database.driver_url(url)
    name = f"before_restore_{now:%Y%m%d_%H%M%S}"
    if target.get_backend_name() == "sqlite":
        return _restore_sqlite(url, _path_of(target), file, name, now)
    return _restore_postgresql(url, target, file, name, now)


# --- SQLite --------------------------------------------------------------------------------------------------------


def _path_of(target: URL) -> Path:
    if not target.database or target.database == ":memory:":
        raise DatabaseError("A database in memory has no copies.", "Set THSCP_DATABASE_URL to sqlite:///FILE.")
    return Path(target.database)


def _copy_sqlite(path: Path, part: Path, now: datetime) -> None:
    if not path.exists():
        raise DatabaseError(f"There is no database {path}.", "Look at THSCP_DATABASE_URL.")
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")  # the server tidies: see docs/decisions.md
            connection.execute("VACUUM INTO ?", (str(part),))
    except sqlite3.Error as error:
        raise DatabaseError(f"The database could not be copied: {error}.", "Run 'thscp doctor'.") from None
    if _revision(part) == migrate.newest():
        _mark(part, now)  # so that it is known for a copy even when somebody puts it back by hand


def _restore_sqlite(url: str, path: Path, file: Path, name: str, now: datetime) -> str:
    if path.exists() and path.samefile(file):
        raise DatabaseError(f"{file} is the database itself.", "Give the name of a backup.")
    let_go = database.hold_alone(url)
    part = path.with_name(f"{path.name}.part")
    try:
        _check(_revision(file), file)
        part.unlink(missing_ok=True)
        shutil.copyfile(file, part)
        part.chmod(_PRIVATE)
        _upgraded(f"sqlite:///{part}")
        _mark(part, now)
        _kept(part)
        kept = path.with_name(f"{path.name}.{name}")
        if kept.exists():
            raise DatabaseError(f"{kept} exists already.", "Wait a second, and try again.")
        if path.exists():
            _set_aside(path, kept)
            _given_to_its_owner(part, path)
        part.replace(path)
        _kept(path.parent)
        return str(kept) if kept.exists() else ""
    finally:
        for rest in ("", "-wal", "-shm"):
            part.with_name(f"{part.name}{rest}").unlink(missing_ok=True)
        let_go()


def _set_aside(path: Path, kept: Path) -> None:
    """Give the old database a second name, under which it stays when the copy takes the first.

    Its write-ahead log is written into it before: one that stayed behind would be read as part of the copy.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            [(busy, _, _)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.DatabaseError:
        busy = 0  # it is damaged: then it is kept as it is, with its log
    if busy:
        raise DatabaseError(f"Another program uses {path}.", "Wait until it has ended.")
    for rest in ("-wal", "-shm"):
        log = path.with_name(f"{path.name}{rest}")
        if log.exists():
            log.rename(kept.with_name(f"{kept.name}{rest}"))
    try:
        os.link(path, kept)
    except OSError:  # a disk that knows no second names
        shutil.copy2(path, kept)


def _given_to_its_owner(part: Path, path: Path) -> None:
    """Give the copy the owner of the old database: the server must be able to write to it."""
    old = path.stat()
    with contextlib.suppress(PermissionError):  # only root can, and needs to
        os.chown(part, old.st_uid, old.st_gid)


def _revision(file: Path) -> str | None:
    """Return the version that a SQLite file was made by; None for a file that is none of ours, or is damaged."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as connection:
            if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
                return None
            found = connection.execute(f"SELECT version_num FROM {_OURS}").fetchone()  # noqa: S608 - our own name
            return str(found[0]) if found else None
    except sqlite3.Error:
        return None


def _mark(file: Path, now: datetime) -> None:
    engine = database.connect(f"sqlite:///{file}")
    with Session(engine) as session, session.begin():
        heartbeats.mark_restored(session, now=now)
    engine.dispose()


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


def _restore_postgresql(url: str, target: URL, file: Path, name: str, now: datetime) -> str:
    engine = database.connect(url)
    try:
        _nobody_else(engine)
        _put_back(target, file, name)
        migrate.upgrade(engine)
        with Session(engine) as session, session.begin():
            heartbeats.mark_restored(session, now=now)
    finally:
        engine.dispose()
    return f"the schema {name} of the same database"


def _nobody_else(engine: Engine) -> None:
    """Wait a moment until nobody uses the database: those that just ended are listed a little longer."""
    deadline = time.monotonic() + _LINGER_SECONDS
    while True:
        with engine.connect() as connection:
            others = connection.scalar(text(_OTHERS))
        if not others:
            return
        if time.monotonic() > deadline:
            raise DatabaseError("Somebody uses the database.", "Stop every 'thscp serve' that uses it first.")
        time.sleep(0.1)


def _put_back(target: URL, file: Path, name: str) -> None:
    """Replace the tables in one transaction: when anything fails, or this process is killed, the old ones stand."""
    with tempfile.TemporaryDirectory() as folder:  # only we can read it
        script = Path(folder) / "restore.sql"
        _run(target, "pg_restore", "--schema=public", "--no-owner", f"--file={script}", str(file), connects=False)
        version = _dumped_revision(script)
        _check(version, file)
        _run(
            target, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction",
            "--command", f"ALTER SCHEMA public RENAME TO {name}", "--command", "CREATE SCHEMA public",
            "--file", str(script),
        )  # fmt: skip


def _dumped_revision(script: Path) -> str | None:
    with script.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(f"COPY public.{_OURS} "):
                return next(lines, "").strip() or None
    return None


def _run(target: URL, program: str, *words: str, connects: bool = True) -> None:
    """Run one of PostgreSQL's programs. The password goes by the environment, where no list of processes shows it."""
    found = shutil.which(program)
    if not found:
        raise DatabaseError(
            f"{program} is not installed.", "Install PostgreSQL's client programs; on Debian: postgresql-client."
        )
    environment = dict(os.environ)
    if target.password:
        environment["PGPASSWORD"] = str(target.password)
    address = target.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    to = [f"--dbname={address}"] if connects else []
    done = subprocess.run(  # noqa: S603 - the programs are PostgreSQL's own
        [found, *to, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise DatabaseError(f"{program} failed: {said}", "Look at docs/operate.md; nothing was changed.")


# --- both ----------------------------------------------------------------------------------------------------------


def _check(revision: str | None, file: Path) -> None:
    if revision is None:
        raise DatabaseError(f"{file} is no backup of this program, or is damaged.", "Give the name of a good backup.")
    if revision not in migrate.revisions():
        raise DatabaseError(f"{file} was made by another version ({revision}).", "Install that version to restore it.")


def _upgraded(url: str) -> None:
    engine = database.connect(url)
    migrate.upgrade(engine)
    engine.dispose()


def _kept(path: Path) -> None:
    """Make sure that a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
