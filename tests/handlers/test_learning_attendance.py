"""Attendance: noted and put right by the secretariat, with what follows for those who were there and those who not."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from db import deliveries
from db import engine as database
from db.bookings import BookingState
from db.people import Identity, Role
from db.training import SessionState
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Tone
from tests import learning, reminding
from tests.fakes import Bot, Queued, labels, said
from tests.promises import number

ATTENDED, PARTIAL, NO_SHOW = (
    BookingState.ATTENDED.value, BookingState.PARTIAL.value, BookingState.NO_SHOW.value,
)  # fmt: skip
COMING_DAYS = ("2027-01-21 09:00", "2027-04-21 12:00")


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR)


@pytest.fixture
def ola(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Ola Invented")


@pytest.fixture
def place(bot: Bot, ola: Identity) -> int:
    """Give Ola a place at a session that has just ended."""
    found = learning.booking(bot, learning.session(bot), ola)
    bot.clock.now = learning.STARTS + timedelta(hours=3)
    return found


def sheet(bot: Bot, keeper: Identity) -> Card:
    """Open the attendance of the newest session."""
    sessions = bot.presses(bot.types("learning", who=keeper), "Attendance", who=keeper)
    assert isinstance(sessions, Card)
    found = bot.presses(sessions, next(one for one in labels(sessions) if one.startswith("1: ")), who=keeper)
    assert isinstance(found, Card)
    return found


def mark(bot: Bot, keeper: Identity, **fields: str) -> Card | Errors:
    return bot.sends(bot.opens(sheet(bot, keeper), "Say who was there", who=keeper), who=keeper, **fields)


def reminded(bot: Bot, who: Identity) -> list[str]:
    """Let a quarter pass, and return what somebody is asked in it."""
    for when in COMING_DAYS:
        reminding.tick(bot, when)
        reminding.deliver(bot)
    return [one.card.title for one in reminding.reminded(bot, who)]


def notes(bot: Bot) -> list[Queued]:
    return [one for one in bot.queued() if one.key.startswith("not-there:")]


def test_nobody_is_noted_beforehand_and_what_is_said_is_kept(bot: Bot, keeper: Identity, place: int) -> None:
    form = bot.opens(sheet(bot, keeper), "Say who was there", who=keeper)
    assert [(box.label, box.value) for box in form.fields] == [("Ola Invented", "")]

    card = bot.sends(form, who=keeper, **{f"place_{place}": ATTENDED})

    assert "Was there" in said(card)
    assert learning.kept(bot, place).state == ATTENDED


def test_the_session_is_done_when_everybody_is_noted(bot: Bot, keeper: Identity, place: int) -> None:
    session = learning.kept(bot, place).session_id
    other = learning.booking(bot, session, bot.enrol(Role.MEMBER))

    mark(bot, keeper, **{f"place_{place}": ATTENDED})
    assert learning.kept_session(bot, session).state == SessionState.OPEN.value
    mark(bot, keeper, **{f"place_{other}": NO_SHOW})

    assert learning.kept_session(bot, session).state == SessionState.DONE.value
    assert learning.kept(bot, place).state == ATTENDED


def test_ten_people_stand_on_a_page_and_the_rest_on_the_next(bot: Bot, keeper: Identity) -> None:
    session = learning.session(bot)
    for one in range(11):
        learning.booking(bot, session, bot.enrol(Role.MEMBER, name=f"Ola {chr(65 + one)}"))
    bot.clock.now = learning.STARTS

    first = sheet(bot, keeper)
    second = bot.presses(first, "Next people", who=keeper)

    assert len(bot.opens(first, "Say who was there", who=keeper).fields) == 10
    assert isinstance(second, Card)
    assert [box.label for box in bot.opens(second, "Say who was there", who=keeper).fields] == ["Ola K"]
    assert "Next people" not in labels(second)


def test_who_was_there_is_asked_on_the_next_working_day_and_after_three_months(
    bot: Bot, keeper: Identity, ola: Identity, place: int
) -> None:
    mark(bot, keeper, **{f"place_{place}": ATTENDED})

    assert reminded(bot, ola) == ["Reminder: Working with neglect, 20 January 2027"] * 2
    first, second = (one.card for one in reminding.reminded(bot, ola))
    assert bot.opens(first, "Answer", who=ola).title == "What you took from it"
    assert bot.opens(second, "Answer", who=ola).title == "Three months later"


def test_when_attendance_is_noted_late_the_question_still_comes(
    bot: Bot, keeper: Identity, ola: Identity, place: int
) -> None:
    bot.clock.pass_(days=9)  # a Friday
    mark(bot, keeper, **{f"place_{place}": ATTENDED})

    reminding.tick(bot, "2027-02-01 09:00")

    assert len(reminding.reminded(bot, ola)) == 1


@pytest.mark.parametrize("state", [PARTIAL, NO_SHOW])
def test_who_left_early_or_was_not_there_is_asked_nothing(
    bot: Bot, keeper: Identity, ola: Identity, place: int, state: str
) -> None:
    mark(bot, keeper, **{f"place_{place}": state})

    assert reminded(bot, ola) == []


def test_a_mistake_is_put_right_with_what_was_planned(bot: Bot, keeper: Identity, ola: Identity, place: int) -> None:
    mark(bot, keeper, **{f"place_{place}": ATTENDED})
    mark(bot, keeper, **{f"place_{place}": NO_SHOW})
    assert reminded(bot, ola) == []

    mark(bot, keeper, **{f"place_{place}": ATTENDED})

    assert learning.kept(bot, place).state == ATTENDED


def test_a_form_that_arrives_twice_notes_once(bot: Bot, keeper: Identity, place: int) -> None:
    form = bot.opens(sheet(bot, keeper), "Say who was there", who=keeper)
    for _ in range(2):
        bot.sends(form, who=keeper, **{f"place_{place}": ATTENDED})

    assert [one.action for one in bot.audited() if one.subject.startswith("TRN-")] == ["noted attendance", "done"]


def test_what_is_not_in_the_list_is_refused_and_nothing_noted(bot: Bot, keeper: Identity, place: int) -> None:
    other = learning.booking(bot, learning.session(bot), bot.enrol(Role.MEMBER))

    reply = mark(bot, keeper, **{f"place_{place}": "cancelled"})
    mark(bot, keeper, **{f"place_{other + 50}": ATTENDED})

    assert isinstance(reply, Errors)
    assert learning.kept(bot, place).state == BookingState.CONFIRMED.value


def test_ids_that_are_made_up_open_nothing_of_others(bot: Bot, keeper: Identity) -> None:
    learning.booking(bot, learning.session(bot), bot.enrol(Role.MEMBER, name="Ola Invented"))
    routes = ("learning.attendance", "learning.mark", "learning.marked", "learning.missed", "learning.replies")

    for route, value in itertools.product(routes, ("", "0", "99", "x", "1|x", "|")):  # 1 has not begun yet
        reply = bot.does(Request(keeper, route=route, value=value))
        assert isinstance(reply, Card), route
        assert reply.tone is Tone.WARNING, route
        assert "Ola" not in said(reply)


def test_a_page_that_is_not_there_is_the_last_one(bot: Bot, keeper: Identity, place: int) -> None:
    session = learning.kept(bot, place).session_id

    card = bot.does(Request(keeper, route="learning.attendance", value=f"{session}|99"))
    form = bot.does(Request(keeper, route="learning.mark", value=f"{session}|99"))

    assert "Ola Invented" in said(card) if isinstance(card, Card) else False
    assert not isinstance(form, Form)


# --- who was not there -----------------------------------------------------------------------------------------


def test_nobody_is_told_that_they_were_not_there_before_the_secretariat_presses(
    bot: Bot, keeper: Identity, ola: Identity, place: int
) -> None:
    manager = bot.enrol(Role.MEMBER)
    learning.set_booking(bot, place, manager_person_id=number(bot, manager))
    mark(bot, keeper, **{f"place_{place}": NO_SHOW})
    assert notes(bot) == []

    bot.presses(sheet(bot, keeper), "Tell who was not there", who=keeper)

    told = {one.to.address: said(one.card) for one in notes(bot)}
    assert set(told) == {ola.user_id, manager.user_id}
    assert "says that you were not there" in told[ola.user_id]
    assert "Ola Invented" in told[manager.user_id]
    assert not any(word in " ".join(told.values()) for word in ("charge", "pay", "£"))
    assert "Tell who was not there" not in labels(sheet(bot, keeper))


def test_the_note_is_sent_once_and_called_back_when_it_was_a_mistake(bot: Bot, keeper: Identity, place: int) -> None:
    mark(bot, keeper, **{f"place_{place}": NO_SHOW})
    session = str(learning.kept(bot, place).session_id)
    for _ in range(2):
        bot.does(Request(keeper, route="learning.missed", value=session))
    assert len(notes(bot)) == 1

    mark(bot, keeper, **{f"place_{place}": ATTENDED})
    reminding.deliver(bot)

    assert [one.state for one in _states(bot)] == ["cancelled"]
    assert "Tell who was not there" not in labels(sheet(bot, keeper))


def _states(bot: Bot) -> list[deliveries.Posted]:
    with database.transaction(bot.engine) as session:
        return deliveries.report(session, "not-there:")


def test_members_see_no_attendance(bot: Bot, ola: Identity, place: int) -> None:
    assert "Attendance" not in labels(bot.types("learning", who=ola))
    session = str(learning.kept(bot, place).session_id)

    reply = bot.does(Request(ola, route="learning.attendance", value=session))

    assert "Ola" not in said(reply) if isinstance(reply, Card) else False
