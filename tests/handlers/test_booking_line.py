"""Places that come free: offered in the order of the line, accepted in time, given up and given to a colleague."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import registry
from db.people import Identity
from db.training import TrainingSession
from handlers.context import Request
from handlers.messages import Card, Errors, Form
from tests import booking
from tests.booking import Desk
from tests.fakes import Bot, labels, said


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


def change(desk: Desk, session_id: int, **values: object) -> None:
    with Session(desk.bot.engine) as kept, kept.begin():
        row = kept.get_one(TrainingSession, session_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_place_that_comes_free_is_offered_to_the_next_who_waits(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam, kit = desk.books("Sam Invented", session), desk.books("Kit Invented", session)

    desk.gives_up(ola, session)

    assert desk.states(session) == {"Ola Invented": "cancelled", "Sam Invented": "offered", "Kit Invented": "waiting"}
    offer = desk.told(sam)[-1]
    assert "Accept by Monday 23 November 2026, 17:00" in said(offer).replace("\\", "")
    assert labels(offer) == ["Accept", "Decline"]
    assert desk.told(kit) == []


def test_who_accepts_has_the_place_at_once_when_the_manager_agreed_while_they_waited(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam = desk.confirmed("Sam Invented", session)
    assert desk.states(session)["Sam Invented"] == "waiting"
    desk.gives_up(ola, session)

    card = desk.bot.presses(desk.told(sam)[-1], "Accept", who=sam)

    assert card.title == "You have a place"
    assert desk.press("booking.accept", desk.of(sam, session), sam).title == "You have accepted already"


def test_without_the_agreement_an_accepted_place_is_kept_and_the_manager_is_asked_again(
    desk: Desk, session: int
) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam = desk.books("Sam Invented", session)
    desk.gives_up(ola, session)
    asked = len(desk.told(desk.boss))

    desk.bot.presses(desk.told(sam)[-1], "Accept", who=sam)

    assert desk.states(session)["Sam Invented"] == "requested"
    assert len(desk.told(desk.boss)) == asked + 1
    desk.bot.presses(desk.told(desk.boss)[-1], "Agree", who=desk.boss)
    assert desk.states(session)["Sam Invented"] == "confirmed"


@pytest.mark.parametrize("way", ["declines", "says nothing", "manager declines"])
def test_an_offer_that_is_not_taken_goes_to_the_next(desk: Desk, session: int, way: str) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam = desk.books("Sam Invented", session)
    desk.books("Kit Invented", session)
    desk.gives_up(ola, session)

    if way == "declines":
        desk.bot.presses(desk.told(sam)[-1], "Decline", who=sam)
    elif way == "manager declines":
        desk.press("booking.decline", desk.of(sam, session), desk.boss)
    else:
        desk.bot.clock.now = datetime(2026, 11, 23, 17, tzinfo=UTC)
        desk.ticks()

    assert desk.states(session)["Sam Invented"] in ("cancelled", "lapsed", "declined")
    assert desk.states(session)["Kit Invented"] == "offered"


def test_an_offer_cannot_be_accepted_at_the_moment_it_lapses(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam = desk.books("Sam Invented", session)
    desk.gives_up(ola, session)
    desk.bot.clock.now = datetime(2026, 11, 23, 17, tzinfo=UTC)

    late = desk.press("booking.accept", desk.of(sam, session), sam)

    assert "run out" in said(late)


def test_after_a_long_stop_each_offer_counts_from_now(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    desk.books("Sam Invented", session)
    kit = desk.books("Kit Invented", session)
    desk.gives_up(ola, session)
    desk.bot.clock.now = datetime(2026, 11, 26, 10, tzinfo=UTC)

    desk.ticks()

    assert desk.states(session)["Sam Invented"] == "lapsed"
    assert "Accept by Friday 27 November 2026, 17:00" in said(desk.told(kit)[-1]).replace("\\", "")


def test_more_places_are_offered_in_the_order_of_the_line_by_the_clock_alone(desk: Desk, session: int) -> None:
    desk.confirmed("Ola Invented", session)
    for name in ("Sam Invented", "Kit Invented", "Uma Invented"):
        desk.books(name, session)
    change(desk, session, capacity=3)

    assert (desk.ticks(), desk.ticks()) == (2, 0)

    assert list(desk.states(session).values()) == ["confirmed", "offered", "offered", "waiting"]


def test_who_asks_when_a_place_came_free_does_not_overtake_who_waits(desk: Desk, session: int) -> None:
    desk.confirmed("Ola Invented", session)
    desk.books("Sam Invented", session)
    change(desk, session, capacity=2)

    desk.books("Kit Invented", session)

    assert list(desk.states(session).values()) == ["confirmed", "offered", "waiting"]


def test_who_asks_again_after_giving_up_stands_at_the_end(desk: Desk, session: int) -> None:
    desk.confirmed("Ola Invented", session)
    sam = desk.books("Sam Invented", session)
    kit = desk.books("Kit Invented", session)
    desk.gives_up(sam, session)

    desk.asks(sam, session)

    assert "number 1 in the line" in said(desk.press("booking.one", desk.of(kit, session), kit))
    assert "number 2 in the line" in said(desk.press("booking.one", desk.of(sam, session), sam))


def test_an_offer_is_never_longer_than_until_the_session_and_who_waited_in_vain_is_told(desk: Desk) -> None:
    session = booking.session(desk.bot, starts_at=datetime(2026, 11, 23, 10, tzinfo=UTC), closes_on=date(2026, 11, 22))
    ola, sam = desk.confirmed("Ola Invented", session), desk.books("Sam Invented", session)
    kit = desk.books("Kit Invented", session)
    desk.bot.clock.now = datetime(2026, 11, 23, 8, tzinfo=UTC)

    desk.gives_up(ola, session)
    assert "Accept by Monday 23 November 2026, 10:00" in said(desk.told(sam)[-1]).replace("\\", "")
    desk.bot.clock.now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    desk.gives_up(sam, session)

    assert list(desk.states(session).values()) == ["cancelled-late", "cancelled", "waiting"]
    assert desk.told(kit) == []
    assert desk.ticks() == 0
    desk.bot.clock.now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert (desk.ticks(), desk.ticks()) == (1, 0)
    assert [card.title for card in desk.told(kit)] == ["No place came free"]


def test_somebody_who_left_is_passed_over(desk: Desk, session: int) -> None:
    ola, sam = desk.confirmed("Ola Invented", session), desk.books("Sam Invented", session)
    desk.books("Kit Invented", session)
    with Session(desk.bot.engine) as kept, kept.begin():
        registry.leave(kept, registry.owner(kept, sam) or 0, on=date(2026, 11, 20))

    desk.gives_up(ola, session)

    assert list(desk.states(session).values()) == ["cancelled", "lapsed", "offered"]


# --- giving up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "state"), [(4, "cancelled"), (7, "cancelled-late"), (10, "cancelled-late")])
def test_giving_up_is_late_from_three_working_days_before(desk: Desk, session: int, day: int, state: str) -> None:
    ola = desk.confirmed("Ola Invented", session)
    desk.bot.clock.now = datetime(2026, 12, day, 9, tzinfo=UTC)

    asked = desk.press("booking.cancel", desk.of(ola, session), ola)
    assert ("This is late" in said(asked)) is (state == "cancelled-late")
    assert "There is no charge" in said(asked)
    desk.bot.presses(asked, "Yes, give it up", who=ola)

    assert desk.states(session) == {"Ola Invented": state}
    assert desk.told(desk.boss)[-1].title == "A place was given up"


def test_the_decline_of_an_old_offer_asks_before_it_takes_a_place_that_was_accepted(desk: Desk, session: int) -> None:
    ola, sam = desk.confirmed("Ola Invented", session), desk.confirmed("Sam Invented", session)
    desk.gives_up(ola, session)
    offer = desk.told(sam)[-1]
    desk.bot.presses(offer, "Accept", who=sam)

    asked = desk.bot.presses(offer, "Decline", who=sam)

    assert asked.title == "Do you want to give it up?"
    assert desk.states(session)["Sam Invented"] == "confirmed"


def test_the_secretariat_gives_up_a_place_for_somebody_who_is_told_and_the_next_is_offered_it(
    desk: Desk, session: int
) -> None:
    ola = desk.confirmed("Ola Invented", session)
    desk.books("Sam Invented", session)
    listed = desk.bot.presses(
        desk.bot.types(f"session {ref_of(desk, session)}", who=desk.keeper), "Who is booked", who=desk.keeper
    )
    assert isinstance(listed, Card)
    form = desk.bot.opens(listed, "Give up for somebody", who=desk.keeper)
    assert [one.label for one in form.fields[0].choices] == [
        "Ola Invented, has a place",
        "Sam Invented, waits, not agreed",
    ]
    assert isinstance(desk.bot.sends(form, who=desk.keeper, booking=""), Errors)

    for _ in range(2):
        desk.bot.sends(form, who=desk.keeper, booking=form.fields[0].choices[0].value)

    assert desk.states(session) == {"Ola Invented": "cancelled", "Sam Invented": "offered"}
    assert [card.title for card in desk.told(ola)].count("Your place was given up for you") == 1
    assert desk.told(desk.boss)[-1].title == "A place was given up"


def test_only_the_secretariat_gives_up_a_place_for_others(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    about = str(desk.of(ola, session).id)

    for who in (desk.boss, ola):
        desk.bot.does(Request(who, route="booking.end", value=str(session), fields={"booking": about}))

    assert desk.states(session) == {"Ola Invented": "confirmed"}


def test_a_session_that_is_cancelled_is_told_once_and_its_old_buttons_say_so(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam, kit = desk.books("Sam Invented", session), desk.books("Kit Invented", session)
    desk.gives_up(ola, session)
    [offer] = desk.told(sam)
    card = desk.bot.types(f"session {ref_of(desk, session)}", who=desk.keeper)

    desk.bot.sends(desk.bot.opens(card, "Cancel it", who=desk.keeper), who=desk.keeper)
    desk.ticks()

    assert desk.states(session) == dict.fromkeys(("Sam Invented", "Kit Invented"), "called-off") | {
        "Ola Invented": "cancelled"
    }
    for who in (sam, kit):
        assert [one.title.rpartition(" is ")[2] for one in desk.told(who)].count("cancelled") == 1
    for label in ("Accept", "Decline"):
        assert "was cancelled" in said(desk.bot.presses(offer, label, who=sam))
    for old in ("Agree", "Decline"):
        assert "was cancelled" in said(desk.bot.presses(desk.told(desk.boss)[1], old, who=desk.boss))
    assert "does not take place" in said(desk.press("booking.one", desk.of(kit, session), kit))


def ref_of(desk: Desk, session_id: int) -> str:
    with Session(desk.bot.engine) as kept:
        return kept.get_one(TrainingSession, session_id).ref


def test_nothing_is_changed_once_a_session_has_begun(desk: Desk, session: int) -> None:
    ola = desk.confirmed("Ola Invented", session)
    desk.bot.clock.now = booking.THURSDAY

    assert "has begun" in said(desk.gives_up(ola, session))
    assert desk.states(session) == {"Ola Invented": "confirmed"}


# --- a colleague goes --------------------------------------------------------------------------------------------


def substituted(desk: Desk, session_id: int, name: str, *, by: str = "Ola Invented") -> Card | Errors:
    who = desk.enrols(by)
    form = desk.bot.does(Request(who, route="booking.substitute", value=str(desk.of(who, session_id).id)))
    assert isinstance(form, Form), form
    return desk.bot.sends(form, who=who, name=name)


def test_a_colleague_takes_the_place_and_everybody_is_told(desk: Desk, session: int) -> None:
    ola, kit = desk.confirmed("Ola Invented", session), desk.enrols("Kit Invented")

    substituted(desk, session, "Kit Invented")

    assert desk.states(session) == {"Ola Invented": "substituted", "Kit Invented": "confirmed"}
    assert desk.of(kit, session).for_booking_id == desk.of(ola, session).id
    assert desk.told(kit)[-1].title == "A colleague gave you their place"
    assert desk.told(desk.boss)[-1].title == "A colleague goes instead"


def test_for_a_place_that_is_not_agreed_the_manager_is_asked_about_the_colleague(desk: Desk, session: int) -> None:
    desk.books("Ola Invented", session)
    desk.enrols("Kit Invented")

    substituted(desk, session, "Kit Invented")

    assert desk.states(session) == {"Ola Invented": "substituted", "Kit Invented": "requested"}
    assert "Kit Invented asks for your agreement" in [card.title for card in desk.told(desk.boss)]


def test_a_place_is_not_given_to_another_agency_the_manager_or_who_has_one(desk: Desk) -> None:
    session = booking.session(desk.bot, capacity=2)
    desk.confirmed("Ola Invented", session)
    desk.confirmed("Sam Invented", session)
    desk.enrols("Uma Invented", agency="Example Council")

    for name in ("Uma Invented", "Boss Invented", "Sam Invented", "Ola Invented", ""):
        assert isinstance(substituted(desk, session, name), Errors)
    assert list(desk.states(session).values()) == ["confirmed", "confirmed"]


def test_a_place_is_not_given_to_the_manager_who_was_named_by_an_address(desk: Desk, session: int) -> None:
    desk.books("Ola Invented", session, address="uma@example.gov.uk")
    with Session(desk.bot.engine) as kept, kept.begin():
        registry.add_place(
            kept, registry.owner(kept, desk.enrols("Uma Invented")) or 0, Identity("email", "uma@example.gov.uk")
        )

    assert isinstance(substituted(desk, session, "Uma Invented"), Errors)


def test_somebody_who_waits_can_be_given_a_place_and_leaves_the_line(desk: Desk, session: int) -> None:
    desk.confirmed("Ola Invented", session)
    desk.books("Sam Invented", session)

    substituted(desk, session, "Sam Invented")

    assert desk.states(session) == {"Ola Invented": "substituted", "Sam Invented": "confirmed"}
