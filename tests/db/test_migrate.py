"""The tables: made from nothing and from every earlier version, the same as the models, by many at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from db import engine as database
from db import migrate

STARTERS = 10
START = "import sys; from db import engine, migrate; migrate.upgrade(engine.connect(sys.argv[1]))"


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    """Give an open database without tables."""
    opened = database.connect(empty_url)
    yield opened
    opened.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_an_empty_database_gets_exactly_the_tables_of_the_models(empty: Engine) -> None:
    migrate.upgrade(empty)

    assert migrate.differences(empty) == []
    assert migrate.current(empty) == migrate.revisions()[-1]


@pytest.mark.parametrize("earlier", migrate.revisions())
def test_every_earlier_version_is_brought_up_to_date(empty: Engine, earlier: str) -> None:
    migrate.upgrade(empty, earlier)

    migrate.upgrade(empty)

    assert migrate.differences(empty) == []


def test_bringing_up_to_date_again_changes_nothing(empty: Engine) -> None:
    migrate.upgrade(empty)
    migrate.upgrade(empty)

    assert migrate.differences(empty) == []


@pytest.mark.parametrize("earlier", ["base", *migrate.revisions()])
def test_a_version_can_be_taken_back_and_put_on_again(empty: Engine, earlier: str) -> None:
    migrate.upgrade(empty)

    migrate.downgrade(empty, earlier)
    left = tables(empty)
    migrate.upgrade(empty)

    assert (left == set()) == (earlier == "base")
    assert migrate.differences(empty) == []


def test_a_difference_is_named(empty: Engine) -> None:
    migrate.upgrade(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE people ADD COLUMN shoe_size INTEGER")

    assert ["shoe_size" in found for found in migrate.differences(empty)] == [True]


def test_the_files_in_the_order_of_their_names_are_the_chain_that_alembic_follows() -> None:
    chain = ScriptDirectory(str(migrate.folder().parent)).walk_revisions()

    assert migrate.revisions() == [one.revision for one in chain][::-1]


def test_a_database_that_is_up_to_date_is_left_alone_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    for expected in (["True"], ["False"]):
        done = subprocess.run(
            [sys.executable, "-c", f"{START}; print('alembic.command' in sys.modules)", url],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout.split() == expected


def test_many_starters_at_once_all_succeed(empty_url: str) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", START, empty_url], stderr=subprocess.PIPE) for _ in range(STARTERS)
    ]
    ends = [(starter.communicate(timeout=60)[1], starter.returncode) for starter in starters]

    assert ends == STARTERS * [(b"", 0)]
    engine = database.connect(empty_url)
    assert migrate.differences(engine) == []
    engine.dispose()
