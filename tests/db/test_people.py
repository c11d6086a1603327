"""People: who they are on a day, and where they are reached."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from db import engine as database
from db import people
from db.people import SECRETARIAT, Actor, Identity, IdentityRow, Person, Role, RoleGrant

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
PAT = Identity("test", "pat")


def enrol(engine: Engine, who: Identity = PAT, *roles: Role, on: date = TODAY, post: str = "", agency: str = "") -> int:
    with database.transaction(engine) as session:
        return people.enrol(session, who, name="Pat Practitioner", roles=roles, on=on, post=post, agency=agency)


def find(engine: Engine, who: Identity = PAT, on: date = TODAY) -> Actor:
    with Session(engine) as session:
        return people.find(session, who, on=on)


def leaves(engine: Engine, on: date) -> None:
    with database.transaction(engine) as session:
        session.execute(update(Person).values(left_on=on))


def test_a_stranger_has_no_person_and_no_roles(engine: Engine) -> None:
    assert find(engine) == Actor(PAT)


def test_an_enrolled_person_has_their_name_and_roles(engine: Engine) -> None:
    number = enrol(engine, PAT, Role.MEMBER, Role.CHAIR)

    assert find(engine) == Actor(PAT, number, "Pat Practitioner", frozenset({Role.MEMBER, Role.CHAIR}))


def test_somebody_with_the_same_id_on_another_platform_is_a_stranger(engine: Engine) -> None:
    enrol(engine, PAT, Role.COORDINATOR)

    assert find(engine, Identity("elsewhere", "pat")).roles == frozenset()


ROLE_DAYS = {
    "the day before": (-1, False),
    "the first day": (0, True),
    "the last day": (10, True),
    "the day after": (11, False),
}


@pytest.mark.parametrize(("day", "has"), ROLE_DAYS.values(), ids=ROLE_DAYS)
def test_a_role_holds_from_its_first_to_its_last_day(engine: Engine, day: int, has: bool) -> None:
    number = enrol(engine, PAT, Role.CHAIR)
    with database.transaction(engine) as session:
        session.execute(update(RoleGrant).values(until_on=TODAY + 10 * DAY))
    on = TODAY + day * DAY

    with Session(engine) as session:
        assert (Role.CHAIR in people.find(session, PAT, on=on).roles) is has
        assert (Role.CHAIR in people.roles(session, number, on=on)) is has
        assert (people.reach(session, roles=[Role.CHAIR], on=on) == [PAT]) is has


LEAVING = {"the day before": (-1, True), "the day of leaving": (0, False), "later": (5, False)}


@pytest.mark.parametrize(("day", "here"), LEAVING.values(), ids=LEAVING)
def test_a_leaver_has_no_roles_and_is_not_reached(engine: Engine, day: int, here: bool) -> None:
    number = enrol(engine, PAT, Role.COORDINATOR, on=TODAY - 9 * DAY, post="Strategy Manager")
    leaves(engine, TODAY)
    on = TODAY + day * DAY

    with Session(engine) as session:
        assert (people.find(session, PAT, on=on).roles == {Role.COORDINATOR}) is here
        assert (people.roles(session, number, on=on) == {Role.COORDINATOR}) is here
        assert (people.reach(session, roles=SECRETARIAT, on=on) == [PAT]) is here
        assert (people.holders(session, "Strategy Manager", on=on) == [PAT]) is here


def test_somebody_with_two_roles_and_two_places_is_reached_once_at_the_older_place(engine: Engine) -> None:
    number = enrol(engine, PAT, Role.COORDINATOR, Role.STRATEGY_MANAGER, post="Strategy Manager")
    with database.transaction(engine) as session:
        session.add(IdentityRow(person_id=number, platform="later", user_id="pat"))

    with Session(engine) as session:
        assert people.reach(session, roles=SECRETARIAT, on=TODAY) == [PAT]
        assert people.holders(session, "Strategy Manager", on=TODAY) == [PAT]


def test_enrolling_again_adds_only_what_is_missing(engine: Engine) -> None:
    first = enrol(engine, PAT, Role.MEMBER, agency="Example Council")
    second = enrol(engine, PAT, Role.MEMBER, Role.CHAIR, agency="Example Council")

    assert first == second
    with Session(engine) as session:
        assert sorted(grant.role for grant in session.query(RoleGrant)) == ["chair", "member"]


BACK = {"on the day of leaving": 0, "later": 30}


@pytest.mark.parametrize("days", BACK.values(), ids=BACK)
def test_somebody_who_left_and_comes_back_is_the_same_person_with_only_what_is_named_now(
    engine: Engine, days: int
) -> None:
    first = enrol(engine, PAT, Role.COORDINATOR, Role.MEMBER, post="Coordinator", on=TODAY - 9 * DAY)
    leaves(engine, TODAY)
    on = TODAY + days * DAY

    second = enrol(engine, PAT, Role.MEMBER, Role.CHAIR, on=on)

    assert first == second
    assert find(engine, on=on).roles == {Role.MEMBER, Role.CHAIR}
    with Session(engine) as session:
        assert people.holders(session, "Coordinator", on=on) == []
        assert not people.has_left(session, PAT, on=on)


def test_only_those_who_were_enrolled_have_left_and_from_their_day_on(engine: Engine) -> None:
    enrol(engine, on=TODAY - DAY)
    leaves(engine, TODAY)

    with Session(engine) as session:
        left = [people.has_left(session, PAT, on=TODAY + day * DAY) for day in (-1, 0, 1)]
        assert left == [False, True, True]
        assert not people.has_left(session, Identity("test", "nobody"), on=TODAY)


def test_two_people_of_one_agency_share_it(engine: Engine) -> None:
    enrol(engine, PAT, agency="Example Council")
    enrol(engine, Identity("test", "sam"), agency="Example Council")

    with Session(engine) as session:
        assert len({person.agency_id for person in session.query(Person)}) == 1


def test_replicas_that_start_together_enrol_somebody_once(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as replicas:
        numbers = set(replicas.map(lambda _: enrol(engine, PAT, Role.COORDINATOR), range(8)))

    assert len(numbers) == 1
    with Session(engine) as session:
        assert session.query(RoleGrant).count() == 1


def test_an_identity_is_read_as_it_is_written() -> None:
    assert Identity.parse(" slack:U0123:x ") == Identity("slack", "U0123:x")
    assert str(Identity.parse("slack:U0123")) == "slack:U0123"


@pytest.mark.parametrize("text", ["", "slack", "slack:", ":U0123"])
def test_half_an_identity_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="should look like slack:U0123ABCD"):
        Identity.parse(text)
