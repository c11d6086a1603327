"""`thscp db backup` and `thscp db restore`, as an operator types them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.command import Command, Done


def refused(done: Done, words: str) -> bool:
    printed = done.out + done.err
    return done.code == 1 and "Traceback" not in printed and words in printed


def test_a_database_is_copied_and_put_back_and_it_is_said_where_the_old_one_is(
    thscp: Command, database_url: str
) -> None:
    copied = thscp("db", "backup", "one.backup", database_url=database_url)
    restored = thscp("db", "restore", "one.backup", database_url=database_url)
    checked = thscp("db", "check", database_url=database_url)

    assert (copied.code, restored.code, checked.code) == (0, 0, 0), copied.err + restored.err + checked.err
    assert "before_restore_" in restored.out
    assert "looked for before it is sent" in restored.out


WRONG = {
    "a file that is not there": ("restore", "nowhere.backup", "no file"),
    "a folder that is not there": ("backup", "nowhere/one.backup", "no folder"),
    "a database that is not there": ("backup", "one.backup", "no database"),
}


@pytest.mark.parametrize(("what", "file", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_explained(thscp: Command, what: str, file: str, words: str) -> None:
    done = thscp("db", what, file)

    assert refused(done, words)
    assert list(thscp.folder.iterdir()) == []


def test_without_the_programs_of_postgresql_it_says_what_to_install(thscp: Command) -> None:
    done = subprocess.run(
        [sys.executable, "-c", thscp.starts, "db", "backup", "one.backup"],
        cwd=thscp.folder, env=thscp.environment(database_url="postgresql://127.0.0.1:1/x") | {"PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "pg_dump is not installed" in done.stderr
    assert "postgresql-client" in done.stderr
    assert list(thscp.folder.iterdir()) == []
