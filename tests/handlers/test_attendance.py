"""Who was there: marked after the meeting, with quorum, and with absences that only strategy managers learn of."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.attending import Attendance
from db.people import Identity, Role
from db.risks import Risk
from handlers.context import Request
from handlers.messages import Card, Errors, Form
from tests.convening import Room
from tests.fakes import Bot, labels, said

FIRST, SECOND, THIRD = date(2026, 12, 3), date(2027, 1, 14), date(2027, 3, 4)


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot)


@pytest.fixture
def manager(room: Room) -> Identity:
    return room.bot.enrol(Role.MEMBER, Role.STRATEGY_MANAGER, name="Moe Invented")


def test_it_opens_with_what_people_answered(room: Room) -> None:
    room.sits("Dee Invented", "Police", deputy=True)
    ref = room.meets(FIRST)
    room.says(ref, "Police", "My deputy attends")
    room.says(ref, "Local authority", "Apologies")
    room.holds(ref)

    form = room.marking(ref)

    assert [(one.label, one.value) for one in form.fields] == [
        ("Integrated care board Invented, Integrated care board", "absent"),
        ("Local authority Invented, Local authority", "apologies"),
        ("Police Invented, Police", "deputy"),
    ]


def test_it_is_not_marked_before_the_meeting_was_held(room: Room) -> None:
    ref = room.meets(FIRST)

    reply = room.bot.does(Request(room.keeper, route="meetings.attendance", value=f"{room.kept(ref).id}|0"))

    assert "was not held yet" in said(reply)  # type: ignore[arg-type]


@pytest.mark.parametrize(("came", "result"), [({}, "Quorate"), ({"police": "absent"}, "Police: nobody was there")])
def test_it_says_whether_it_was_quorate_and_keeps_that(room: Room, came: dict[str, str], result: str) -> None:
    ref = room.held(FIRST, **came)

    assert result in said(room.card(ref))
    kept = [row.detail for row in room.bot.audited() if row.action == "marked attendance"]
    assert kept == [{"quorum": "quorate" if not came else "not quorate"}]


def test_it_can_be_put_right_and_is_sent_twice_without_harm(room: Room) -> None:
    ref = room.held(FIRST, police="absent")
    form = room.marking(ref)
    room.bot.sends(form, who=room.keeper, **{form.fields[2].name: "present"})

    room.bot.sends(form, who=room.keeper, **{form.fields[2].name: "present"})

    assert "Quorate" in said(room.card(ref))
    assert room.bot.counted(Attendance) == 3


def test_twenty_members_are_marked_ten_at_a_time(room: Room) -> None:
    for number in range(12):
        room.sits(f"Member {number}", group="Delivery Group")
    ref = room.meets(FIRST, "Delivery Group")
    room.holds(ref)

    first = room.marks(ref)
    assert isinstance(first, Card)
    form = room.bot.opens(first, "Next members", who=room.keeper)
    last = room.bot.sends(form, who=room.keeper)

    assert isinstance(last, Card)
    assert "2 members are still to be marked" in said(first)
    assert "No quorum rule is known" in said(last)
    assert room.bot.counted(Attendance) == 12


def test_a_deputy_counts_for_one_seat_only(room: Room) -> None:
    room.stands_in(room.members["Police"], room.members["Local authority"])
    ref = room.meets(FIRST)
    room.holds(ref)

    errors = room.marks(ref, local="deputy")

    assert isinstance(errors, Errors)
    assert "One person counts for one seat only" in next(iter(errors.by_field.values()))
    assert isinstance(room.marks(ref, local="deputy", police="absent"), Card)


@pytest.mark.parametrize("value", ["", "winner", "deputy"])
def test_what_cannot_be_chosen_is_said_at_its_box(room: Room, value: str) -> None:
    ref = room.meets(FIRST)
    room.holds(ref)

    errors = room.marks(ref, police=value)

    assert isinstance(errors, Errors)
    assert len(errors.by_field) == 1
    assert room.bot.counted(Attendance) == 0


# --- absences ----------------------------------------------------------------------------------------------


def test_twice_in_a_row_is_a_private_task_of_strategy_managers(room: Room, manager: Identity) -> None:
    room.held(FIRST, police="absent")
    assert room.reviews() == []

    room.held(SECOND, police="apologies")

    assert [one.seat for one in room.reviews()] == ["Police"]
    assert len(room.sent(manager, "A seat was empty")) == 1
    told = [one for one in room.queued() if one.card.title.startswith("A seat was empty")]
    assert [one.to.address for one in told] == [manager.user_id]


def test_a_meeting_that_was_not_held_does_not_count_and_one_in_between_resets(room: Room, manager: Identity) -> None:
    room.held(FIRST, police="absent")
    room.cancel(room.meets(date(2026, 12, 17)))
    room.held(SECOND)
    room.held(THIRD, police="absent")

    assert room.sent(manager, "A seat was empty") == []


def test_a_deputy_resets_the_count(room: Room, manager: Identity) -> None:
    room.sits("Dee Invented", "Police", deputy=True)
    room.held(FIRST, police="absent")
    room.held(SECOND, police="deputy")

    assert room.sent(manager, "A seat was empty") == []


def test_relevant_agencies_cover_each_other_and_advisers_do_not(room: Room, manager: Identity) -> None:
    for name in ("Abe", "Bea"):
        room.sits(f"{name} Invented", "Relevant agency", group="Partnership")
        room.sits(f"Ad{name} Invented", "Adviser", group="Partnership")
    for on in (FIRST, SECOND):
        room.held(on, "Partnership", abe="absent", adabe="absent")

    assert [one.seat for one in room.reviews()] == ["Adviser"]
    assert "AdAbe" in said(room.sent(manager, "A seat was empty")[0].card)


def test_who_was_not_invited_to_the_first_one_has_missed_one(room: Room, manager: Identity) -> None:
    room.sits("Abe", group="Delivery Group")
    room.held(FIRST, "Delivery Group")
    room.sits("Bea", group="Delivery Group")
    room.held(SECOND, "Delivery Group", bea="absent")

    assert room.sent(manager, "A seat was empty") == []


def test_a_correction_takes_the_review_back_and_another_opens_it_again(room: Room, manager: Identity) -> None:
    room.held(FIRST, police="absent")
    ref = room.held(SECOND, police="absent")

    room.marks(ref)
    assert [one.outcome for one in room.reviews()] == ["taken-back"]
    room.bot.clock.pass_(minutes=5)
    room.marks(ref, police="absent")

    assert [one.closed_at for one in room.reviews()] == [None]
    assert len(room.sent(manager, "A seat was empty")) == 2


def test_a_correction_of_the_first_meeting_counts_too(room: Room) -> None:
    first = room.held(FIRST, police="absent")
    room.held(SECOND, police="absent")

    room.marks(first)

    assert [one.outcome for one in room.reviews()] == ["taken-back"]


def test_a_third_time_does_not_open_a_second_review(room: Room) -> None:
    for on in (FIRST, SECOND, THIRD):
        room.held(on, police="absent")

    assert len(room.reviews()) == 1


def review(room: Room, manager: Identity) -> Form:
    room.held(FIRST, police="absent")
    ref = room.held(SECOND, police="absent")
    card = room.with_button(ref, "Absences", manager)
    listed = room.bot.presses(card, "Absences", who=manager)
    assert isinstance(listed, Card)
    return room.bot.opens(listed, "Review 1", who=manager)


def test_a_risk_is_raised_only_after_the_review_is_recorded(room: Room, manager: Identity) -> None:
    form = review(room, manager)
    assert "Of 2 meetings they came to 0 themselves" in form.intro

    card = room.bot.sends(form, who=manager, outcome="propose-risk", note="No answer to two letters.")
    assert isinstance(card, Card)
    alert = room.bot.opens(card, "Raise the risk", who=manager)
    raised = room.bot.sends(alert, who=manager, event="Decisions wait.", agencies="Example Office", level="Low/Low")

    assert isinstance(raised, Card)
    assert [(one.outcome, one.risk_ref) for one in room.reviews()] == [("propose-risk", raised.title.partition(" ")[0])]


def test_no_risk_is_said_to_come_from_an_absence_before_the_review_is_recorded(room: Room, manager: Identity) -> None:
    review(room, manager)
    value = f"absence-{room.reviews()[0].id}"
    fields = {"title": "A gap", "event": "Decisions wait.", "agencies": "Example Office", "level": "Low/Low"}

    for who in (manager, room.members["Police"]):
        form = room.bot.does(Request(who, route="risks.new", value=value))
        assert isinstance(form, Form)
        assert form.about == "alert"
        room.bot.does(Request(who, route="risks.raise", value=value, fields=fields))

    with Session(room.bot.engine) as session:
        assert set(session.scalars(select(Risk.source))) == {"alert"}
    assert room.reviews()[0].risk_ref == ""


def test_a_review_that_is_resolved_is_finished_once(room: Room, manager: Identity) -> None:
    form = review(room, manager)
    errors = room.bot.sends(form, who=manager, note="")
    assert isinstance(errors, Errors)
    assert list(errors.by_field) == ["note"]

    card = room.bot.sends(form, who=manager, note="They were away and are back.")
    again = room.bot.does(Request(manager, route="meetings.review", value=str(room.reviews()[0].id)))

    assert isinstance(card, Card)
    assert "Raise the risk" not in labels(card)
    assert "it is finished" in said(again)  # type: ignore[arg-type]


@pytest.mark.parametrize("route", ["meetings.reviews", "meetings.review"])
def test_the_coordinator_reads_no_absences(room: Room, manager: Identity, route: str) -> None:
    review(room, manager)

    reply = room.bot.does(Request(room.keeper, route=route, value="1"))

    assert "cannot find that meeting" in said(reply)  # type: ignore[arg-type]
