"""Who is enrolled: from the start, in lists, and found by name."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from db import engine as database
from db import people as people_of_db
from db import registry
from db.people import KEEPERS, Identity, Person, Role, RoleGrant
from handlers import demo, people
from handlers.context import Request
from handlers.messages import Card, Errors, Table
from tests.fakes import Bot, labels, said

ANNA = Identity("test", "anna")


def test_the_secretariat_of_the_settings_is_there_from_the_start_once(bot: Bot) -> None:
    assert bot.types("gaps", who=ANNA).title == "I cannot show you that."

    for _ in range(2):
        bot.dispatcher.within(lambda context: people.bootstrap(context, [ANNA]))

    assert bot.types("gaps", who=ANNA).title == "Gaps in the knowledge base"
    assert (bot.counted(Person), bot.counted(RoleGrant)) == (1, 1)


def test_a_start_gives_nobody_a_role_back_who_has_left(bot: Bot) -> None:
    def start() -> None:
        bot.dispatcher.within(lambda context: people.bootstrap(context, [ANNA]))

    start()
    with database.transaction(bot.engine) as session:
        session.execute(update(Person).values(left_on=bot.clock.now.date()))
    start()

    assert bot.types("gaps", who=ANNA).title == "I cannot show you that."
    assert (bot.counted(Person), bot.counted(RoleGrant)) == (1, 1)


def test_the_invented_people_are_enrolled_once_and_the_visitor_never(bot: Bot) -> None:
    for _ in range(2):
        bot.dispatcher.within(lambda context: demo.enrol(context, "test"))

    with Session(bot.engine) as session:
        names = sorted(person.name for person in session.query(Person))
    assert names == sorted(persona.name for persona in demo.PERSONAS.values() if persona.roles)
    assert bot.types("gaps", who=Identity("test", "coordinator")).title == "Gaps in the knowledge base"
    assert bot.types("gaps", who=Identity("test", "visitor")).title == "I cannot show you that."


# --- lists -----------------------------------------------------------------------------------------------------


def table(card: Card) -> list[tuple[str, ...]]:
    """Return the rows of the first table of a card."""
    return next(list(element.rows) for element in card.body if isinstance(element, Table))


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Coordinator")


def enrolled(bot: Bot, *names: str, agency: str, role: Role = Role.MEMBER) -> None:
    """Enrol people of one agency, each at a place of their own."""
    with database.transaction(bot.engine) as session:
        for name in names:
            who, on = Identity("test", f"{agency}-{name}"), bot.clock.now.date()
            people_of_db.enrol(session, who, name=name, roles=[role], on=on, agency=agency)


def test_people_are_counted_by_agency_and_those_of_none_come_last(bot: Bot, keeper: Identity) -> None:
    enrolled(bot, "Pat One", "Pat Two", agency="Example Trust")
    enrolled(bot, "Pat Three", agency="Example Council")

    card = bot.types("people", who=keeper)

    assert card.title == "People: 4 enrolled"
    assert table(card) == [("Example Council", "1"), ("Example Trust", "2"), ("No agency", "1")]


def test_many_agencies_and_many_people_are_turned_over_page_by_page(bot: Bot, keeper: Identity) -> None:
    for number in range(people.PAGE):
        enrolled(bot, "Pat", agency=f"Agency {chr(ord('A') + number)}")
    enrolled(bot, *(f"Sam {chr(ord('A') + number)}" for number in range(25)), agency="Agency A")

    first = bot.types("people", who=keeper)
    second = bot.presses(first, "More agencies", who=keeper)
    form = bot.opens(first, "Open an agency", who=keeper)
    agency = bot.sends(form, who=keeper, agency=form.fields[0].choices[0].value)
    assert isinstance(second, Card)
    assert isinstance(agency, Card)
    more = bot.presses(agency, "More people", who=keeper)
    assert isinstance(more, Card)

    assert (len(table(first)), table(second)) == (people.PAGE, [("No agency", "1")])
    assert (agency.title, len(table(agency)), len(table(more))) == ("Agency A", people.PAGE, 1)


def test_somebody_of_a_page_is_opened(bot: Bot, keeper: Identity) -> None:
    enrolled(bot, "Pat One", "Pat Two", agency="Example Trust")
    agencies = bot.opens(bot.types("people", who=keeper), "Open an agency", who=keeper)
    listed = bot.sends(agencies, who=keeper, agency=agencies.fields[0].choices[0].value)
    assert isinstance(listed, Card)
    form = bot.opens(listed, "Open somebody", who=keeper)

    card = bot.sends(form, who=keeper, person=form.fields[0].choices[1].value)

    assert isinstance(card, Card)
    assert card.title == "Pat Two"


# --- by name ---------------------------------------------------------------------------------------------------


FOUND = {
    "the whole name": ("Pat Practitioner", "Pat Practitioner"),
    "in small letters": ("pat practitioner", "Pat Practitioner"),
    "a part of it": ("practit", "Pat Practitioner"),
    "misspelt": ("Pat Practicioner", "Pat Practitioner"),
    "a name with marks": ("Zoë", "Zoë O’Neill-Brontë"),
}


@pytest.mark.parametrize(("typed", "name"), FOUND.values(), ids=FOUND)
def test_somebody_is_found_by_name(bot: Bot, keeper: Identity, typed: str, name: str) -> None:
    enrolled(bot, "Pat Practitioner", "Zoë O’Neill-Brontë", agency="Example Trust")
    form = bot.opens(bot.types("people", who=keeper), "Find somebody", who=keeper)

    card = bot.sends(form, who=keeper, name=typed)

    assert isinstance(card, Card)
    assert card.title == name


def test_of_two_people_of_one_name_the_agency_says_who_is_who(bot: Bot, keeper: Identity) -> None:
    enrolled(bot, "Sam Same", agency="Example Trust")
    enrolled(bot, "Sam Same", agency="Example Council", role=Role.CHAIR)
    form = bot.opens(bot.types("people", who=keeper), "Find somebody", who=keeper)

    card = bot.sends(form, who=keeper, name="Sam Same")

    assert isinstance(card, Card)
    assert sorted(table(card)) == [("Sam Same", "Example Council", "chair"), ("Sam Same", "Example Trust", "member")]
    chosen = bot.presses(card, "Sam Same, Example Council", who=keeper)
    assert "chair" in said(chosen)


NOT_FOUND = {
    "nobody": ("Quentin Nobody", "Nobody of that name"),
    "nothing": ("  ", "Please write the name"),
    "figures": ("Room 12", "Please write the name in letters"),
}


@pytest.mark.parametrize(("typed", "problem"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_who_is_not_found_is_said_in_the_form(bot: Bot, keeper: Identity, typed: str, problem: str) -> None:
    form = bot.opens(bot.types("people", who=keeper), "Find somebody", who=keeper)

    errors = bot.sends(form, who=keeper, name=typed)

    assert isinstance(errors, Errors)
    assert problem in errors.by_field["name"]


# --- one record ------------------------------------------------------------------------------------------------


def test_a_record_names_platforms_and_never_ids(bot: Bot, keeper: Identity) -> None:
    with database.transaction(bot.engine) as session:
        pat = Identity("slack", "U0HIDDEN1")
        number = people_of_db.enrol(session, pat, name="Pat", roles=[Role.CHAIR], on=bot.clock.now.date(), post="Chair")
        registry.add_place(session, number, Identity("teams", "29-hidden-2"))
        registry.add_place(session, number, Identity("email", "hidden3@example.gov.uk"))

    card = bot.does(Request(keeper, route="people.card", value=str(number)))

    assert isinstance(card, Card)
    assert "Slack, Teams, e-mail" in said(card)
    assert "chair, since 21 November 2026" in said(card)
    assert not any(hidden in said(card).lower() for hidden in ("u0hidden1", "29-hidden", "hidden3"))
    assert labels(card) == ["Change", "Seat in a group", "Deputy", "Add a place", "Has left", "Everybody"]


@pytest.mark.usefixtures("keeper")
@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_a_record_is_fetched_only_for_those_who_keep_the_list(bot: Bot, role: Role | None) -> None:
    who = bot.enrol(role) if role else Identity("test", "nobody")
    opened = [
        bot.does(Request(who, route=name, value="1"))
        for name in ("people.card", "changes.open", "changes.seat", "changes.left", "changes.place")
    ]

    for reply in opened:
        assert ("Nico" in repr(reply)) is (role in KEEPERS)


def test_a_record_that_is_not_there_is_said_so(bot: Bot, keeper: Identity) -> None:
    for value in ("9999", "", "x", "-1"):
        card = bot.does(Request(keeper, route="people.card", value=value))
        assert isinstance(card, Card)
        assert card.title == "I cannot find that person."
