"""Consultations: everybody is asked privately, replies definitely, and silence is never agreement."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.consultations import Consultation, Consulted
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Form
from tests import fakes
from tests.consulting import CON, DUE, GROUP, QUESTION, Room
from tests.fakes import STRANGER, Bot, Clock, button_of, labels, said

REPLY_BUTTONS = {"Agree", "Agree with comments", "Disagree", "No view"}


@pytest.fixture
def room(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Room]:
    with fakes.talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        yield Room(bot)


def counts(room: Room, who: object = None) -> dict[str, str]:
    card = room.card(who or room.coordinator, f"consultation {CON}")  # type: ignore[arg-type]
    return dict(card.body[2].pairs)  # type: ignore[union-attr]


def test_everybody_in_the_group_is_asked_privately_with_four_buttons(room: Room) -> None:
    card = room.asks()

    assert card.title == f"{CON}: 4 asked"
    for who in room.asked:
        notice = room.told(who)[-1].card
        assert set(labels(notice)) >= REPLY_BUTTONS
        assert DUE in said(notice)
    assert room.told(room.other) == []


def test_a_deputy_is_asked_only_where_nobody_holds_the_seat(room: Room) -> None:
    room.leaves(room.police)

    room.asks()

    assert room.told(room.deputy)
    assert room.told(room.police) == []


def test_replies_are_counted_and_silence_by_itself(room: Room) -> None:
    room.asks()
    room.replies(room.chair, "Agree")
    room.replies(room.police, "Agree with comments", "From May on.")
    room.replies(room.trust, "Disagree", "It costs too much.")

    card = room.card(room.coordinator, f"consultation {CON}")

    assert counts(room) == {
        "Agree": "1", "Agree with comments": "1", "Disagree": "1", "No view": "0", "Has not replied": "1"
    }  # fmt: skip
    assert "1 of 4 has not replied. Silence is not agreement." in said(card)


def test_a_reply_can_be_changed_until_it_is_closed(room: Room) -> None:
    room.asks()
    room.replies(room.police, "Disagree", "It costs too much.")

    card = room.replies(room.police, "No view")

    assert "It costs too much" not in said(card)
    assert counts(room)["No view"] == "1"
    assert counts(room)["Disagree"] == "0"
    room.keeps("Close it", outcome="It goes back.")
    late = room.bot.does(Request(room.police, route="consulting.reply", value=f"{CON}|agree"))
    assert isinstance(late, Card)
    assert "is closed" in late.title
    assert counts(room)["No view"] == "1"


def test_the_same_press_twice_is_one_reply(room: Room) -> None:
    room.asks()
    notice = room.told(room.police)[-1].card

    button = button_of(notice, "Agree")
    for key in ("press-1", "press-1", "press-2"):
        room.bot.does(Request(room.police, route=button.action, value=button.value, key=key))

    assert counts(room)["Agree"] == "1"
    assert [row.action for row in room.bot.audited()].count("replied") == 1


def test_the_form_sent_twice_asks_once(room: Room) -> None:
    form = room.bot.opens(room.card(room.coordinator, "consult"), "Consult a group", who=room.coordinator)

    for _ in range(2):
        room.bot.sends(form, who=room.coordinator, **QUESTION)

    assert room.bot.counted(Consultation) == 1
    assert len(room.told(room.police)) == 1


def test_chases_come_before_on_and_after_the_day_and_stop_on_a_reply(room: Room) -> None:
    room.asks()
    assert room.reminded_on(room.police) == ["2026-12-03", "2026-12-08", "2026-12-09"]

    room.replies(room.police, "No view")

    assert room.reminded_on(room.police) == []
    assert room.reminded_on(room.trust) == ["2026-12-03", "2026-12-08", "2026-12-09"]


def test_the_secretariat_is_told_once_of_the_seats_that_are_silent_after_the_day(room: Room) -> None:
    room.asks()
    room.replies(room.chair, "Agree")
    room.at(2026, 12, 8)
    assert room.tick() == 0
    room.at(2026, 12, 9, hour=8)
    assert room.tick() == 0

    room.at(2026, 12, 9, hour=9)
    assert [room.tick(), room.tick()] == [1, 0]

    notice = room.told(room.coordinator)[-1].card
    assert notice.title == f"{CON}: replies are missing"
    assert "Police (Example Police)" in said(notice).replace("\\", "")
    assert "Chair (Example Council)" not in said(notice).replace("\\", "")
    assert "Invented" not in said(notice)


def test_nobody_is_told_of_silence_where_everybody_has_replied(room: Room) -> None:
    room.asks()
    for who in room.asked:
        room.replies(who, "Agree")
    room.at(2026, 12, 10)

    assert room.tick() == 0
    assert "Everybody who was asked agrees." in said(room.card(room.police, f"consultation {CON}"))


def test_a_late_reply_is_taken_and_marked_late(room: Room) -> None:
    room.asks()
    room.at(2026, 12, 11)

    card = room.replies(room.police, "Agree")

    assert "Agree, late" in said(card)
    assert counts(room)["Agree"] == "1"


def test_closing_with_silent_ones_says_so_to_everybody_who_was_asked(room: Room) -> None:
    room.asks()
    room.replies(room.chair, "Agree")

    room.keeps("Close it", outcome="The offer goes ahead with a pilot.")

    told = said(room.told(room.trust)[-1].card).replace("\\", "")
    assert "The offer goes ahead with a pilot." in told
    assert "3 of 4 have not replied. Silence is not agreement." in told
    assert room.reminded_on(room.trust) == []


def test_who_closes_is_told_of_a_reply_that_came_meanwhile(room: Room) -> None:
    room.asks()
    card = room.bot.presses(room.card(room.coordinator, f"consultation {CON}"), "Who replied", who=room.coordinator)
    assert isinstance(card, Card)
    form = room.bot.opens(card, "Close it", who=room.coordinator)
    room.replies(room.police, "Disagree", "It costs too much.")

    reply = room.bot.sends(form, who=room.coordinator, outcome="All agree.")

    assert isinstance(reply, Errors)
    assert reply.also is not None
    assert "Open until" in said(room.card(room.coordinator, f"consultation {CON}"))


def test_comments_are_read_by_the_secretariat_the_scrutineer_and_the_chair_alone(room: Room) -> None:
    room.asks()
    room.replies(room.police, "Disagree", "It costs too much.")

    for who in (room.coordinator, room.scrutineer, room.chair):
        card = room.bot.presses(room.card(who, f"consultation {CON}"), "Who replied", who=who)
        assert "It costs too much." in said(card).replace("\\", "")
    for who in (room.trust, room.partner):
        card = room.card(who, f"consultation {CON}")
        assert "Who replied" not in labels(card)
        forged = room.bot.does(Request(who, route="consulting.replies", value=f"{CON}|0"))
        assert "It costs too much" not in said(forged)  # type: ignore[arg-type]
        history = room.bot.does(Request(who, route="audit.history", value=CON))
        assert "disagree" not in said(history).lower()  # type: ignore[arg-type]


def test_who_is_not_asked_reads_nothing_and_learns_nothing(room: Room) -> None:
    room.asks()

    for who in (room.other, STRANGER):
        assert said(room.card(who, f"consultation {CON}")) == said(room.card(who, "consultation CON-2026-999"))
        forged = room.bot.does(Request(who, route="consulting.reply", value=f"{CON}|agree"))
        assert isinstance(forged, Card)
        assert QUESTION["title"] not in said(forged)
    assert "There is nothing here." in said(room.card(room.other, "consultations"))
    assert counts(room)["Agree"] == "0"


def test_nobody_replies_for_another_and_no_words_are_skipped(room: Room) -> None:
    room.asks()

    for who, value in ((room.partner, f"{CON}|agree"), (room.police, f"{CON}|disagree"), (room.police, f"{CON}|maybe")):
        reply = room.bot.does(Request(who, route="consulting.reply", value=value))
        assert isinstance(reply, Card)
        assert "cannot find" in reply.title

    assert counts(room)["Has not replied"] == "4"


def test_a_chair_consults_their_own_group_and_nobody_else_does(room: Room) -> None:
    form = room.bot.opens(room.card(room.chair, "consult"), "Consult a group", who=room.chair)
    assert [choice.value for choice in form.fields[0].choices] == [GROUP]
    assert "Consult a group" not in labels(room.card(room.police, "consult"))

    forged = Request(room.police, route="consulting.ask", fields=QUESTION, key="form:x")
    assert isinstance(room.bot.does(forged), Card)
    elsewhere = room.bot.sends(form, who=room.chair, **{**QUESTION, "group": "Executive"})

    assert isinstance(elsewhere, Errors)
    assert room.bot.counted(Consultation) == 0


WRONG = {
    "group": "Executive", "title": " ", "question": "", "link": "http://council.example/offer", "due_on": "2026-11-24",
}  # fmt: skip


@pytest.mark.parametrize("box", WRONG)
def test_a_question_that_is_not_right_is_refused_at_its_box(room: Room, box: str) -> None:
    reply = room.tries_to_ask(**{box: WRONG[box]})

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {box}
    assert room.bot.counted(Consultation) == 0


@pytest.mark.parametrize("link", ["https://", "https://a b", "https://[bad", 'https://a"b', "ftp://a.example"])
def test_only_a_whole_secure_address_is_a_link(room: Room, link: str) -> None:
    assert isinstance(room.tries_to_ask(link=link), Errors)


def test_who_follows_on_a_seat_takes_over_its_missing_reply(room: Room) -> None:
    room.asks()
    room.leaves(room.trust)
    follows = room.enrols("Fay Invented", seat="Relevant agency", agency="Example Trust")
    new = room.enrols("Nia Invented", seat="Voice of the child", agency="Example Youth")

    card = room.keeps("Ask those who joined")

    assert card.title == f"{CON}: 2 more asked"
    assert room.bot.counted(Consulted) == 5
    assert room.told(follows)
    assert room.told(new)
    assert room.reminded_on(room.trust) == []
    assert room.reminded_on(follows) == ["2026-12-03", "2026-12-08", "2026-12-09"]
    again = room.bot.does(Request(room.coordinator, route="consulting.join", value=button_of(card, "Close it").value))
    assert isinstance(again, Card)
    assert "was asked" in again.title


def test_a_leavers_missing_reply_is_shown_as_the_seats(room: Room) -> None:
    room.asks()
    room.leaves(room.trust)
    room.at(2026, 12, 9)

    room.tick()

    assert "Relevant agency (Example Trust)" in said(room.told(room.coordinator)[-1].card).replace("\\", "")


def test_missing_replies_are_noted_as_raised_at_a_meeting_after_the_question(room: Room) -> None:
    room.asks()
    room.meets(room.bot.clock.now.date().replace(day=25))
    room.at(2026, 12, 9)
    room.tick()

    card = room.keeps("Raised at the meeting")

    assert "Raised at the meeting" not in labels(card)
    assert "raised at a meeting" in said(room.bot.presses(card, "History", who=room.coordinator))


def test_without_a_meeting_nothing_can_be_noted_as_raised(room: Room) -> None:
    room.asks()

    reply = room.bot.does(Request(room.coordinator, route="consulting.raise", value=f"{CON}|1"))

    assert isinstance(reply, Card)
    assert "has not met" in reply.title


def test_the_list_shows_open_ones_first_and_pages(room: Room) -> None:
    room.asks(title="The first")
    room.keeps("Close it", outcome="It goes ahead.")
    for number in range(11):
        room.asks(title=f"Question {'abcdefghijk'[number]}")

    first = room.card(room.scrutineer, "consultations")
    second = room.bot.presses(first, "More", who=room.scrutineer)

    assert isinstance(second, Card)
    assert len(first.body[0].rows) == 10  # type: ignore[union-attr]
    assert second.body[0].rows[-1][1] == "The first"  # type: ignore[union-attr]
    form = room.bot.presses(first, "Open a consultation", who=room.scrutineer)
    assert isinstance(form, Form)
    opened = room.bot.sends(form, who=room.scrutineer, ref="CON-2026-012")
    assert isinstance(opened, Card)
    assert "Question k" in said(opened)


def test_who_left_the_group_replies_for_it_no_more(room: Room) -> None:
    room.asks()
    button = button_of(room.told(room.trust)[-1].card, "Agree")
    room.leaves(room.trust)

    reply = room.bot.does(Request(room.trust, route=button.action, value=button.value))

    assert isinstance(reply, Card)
    assert "You do not sit in this group any more" in reply.title
    assert "Agree" not in labels(room.card(room.trust, f"consultation {CON}"))
    assert counts(room)["Agree"] == "0"


def test_the_form_opens_where_bank_holidays_are_not_known_so_far_ahead(room: Room) -> None:
    room.at(2028, 12, 27)

    form = room.bot.opens(room.card(room.coordinator, "consult"), "Consult a group", who=room.coordinator)

    assert next(one for one in form.fields if one.name == "due_on").value == ""
