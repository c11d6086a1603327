"""Asking for a place in training, and the manager's agreement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import registry
from db.bookings import Booking
from db.evaluations import Evaluation
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Link
from tests import booking
from tests.booking import Desk
from tests.fakes import STRANGER, Bot, labels, said


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: what is done at once is tried on both in `test_booking_at_once.py`."""
    return sqlite_engine


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


@pytest.fixture
def session(desk: Desk) -> int:
    return booking.session(desk.bot)


# --- asking ------------------------------------------------------------------------------------------------------


def test_a_place_is_kept_until_the_manager_agrees(desk: Desk, session: int) -> None:
    who = desk.enrols("Ola Invented")

    card = desk.asks(who, session)

    assert isinstance(card, Card)
    assert "Your manager has to agree by Friday 27 November 2026, 17:00" in said(card)
    [asked] = desk.told(desk.boss)
    done = desk.bot.presses(asked, "Agree", who=desk.boss)
    assert "Ola Invented has a place" in said(done)
    assert desk.states(session) == {"Ola Invented": "confirmed"}
    assert desk.told(who)[-1].title == "You have a place"


def test_the_form_knows_the_post_and_what_was_said_of_confidence_is_kept(desk: Desk, session: int) -> None:
    who = desk.enrols("Ola Invented")
    form = desk.form(who, session)
    assert isinstance(form, Form)
    assert form.fields[0].value == "Nurse"

    desk.asks(who, session, before="2")

    row = desk.of(who, session)
    assert (row.work, row.agency) == ("Nurse", "Example Trust")
    with Session(desk.bot.engine) as kept:
        assert kept.get_one(Evaluation, row.id).before == 2


def test_nobody_is_booked_twice_and_who_asks_again_sees_what_there_is(desk: Desk, session: int) -> None:
    who = desk.enrols("Ola Invented")
    form = desk.form(who, session)
    assert isinstance(form, Form)
    first = desk.bot.sends(form, who=who, manager="Boss Invented")
    again = desk.bot.sends(form, who=who, manager="Boss Invented")
    other = desk.bot.sends(replace(form, token="another"), who=who, manager="Boss Invented")

    assert again == first
    assert isinstance(other, Card)
    assert other.title == "You have asked already"
    assert isinstance(desk.form(who, session), Card)
    assert desk.bot.counted(Booking) == 1
    assert len(desk.told(desk.boss)) == 1


WRONG = {
    "no manager": ({"manager": ""}, "manager"),
    "two managers": ({"manager": "Boss Invented", "address": "boss@example.gov.uk"}, "manager"),
    "oneself": ({"manager": "Ola Invented"}, "manager"),
    "nobody enrolled": ({"manager": "Zed Unheard"}, "manager"),
    "no address": ({"address": "boss"}, "address"),
    "no work": ({"work": " "}, "work"),
}


@pytest.mark.parametrize(("fields", "box"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_at_its_box_and_nothing_is_kept(
    desk: Desk, session: int, fields: dict[str, str], box: str
) -> None:
    errors = desk.asks(desk.enrols("Ola Invented"), session, **fields)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [box]
    assert desk.bot.counted(Booking) == 0


def test_strangers_are_told_to_enrol(desk: Desk, session: int) -> None:
    for route in ("booking.ask", "booking.book", "booking.mine", "booking.agree", "places"):
        card = desk.bot.does(Request(STRANGER, route=route, value=str(session)))
        assert isinstance(card, Card)
        assert "enrol me" in said(card)


BEFORE_AND_AFTER = {
    "closed": ({"state": "closed"}, "Booking for this session is closed"),
    "cancelled": ({"state": "cancelled"}, "does not take place"),
    "done": ({"state": "done"}, "is over"),
    "begun": ({"starts_at": datetime(2026, 11, 21, 9, tzinfo=UTC)}, "has begun"),
    "too late": ({"closes_on": date(2026, 11, 20)}, "closed on Friday 20 November 2026"),
    "too early": ({"opens_on": date(2026, 11, 30)}, "opens on Monday 30 November 2026"),
}


@pytest.mark.parametrize(("changed", "words"), BEFORE_AND_AFTER.values(), ids=BEFORE_AND_AFTER)
def test_a_session_that_cannot_be_booked_says_why_and_names_others(
    desk: Desk, changed: dict[str, object], words: str
) -> None:
    of = booking.course(desk.bot)
    session = booking.session(desk.bot, of, **changed)
    booking.session(desk.bot, of)

    card = desk.form(desk.enrols("Ola Invented"), session)

    assert isinstance(card, Card)
    assert words in said(card).replace("\\", "")
    assert "Ask for 10 December 2026" in labels(card)


def test_a_full_session_without_a_waiting_list_says_no(desk: Desk) -> None:
    session = booking.session(desk.bot, waiting_list=False)
    desk.books("Ola Invented", session)

    card = desk.asks(desk.enrols("Sam Invented"), session)

    assert isinstance(card, Card)
    assert "full" in said(card)
    assert desk.states(session) == {"Ola Invented": "requested"}


def test_what_is_booked_elsewhere_is_only_linked(desk: Desk) -> None:
    session = booking.session(desk.bot, book_at="https://book.example/1")

    card = desk.form(desk.enrols("Ola Invented"), session)

    assert isinstance(card, Card)
    assert card.actions == (Link("Open the website", "https://book.example/1"),)


def test_the_hold_never_outlasts_the_end_of_booking(desk: Desk) -> None:
    session = booking.session(desk.bot, closes_on=date(2026, 11, 24))

    card = desk.asks(desk.enrols("Ola Invented"), session)

    assert "by Tuesday 24 November 2026, 23:59" in said(card)


# --- the manager -------------------------------------------------------------------------------------------------


def test_only_the_manager_answers_and_only_once(desk: Desk, session: int) -> None:
    who = desk.books("Ola Invented", session)
    row = desk.of(who, session)

    for other in (who, desk.keeper, desk.enrols("Sam Invented")):
        assert "cannot find that booking" in said(desk.press("booking.agree", row, other))
    desk.press("booking.decline", row, desk.boss)
    late = desk.press("booking.agree", row, desk.boss)

    assert "nothing to decide" in late.title
    assert desk.states(session) == {"Ola Invented": "declined"}
    assert desk.told(who)[-1].title == "Your manager did not agree"


def test_a_place_lapses_when_the_manager_says_nothing_and_both_are_told(desk: Desk, session: int) -> None:
    who = desk.books("Ola Invented", session)
    desk.bot.clock.now = datetime(2026, 11, 27, 16, 59, tzinfo=UTC)
    assert desk.ticks() == 0
    desk.bot.clock.pass_(minutes=1)

    assert (desk.ticks(), desk.ticks()) == (1, 0)

    assert desk.states(session) == {"Ola Invented": "lapsed"}
    assert desk.told(who)[-1].title == "A place is not kept any more"
    assert desk.told(desk.boss)[-1].title == "The time to agree is over"
    assert "nothing to decide" in desk.press("booking.agree", desk.of(who, session), desk.boss).title


def test_who_waits_for_a_manager_is_shown_to_them_one_after_the_other(desk: Desk) -> None:
    session = booking.session(desk.bot, capacity=2)
    desk.books("Ola Invented", session)
    desk.books("Sam Invented", session)

    first = desk.bot.presses(desk.bot.types("places", who=desk.boss), "Waiting for me", who=desk.boss)
    assert isinstance(first, Card)
    second = desk.bot.presses(first, "Next", who=desk.boss)

    assert "Ola Invented" in said(first)
    assert "Sam Invented" in said(second)


def test_the_secretariat_notes_what_a_manager_said_with_how_they_know(desk: Desk, session: int) -> None:
    who = desk.books("Ola Invented", session)
    listed = desk.bot.does(Request(desk.keeper, route="booking.list", value=str(session)))
    assert isinstance(listed, Card)
    assert "Ola Invented" in said(listed)
    form = desk.bot.opens(listed, "Decide for a manager", who=desk.keeper)

    nothing = desk.bot.sends(form, who=desk.keeper, note="")
    assert isinstance(nothing, Errors)
    filled = {"booking": str(desk.of(who, session).id), "answer": "agrees", "note": "By telephone on Friday."}
    desk.bot.sends(form, who=desk.keeper, **filled)

    assert desk.of(who, session).agreed_by == "secretariat: By telephone on Friday."
    assert desk.states(session) == {"Ola Invented": "confirmed"}


def test_nobody_of_the_secretariat_decides_about_themselves(desk: Desk, session: int) -> None:
    desk.asks(desk.keeper, session)
    form = desk.bot.does(Request(desk.keeper, route="booking.decide", value=str(session)))
    assert isinstance(form, Form)

    filled = {"booking": form.fields[0].choices[0].value, "answer": "agrees", "note": "I know."}
    errors = desk.bot.sends(form, who=desk.keeper, **filled)

    assert isinstance(errors, Errors)
    assert "your own booking" in errors.by_field["booking"]


def test_without_e_mail_the_secretariat_is_asked_to_ask_the_manager(desk: Desk, session: int) -> None:
    card = desk.asks(desk.enrols("Ola Invented"), session, address="boss@example.gov.uk")

    assert "The secretariat will ask them" in said(card)
    [task] = desk.told(desk.keeper)
    assert task.title == "Please ask a manager"
    assert "boss@example" in said(task).replace("\\", "")
    form = desk.bot.opens(task, "Decide for a manager", who=desk.keeper)
    assert form.fields[0].choices[0].label.startswith("Ola Invented")


def test_an_address_of_somebody_enrolled_is_asked_where_they_are(desk: Desk, session: int) -> None:
    with Session(desk.bot.engine) as kept, kept.begin():
        registry.add_place(kept, registry.owner(kept, desk.boss) or 0, Identity("email", "boss@example.gov.uk"))

    desk.asks(desk.enrols("Ola Invented"), session, address="Boss@example.gov.uk")

    assert [card.title for card in desk.told(desk.boss)] == ["Ola Invented asks for your agreement"]


def test_the_joining_link_is_shown_only_to_who_has_a_place(desk: Desk) -> None:
    session = booking.session(desk.bot, capacity=2)
    who = desk.books("Ola Invented", session)
    row = desk.of(who, session)
    before = desk.press("booking.one", row, who)
    desk.press("booking.agree", row, desk.boss)
    after = desk.press("booking.one", row, who)

    assert "join.example" not in said(before)
    assert Link("Join online", booking.LINK) in after.actions
    assert "Add to calendar" in labels(after)
    for other in (desk.boss, desk.keeper, desk.enrols("Sam Invented", Role.MEMBER)):
        assert "cannot find" in said(desk.press("booking.one", row, other))
    listed = desk.bot.does(Request(desk.keeper, route="booking.list", value=str(session)))
    assert isinstance(listed, Card)
    assert "join.example" not in said(listed)
