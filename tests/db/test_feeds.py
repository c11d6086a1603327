"""Calendar addresses: two made at the same moment, and what becomes of them when somebody goes and comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from db import engine as database
from db import feeds, people, registry
from db.feeds import Feed
from db.people import Identity, Role

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


def enrolled(engine: Engine) -> int:
    with database.transaction(engine) as session:
        return people.enrol(session, Identity("test", "ola"), name="Ola Invented", roles=[Role.MEMBER], on=TODAY)


def make(engine: Engine, person: int, number: int) -> None:
    with database.transaction(engine) as session:
        feeds.make(session, person_id=person, token_hash=f"hash {number}", at=NOW)


def test_of_several_addresses_that_are_made_at_once_one_is_good(engine: Engine) -> None:
    person = enrolled(engine)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: make(engine, person, number), range(8)))

    with database.transaction(engine) as session:
        assert len(session.scalars(select(Feed)).all()) == 8
        good = session.scalars(select(Feed.token_hash).where(Feed.revoked_at.is_(None))).all()
        assert len(good) == 1
        assert feeds.read(session, good[0], on=TODAY) == person


def test_whoever_comes_back_has_none_of_the_addresses_of_before(engine: Engine) -> None:
    person = enrolled(engine)
    make(engine, person, 1)

    with database.transaction(engine) as session:
        registry.leave(session, person, on=TODAY)
        assert feeds.read(session, "hash 1", on=TODAY) is None
        registry.come_back(session, person, on=TODAY)
        assert feeds.read(session, "hash 1", on=TODAY) is None
