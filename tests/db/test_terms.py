"""The terms that name no family: each stands once, in whatever capitals, and the guard hears of every change."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import engine as database
from db import people, terms
from db.people import Identity
from tests.fakes import Clock


def add(engine: Engine, clock: Clock, *names: str, by: int | None = None) -> list[int | None]:
    with database.transaction(engine) as session:
        return [terms.add(session, term=name, at=clock.now, by=by) for name in names]


def kept(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return [row.term for row in terms.listed(session, skip=0, limit=99)]


def test_a_term_in_other_capitals_is_there_already(engine: Engine, clock: Clock) -> None:
    first, again, other = add(engine, clock, "Amina Centre", "AMINA centre", "Straße 5")

    assert (first is None, again, other is None) == (False, None, False)
    assert add(engine, clock, "STRASSE 5") == [None]
    assert kept(engine) == ["Amina Centre", "Straße 5"]


def test_a_term_that_was_taken_out_can_be_added_again(engine: Engine, clock: Clock) -> None:
    [term_id] = add(engine, clock, "Amina Centre")
    assert term_id

    with database.transaction(engine) as session:
        assert terms.remove(session, term_id) == "Amina Centre"
        assert terms.remove(session, term_id) is None

    assert kept(engine) == []
    assert add(engine, clock, "amina centre") != [None]


def test_terms_are_listed_in_the_order_of_the_alphabet_with_who_added_them(engine: Engine, clock: Clock) -> None:
    with database.transaction(engine) as session:
        person = people.enrol(session, Identity("test", "nico"), name="Nico Invented", roles=[], on=clock.now.date())
    add(engine, clock, "yard", "Beta House", by=person)
    add(engine, clock, "alpha House", "Zed")

    with Session(engine) as session:
        rows = terms.listed(session, skip=1, limit=2)
        everything = terms.all_terms(session)

    assert [(row.term, row.added_by, row.added_at) for row in rows] == [
        ("Beta House", "Nico Invented", clock.now), ("yard", "Nico Invented", clock.now)
    ]  # fmt: skip
    assert everything == {"alpha House", "Beta House", "yard", "Zed"}


def test_only_a_change_is_told_to_the_guard(engine: Engine, clock: Clock) -> None:
    [term_id] = add(engine, clock, "Amina Centre")
    assert term_id
    told = {}

    with database.transaction(engine) as session:
        terms.add(session, term="amina centre", at=clock.now, by=None)
        terms.remove(session, 999)
        told["nothing changed"] = terms.changed_in(session)
        terms.remove(session, term_id)
        told["taken out"] = terms.changed_in(session)
    with database.transaction(engine) as session:
        terms.add(session, term="amina centre", at=clock.now, by=None)
        told["added"] = terms.changed_in(session)

    assert told == {"nothing changed": False, "taken out": True, "added": True}


@pytest.mark.parametrize("skip", [0, 30])
def test_where_there_are_none_none_are_listed(engine: Engine, skip: int) -> None:
    with Session(engine) as session:
        assert terms.listed(session, skip=skip, limit=5) == []
