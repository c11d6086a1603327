"""Changes to the list of people: each holds from a day, is noted, and gives nobody rights over themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from db import directory, groups, people
from db.people import KEEPERS, Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors
from tests.fakes import Bot
from tests.records import TODAY, changed, form, number, record, refused, roles

DAY = timedelta(days=1)
COUNCIL = "Example Council"


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Coordinator")


@pytest.fixture
def pat(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Pat Practitioner")


# --- enrolling -------------------------------------------------------------------------------------------------


def enrol(bot: Bot, keeper: Identity, **fields: str) -> Card | Errors:
    opened = bot.opens(bot.types("people", who=keeper), "Enrol somebody", who=keeper)
    return bot.sends(opened, who=keeper, **{"name": "Priya Newcomer", **fields})


def test_somebody_who_is_enrolled_can_be_told_from_a_stranger_at_once(bot: Bot, keeper: Identity) -> None:
    card = enrol(
        bot, keeper, agency="another", other=COUNCIL, roles="member,chair", groups="Executive,Delivery Group",
        post="Head of Service; Deputy Director", platform="slack", id="U0PRIYA01",
    )  # fmt: skip

    assert isinstance(card, Card)
    assert card.title == "Enrolled: Priya Newcomer"
    found = record(bot, Identity("slack", "U0PRIYA01"))
    assert (found.name, found.agency, found.platforms) == ("Priya Newcomer", COUNCIL, ("slack",))
    assert [role.name for role in found.roles] == ["chair", "member"]
    assert [post.name for post in found.posts] == ["Deputy Director", "Head of Service"]
    assert [sitting.group for sitting in found.sittings] == ["Delivery Group", "Executive"]


COLLEAGUES = {
    "a name that the guard knows": "Yusuf Abdi",
    "with an apostrophe and a hyphen": "Priya O'Brien-Shah",
    "in small letters": "fatima begum",
    "with a title": "Dr. Maria del Carmen",
    "with marks": "Zoë Brontë",
    "in another script": "আয়েশা",
}


@pytest.mark.parametrize("name", COLLEAGUES.values(), ids=COLLEAGUES)
def test_the_name_of_a_colleague_is_taken_where_only_a_name_can_stand(bot: Bot, keeper: Identity, name: str) -> None:
    card = enrol(bot, keeper, name=name)

    assert isinstance(card, Card)
    assert card.title == f"Enrolled: {name}"


NO_NAMES = {
    "a sentence": ("is Yusuf Abdi allowed home", "Nothing was saved"),
    "a sentence about a child": ("Yusuf Abdi his dad is on bail", "Nothing was saved"),
    "an NHS number": ("999 787 7896", "Nothing was saved"),
    "a date of birth": ("Yusuf 12/03/2015", "Nothing was saved"),
    "an address": ("a.khan@mail.example", "Nothing was saved"),
    "nothing": (" ", "Please write the name"),
    "figures": ("Room 12", "in letters"),
    "too much": ("a" * 61, "at most 60 characters"),
}


@pytest.mark.parametrize(("name", "problem"), NO_NAMES.values(), ids=NO_NAMES)
def test_nothing_but_a_name_is_taken_for_a_name(bot: Bot, keeper: Identity, name: str, problem: str) -> None:
    errors = enrol(bot, keeper, name=name)

    assert isinstance(errors, Errors)
    assert problem in errors.by_field["name"]


def test_a_name_in_another_box_of_the_form_is_refused_as_anywhere(bot: Bot, keeper: Identity) -> None:
    errors = enrol(bot, keeper, post="Looks after Yusuf Abdi")

    assert isinstance(errors, Errors)
    assert "post" in errors.by_field


MISTAKES = {
    "an agency that is chosen to be written and is not": ({"agency": "another"}, "other", "Please write the name"),
    "a long agency": ({"other": "b" * 81}, "other", "at most 80"),
    "a role that there is not": ({"roles": "king"}, "roles", "I know no role called 'king'"),
    "a group that there is not": ({"groups": "The Club"}, "groups", "I know no group called 'The Club'"),
    "an id that Slack does not give": ({"id": "pat"}, "id", "should look like U0123ABCD"),
    "an id that Teams does not give": ({"id": "U0123ABCD", "platform": "teams"}, "id", "An Object ID should look like"),
    "an id with a space": ({"id": "U01 23ABCD"}, "id", "does not look like an id"),
    "an id of nowhere": ({"id": "U0123ABCD", "platform": "fax"}, "platform", "where this id is from"),
    "a long post": ({"post": "Head " * 30}, "post", "at most 120"),
}


@pytest.mark.parametrize(("fields", "box", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_at_its_box(
    bot: Bot, keeper: Identity, fields: dict[str, str], box: str, problem: str
) -> None:
    errors = enrol(bot, keeper, **fields)

    assert isinstance(errors, Errors)
    assert problem in errors.by_field[box]


def test_nobody_is_enrolled_twice_with_one_id(bot: Bot, keeper: Identity) -> None:
    enrol(bot, keeper, id="U0PRIYA01")

    errors = enrol(bot, keeper, name="Priya Other", id="U0PRIYA01")

    assert isinstance(errors, Errors)
    assert "enrolled with this id already" in errors.by_field["id"]


def test_two_people_of_one_name_are_two_people(bot: Bot, keeper: Identity) -> None:
    enrol(bot, keeper, name="Sam Same", id="U0SAME001")
    enrol(bot, keeper, name="Sam Same", id="U0SAME002")

    assert number(bot, Identity("slack", "U0SAME001")) != number(bot, Identity("slack", "U0SAME002"))


def test_an_agency_that_is_called_nearly_like_another_is_asked_about(bot: Bot, keeper: Identity) -> None:
    enrol(bot, keeper, other=COUNCIL)

    errors = enrol(bot, keeper, name="Sam Second", other="Exampel Council")
    assert isinstance(errors, Errors)
    assert f"There is {COUNCIL} already" in errors.by_field["other"]
    assert errors.also is not None
    taken = enrol(bot, keeper, name="Sam Second", other="Exampel Council", **{errors.also.name: "yes"})

    assert isinstance(taken, Card)
    with Session(bot.engine) as session:
        assert directory.agency_names(session) == ["Exampel Council", COUNCIL]


def test_an_agency_in_other_capitals_is_the_one_that_is_there(bot: Bot, keeper: Identity) -> None:
    enrol(bot, keeper, other=COUNCIL)
    enrol(bot, keeper, name="Sam Second", other="EXAMPLE council")

    with Session(bot.engine) as session:
        assert directory.agency_names(session) == [COUNCIL]


# --- changing --------------------------------------------------------------------------------------------------


def test_what_is_taken_away_ends_and_what_is_given_begins_today(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Change", pat, roles="chair", groups="Executive", post="Head of Service")
    bot.clock.pass_(days=10)

    changed(bot, keeper, "Change", pat, roles="scrutineer", groups="", post="")

    assert roles(bot, pat, TODAY + 9 * DAY) == {Role.CHAIR}
    assert roles(bot, pat, TODAY + 10 * DAY) == {Role.SCRUTINEER}
    with Session(bot.engine) as session:
        for day, holds in ((9, True), (10, False)):
            on = TODAY + day * DAY
            assert (people.holders(session, "Head of Service", on=on) == [pat]) is holds
            assert bool(groups.members(session, "Executive", on=on)) is holds


def test_saving_without_a_change_changes_nothing(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Change", pat, groups="Executive", post="Head of Service")
    before = len(bot.audited())
    bot.clock.pass_(days=3)

    assert changed(bot, keeper, "Change", pat).title == "Nothing was changed"

    assert len(bot.audited()) == before
    assert record(bot, pat, TODAY + 3 * DAY).roles[0].from_on == TODAY


def test_every_change_is_noted_with_who_did_it_and_names_nobody(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Change", pat, name="Pat Renamed", roles="member,chair", post="Head of Service")

    [entry] = [entry for entry in bot.audited() if entry.action == "changed"]
    assert (entry.actor, entry.subject) == (f"person:{number(bot, keeper)}", f"person {number(bot, pat)}")
    assert entry.detail == {"name": "changed", "roles": "+chair", "posts": "+Head of Service"}


OWN = {
    "roles": ("Change", {"roles": "coordinator,strategy manager"}),
    "groups": ("Change", {"groups": "Executive"}),
    "a seat": ("Seat in a group", {"seat": "Executive: Police"}),
}


@pytest.mark.parametrize(("label", "fields"), OWN.values(), ids=OWN)
def test_nobody_gives_rights_to_themselves(bot: Bot, keeper: Identity, label: str, fields: dict[str, str]) -> None:
    card = changed(bot, keeper, label, keeper, **fields)

    assert card.title == "You cannot change your own roles, deputies or groups."
    assert roles(bot, keeper) == {Role.COORDINATOR}
    assert record(bot, keeper).sittings == ()


def test_one_may_change_ones_own_name(bot: Bot, keeper: Identity) -> None:
    assert changed(bot, keeper, "Change", keeper, name="Nico Renamed").title == "Saved"


def test_the_secretariat_is_never_empty(bot: Bot, keeper: Identity) -> None:
    admin = bot.enrol(Role.ADMIN)

    for label, fields in (("Change", {"roles": "member"}), ("Has left", {"sure": "yes"})):
        assert changed(bot, admin, label, keeper, **fields).title == "Nobody would be left in the secretariat."

    assert roles(bot, keeper) == {Role.COORDINATOR}


# --- seats -----------------------------------------------------------------------------------------------------


def test_a_seat_has_a_holder_and_a_deputy_from_one_day_until_another(bot: Bot, keeper: Identity, pat: Identity) -> None:
    sam = bot.enrol(name="Sam Deputy")
    changed(bot, keeper, "Seat in a group", pat, seat="Executive: Police", until_on="2026-12-31")
    changed(bot, keeper, "Seat in a group", sam, seat="Executive: Police", deputy="yes")

    def sitting(on: date) -> list[tuple[str, str, bool]]:
        with Session(bot.engine) as session:
            return [(one.name, one.seat, one.deputy) for one in groups.members(session, "Executive", on=on)]

    both = [("Pat Practitioner", "Police", False), ("Sam Deputy", "Police", True)]
    assert [sitting(TODAY - DAY), sitting(TODAY), sitting(date(2026, 12, 31))] == [[], both, both]
    assert sitting(date(2027, 1, 1)) == both[1:]


def test_another_seat_of_a_group_takes_the_place_of_the_one_before(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Seat in a group", pat, seat="Executive: Police")
    bot.clock.pass_(days=5)
    changed(bot, keeper, "Seat in a group", pat, seat="Executive: member")

    assert [sitting.seat for sitting in record(bot, pat, TODAY + 4 * DAY).sittings] == ["Police"]
    assert [sitting.seat for sitting in record(bot, pat, TODAY + 5 * DAY).sittings] == [""]


DAYS = {
    "the last before the first": ({"from_on": "2026-12-10", "until_on": "2026-12-09"}, "until_on"),
    "the last before today": ({"from_on": "2026-11-01", "until_on": "2026-11-20"}, "until_on"),
    "no day": ({"from_on": "tomorrow"}, "from_on"),
    "a day that there is not": ({"from_on": "2026-13-45"}, "from_on"),
    "long ago, as a date of birth is": ({"from_on": "2015-03-12"}, "from_on"),
    "a seat that there is not": ({"seat": "Executive: Piano"}, "seat"),
    "a group that there is not": ({"seat": "The Club: member"}, "seat"),
}


@pytest.mark.parametrize(("fields", "box"), DAYS.values(), ids=DAYS)
def test_a_seat_needs_days_and_a_group_that_there_are(
    bot: Bot, keeper: Identity, pat: Identity, fields: dict[str, str], box: str
) -> None:
    assert set(refused(bot, keeper, "Seat in a group", pat, **{"seat": "Executive: Police", **fields})) == {box}
    assert record(bot, pat).sittings == ()


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_only_those_who_keep_the_list_change_it(bot: Bot, keeper: Identity, pat: Identity, role: Role | None) -> None:
    opened = {label: form(bot, keeper, label, pat) for label in ("Change", "Seat in a group", "Add a place")}
    who = bot.enrol(role) if role else Identity("test", "nobody")

    for one in opened.values():
        reply = bot.does(Request(who, route=one.action, value=one.about, fields={"name": "Changed", "id": "U0NEWABCD"}))
        assert ("cannot show" in repr(reply)) is (role not in KEEPERS)
