"""The databases of the tests: SQLite files, and an own PostgreSQL cluster made of what is installed.

The cluster listens on a socket in its own folder only, so that it meets no other one on the machine.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

NOT_INSTALLED = "PostgreSQL is not installed. On Debian: apt-get install postgresql"
_START_SECONDS = 60
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the cluster is thrown away: a power cut may damage it
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}


def binaries() -> Path | None:
    """Return the folder that holds PostgreSQL's server programs, the newest version first; None without one."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL server of the tests. It lives as long as the test run."""

    sockets: Path
    tables: list[str]  # those of the newest version

    def url(self, name: str) -> str:
        """Return the address of one of its databases, as THSCP_DATABASE_URL has it."""
        return f"postgresql://tests@/{name}?host={self.sockets}"

    def create(self, name: str, *, like: str = "template0") -> None:
        """Create a database, as a copy of another one."""
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(like)
            )
        )

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def empty(self, name: str) -> bool:
        """Take every row out of a database, which is far quicker than a new one; False when that fails."""
        try:
            with psycopg.connect(self.url(name), autocommit=True) as connection:
                connection.execute("SET lock_timeout = '2s'")
                connection.execute("SET session_replication_role = replica")  # or the audit trail would refuse
                found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
                if sorted(table for (table,) in found if table != "alembic_version") != self.tables:
                    return False
                [(size,)] = connection.execute("SELECT pg_database_size(current_database())").fetchall()
                if size > _BIG:  # rows that were taken out still fill its files
                    return False
                _take_rows_out(connection, self.tables)
                connection.execute("SELECT setval(format('%I', sequencename), 1, false) FROM pg_sequences "
                                   "WHERE last_value IS NOT NULL")  # fmt: skip
        except psycopg.Error:
            return False
        return True

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


_BIG = 80_000_000  # bytes
_MANY = 2_000  # rows from which new files are quicker than taking rows out, and leave nothing behind


def _take_rows_out(connection: psycopg.Connection[Any], tables: list[str]) -> None:
    one = sql.SQL("SELECT {name}, (SELECT count(*) FROM {table})")
    each = [one.format(name=sql.Literal(name), table=sql.Identifier(name)) for name in tables]
    counts = dict(connection.execute(sql.SQL(" UNION ALL ").join(each)).fetchall())
    names = [sql.Identifier(name) for name, count in counts.items() if count]
    if sum(counts.values()) > _MANY:
        everything = sql.SQL(", ").join(map(sql.Identifier, tables))
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(everything))
    elif names:
        connection.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(name) for name in names))


@contextmanager
def cluster(programs: Path, tables: list[str], *, connections: int = 60) -> Iterator[Cluster]:
    """Start a new cluster with these programs, and stop it and remove its files in the end."""
    folder = Path(tempfile.mkdtemp(prefix="thscp-pg-"))
    user = _unprivileged()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    chosen = {**_SETTINGS, "max_connections": str(connections)}
    settings = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    data, log = folder / "data", folder / "log"
    options = ["--username=tests", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, *options], check=True, cwd=folder, stdout=subprocess.DEVNULL, **who
        )
        with log.open("wb") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *settings],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=_end_with_us, **who,  # noqa: PLW1509 - the tests start no thread before it
            )  # fmt: skip
        try:
            running = Cluster(folder, tables)
            _wait(running, server, log)
            yield running
        finally:
            server.send_signal(signal.SIGINT)  # the fast shutdown: connections are closed, nothing is waited for
            server.wait(timeout=_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom to run the server as: PostgreSQL refuses to run as root. None means as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _end_with_us() -> None:
    """Ask the kernel to stop the server when this process is killed and can no longer do so itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _wait(started: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(started.url("postgres")).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.05)
        else:
            return
