"""How the program starts beside what is in its way: each is explained in words, and looking changes nothing."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator

import pytest

from db import engine as database
from db import migrate
from db.engine import DatabaseError
from tests.cli.command import Command

SILENT = "postgresql://127.0.0.1:1/x"


@pytest.fixture
def taken() -> Iterator[str]:
    """Give a port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


@pytest.mark.parametrize(("command", "way_out"), [("demo", "make demo PORT="), ("serve", "--port ")])
def test_a_port_in_use_is_explained_before_anything_is_begun(
    thscp: Command, taken: str, command: str, way_out: str
) -> None:
    done = thscp(command, "--port", taken)

    assert done.code == 1
    assert "error port.in-use" in done.err
    assert taken in done.err
    assert way_out in done.err
    assert "Traceback" not in done.err
    assert list(thscp.folder.iterdir()) == []


NOWHERE = {
    "an address of another machine": "192.0.2.1",
    "a name that is none": "nowhere.invalid",
}


@pytest.mark.parametrize("host", NOWHERE.values(), ids=NOWHERE)
def test_an_address_that_cannot_be_listened_on_is_explained(thscp: Command, host: str) -> None:
    done = thscp("serve", "--host", host, "--port", "0")

    assert done.code == 1
    assert "error port.refused" in done.err
    assert host in done.err
    assert "Traceback" not in done.err


def test_a_port_that_there_cannot_be_is_refused_in_words(thscp: Command) -> None:
    done = thscp("serve", "--port", "70000")

    assert done.code != 0
    assert "--port" in done.err
    assert "Traceback" not in done.err


MALFORMED = {
    "a word": "foo",
    "nothing": "",
    "a port in words": "postgresql://person:hunter2@127.0.0.1:port/x",
    "an address without its kind": "person:hunter2@127.0.0.1/x",
    "a bracket too many": "postgresql://person:hunter2@[::1/x",
    "a file in the place of the host": "sqlite://hunter2.db",
    "a number in words": "sqlite:///x.db?timeout=hunter2",
}


@pytest.mark.parametrize("url", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_address_of_the_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseError) as error:
        database.driver_url(url)

    assert "THSCP_DATABASE_URL" in str(error.value)
    assert "sqlite:///" in error.value.hint
    assert "hunter2" not in f"{error.value} {error.value.hint} {error.value.__cause__}"


@pytest.mark.parametrize("command", ["doctor", "serve", "ask threshold", "db check", "db upgrade", "kb list"])
def test_a_malformed_address_of_the_database_is_explained_by_every_command(thscp: Command, command: str) -> None:
    done = thscp(*command.split(), database_url="postgresql://person:hunter2@127.0.0.1:port/x")

    assert done.code == 1
    assert "THSCP_DATABASE_URL" in done.out + done.err
    assert "Traceback" not in done.out + done.err
    assert "hunter2" not in done.out + done.err


@pytest.mark.parametrize("command", ["doctor", "db check"])
def test_looking_at_a_database_that_is_not_there_does_not_make_it(thscp: Command, command: str) -> None:
    thscp(*command.split())

    assert list(thscp.folder.iterdir()) == []


def test_a_folder_in_which_nothing_can_be_made_is_found_before_the_start(thscp: Command) -> None:
    done = thscp("doctor", database_url="sqlite:///missing/thscp.db")

    assert done.code == 1
    assert "error database.unreachable" in done.out


def test_a_file_that_is_no_database_is_explained(thscp: Command) -> None:
    thscp.file("thscp.db", "these are only words " * 100)

    for command in ("doctor", "serve", "db check"):
        done = thscp(*command.split())
        assert done.code == 1, command
        assert "database.unreachable" in done.out + done.err
        assert "Traceback" not in done.out + done.err


@pytest.mark.parametrize("command", ["db check", "db upgrade", "kb list"])
def test_a_database_that_does_not_answer_is_explained(thscp: Command, command: str) -> None:
    done = thscp(*command.split(), database_url=SILENT)

    assert done.code == 1
    assert "database.unreachable" in done.err
    assert "Traceback" not in done.err


def test_a_question_is_answered_after_the_doctor_has_looked(thscp: Command) -> None:
    thscp("doctor")
    thscp("db", "check")

    done = thscp("ask", "threshold")

    assert "Threshold" in done.out
    assert "Something went wrong" not in done.out
    assert done.err == ""


def test_a_question_is_answered_without_a_database_of_an_older_version_which_stays_as_it_is(thscp: Command) -> None:
    path = thscp.folder / "thscp.db"
    older = database.connect(f"sqlite:///{path}")
    migrate.upgrade(older)
    with older.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    older.dispose()

    done = thscp("ask", "threshold")

    assert "Threshold" in done.out
    assert "Something went wrong" not in done.out
    assert "thscp db upgrade" in done.err
    with sqlite3.connect(path) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("older",)]
    kept.close()


def test_danger_is_answered_when_the_database_does_not_answer(thscp: Command) -> None:
    done = thscp("ask", "a child is being hurt right now, he is bleeding", database_url=SILENT)

    assert "999" in done.out
    assert "thscp doctor" in done.err
