"""Copies of the database: complete, beside a running server, and never in the place of something good."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from db import backup, deliveries, heartbeats, migrate
from db import engine as database
from db.deliveries import Destination
from db.engine import DatabaseError
from tests.databases import Cluster
from tests.fakes import Clock


class Kept:
    """A database with messages in it: `kept.says("one")`, and `kept.keys()` for what is in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = Clock()

    def _open(self) -> Engine:
        return database.connect(self.url)

    def says(self, key: str) -> None:
        """Queue a message under this key."""
        engine = self._open()
        with database.transaction(engine) as session:
            to = [Destination("test", "channel-1")]
            deliveries.put(session, key=key, kind="notice", card={"title": "ö"}, destinations=to, now=self.clock())
        engine.dispose()

    def keys(self, schema: str = "") -> list[str]:
        """Return the keys of every message."""
        engine = self._open()
        table = f"{schema}.occurrences" if schema else "occurrences"
        with engine.connect() as connection:
            found = list(connection.execute(text(f"SELECT key FROM {table} ORDER BY key")).scalars())  # noqa: S608
        engine.dispose()
        return found

    def copied(self, file: Path) -> Path:
        """Copy it to a file."""
        backup.backup(self.url, file, now=self.clock())
        return file

    def gets(self, file: Path) -> str:
        """Put a copy in its place, a second later than the last one; return where the old one is kept."""
        self.clock.pass_(seconds=1)
        return backup.restore(self.url, file, now=self.clock())

    def marked(self) -> bool:
        """Say whether it is marked as a copy that was put back."""
        engine = self._open()
        with database.transaction(engine) as session:
            found = [beat.owner for beat in heartbeats.everybody(session)]
        engine.dispose()
        return heartbeats.RESTORED in found

    def differences(self) -> list[str]:
        """Say where its tables differ from those of this version."""
        engine = self._open()
        found = migrate.differences(engine)
        engine.dispose()
        return found

    def drops_what_was_kept(self) -> None:
        """Drop the schemas that hold an older database."""
        schemas = self.schemas()
        engine = self._open()
        with engine.begin() as connection:
            for schema in schemas:
                connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()

    def schemas(self) -> list[str]:
        """Return the schemas that hold an older database."""
        engine = self._open()
        found = [name for name in inspect(engine).get_schema_names() if name.startswith("before_restore_")]
        engine.dispose()
        return found


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give a database with one message in it."""
    found = Kept(database_url)
    found.says("first")
    yield found
    found.drops_what_was_kept()  # PostgreSQL's is in the database that the next test gets


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Kept:
    """Give a SQLite file with one message in it."""
    found = Kept(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'kept.db')}")
    found.says("first")
    return found


def file_of(kept: Kept) -> Path:
    return Path(kept.url.removeprefix("sqlite:///"))


def test_what_was_copied_comes_back_whole_and_what_was_there_instead_is_kept(kept: Kept, tmp_path: Path) -> None:
    copy = kept.copied(tmp_path / "one.backup")
    kept.says("second")

    where = kept.gets(copy)

    assert (kept.keys(), kept.marked(), kept.differences()) == (["first"], True, [])
    if kept.url.startswith("sqlite"):
        assert Path(where).name.startswith("test.db.before_restore_")
        assert Kept(f"sqlite:///{where}").keys() == ["first", "second"]
    else:
        [schema] = kept.schemas()
        assert schema in where
        assert kept.keys(schema) == ["first", "second"]


def test_a_copy_of_what_was_put_back_can_be_put_back_as_well(kept: Kept, tmp_path: Path) -> None:
    for number in (1, 2):
        kept.gets(kept.copied(tmp_path / f"{number}.backup"))

    assert (kept.keys(), kept.differences()) == (["first"], [])


def test_a_copy_can_be_read_by_nobody_else_and_nothing_else_is_left(kept: Kept, tmp_path: Path) -> None:
    kept.gets(kept.copied(tmp_path / "one.backup"))

    [file] = tmp_path.glob("one*")
    assert file.stat().st_mode & 0o077 == 0


def test_a_copy_of_an_older_version_is_brought_to_this_one(on_sqlite: Kept, tmp_path: Path) -> None:
    older = tmp_path / "older.backup"
    engine = database.connect(f"sqlite:///{older}")
    migrate.upgrade(engine, "0001_start")
    engine.dispose()

    on_sqlite.gets(older)

    assert on_sqlite.differences() == []
    with closing(sqlite3.connect(older)) as unchanged:
        assert unchanged.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001_start",)]


def test_a_copy_that_is_put_back_by_hand_is_known_for_one_too(on_sqlite: Kept, tmp_path: Path) -> None:
    copy = on_sqlite.copied(tmp_path / "one.backup")

    shutil.copyfile(copy, file_of(on_sqlite))

    assert on_sqlite.marked()


def test_the_database_that_was_copied_is_not_taken_for_a_copy(kept: Kept, tmp_path: Path) -> None:
    kept.copied(tmp_path / "one.backup")

    assert not kept.marked()


def test_what_a_damaged_database_still_holds_is_kept(on_sqlite: Kept, tmp_path: Path) -> None:
    copy = on_sqlite.copied(tmp_path / "one.backup")
    file_of(on_sqlite).write_bytes(b"damaged" * 1000)

    where = on_sqlite.gets(copy)

    assert Path(where).read_bytes().startswith(b"damaged")
    assert on_sqlite.keys() == ["first"]


def test_a_database_that_is_gone_can_be_put_back(on_sqlite: Kept, tmp_path: Path) -> None:
    copy = on_sqlite.copied(tmp_path / "one.backup")
    file_of(on_sqlite).unlink()

    where = on_sqlite.gets(copy)

    assert (where, on_sqlite.keys()) == ("", ["first"])


def test_an_existing_file_is_never_overwritten_by_a_copy(kept: Kept, tmp_path: Path) -> None:
    dear = tmp_path / "one.backup"
    dear.write_text("something dear")

    with pytest.raises(DatabaseError, match="exists already"):
        kept.copied(dear)

    assert dear.read_text() == "something dear"


NO_BACKUP = {"words": b"only words", "nothing": b"", "the beginning of a database": b"SQLite format 3\x00" + bytes(400)}


@pytest.mark.parametrize("content", NO_BACKUP.values(), ids=NO_BACKUP)
def test_a_file_that_is_no_backup_changes_nothing(kept: Kept, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)

    with pytest.raises(DatabaseError, match=r"no backup|pg_restore failed"):
        kept.gets(other)

    assert (kept.keys(), kept.marked(), kept.differences()) == (["first"], False, [])


def test_a_copy_of_another_program_or_of_a_newer_version_changes_nothing(on_sqlite: Kept, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "foreign")) as foreign:
        foreign.execute("CREATE TABLE things (id INTEGER)")
    with closing(sqlite3.connect(tmp_path / "newer")) as newer:
        newer.execute("CREATE TABLE alembic_version (version_num TEXT)")
        newer.execute("INSERT INTO alembic_version VALUES ('9999_newer')")
        newer.commit()

    with pytest.raises(DatabaseError, match="no backup"):
        on_sqlite.gets(tmp_path / "foreign")
    with pytest.raises(DatabaseError, match=r"another version \(9999_newer"):
        on_sqlite.gets(tmp_path / "newer")

    assert (on_sqlite.keys(), on_sqlite.marked()) == (["first"], False)


def test_the_database_itself_is_not_put_in_its_own_place(on_sqlite: Kept) -> None:
    with pytest.raises(DatabaseError, match="the database itself"):
        on_sqlite.gets(file_of(on_sqlite))

    assert on_sqlite.keys() == ["first"]


def test_a_dump_that_fails_halfway_leaves_the_old_tables(
    cluster: Cluster, names: Callable[[], str], tmp_path: Path
) -> None:
    name = names()
    cluster.create(name)
    full = Kept(cluster.url(name))
    engine = database.connect(full.url)
    migrate.upgrade(engine)
    engine.dispose()
    full.says("first")
    copy = full.copied(tmp_path / "one.backup")
    copy.write_bytes(copy.read_bytes()[:-2000])

    with pytest.raises(DatabaseError, match="failed"):
        full.gets(copy)

    assert (full.keys(), full.schemas(), full.differences()) == (["first"], [], [])


def test_nothing_is_put_back_while_a_server_uses_the_database(kept: Kept, tmp_path: Path) -> None:
    copy = kept.copied(tmp_path / "one.backup")
    kept.says("second")
    engine = database.connect(kept.url)
    let_go = database.hold_alone(kept.url)
    with engine.connect() as held:
        held.execute(text("SELECT 1"))
        held.rollback()
        with pytest.raises(DatabaseError) as refused:
            kept.gets(copy)
    let_go()
    engine.dispose()

    assert "Stop" in refused.value.hint
    assert kept.keys() == ["first", "second"]


def test_a_copy_is_complete_while_others_read_and_write(kept: Kept, tmp_path: Path) -> None:
    engine = database.connect(kept.url)
    with engine.connect() as reader:
        reader.execute(text("SELECT 1"))
        reader.rollback()
        for number in range(3):
            kept.says(f"more {number}")
            kept.copied(tmp_path / f"{number}.backup")
    engine.dispose()

    kept.gets(tmp_path / "2.backup")

    assert kept.keys() == ["first", "more 0", "more 1", "more 2"]


def test_a_database_in_memory_has_no_copies(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="in memory"):
        backup.backup("sqlite://", tmp_path / "one.backup", now=Clock().now)

    assert list(tmp_path.iterdir()) == []
