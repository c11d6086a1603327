"""Audiences: who is to read something, where each is reached, and who cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import audiences, channels, groups, people, registry, subscriptions
from db import engine as database
from db.audiences import Audience, Reader
from db.deliveries import Destination
from db.people import Identity, Role

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
REACHED = frozenset({"slack", "email"})


def _person(session: Session, name: str, agency: str, *places: str, roles: tuple[Role, ...] = (Role.MEMBER,)) -> int:
    number = registry.create(session, name)
    wanted = registry.Wanted(agency=agency, roles=frozenset(roles))
    registry.change(session, number, wanted, on=TODAY - timedelta(days=30))
    for place in places:
        registry.add_place(session, number, Identity.parse(place))
    return number


@pytest.fixture
def ids(engine: Engine) -> dict[str, int]:
    """Enrol invented people: of two agencies, of one name, with three places, without any, and a leaver."""
    with database.transaction(engine) as session:
        found = {
            "ann": _person(session, "Ann", "Council", "slack:U1", roles=(Role.MEMBER, Role.CHAIR)),
            "ben": _person(session, "Ben", "Council", "teams:t2", "email:ben@x.gov.uk", "slack:U2"),
            "cat": _person(session, "Cat", "Trust", "teams:t3"),
            "sam": _person(session, "Sam", "Trust", "slack:U4"),
            "sam2": _person(session, "Sam", "Trust", "email:sam@x.gov.uk", roles=(Role.STRATEGY_MANAGER,)),
            "lee": _person(session, "Lee", "Council", "slack:U6", roles=tuple(Role)),
        }
        registry.leave(session, found["lee"], on=TODAY)
        for who in ("ann", "cat", "lee"):
            groups.join(session, found[who], "Executive", on=TODAY - timedelta(days=9))
        groups.leave(session, found["lee"], "Executive", on=TODAY)
        registry.name_deputy(
            session, found["sam"], for_person_id=found["sam2"], role=Role.STRATEGY_MANAGER, on=TODAY, until=TODAY
        )
        subscriptions.set_(session, found["ann"], "monthly", wanted=False, at=NOW)
        channels.register(
            session, platform="slack", address="C1", name="All", group_id=groups.group_id(session, "Executive"),
            at=NOW, by=None,
        )  # fmt: skip
        channels.register(session, platform="teams", address="C2", name="Teams", group_id=None, at=NOW, by=None)
    return found


def readers(engine: Engine, audience: Audience, on: date = TODAY) -> list[Reader]:
    with Session(engine) as session:
        return audiences.readers(session, audience, on=on, reached=REACHED)


def unreached(engine: Engine, audience: Audience) -> list[str]:
    with Session(engine) as session:
        return [one.name for one in audiences.unreachable(session, audience, on=TODAY, reached=REACHED)]


CASES = {
    "everybody": (Audience(), "U1 ben@x.gov.uk U4 sam@x.gov.uk", ["Cat"]),
    "an agency": (Audience(agencies=("Council",)), "U1 ben@x.gov.uk", []),
    "two agencies": (Audience(agencies=("Council", "Trust")), "U1 ben@x.gov.uk U4 sam@x.gov.uk", ["Cat"]),
    "a group": (Audience(groups=("Executive",)), "U1", ["Cat"]),
    "a role": (Audience(roles=("chair",)), "U1", []),
    "a role that a deputy has": (Audience(roles=("strategy manager",)), "U4 sam@x.gov.uk", []),
    "a group of an agency": (Audience(agencies=("Trust",), groups=("Executive",)), "", ["Cat"]),
    "a platform": (Audience(platforms=("slack",)), "U1 U2 U4", []),
    "a platform that is not reached": (Audience(platforms=("teams",)), "", ["Ben", "Cat"]),
    "a kind that somebody does not want": (Audience(kind="monthly"), "ben@x.gov.uk U4 sam@x.gov.uk", ["Cat"]),
    "a kind that cannot be switched off": (Audience(kind="urgent"), "U1 ben@x.gov.uk U4 sam@x.gov.uk", ["Cat"]),
    "an agency that there is not": (Audience(agencies=("Nowhere",)), "", []),
    "a role that nobody has": (Audience(roles=("scrutineer",)), "", []),
    "channels besides": (Audience(roles=("chair",), channels=(1, 2, 99)), "U1 C1", []),
    "channels alone": (Audience(channels=(1,), channels_only=True), "C1", []),
    "nobody at all": (Audience(channels_only=True), "", []),
}


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize(("audience", "addresses", "missing"), CASES.values(), ids=CASES)
def test_an_audience_is_who_matches_every_part_of_it(
    engine: Engine, audience: Audience, addresses: str, missing: list[str]
) -> None:
    assert [reader.destination.address for reader in readers(engine, audience)] == addresses.split()
    assert unreached(engine, audience) == missing


def test_each_is_reached_on_the_platform_that_they_chose_where_it_is_reached(
    engine: Engine, ids: dict[str, int]
) -> None:
    found = {}
    for platform in ("", "slack", "teams", "email"):
        with database.transaction(engine) as session:
            subscriptions.prefer(session, ids["ben"], platform)
        [found[platform]] = [
            one.destination.platform for one in readers(engine, Audience()) if one.person_id == ids["ben"]
        ]

    assert found == {"": "email", "slack": "slack", "teams": "email", "email": "email"}


def test_a_channel_is_read_under_its_name_and_group(engine: Engine, ids: dict[str, int]) -> None:
    assert ids
    assert readers(engine, Audience(channels=(1,), channels_only=True)) == [
        Reader(None, "All", "Executive", Destination("slack", "C1"))
    ]


def test_a_channel_that_was_taken_out_is_read_by_nobody(engine: Engine, ids: dict[str, int]) -> None:
    assert ids
    with database.transaction(engine) as session:
        channels.remove(session, 1, at=NOW)

    assert readers(engine, Audience(channels=(1,), channels_only=True)) == []


DAYS = {"the day before": (-1, True), "that day": (0, False), "later": (9, False)}


@pytest.mark.parametrize(("day", "reads"), DAYS.values(), ids=DAYS)
def test_a_leaver_is_in_no_audience_from_their_day_on(
    engine: Engine, ids: dict[str, int], day: int, reads: bool
) -> None:
    on = TODAY + timedelta(days=day)

    assert (ids["lee"] in [one.person_id for one in readers(engine, Audience(), on)]) is reads
    assert (ids["lee"] in [one.person_id for one in readers(engine, Audience(roles=("admin",)), on)]) is reads


def test_two_people_of_one_name_are_two_readers(engine: Engine, ids: dict[str, int]) -> None:
    both = [one.person_id for one in readers(engine, Audience(agencies=("Trust",))) if one.name == "Sam"]

    assert both == [ids["sam"], ids["sam2"]]


def test_who_wants_a_kind_again_is_sent_it_again(engine: Engine, ids: dict[str, int]) -> None:
    with database.transaction(engine) as session:
        subscriptions.set_(session, ids["ann"], "monthly", wanted=True, at=NOW)

    assert ids["ann"] in [one.person_id for one in readers(engine, Audience(kind="monthly"))]


def test_only_those_who_are_enrolled_and_chose_them_have_quiet_hours(engine: Engine, ids: dict[str, int]) -> None:
    with database.transaction(engine) as session:
        subscriptions.set_quiet_hours(session, ids["ben"], "21:00-07:00")
    to = [Destination("slack", "U1"), Destination("slack", "U2"), Destination("email", "ben@x.gov.uk"),
          Destination("slack", "C1"), Destination("slack", "C1", only_for="U2")]  # fmt: skip

    with Session(engine) as session:
        found = subscriptions.quiet_hours(session, to)

    assert found == dict.fromkeys([to[1], to[2], to[4]], "21:00-07:00")


def test_a_deputys_role_ends_with_its_last_day(engine: Engine, ids: dict[str, int]) -> None:
    tomorrow = TODAY + timedelta(days=1)

    with Session(engine) as session:
        held = [Role.STRATEGY_MANAGER in people.roles(session, ids["sam"], on=on) for on in (TODAY, tomorrow)]
    assert held == [True, False]
