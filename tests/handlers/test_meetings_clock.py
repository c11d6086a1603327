"""What the clock does to meetings, each once: asking, forecasts, reminders, and what is told of moves."""

from __future__ import annotations

from datetime import date

import pytest

from db.people import Role
from handlers.messages import Card
from tests.convening import MEETS, Room, at
from tests.fakes import Bot, labels, said

OPENS, CHASES = "2026-11-26 09:00", "2026-12-14 09:00"  # fifteen and three working days before
FIVE, ONE = "2026-12-10 09:00", "2026-12-16 09:00"


@pytest.fixture
def room(bot: Bot) -> Room:
    bot.clock.now = at("2026-11-23 12:00")
    return Room(bot)


def test_papers_open_fifteen_working_days_before_and_lock_when_the_pack_goes_out(room: Room) -> None:
    ref = room.meets()

    for moment, state in (
        ("2026-11-25 23:59", "confirmed"), ("2026-11-26 00:01", "papers-open"), ("2026-12-09 12:00", "papers-open"),
        ("2026-12-10 00:01", "locked"),
    ):  # fmt: skip
        room.tick(moment)
        assert room.kept(ref).state == state
    assert room.kept(ref).locked_at == at("2026-12-10 00:01")
    assert room.kept(ref).chair == "Local authority"


def test_members_are_asked_once_in_the_morning_and_answer_there(room: Room) -> None:
    ref = room.meets()
    police = room.members["Police"]
    room.tick("2026-11-26 08:59")
    assert room.sent(police) == []

    assert room.tick(OPENS) == 3
    assert [room.tick("2026-11-26 09:01"), room.tick("2026-12-01 12:00")] == [0, 0]
    asked = room.sent(police, "Do you come?")
    assert len(asked) == 1
    assert labels(asked[0].card)[:3] == ["I attend", "My deputy attends", "Apologies"]
    card = room.bot.presses(asked[0].card, "Apologies", who=police)

    assert "you do not come" in said(card)
    assert room.kept(ref).state == "papers-open"


def test_nobody_is_asked_on_a_weekend_and_what_was_missed_comes_on_monday_once(room: Room) -> None:
    room.meets()

    assert room.tick("2026-11-28 12:00") == 1  # its papers open, and that is all
    assert not room.sent(room.members["Police"])
    assert [room.tick("2026-11-30 09:00"), room.tick("2026-11-30 09:01")] == [3, 0]


def test_only_those_who_did_not_answer_are_asked_again(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.says(ref, "Police", "I attend")

    room.tick(CHASES)
    room.tick("2026-12-15 09:00")

    assert [len(room.sent(room.members[seat], "Please answer")) for seat in room.members] == [1, 1, 0]


def test_who_is_asked_late_is_not_chased_on_the_same_day(room: Room) -> None:
    room.bot.clock.now = at(CHASES)
    room.meets()
    police = room.members["Police"]

    for moment in (CHASES, "2026-12-14 09:01", "2026-12-14 16:00"):
        room.tick(moment)
    assert [one.card.title for one in room.sent(police)] == ["Do you come? Executive"]
    room.tick("2026-12-15 09:00")
    assert len(room.sent(police, "Please answer")) == 1


def test_the_secretariat_learns_twice_who_comes_also_when_nothing_is_wrong(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    for seat in ("Local authority", "Police"):
        room.says(ref, seat, "I attend")
    for moment in ("2026-12-09 12:00", FIVE, "2026-12-10 09:01", "2026-12-15 12:00"):
        room.tick(moment)
    first = room.sent(room.keeper, "Who comes")
    room.says(ref, "Integrated care board", "I attend")
    room.tick(ONE)
    room.tick("2026-12-16 09:01")

    both = room.sent(room.keeper, "Who comes")
    assert len(first) == 1
    assert "Integrated care board: no answer yet" in said(first[0].card)
    assert len(both) == 2
    assert "Quorate: every seat that is needed is filled" in said(both[1].card)


def test_a_missed_forecast_is_not_made_up_for_by_two(room: Room) -> None:
    room.meets()

    room.tick("2026-12-17 09:30")

    assert len(room.sent(room.keeper, "Who comes")) == 1


def test_a_group_without_a_rule_says_so(room: Room) -> None:
    room.sits("Del Invented", group="Delivery Group")
    room.meets(group="Delivery Group")

    room.tick(FIVE)

    assert "No quorum rule is known" in said(room.sent(room.keeper, "Who comes")[0].card)


# --- reminders ---------------------------------------------------------------------------------------------


def reminded(room: Room, seat: str) -> int:
    return len([one for one in room.sent(room.members[seat]) if one.kind == "reminder"])


def test_those_who_come_are_reminded_the_day_before_and_in_the_morning_and_others_are_not(room: Room) -> None:
    deputy = room.sits("Dee Invented", "Integrated care board", deputy=True)
    ref = room.meets(link="https://meet.example/room")
    room.remind(OPENS)
    room.says(ref, "Police", "Apologies")
    room.says(ref, "Integrated care board", "My deputy attends")

    for moment in (FIVE, ONE, "2026-12-16 12:00", "2026-12-17 08:55", "2026-12-17 09:05"):
        room.remind(moment)

    assert [reminded(room, seat) for seat in room.members] == [2, 0, 0]
    own = [one for one in room.sent(deputy) if one.kind == "reminder"]
    assert len(own) == 2
    assert "https://meet.example/room" in said(own[0].card)


def test_who_joins_the_group_late_is_reminded_and_who_leaves_it_is_not(room: Room) -> None:
    room.meets()
    room.remind(FIVE)
    late = room.sits("Lou Invented", "Police")
    room.leaves(room.members["Police"])

    room.remind("2026-12-11 09:00")
    room.remind(ONE)

    assert len([one for one in room.sent(late) if one.kind == "reminder"]) == 1
    assert reminded(room, "Police") == 0


def test_the_secretariat_is_reminded_of_the_pack_of_actions_and_of_minutes(room: Room) -> None:
    ref = room.meets()
    for moment in ("2026-12-08 12:00", FIVE, "2026-12-10 12:00"):
        room.remind(moment)
    room.holds(ref)
    for moment in ("2026-12-21 09:00", "2027-01-05 09:00", "2027-01-06 12:00"):
        room.remind(moment)

    told = [said(one.card) for one in room.sent(room.keeper) if one.kind == "reminder"]
    assert len(told) == 3
    assert [next(word for word in ("pack", "actions", "minutes") if word in one) for one in told] == [
        "pack", "actions", "minutes",
    ]  # fmt: skip


# --- moves -------------------------------------------------------------------------------------------------


def test_nobody_is_told_of_the_move_of_a_meeting_of_which_nobody_was_told(room: Room) -> None:
    ref = room.meets()

    card = room.move(ref, "2026-12-10")

    assert isinstance(card, Card)
    assert "Nobody had been told of it yet" in said(card)
    assert [one for one in room.queued() if "moved" in one.card.title] == []


def test_whoever_was_told_is_told_the_old_and_the_new_day_once_and_asked_anew(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.delivered()

    card = room.move(ref, "2026-12-10", at="14:30")
    room.tick("2026-11-27 09:00")
    room.tick("2026-11-27 09:01")

    assert isinstance(card, Card)
    assert "3 people who knew of it are told" in said(card)
    told = room.sent(room.members["Police"], "A meeting has moved")
    assert len(told) == 1
    assert "Thursday 10 December 2026 at 14:30, not on Thursday 17 December 2026 at 10:00" in said(told[0].card)
    assert len(room.sent(room.members["Police"], "Do you come?")) == 2
    row = room.kept(ref)
    assert (row.moved_from, row.sequence, row.state) == (MEETS, 1, "papers-open")


def test_moved_twice_before_it_is_sent_it_is_told_once_from_the_day_that_was_known(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.delivered()
    room.move(ref, "2026-12-10")
    room.move(ref, "2026-12-11")

    told = room.sent(room.members["Police"], "A meeting has moved")

    assert len(told) == 1
    assert "Friday 11 December 2026 at 10:00, not on Thursday 17 December 2026 at 10:00" in said(told[0].card)


def test_moved_back_before_it_is_sent_nothing_is_told(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.delivered()
    room.move(ref, "2026-12-10")

    room.move(ref, "2026-12-17")

    assert room.sent(room.members["Police"], "A meeting has moved") == []


def test_a_question_that_waits_is_taken_back_when_the_meeting_moves(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)

    room.move(ref, "2026-12-10")

    assert room.sent(room.members["Police"]) == []


def test_a_cancelled_meeting_is_told_once_and_nothing_of_it_comes_any_more(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.says(ref, "Police", "I attend")
    room.remind(FIVE)
    room.delivered()

    card = room.cancel(ref)
    for moment in (CHASES, ONE, "2026-12-17 09:00", "2027-01-06 12:00"):
        room.remind(moment)

    assert isinstance(card, Card)
    assert len(room.sent(room.members["Police"], "A meeting is cancelled")) == 1
    assert reminded(room, "Police") == 0
    assert "I attend" not in labels(room.card(ref, room.members["Police"]))


def test_a_meeting_that_did_not_take_place_can_be_left_after_its_day_and_nobody_is_told(room: Room) -> None:
    ref = room.meets()
    room.remind(OPENS)
    room.remind(FIVE)
    room.delivered()
    room.bot.clock.now = at("2026-12-18 09:00")
    before = len(room.queued())

    form = room.bot.opens(room.card(ref), "It did not take place", who=room.keeper)
    card = room.bot.sends(form, who=room.keeper)
    room.remind("2027-01-06 12:00")

    assert "did not take place. Nobody is told" in said(card)
    assert room.kept(ref).state == "cancelled"
    assert len(room.queued()) == before
    assert "It was held" not in labels(room.card(ref))


def test_a_cancelled_meeting_that_takes_place_after_all_is_told_and_asked_anew(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.says(ref, "Police", "I attend")
    room.delivered()
    room.cancel(ref)
    room.delivered()

    card = room.add("2026-12-17")
    room.tick("2026-11-26 09:02")

    assert "3 people who knew of it are told" in said(card)
    told = room.sent(room.members["Police"], "A meeting takes place after all")
    assert len(told) == 1
    assert "Thursday 17 December 2026" in said(told[0].card)
    assert "3 have not answered" in said(room.card(ref))
    room.tick(CHASES)
    assert len(room.sent(room.members["Police"], "Please answer")) == 1


def test_who_did_not_learn_that_it_was_cancelled_learns_nothing_when_it_takes_place(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.says(ref, "Police", "I attend")
    room.delivered()
    room.cancel(ref)

    room.add("2026-12-17")

    police = room.members["Police"]
    assert [one.card.title for one in room.sent(police)] == ["Do you come? Executive"]
    assert "1 will come" in said(room.card(ref))


def test_back_on_its_first_day_after_a_move_that_was_told_members_are_asked_again(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.delivered()
    room.move(ref, "2026-12-10")
    room.tick("2026-11-27 09:00")
    room.delivered()

    room.move(ref, "2026-12-17")
    room.tick("2026-11-27 09:05")
    room.tick("2026-11-30 09:00")

    assert len(room.sent(room.members["Police"], "A meeting has moved")) == 2
    assert len(room.sent(room.members["Police"], "Do you come?")) == 3


def test_another_time_is_told_and_another_place_is_not(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.delivered()

    def changes(**fields: str) -> None:
        card = room.with_button(ref, "Details")
        room.bot.sends(room.bot.opens(card, "Details", who=room.keeper), who=room.keeper, **fields)

    changes(place="Room 5")
    assert room.sent(room.members["Police"], "A meeting has moved") == []
    changes(at="11:15")
    assert "at 11:15, not on" in said(room.sent(room.members["Police"], "A meeting has moved")[0].card)
    assert room.kept(ref).sequence == 2


def test_a_time_that_is_put_right_after_the_day_is_told_to_nobody(room: Room) -> None:
    ref = room.meets()
    room.tick(OPENS)
    room.delivered()
    room.bot.clock.now = at("2026-12-18 09:00")

    form = room.bot.opens(room.with_button(ref, "Details"), "Details", who=room.keeper)
    room.bot.sends(form, who=room.keeper, at="11:15")

    assert room.sent(room.members["Police"], "A meeting has moved") == []


def test_meetings_that_are_far_away_are_left_alone(room: Room) -> None:
    for month in range(1, 7):
        room.meets(date(2027, month, 28), group="Delivery Group")

    assert room.tick("2026-11-26 09:00") == 0
    assert room.bot.queued() == []


def test_a_manager_alone_is_no_member(room: Room) -> None:
    ref = room.meets()
    manager = room.bot.enrol(Role.MEMBER, Role.STRATEGY_MANAGER)

    room.tick(OPENS)

    assert room.sent(manager) == []
    assert "I attend" not in labels(room.card(ref, manager))


def test_the_clock_goes_on_at_the_end_of_the_last_year_whose_bank_holidays_are_known(room: Room) -> None:
    room.bot.clock.now = at("2028-12-11 08:00")
    ref = room.meets(date(2028, 12, 20))

    room.tick("2028-12-12 09:00")

    assert room.kept(ref).state == "papers-open"
    assert room.sent(room.members["Police"], "Do you come")
