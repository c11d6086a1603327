"""Meetings: who sees what of them, their steps, who comes, and what the clock does by itself."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Tone
from tests.convening import MEETS, Room
from tests.fakes import STRANGER, Bot, button_of, labels, said

LINK = "https://meet.example/room"


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one database: what differs between the two is tested with the clock and with attendance."""
    return sqlite_engine


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot)


# --- who sees what -----------------------------------------------------------------------------------------


def test_a_member_sees_the_link_and_can_answer(room: Room) -> None:
    ref = room.meets(link=LINK, place="Room 4")

    card = room.card(ref, room.members["Police"])

    assert LINK in said(card)
    assert "Thursday 17 December 2026 at 10:00" in said(card)
    assert labels(card)[:3] == ["I attend", "My deputy attends", "Apologies"]
    assert len(card.actions) <= 6


@pytest.mark.parametrize("role", [Role.SCRUTINEER, Role.STATUTORY_PARTNER])
def test_those_who_look_into_every_group_see_the_place_but_not_the_link(room: Room, role: Role) -> None:
    ref = room.meets(link=LINK, place="Room 4")

    card = room.card(ref, room.bot.enrol(role))

    assert "Room 4" in said(card)
    assert LINK not in said(card)
    assert "I attend" not in labels(card)


def test_others_read_only_that_it_is(room: Room) -> None:
    ref = room.meets(link=LINK, place="Room 4")
    other = room.bot.enrol(Role.MEMBER)

    card = room.card(ref, other)

    assert "Thursday 17 December 2026" in said(card)
    assert "Room 4" not in said(card)
    assert labels(card) == []
    assert ref in said(room.bot.types("meetings", who=other))


def test_what_is_only_proposed_or_was_is_not_for_others(room: Room) -> None:
    ref = room.meets(state="proposed")
    other = room.bot.enrol(Role.MEMBER)

    assert "cannot find that meeting" in said(room.card(ref, other))
    assert "cannot find that meeting" in said(room.card("MTG-2026-999", other))
    assert ref not in said(room.bot.types("meetings", who=other))
    assert ref in said(room.bot.types("meetings", who=room.members["Police"]))


def test_strangers_see_no_meeting(room: Room) -> None:
    ref = room.meets()

    assert room.card(ref, STRANGER).tone is Tone.WARNING
    assert room.bot.types("meetings", who=STRANGER).tone is Tone.WARNING


def test_meetings_are_listed_by_group_and_the_past_apart(room: Room) -> None:
    room.meets()
    room.meets(date(2026, 12, 10), "Delivery Group")
    was = room.meets(date(2026, 11, 5))

    coming = room.bot.types("meetings exec", who=room.keeper)
    assert "Delivery Group" not in said(coming)
    past = room.bot.presses(coming, "Past", who=room.keeper)
    assert isinstance(past, Card)
    assert was in said(past)
    opened = room.bot.presses(past, f"Open {was}", who=room.keeper)
    assert isinstance(opened, Card)
    assert opened.title.startswith(was)


def test_what_has_no_place_on_the_card_is_behind_more(room: Room) -> None:
    ref = room.meets()
    manager = room.bot.enrol(Role.MEMBER, Role.STRATEGY_MANAGER)
    room.joins(manager, "Police")

    found, card = [], room.card(ref, manager)
    while "More" in labels(card):
        found += labels(card)
        more = room.bot.presses(card, "More", who=manager)
        assert isinstance(more, Card)
        card = more
    found += labels(card)

    assert {"I attend", "Agenda", "Papers", "Details", "Decisions", "Add to calendar", "Absences"} <= set(found)


# --- steps -------------------------------------------------------------------------------------------------


def test_a_meeting_goes_on_step_by_step_and_is_not_held_before_its_day(room: Room) -> None:
    ref = room.meets(state="proposed")
    for label in ("Confirm it", "Open papers", "Lock papers", "Papers are out"):
        room.bot.presses(room.card(ref), label, who=room.keeper)
    assert room.kept(ref).locked_at is not None
    assert "It was held" not in labels(room.card(ref))
    early = room.bot.does(Request(room.keeper, route="meetings.step", value=f"{room.kept(ref).id}|hold"))
    assert "the day of the meeting has come" in said(early)  # type: ignore[arg-type]

    room.holds(ref)
    for label in ("Minutes are drafted", "Minutes are agreed"):
        room.bot.presses(room.card(ref), label, who=room.keeper)

    assert room.kept(ref).state == "agreed"


def test_a_step_that_is_pressed_twice_is_taken_once(room: Room) -> None:
    ref = room.meets()
    card = room.card(ref)
    room.bot.presses(card, "Open papers", who=room.keeper)

    again = room.bot.presses(card, "Open papers", who=room.keeper)

    assert "It is confirmed and open for papers" in said(again)


@pytest.mark.parametrize("value", ["", "0|hold", "x|hold", "999999999999|hold", "1|cancel", "1|move", "1|nothing"])
def test_what_no_button_holds_takes_no_step(room: Room, value: str) -> None:
    ref = room.meets()

    reply = room.bot.does(Request(room.keeper, route="meetings.step", value=value))

    assert isinstance(reply, Card)
    assert reply.tone is Tone.WARNING
    assert room.kept(ref).state == "confirmed"


def test_the_executive_is_led_in_turn_and_the_secretariat_can_say_otherwise(room: Room) -> None:
    room.meets(date(2026, 11, 5), chair="Integrated care board")
    ref = room.meets()
    assert ("Chair", "Police") in room.card(ref).body[0].pairs  # type: ignore[union-attr]

    form = room.bot.opens(room.with_button(ref, "Details"), "Details", who=room.keeper)
    card = room.bot.sends(form, who=room.keeper, chair="Local authority", place="Room 4", link=LINK)

    assert isinstance(card, Card)
    assert ("Chair", "Local authority") in card.body[0].pairs  # type: ignore[union-attr]
    assert room.kept(ref).sequence == 1


WRONG = {
    "no time": ({"at": "25:00"}, "at"),
    "no minutes": ({"minutes": ""}, "minutes"),
    "words": ({"minutes": "two"}, "minutes"),
    "a day long": ({"minutes": "999"}, "minutes"),
    "no link": ({"link": "meet.example"}, "link"),
    "a link that is not safe": ({"link": "http://meet.example"}, "link"),
    "a link that breaks out": ({"link": "https://meet.example) [x](https://other.example"}, "link"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_details_is_said_at_its_box(room: Room, wrong: str) -> None:
    fields, box = WRONG[wrong]
    ref = room.meets()

    errors = room.bot.sends(room.bot.opens(room.card(ref), "Details", who=room.keeper), who=room.keeper, **fields)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [box]
    assert room.kept(ref).sequence == 0


@pytest.mark.parametrize(("label", "fields"), [("Move it", {"on": "2026-12-10"}), ("Cancel it", {})])
def test_the_card_of_a_meeting_moves_or_cancels_that_meeting(room: Room, label: str, fields: dict[str, str]) -> None:
    for day in range(1, 16):
        room.meets(date(2027, 3, day))
    ref = room.meets(date(2027, 4, 15))

    form = room.bot.opens(room.with_button(ref, label), label, who=room.keeper)
    assert [one.label for one in form.fields[0].choices] == ["Executive, Thursday 15 April 2027"]
    done = room.bot.sends(form, who=room.keeper, **fields)

    assert isinstance(done, Card)
    assert (room.kept(ref).on, room.kept(ref).state) in [
        (date(2026, 12, 10), "confirmed"), (date(2027, 4, 15), "cancelled"),
    ]  # fmt: skip
    assert room.kept(ref).sequence == 1


# --- who comes ---------------------------------------------------------------------------------------------


def test_the_last_answer_counts(room: Room) -> None:
    ref = room.meets()
    room.says(ref, "Police", "I attend")

    card = room.says(ref, "Police", "Apologies")

    assert "you do not come" in said(card)
    assert "1 sent apologies, and 2 have not answered" in said(room.card(ref))


def test_a_deputy_is_told_and_can_be_spared_again(room: Room) -> None:
    deputy = room.sits("Dee Invented", "Police", deputy=True)
    ref = room.meets(link=LINK)

    room.says(ref, "Police", "My deputy attends")
    told = room.sent(deputy, "You stand in")
    assert len(told) == 1
    assert LINK in said(room.card(ref, deputy))
    room.says(ref, "Police", "I attend")

    assert len(room.sent(deputy, "Executive: you are not needed")) == 1


def test_a_member_is_told_when_their_deputy_does_not_come_after_all(room: Room) -> None:
    deputy = room.sits("Dee Invented", "Police", deputy=True)
    ref = room.meets()
    room.says(ref, "Police", "My deputy attends")

    room.bot.presses(room.sent(deputy)[0].card, "Apologies", who=deputy)

    told = room.sent(room.members["Police"], "Executive: your deputy does not come")
    assert len(told) == 1
    assert labels(told[0].card) == ["I attend", "My deputy attends", "Apologies"]


def test_without_a_deputy_it_is_said_what_to_do(room: Room) -> None:
    ref = room.meets()

    card = room.says(ref, "Police", "My deputy attends")

    assert "No deputy is known for your seat" in said(card)
    assert "3 have not answered" in said(room.card(ref))


def test_a_deputy_who_has_a_seat_counts_for_that_seat_only(room: Room) -> None:
    room.stands_in(room.members["Police"], room.members["Local authority"])
    ref = room.meets()

    card = room.says(ref, "Local authority", "My deputy attends")

    assert "One person counts for one seat" in said(card)


def test_one_deputy_of_two_members_counts_for_one_of_them(room: Room) -> None:
    deputy = room.bot.enrol(Role.MEMBER, name="Dee Invented")
    for seat in ("Police", "Local authority"):
        room.stands_in(deputy, room.members[seat])
    ref = room.meets()
    room.says(ref, "Police", "My deputy attends")

    card = room.says(ref, "Local authority", "My deputy attends")

    assert "One person counts for one seat" in said(card)
    room.says(ref, "Integrated care board", "I attend")
    assert "Local authority: no answer yet" in said(room.card(ref))


def test_a_seat_that_sends_no_deputy_has_no_such_button(room: Room) -> None:
    adviser = room.sits("Ada Invented", "Adviser", group="Partnership")
    ref = room.meets(group="Partnership")

    assert labels(room.card(ref, adviser))[:2] == ["I attend", "Apologies"]


def test_who_does_not_sit_there_cannot_answer(room: Room) -> None:
    ref = room.meets()
    other = room.bot.enrol(Role.MEMBER)

    for value in (f"{room.kept(ref).id}|attends|2026-12-17", "999|attends|2026-12-17", "|attends|", "x"):
        reply = room.bot.does(Request(other, route="meetings.answer", value=value))
        assert "cannot find that meeting" in said(reply)  # type: ignore[arg-type]


def test_an_answer_for_the_old_day_is_asked_anew(room: Room) -> None:
    ref = room.meets()
    police = room.members["Police"]
    old = room.card(ref, police)
    room.says(ref, "Police", "I attend")
    room.move(ref, "2026-12-10")

    card = room.bot.presses(old, "I attend", who=police)

    assert "please answer again" in said(card)
    assert "3 have not answered" in said(room.card(ref))


def test_after_its_day_nobody_answers(room: Room) -> None:
    ref = room.meets()
    card = room.card(ref, room.members["Police"])
    room.bot.clock.pass_(days=40)

    assert "is over" in said(room.bot.presses(card, "I attend", who=room.members["Police"]))
    assert "I attend" not in labels(room.card(ref, room.members["Police"]))


def test_quorum_is_shown_to_the_secretariat_and_to_whoever_leads_but_not_to_others(room: Room) -> None:
    ref = room.meets()

    def see(who: Identity) -> bool:
        return "Quorum" in said(room.card(ref, who))

    assert see(room.keeper)
    assert see(room.members["Local authority"])  # whose turn it is to lead
    assert not see(room.members["Police"])


def test_the_button_of_another_meeting_is_not_trusted(room: Room) -> None:
    ref = room.meets(MEETS)
    value = button_of(room.card(ref, room.members["Police"]), "I attend").value
    assert value == f"{room.kept(ref).id}|attends|2026-12-17"

    reply = room.bot.does(
        Request(room.members["Police"], route="meetings.answer", value=value.replace("attends", "wins"))
    )

    assert "cannot find that meeting" in said(reply)  # type: ignore[arg-type]
