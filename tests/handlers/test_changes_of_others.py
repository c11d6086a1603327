"""Deputies, places and leavers: who may do what for whom, and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from db import deliveries, people
from db import engine as database
from db.deliveries import Destination
from db.people import SECRETARIAT, Identity, Role
from handlers import reminders
from handlers.context import Request
from handlers.learning import ticking
from handlers.messages import Card, Errors
from handlers.routes import ROUTES
from tests import learning
from tests.fakes import Bot, said
from tests.records import TODAY, changed, form, number, record, refused, roles

DAY = timedelta(days=1)
COUNCIL = "Example Council"


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Coordinator")


@pytest.fixture
def pat(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Pat Practitioner")


@pytest.fixture
def manager(bot: Bot) -> Identity:
    return bot.enrol(Role.STRATEGY_MANAGER, name="Sam Strategy")


# --- deputies --------------------------------------------------------------------------------------------------


def test_a_deputy_has_the_role_on_the_days_that_are_named_and_on_no_other(
    bot: Bot, keeper: Identity, manager: Identity, pat: Identity
) -> None:
    changed(
        bot, keeper, "Deputy", manager, role="strategy manager", name="pat practitioner",
        from_on="2026-11-25", until_on="2026-11-30",
    )  # fmt: skip

    held = {day: Role.STRATEGY_MANAGER in roles(bot, pat, date(2026, 11, day)) for day in (24, 25, 30)}
    assert held == {24: False, 25: True, 30: True}
    assert Role.STRATEGY_MANAGER not in roles(bot, pat, date(2026, 12, 1))
    [stands_in] = record(bot, pat).stands_in
    assert (stands_in.for_name, stands_in.until_on) == ("Sam Strategy", date(2026, 11, 30))


def test_a_deputy_stands_in_only_while_the_other_has_the_role(
    bot: Bot, keeper: Identity, manager: Identity, pat: Identity
) -> None:
    changed(bot, keeper, "Deputy", manager, role="strategy manager", name="Pat Practitioner")
    assert roles(bot, pat) == {Role.MEMBER, Role.STRATEGY_MANAGER}

    changed(bot, keeper, "Change", manager, roles="member")

    assert roles(bot, pat) == {Role.MEMBER}


def test_a_deputy_of_a_leaver_stands_in_no_more(bot: Bot, keeper: Identity, manager: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Deputy", manager, role="strategy manager", name="Pat Practitioner")

    changed(bot, keeper, "Has left", manager, sure="yes")

    assert roles(bot, pat) == {Role.MEMBER}


def test_a_new_deputy_takes_the_place_of_the_one_before_and_nobody_ends_it(
    bot: Bot, keeper: Identity, manager: Identity, pat: Identity
) -> None:
    alex = bot.enrol(name="Alex Second")
    for name in ("Pat Practitioner", "Alex Second"):
        changed(bot, keeper, "Deputy", manager, role="strategy manager", name=name)
    assert [roles(bot, pat), roles(bot, alex)] == [{Role.MEMBER}, {Role.STRATEGY_MANAGER}]

    changed(bot, keeper, "Deputy", manager, role="strategy manager", name="")

    assert roles(bot, alex) == frozenset()


def test_a_deputy_is_told_what_a_strategy_manager_is_told(
    bot: Bot, keeper: Identity, manager: Identity, pat: Identity
) -> None:
    changed(bot, keeper, "Deputy", manager, role="strategy manager", name="Pat Practitioner")

    with Session(bot.engine) as session:
        assert set(people.reach(session, roles=[Role.STRATEGY_MANAGER], on=TODAY)) == {manager, pat}
        assert set(people.reach(session, roles=SECRETARIAT, on=TODAY)) == {keeper, manager, pat}


def test_nobody_names_themselves_a_deputy(bot: Bot, keeper: Identity, manager: Identity) -> None:
    card = changed(bot, keeper, "Deputy", manager, role="strategy manager", name="Nico Coordinator")

    assert card.title == "You cannot change your own roles, deputies or groups."
    assert roles(bot, keeper) == {Role.COORDINATOR}


def test_of_several_people_of_one_name_it_is_asked_who_is_meant(bot: Bot, keeper: Identity, manager: Identity) -> None:
    _, second = bot.enrol(name="Jo Same"), bot.enrol(name="Jo Same")
    opened = form(bot, keeper, "Deputy", manager)

    errors = bot.sends(opened, who=keeper, role="strategy manager", name="Jo Same")
    assert isinstance(errors, Errors)
    assert errors.also is not None
    wanted = f"person-{number(bot, second)}"
    assert wanted in [choice.value for choice in errors.also.choices]
    bot.sends(opened, who=keeper, role="strategy manager", name="Jo Same", which=wanted)

    assert roles(bot, second) == {Role.STRATEGY_MANAGER}


NO_DEPUTIES = {
    "nobody of that name": ({"name": "Quentin Nobody"}, "name", "Nobody else who is enrolled"),
    "nearly somebody's": ({"name": "Pat Practicioner"}, "name", "Did you mean Pat Practitioner?"),
    "themselves": ({"name": "Sam Strategy"}, "name", "Nobody else who is enrolled"),
    "another role": ({"name": "Pat Practitioner", "role": "chair"}, "role", "one of their roles"),
}


@pytest.mark.usefixtures("pat")
@pytest.mark.parametrize(("fields", "box", "problem"), NO_DEPUTIES.values(), ids=NO_DEPUTIES)
def test_a_deputy_is_somebody_else_who_is_enrolled(
    bot: Bot, keeper: Identity, manager: Identity, fields: dict[str, str], box: str, problem: str
) -> None:
    assert problem in refused(bot, keeper, "Deputy", manager, **{"role": "strategy manager", **fields})[box]


def test_without_a_role_to_stand_in_for_no_form_opens(bot: Bot, keeper: Identity, pat: Identity) -> None:
    card = bot.does(Request(keeper, route="changes.deputy", value=str(number(bot, pat))))

    assert isinstance(card, Card)
    assert "no role in which somebody could stand in" in card.title


# --- places ----------------------------------------------------------------------------------------------------


def test_one_person_speaks_from_three_places_with_the_same_rights(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Add a place", pat, platform="slack", id="U0PATABCD")
    changed(bot, keeper, "Add a place", pat, platform="email", id="Pat@TowerHamlets.gov.uk")

    places = [pat, Identity("slack", "U0PATABCD"), Identity("email", "pat@towerhamlets.gov.uk")]
    assert {number(bot, place) for place in places} == {number(bot, pat)}
    assert [roles(bot, place) for place in places] == [{Role.MEMBER}] * 3


def test_somebody_elses_place_is_joined_only_on_purpose_and_passes_no_rights_on(
    bot: Bot, keeper: Identity, pat: Identity
) -> None:
    other = bot.enrol(Role.STRATEGY_MANAGER, name="Patricia Practitioner")
    changed(bot, keeper, "Add a place", other, platform="slack", id="U0PATABCD")
    opened, slack = form(bot, keeper, "Add a place", pat), Identity("slack", "U0PATABCD")

    errors = bot.sends(opened, who=keeper, platform="slack", id="U0PATABCD")
    assert isinstance(errors, Errors)
    assert "It belongs to Patricia Practitioner" in errors.by_field["id"]
    assert errors.also is not None
    bot.sends(opened, who=keeper, platform="slack", id="U0PATABCD", **{errors.also.name: "yes"})

    assert number(bot, slack) == number(bot, pat)
    assert roles(bot, slack) == {Role.MEMBER}


def test_places_in_training_go_with_whoever_is_the_same_person_and_are_reminded_of_once(
    bot: Bot, keeper: Identity, pat: Identity
) -> None:
    other = bot.enrol(Role.MEMBER, name="Patricia Practitioner")
    place = learning.booking(bot, learning.session(bot), other)
    bot.dispatcher.within(ticking.tick)
    changed(bot, keeper, "Add a place", other, platform="slack", id="U0PATABCD")
    opened = form(bot, keeper, "Add a place", pat)

    bot.sends(opened, who=keeper, platform="slack", id="U0PATABCD", same="yes")
    bot.dispatcher.within(ticking.tick)
    bot.dispatcher.within(reminders.queue_due)

    assert "Working with neglect" in said(bot.types("places", who=pat))
    assert learning.kept(bot, place).person_id == number(bot, pat)
    coming = bot.types("reminders", who=pat)
    assert said(coming).count("**Working with neglect**") == 3  # 14 and 5 working days and 1 day before


def test_a_place_that_is_theirs_already_is_said_so(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Add a place", pat, platform="slack", id="U0PATABCD")

    assert "already" in refused(bot, keeper, "Add a place", pat, platform="slack", id="U0PATABCD")["id"]
    assert "Please write" in refused(bot, keeper, "Add a place", pat, platform="slack", id=" ")["id"]


# --- leaving and coming back -----------------------------------------------------------------------------------


def test_who_leaves_has_nothing_and_the_secretariat_reads_what_they_looked_after(
    bot: Bot, keeper: Identity, manager: Identity
) -> None:
    changed(bot, keeper, "Change", manager, groups="Executive", post="Strategy Manager")

    card = changed(bot, keeper, "Has left", manager, sure="yes")

    assert card.title == "Sam Strategy has left"
    for owned in ("the post **Strategy Manager**, with 3 articles", "a seat in **Executive**", "**strategy manager**"):
        assert owned in said(card)
    found = record(bot, manager)
    assert (roles(bot, manager), found.posts, found.sittings) == (frozenset(), (), ())


def test_a_leaver_may_only_ask(bot: Bot, keeper: Identity) -> None:
    leaver = bot.enrol(*Role, name="Lee Leaver")
    changed(bot, keeper, "Has left", leaver, sure="yes")

    replies = {name: bot.does(Request(leaver, route=name, value="1")) for name, route in ROUTES.items() if route.roles}

    assert replies
    assert [name for name, reply in replies.items() if "cannot show" not in repr(reply)] == []
    assert bot.types("neglect", who=leaver).title == "Neglect"
    assert bot.types("subscribe", who=leaver).title == "You are not enrolled yet"


def test_what_waits_for_a_leaver_goes_nowhere(bot: Bot, keeper: Identity, pat: Identity) -> None:
    later = bot.clock.now + timedelta(days=5)
    with database.transaction(bot.engine) as session:
        to = [Destination(pat.platform, pat.user_id), Destination(keeper.platform, keeper.user_id)]
        deliveries.put(session, key="k", kind="k", card={}, destinations=to, now=bot.clock.now, due_at=later)

    changed(bot, keeper, "Has left", pat, sure="yes")

    with Session(bot.engine) as session:
        states = {one.destination.address: one.state for one in deliveries.report(session, "k")}
    assert states == {pat.user_id: "cancelled", keeper.user_id: "pending"}


def test_somebody_who_leaves_later_is_here_until_then(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Has left", pat, sure="yes", on="2026-11-30")

    assert [roles(bot, pat, date(2026, 11, day)) for day in (29, 30)] == [{Role.MEMBER}, frozenset()]


def test_leaving_has_to_be_meant(bot: Bot, keeper: Identity, pat: Identity) -> None:
    assert "sure" in refused(bot, keeper, "Has left", pat, sure="")
    assert "on" in refused(bot, keeper, "Has left", pat, sure="yes", on="soon")
    assert roles(bot, pat) == {Role.MEMBER}


def test_a_leaver_who_comes_back_has_only_what_is_chosen_now(bot: Bot, keeper: Identity, manager: Identity) -> None:
    changed(bot, keeper, "Change", manager, groups="Executive", post="Strategy Manager")
    changed(bot, keeper, "Has left", manager, sure="yes")
    bot.clock.pass_(days=30)

    changed(bot, keeper, "Enrol again", manager, roles="member")

    found = record(bot, manager, TODAY + 30 * DAY)
    assert [role.name for role in found.roles] == ["member"]
    assert (found.posts, found.sittings, found.left_on) == ((), (), None)


def test_a_role_that_ends_today_holds_today(bot: Bot, keeper: Identity, pat: Identity) -> None:
    changed(bot, keeper, "Has left", pat, sure="yes", on="2026-11-22")

    assert [roles(bot, pat, TODAY), roles(bot, pat, TODAY + DAY)] == [{Role.MEMBER}, frozenset()]
