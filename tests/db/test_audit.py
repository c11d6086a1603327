"""The trail of who did what: rows are added, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db import audit
from db import engine as database
from tests.fakes import Clock

CHANGES = {
    "update": "UPDATE audit SET actor = 'somebody else'",
    "delete": "DELETE FROM audit",
    "update of one row": "UPDATE audit SET action = 'nothing' WHERE id = 1",
    "delete of one row": "DELETE FROM audit WHERE id = 1",
}
CHANGES_BY_DATABASE = {
    "sqlite": {
        "replace": "INSERT OR REPLACE INTO audit SELECT id, at, 'somebody else', action, subject, detail FROM audit",
        "upsert": (
            "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT (id) DO UPDATE SET actor = 'somebody else'"
        ),
    },
    "postgresql": {
        "truncate": "TRUNCATE audit CASCADE",
        "upsert": "INSERT INTO audit SELECT * FROM audit ON CONFLICT (id) DO UPDATE SET actor = 'somebody else'",
    },
}


def written(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        audit.add(session, at=clock.now, actor="person:1", action="answered", subject="ASK-2026-001", tries=2)


def trail(engine: Engine) -> list[tuple[str, str, str]]:
    with Session(engine) as session:
        return [(entry.actor, entry.action, entry.subject) for entry in audit.latest(session, limit=9)]


def test_a_deed_is_kept_with_its_details(engine: Engine, clock: Clock) -> None:
    written(engine, clock)

    with Session(engine) as session:
        [entry] = audit.latest(session, limit=9)
    assert (entry.at, entry.actor, entry.detail) == (clock.now, "person:1", {"tries": 2})


def test_the_newest_deed_comes_first(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        for subject in ("one", "two", "three"):
            audit.add(session, at=clock.now, actor="person:1", action="read", subject=subject)

    with Session(engine) as session:
        assert [entry.subject for entry in audit.latest(session, limit=2)] == ["three", "two"]


@pytest.mark.parametrize("change", CHANGES)
def test_the_trail_cannot_be_changed(engine: Engine, clock: Clock, change: str) -> None:
    written(engine, clock)

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(CHANGES[change]))

    assert trail(engine) == [("person:1", "answered", "ASK-2026-001")]


@pytest.mark.parametrize("way", ["first", "second"])
def test_the_trail_cannot_be_changed_by_the_ways_of_one_database(engine: Engine, clock: Clock, way: str) -> None:
    written(engine, clock)
    statement = list(CHANGES_BY_DATABASE[engine.dialect.name].values())[way == "second"]

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))

    assert trail(engine) == [("person:1", "answered", "ASK-2026-001")]
