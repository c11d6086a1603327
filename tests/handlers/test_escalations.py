"""Escalations from the fork to the end: who is told what, and what nobody can do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from db import engine as database
from db import people
from db.escalations import Escalation
from db.people import Role
from handlers.messages import Card, Errors
from tests.escalating import DECEMBER, FEBRUARY, REF, Room
from tests.fakes import STRANGER, Bot, labels, said


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot)


@pytest.mark.parametrize("typed", ["escalate", "escalation"])
def test_the_fork_has_four_buttons_and_asks_for_no_words(bot: Bot, typed: str) -> None:
    card = bot.types(typed, who=STRANGER)

    assert labels(card) == [
        "My group needs the Executive", "We disagree about a child", "Statutory partners disagree",
        "Speak up about wrongdoing",
    ]  # fmt: skip


def test_a_chair_sends_one_and_reads_who_looks_at_it_by_when(room: Room) -> None:
    card = room.raises()

    assert card.title == "ESC-2026-001 received"
    assert "The Strategy Manager will look by Tuesday 24 November." in said(card)
    assert "The pack of the Executive on Thursday 3 December closed on Thursday 19 November." in said(card)
    assert "The next is on Thursday 4 February; its pack closes on Thursday 21 January." in said(card)
    assert room.status() == "submitted"
    assert room.told(f"{REF}: sent") == {room.manager.user_id, room.coordinator.user_id}  # the chair sent it


def test_the_whole_way_from_the_group_to_the_end(room: Room) -> None:
    room.raises()
    room.takes("accept", room.manager, meeting=room.meeting(FEBRUARY), note="Thank you.")
    room.takes("send", room.coordinator)
    room.takes("respond", room.manager, decision="agreed", response="Both will name one.", on="2026-11-21")
    room.takes("start", room.manager, what="Name a lead.", owner="role:coordinator", due_on="2026-12-31")
    room.takes("propose closing", room.manager, outcome="Both agencies have named somebody.", lessons="")
    room.takes("agree to close", room.chair)
    card = room.takes("close", room.manager, outcome="Both agencies have named somebody.", lessons="")

    assert isinstance(card, Card)
    assert room.status() == "closed"
    assert room.row().feedback_to_group_at is not None
    assert room.chair.user_id in room.told(f"{REF}: closed")
    assert room.history() == [
        "drafted", "sent", "accepted", "put before the Executive", "answered", "given its first action",
        "proposed to be closed", "agreed to be closed", "closed",
    ]  # fmt: skip


def test_an_urgent_one_goes_to_the_three_partners_and_the_scrutineer_at_once(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")

    told = room.told("put before the partners as urgent")
    assert told == {*(one.user_id for one in room.partners), room.scrutineer.user_id}
    assert room.status() == "with-executive"


def test_three_partners_of_different_agencies_decide_between_meetings(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    cards = [room.answers(one) for one in room.partners]

    assert [f"{number} of 3 have answered" in said(card) for number, card in enumerate(cards[:2], 1)] == [True, True]
    row = room.row()
    assert (row.status, row.decision_type, row.decided_how) == ("responded", "agreed", "between meetings")
    assert row.report_meeting_id == int(room.meeting(DECEMBER))
    assert room.coordinator.user_id in room.told("to be reported")
    assert room.chair.user_id in room.told("decided between meetings")


def test_two_partners_of_one_agency_count_once(room: Room) -> None:

    second = room.enrols("Second Invented", Role.STATUTORY_PARTNER, agency="Example Council", group="Executive")
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    for who in (room.partners[0], second, room.partners[1]):
        room.answers(who)

    assert room.status() == "with-executive"


def test_partners_who_answer_differently_have_decided_nothing(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    for who, decision in zip(room.partners, ("agreed", "agreed", "declined"), strict=True):
        room.answers(who, decision)

    assert room.status() == "with-executive"
    assert room.manager.user_id in room.told("answered differently")
    room.answers(room.partners[2], "agreed")
    assert room.status() == "responded"


def test_partners_who_differ_read_what_each_of_them_answered(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    for who, decision in zip(room.partners, ("agreed", "agreed", "declined"), strict=True):
        room.answers(who, decision)

    assert "Example Police: Declined" in said(room.notices("answered differently")[0].card)
    assert "**Example Police: Declined.** We agree to this" in said(room.opens(room.scrutineer))
    assert "Example Police: Declined" not in said(room.opens(room.chair))


def test_a_partner_who_agrees_to_discuss_twice_is_told_once(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    first = room.takes("discuss", room.partners[0])
    room.bot.clock.pass_(seconds=1)

    again = room.takes("discuss", room.partners[0])

    assert isinstance(first, Card)
    assert isinstance(again, Card)
    assert again.title == "You have said that already."
    assert room.history().count("taken up for discussion by a partner") == 1
    assert isinstance(room.takes("wait", room.partners[0]), Card)
    assert room.history()[-1] == "left for the meeting by a partner"


def test_the_strategy_manager_reads_in_the_notice_that_it_is_urgent_and_the_chair_for_which_meeting(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    room.raises()
    room.takes("accept", room.manager, "ESC-2026-002", meeting=room.meeting(FEBRUARY), note="Thank you.")

    sent = room.notices(f"{REF}: sent")[0]
    assert "It is urgent: The service ends this week" in said(sent.card)
    assert "The Strategy Manager looks by Tuesday 24 November" in said(sent.card)
    accepted = next(one for one in room.notices("accepted") if one.to.address == room.chair.user_id)
    assert "It goes to the Executive on Thursday 4 February" in said(accepted.card)
    assert "with the Executive" not in said(accepted.card)


def test_nobody_records_a_meeting_for_an_urgent_one_before_it_is_held(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    answer = {"decision": "agreed", "response": "Yes.", "on": "2026-11-21"}

    assert "decided at its meeting" in said(room.takes("respond", room.manager, **answer))
    room.bot.clock.now = datetime(2026, 12, 3, 15, tzinfo=UTC)
    assert isinstance(room.takes("respond", room.manager, **{**answer, "on": "2026-12-02"}), Errors)
    room.takes("respond", room.manager, **{**answer, "on": "2026-12-03"})
    assert room.status() == "responded"


MET = {"2026-12-02": ("between meetings", True), "2026-12-03": ("meeting", False), "2026-12-05": ("meeting", False)}


@pytest.mark.parametrize("on", MET)
def test_an_answer_before_the_meeting_is_between_meetings_and_reported_to_the_next_one(room: Room, on: str) -> None:
    room.brings("with-executive")
    room.bot.clock.now = datetime.fromisoformat(on).replace(hour=15, tzinfo=UTC)
    room.takes("respond", room.manager, decision="agreed", response="Both will name one.", on=on)

    row = room.row()
    assert (row.decided_how, bool(room.told("to be reported"))) == MET[on]
    assert (row.report_meeting_id == row.target_meeting_id) is (row.decided_how == "between meetings")


def test_what_is_opened_again_has_to_be_answered_to_the_group_again(room: Room) -> None:
    room.brings("reopened")
    assert room.row().feedback_to_group_at is not None
    room.takes("accept", room.manager, meeting=room.meeting(FEBRUARY), note="")

    assert room.row().feedback_to_group_at is None
    assert "Response due\n4 February 2027" in said(room.opens(room.manager))


def test_the_second_deferral_is_told_to_the_scrutineer(room: Room) -> None:
    room.brings("deferred")
    assert not room.told("deferred, ")
    room.takes("want", room.chair)
    room.takes("send", room.coordinator)
    room.meets(datetime(2027, 3, 25, tzinfo=UTC).date(), cut_off=FEBRUARY, pack=FEBRUARY)
    room.takes(
        "defer", room.manager, reason="Still no time.", meeting=room.meeting(datetime(2027, 3, 25, tzinfo=UTC).date())
    )

    assert room.row().deferrals == 2
    assert room.told("deferred, 2 times now") == {room.scrutineer.user_id}


def test_a_deferred_one_that_nobody_wants_does_not_go_back_to_the_executive(room: Room) -> None:
    room.brings("deferred")
    room.bot.clock.now = datetime(2027, 1, 28, 10, tzinfo=UTC)

    assert room.ticks() == 0
    room.takes("want", room.chair)
    assert room.ticks() == 1
    assert room.status() == "with-executive"


def test_papers_that_go_out_take_along_what_was_accepted(room: Room) -> None:
    room.brings("accepted")
    assert room.ticks() == 0
    room.bot.clock.now = datetime(2026, 11, 26, 10, tzinfo=UTC)

    assert (room.ticks(), room.ticks()) == (1, 0)
    assert room.status() == "with-executive"


def test_who_raised_it_cannot_close_it(room: Room) -> None:

    room.brings("responded")
    room.takes("propose closing", room.manager, outcome="Done.", lessons="")
    room.takes("agree to close", room.chair)
    with database.transaction(room.bot.engine) as session:
        manager = people.find(session, room.manager, on=room.bot.clock.now.date()).person_id
        session.execute(update(Escalation).values(raised_by=manager))

    assert "somebody other than the one who raised it" in said(
        room.takes("close", room.manager, outcome="Done.", lessons="")
    )


def test_it_is_not_closed_before_the_chair_agrees(room: Room) -> None:
    room.brings("responded")

    assert "the chair of the group agrees" in said(room.takes("close", room.manager, outcome="Done.", lessons=""))
    assert room.status() == "responded"


def test_nobody_agrees_with_themselves_to_close_it(room: Room) -> None:
    room.brings("responded")
    room.takes("propose closing", room.manager, outcome="Both have named a lead.", lessons="")
    room.takes("agree to close", room.chair)
    with database.transaction(room.bot.engine) as session:
        manager = people.find(session, room.manager, on=room.bot.clock.now.date()).person_id
        session.execute(update(Escalation).values(closing_agreed_by=manager))

    room.takes("close", room.manager, outcome="Both have named a lead.", lessons="")

    assert room.status() == "responded"


def test_an_agreement_to_close_does_not_count_for_another_outcome(room: Room) -> None:
    room.brings("responded")
    room.takes("propose closing", room.manager, outcome="Both have named a lead.", lessons="")
    room.takes("agree to close", room.chair)
    room.takes("propose closing", room.manager, outcome="Neither has.", lessons="")

    assert "the chair of the group agrees" in said(
        room.takes("close", room.manager, outcome="Neither has.", lessons="")
    )
    assert room.status() == "responded"


def test_the_outcome_that_the_chair_agreed_to_is_the_one_it_is_closed_with(room: Room) -> None:
    room.brings("responded")
    agreed = {"outcome": "Both have named a lead.", "lessons": ""}
    room.takes("propose closing", room.manager, **agreed)
    room.takes("agree to close", room.chair)

    errors = room.takes("close", room.manager, outcome="Neither has.", lessons="")
    assert isinstance(errors, Errors)
    assert set(errors.by_field) == {"outcome"}
    assert (room.status(), room.row().outcome) == ("responded", agreed["outcome"])
    assert "Ask to close it" in labels(room.opens(room.manager))
    room.takes("close", room.manager, **{**agreed, "lessons": "Ask earlier."})
    assert (room.status(), room.row().lessons) == ("closed", "Ask earlier.")


def test_a_chair_agrees_to_no_outcome_that_nobody_has_written(room: Room) -> None:
    room.brings("responded")

    assert "Nobody has asked to close it" in said(room.takes("agree to close", room.chair))
    assert room.row().closing_agreed_by is None


def test_a_draft_survives_and_says_what_it_still_needs(room: Room) -> None:
    card = room.begins(already_tried="")
    assert isinstance(card, Card)

    assert "What have you tried already?" in said(card)
    assert room.status() == "draft"
    room.bot.clock.pass_(days=40)
    form = room.bot.opens(room.opens(room.chair), "Change it", who=room.chair)
    changed = room.bot.sends(form, who=room.chair, already_tried="We wrote to both.")
    assert isinstance(changed, Card)
    room.bot.presses(changed, "Send it", who=room.chair)
    assert room.status() == "submitted"


def test_a_member_drafts_and_the_chair_sends(room: Room) -> None:
    room.begins(room.member)
    assert room.status() == "draft"
    notice = room.notices("handed to the chair")[0]

    assert notice.to.address == room.chair.user_id
    room.bot.presses(notice.card, "Send it", who=room.chair)
    assert room.status() == "submitted"
    assert room.row().raised_by_role == "member"


def test_the_second_of_two_who_write_is_told_what_changed_and_keeps_the_words(room: Room) -> None:
    room.begins(now="keep")
    first = room.bot.opens(room.opens(room.chair), "Change it", who=room.chair)
    second = room.bot.opens(room.opens(room.chair), "Change it", who=room.chair)
    room.bot.sends(first, who=room.chair, title="Another title")

    errors = room.bot.sends(second, who=room.chair, ask="Please decide.")
    assert isinstance(errors, Errors)
    assert "Charlie Invented changed this" in said(errors)
    assert "title" in said(errors)
    assert errors.also is not None
    room.bot.sends(second, who=room.chair, ask="Please decide.", **{errors.also.name: errors.also.choices[0].value})
    assert room.row().ask == "Please decide."


LONG = {"title": 101, "issue": 1001, "impact_on_children": 501, "already_tried": 501, "ask": 301, "urgency_reason": 301}


@pytest.mark.parametrize("name", LONG)
def test_what_is_too_long_is_not_taken(room: Room, name: str) -> None:
    errors = room.begins(**{name: "word " * (LONG[name] // 5) + "words"})

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [name]
