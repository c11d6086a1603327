"""What was kept of people before there were dated posts goes on to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db import engine as database
from db import migrate, people
from db.people import Identity, Role

PAT, LEE = Identity("slack", "U1"), Identity("slack", "U2")
ROWS = (
    "INSERT INTO people (id, name, post, left_on) VALUES (1, 'Pat', 'Strategy Manager', NULL)",
    "INSERT INTO people (id, name, post, left_on) VALUES (2, 'Lee', 'Strategy Manager', '2026-10-01')",
    "INSERT INTO people (id, name, post, left_on) VALUES (3, 'Sam', '', NULL)",
    "INSERT INTO identities (person_id, platform, user_id) VALUES (1, 'slack', 'U1'), (2, 'slack', 'U2')",
    "INSERT INTO role_grants (person_id, role, from_on) VALUES (1, 'member', '2026-01-05'), (1, 'chair', '2026-03-01')",
)


@pytest.fixture
def before(empty_url: str) -> Iterator[Engine]:
    """Give a database of the version before, with people in it."""
    engine = database.connect(empty_url)
    migrate.upgrade(engine, "0003_outbox")
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    yield engine
    engine.dispose()


def test_who_held_a_post_still_holds_it_and_a_leaver_does_not(before: Engine) -> None:
    migrate.upgrade(before)

    with Session(before) as session:
        held = {
            on: people.holders(session, "Strategy Manager", on=date.fromisoformat(on))
            for on in ("2026-01-04", "2026-01-05", "2030-01-01")
        }
        found = people.find(session, PAT, on=date(2026, 11, 21))
    assert held == {"2026-01-04": [], "2026-01-05": [PAT], "2030-01-01": [PAT]}
    assert found.roles == {Role.MEMBER, Role.CHAIR}


def test_going_back_keeps_the_post_that_is_held(before: Engine) -> None:
    migrate.upgrade(before, "0004_people")

    migrate.downgrade(before, "0003_outbox")

    with before.connect() as connection:
        posts = connection.execute(text("SELECT name, post FROM people ORDER BY id")).all()
    assert [tuple(row) for row in posts] == [("Pat", "Strategy Manager"), ("Lee", ""), ("Sam", "")]
