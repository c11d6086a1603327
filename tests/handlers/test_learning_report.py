"""The report of training: figures by agency for those who may read them, without small numbers."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.bookings import Booking, BookingState
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Table, Tone
from tests import learning
from tests.fakes import Bot, labels, said
from tests.reminding import at

COUNTS = {"Example Council": (9, 6), "Example Trust": (7, 1), "Example School": (6, 0)}  # attended, not there


@pytest.fixture
def scrutineer(bot: Bot) -> Identity:
    return bot.enrol(Role.SCRUTINEER)


@pytest.fixture
def session(bot: Bot) -> None:
    """Give a session of three agencies, of which six people of one said how confident they were at all times."""
    bot.clock.now = at("2027-01-21 09:00")
    found = learning.session(bot)
    for agency, (there, missed) in COUNTS.items():
        for state, times in ((BookingState.ATTENDED, there), (BookingState.NO_SHOW, missed)):
            for number in range(times):
                who = bot.enrol(Role.MEMBER)
                place = learning.booking(bot, found, who, agency=agency, state=state.value)
                if state is BookingState.ATTENDED and number < (6 if agency == "Example Council" else 4):
                    at_once = {"after_at": bot.clock.now, "later_at": bot.clock.now}
                    learning.evaluated(bot, place, before=2, after=4, later=5 if number < 5 else None, **at_once)
    bot.clock.now = at("2027-02-01 00:00")


def tables(card: Card) -> list[tuple[tuple[str, ...], ...]]:
    return [part.rows for part in card.body if isinstance(part, Table)]


@pytest.mark.usefixtures("session")
def test_places_and_confidence_are_counted_by_agency_and_small_numbers_are_hidden(
    bot: Bot, scrutineer: Identity
) -> None:
    card = bot.types("learning report", who=scrutineer)

    places, confidence = tables(card)
    assert places == (
        ("Example Council", "hidden", "9", "hidden"),
        ("Example School", "6", "6", "0"),
        ("Example Trust", "hidden", "7", "hidden"),
        ("All agencies", "29", "22", "7"),
    )
    assert confidence == (
        ("Example Council", "+2.0", "+3.0"),
        ("Example School", "too few answers", "too few answers"),
        ("Example Trust", "too few answers", "too few answers"),
    )
    assert "13 people said after three months" in said(card)


def test_one_small_number_by_itself_hides_the_total_too(bot: Bot, scrutineer: Identity) -> None:
    bot.clock.now = at("2027-01-21 09:00")
    found = learning.session(bot)
    for number in range(7):
        state = BookingState.NO_SHOW if number == 0 else BookingState.ATTENDED
        learning.booking(bot, found, bot.enrol(Role.MEMBER), state=state.value)
    bot.clock.now = at("2027-02-01 00:00")

    [places, _] = tables(bot.types("learning report", who=scrutineer))

    assert places == (
        ("Example Council", "hidden", "6", "hidden"),
        ("All agencies", "hidden", "6", "hidden"),
    )


@pytest.mark.usefixtures("session")
def test_what_is_noted_in_a_month_changes_no_report_before_the_next(bot: Bot, scrutineer: Identity) -> None:
    before = tables(bot.types("learning report", who=scrutineer))
    marked = {"state": BookingState.ATTENDED.value, "changed_at": at("2027-02-02 09:00")}
    with Session(bot.engine) as session:
        missed = session.scalars(select(Booking.id).where(Booking.state == BookingState.NO_SHOW.value)).first()
    late = learning.booking(bot, learning.session(bot, starts_at=at("2027-02-02 09:00")), scrutineer)
    learning.evaluated(bot, late, before=2, after=5, after_at=at("2027-02-02 09:00"))
    learning.set_booking(bot, late, **marked)
    bot.clock.now = at("2027-02-27 09:00")

    assert tables(bot.types("learning report", who=scrutineer)) == before

    learning.set_booking(bot, missed or 0, **marked)
    bot.clock.now = at("2027-03-01 00:00")
    [places, _] = tables(bot.types("learning report", who=scrutineer))
    assert places[-1] == ("All agencies", "30", "24", "6")


@pytest.mark.parametrize("role", list(Role))
def test_only_the_secretariat_the_scrutineer_and_statutory_partners_read_it(bot: Bot, role: Role) -> None:
    who = bot.enrol(role)
    may = role in {Role.COORDINATOR, Role.STRATEGY_MANAGER, Role.SCRUTINEER, Role.STATUTORY_PARTNER}

    card = bot.types("learning report", who=who)

    assert (card.tone is not Tone.WARNING) is may
    assert ("Report by agency" in labels(bot.types("learning", who=who))) is may


YEARS = {
    "2026": "Training from April 2026 to March 2027",
    "2025": "Training from April 2025 to March 2026",
    "2031": "Training from April 2026 to March 2027",
    "0001": "Training from April 2000 to March 2001",
}


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("year", YEARS)
def test_a_year_begins_in_april_and_none_is_to_come(bot: Bot, scrutineer: Identity, year: str) -> None:
    card = bot.types(f"learning report {year}", who=scrutineer)

    assert card.title == YEARS[year]
    assert bool(tables(card)) is (year in ("2026", "2031"))


def test_the_year_before_is_one_press_away(bot: Bot, scrutineer: Identity) -> None:
    card = bot.presses(bot.types("learning report", who=scrutineer), "The year before", who=scrutineer)

    assert card.title == YEARS["2025"]


@pytest.mark.parametrize("value", ["x", "99999", "-1", "²²²²"])
def test_a_year_that_is_made_up_is_the_one_that_is_running(bot: Bot, scrutineer: Identity, value: str) -> None:
    card = bot.does(Request(scrutineer, route="learning.report", value=value))

    assert isinstance(card, Card)
    assert card.title == YEARS["2026"]
