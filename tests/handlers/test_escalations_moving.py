"""What moves by itself and what stays in sight: meetings that fall away, withdrawn ones, buttons and links."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from db import channels, groups, meetings, relations
from db import engine as database
from db.people import Identity
from db.relations import Kind
from handlers import reminders
from handlers.context import Conversation, Request
from handlers.messages import Button, Card, Errors
from tests.escalating import DECEMBER, FEBRUARY, GROUP, REF, Room
from tests.fakes import Bot, labels, said

AGREED, MOVED = date(2026, 11, 12), date(2026, 12, 10)
SENSITIVE = "OFFICIAL-SENSITIVE"


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot)


def cancels(room: Room, on: date) -> None:
    with database.transaction(room.bot.engine) as session:
        meetings.cancel(session, int(room.meeting(on)))


def met(room: Room, group: str = GROUP) -> str:
    with database.transaction(room.bot.engine) as session:
        row = meetings.add(session, group, on=AGREED, cut_off_on=AGREED, pack_on=AGREED)
        assert row is not None
        return str(row.id)


def waits_for(room: Room) -> date | None:
    return room.row().response_due


def test_what_waits_for_a_cancelled_meeting_goes_to_the_next_one_and_its_group_is_told(room: Room) -> None:
    room.brings("accepted")
    cancels(room, DECEMBER)
    room.ticks()
    room.ticks()

    assert (room.status(), waits_for(room)) == ("accepted", FEBRUARY)
    assert room.told("moved to another day") == {room.chair.user_id, room.manager.user_id}
    assert room.history().count("moved to another day") == 1


def test_one_that_was_deferred_to_a_meeting_that_is_over_waits_for_the_next_one(room: Room) -> None:
    room.brings("deferred")
    room.meets(date(2027, 4, 1), cut_off=date(2027, 3, 16), pack=date(2027, 3, 23))
    room.bot.clock.now = datetime(2027, 2, 8, 9, 30, tzinfo=UTC)
    room.takes("want", room.chair)
    room.ticks()

    assert (room.status(), waits_for(room)) == ("deferred", date(2027, 4, 1))


def test_a_withdrawn_one_has_the_day_on_which_it_ended(room: Room) -> None:
    room.brings("withdrawn")

    assert room.row().closed_at == room.bot.clock.now


def test_a_draft_that_is_withdrawn_is_told_to_nobody_who_could_not_read_it(room: Room) -> None:
    room.brings("draft")
    room.takes("withdraw", room.chair, reason="It is settled.")

    assert room.status() == "withdrawn"
    assert room.told("withdrawn") == set()
    assert room.row().closed_at is None


def test_one_that_comes_back_is_told_to_its_writer_and_to_the_chair_who_sends_it_again(room: Room) -> None:
    room.begins(room.member)
    room.takes("submit", room.chair)
    room.takes("return", room.manager, reason="Say what was tried.")

    assert room.told("returned") == {room.member.user_id, room.chair.user_id}


def test_sent_again_it_is_looked_at_two_working_days_later_and_not_in_the_past(room: Room) -> None:
    room.brings("returned")
    room.bot.clock.now = datetime(2026, 12, 7, 9, 30, tzinfo=UTC)
    card = room.takes("submit", room.chair, reason="The chair has seen it.")

    assert "Wednesday 9 December" in said(card)


def test_a_partner_agrees_to_discuss_an_urgent_one_and_the_others_hear_of_which_agency(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    notice = next(one for one in room.notices("as urgent") if one.to.address == room.partners[0].user_id)
    assert labels(notice.card)[:3] == ["Respond now", "Agree to discuss", "Wait for the meeting"]
    room.bot.presses(notice.card, "Agree to discuss", who=room.partners[0])

    assert room.status() == "with-executive"
    told = {one.user_id for one in (*room.partners[1:], room.manager, room.coordinator)}
    assert room.told("taken up for discussion") == told
    assert "Example Council agrees to discuss it" in said(room.notices("taken up for discussion")[0].card)


def test_the_scrutineer_gets_no_button_that_only_partners_can_use(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    [notice] = [one for one in room.notices("as urgent") if one.to.address == room.scrutineer.user_id]

    assert labels(notice.card) == [f"Open {REF}"]


def test_an_old_button_agrees_to_no_other_outcome(room: Room) -> None:
    room.brings("responded")
    room.takes("propose closing", room.manager, outcome="Both have named somebody.", lessons="")
    [notice] = [one for one in room.notices("proposed to be closed") if one.to.address == room.chair.user_id]
    room.takes("propose closing", room.manager, outcome="Nobody was named.", lessons="")
    card = room.bot.presses(notice.card, "I agree to close it", who=room.chair)

    assert "has changed" in card.title
    assert room.row().closing_agreed_by is None


def test_an_action_is_told_to_its_owner_once_and_reminded_of(room: Room) -> None:
    room.brings("in-action")
    room.takes("add action", room.manager, what="Write to both.", owner="role:coordinator", due_on="2026-12-31")

    assert room.told("An action for you") == {room.coordinator.user_id}
    assert room.told("given its first action") == set()  # the manager gave it to themselves
    assert "Write to both." in said(room.bot.types("actions", who=room.coordinator))


def test_an_action_is_not_given_to_the_chairs_of_every_group(room: Room) -> None:
    room.brings("responded")
    reply = room.takes("start", room.manager, what="Name a lead.", owner="role:chair", due_on="2026-12-31")

    assert isinstance(reply, Errors)


def test_what_is_sensitive_is_told_to_nobody_who_could_not_open_it(room: Room) -> None:
    with database.transaction(room.bot.engine) as session:
        channels.register(
            session, platform="test", address="group-room", name="group", group_id=groups.group_id(session, GROUP),
            at=room.bot.clock.now, by=None,
        )  # fmt: skip
    observer = room.enrols("Ola Invented", group="Executive")
    room.brings("closed", marking=SENSITIVE)

    places = {one.to.address for one in room.bot.queued()}
    assert not places & {"group-room", observer.user_id}


@pytest.mark.parametrize(("private", "replaces"), [(False, False), (True, True)], ids=["a channel", "a direct message"])
def test_what_is_sensitive_never_takes_the_place_of_a_message_in_a_channel(
    room: Room, private: bool, replaces: bool
) -> None:
    room.raises(marking=SENSITIVE)
    where = Conversation("test", "room", private=private)
    reply = room.bot.does(Request(room.manager, route="escalation.step", value=f"{REF}|0|claim", conversation=where))

    assert isinstance(reply, Card)
    assert reply.replaces is replaces


def test_nobody_fills_in_a_response_to_an_urgent_one_before_its_meeting(room: Room) -> None:
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")
    value = f"{REF}|{room.row().version}|respond"
    reply = room.bot.does(Request(room.manager, route="escalation.step", value=value))

    assert isinstance(reply, Card)
    assert "once that is held" in said(reply)
    assert "Record the response" not in labels(room.opens(room.manager))


def test_an_urgent_one_is_not_forgotten_while_no_meeting_is_known(bot: Bot) -> None:
    room = Room(bot, dates=False)
    room.raises(urgency="urgent", urgency_reason="The service ends this week.")

    assert REF in said(bot.types("my", who=room.partners[0])) or REF in said(bot.types("escalations", who=room.manager))
    assert "waits for triage" in planned(room)


def planned(room: Room) -> str:
    room.bot.dispatcher.within(reminders.queue_due)
    room.bot.clock.now = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    room.bot.dispatcher.within(reminders.queue_due)
    return "".join(said(one.card) for one in room.bot.queued() if one.key.startswith("reminder:"))


def test_the_group_says_at_which_of_its_meetings_it_agreed(room: Room) -> None:
    number, other = met(room), met(room, "Another Group")
    assert isinstance(room.begins(origin=f"meeting-{other}"), Errors)
    room.raises(origin=f"meeting-{number}")

    assert room.row().origin_meeting_id == int(number)
    assert "Agreed by the group on\n12 November 2026" in said(room.opens(room.chair))


def test_a_card_shows_only_the_links_that_its_reader_may_open(room: Room) -> None:
    room.raises()
    room.raises(marking=SENSITIVE, title="A secret of the group")
    with Session(room.bot.engine) as session:
        at = room.bot.clock.now
        relations.link(session, REF, Kind.LED_TO, "ESC-2026-002", at=at, by=None)
        session.commit()

    assert "led to ESC-2026-002: A secret of the group" in said(room.opens(room.manager))
    assert "ESC-2026-002" not in said(room.opens(room.member))


@pytest.mark.parametrize("label", ["Links", "History"])
def test_from_a_card_one_reaches_its_links_and_its_history(room: Room, label: str) -> None:
    room.raises()

    assert REF in everywhere(room, room.manager, label).title


def everywhere(room: Room, who: Identity, label: str) -> Card:
    card = room.opens(who)
    while label not in labels(card):
        [more] = [one for one in card.actions if isinstance(one, Button) and one.label == "More"]
        found = room.bot.presses(card, more.label, who=who)
        assert isinstance(found, Card)
        card = found
    found = room.bot.presses(card, label, who=who)
    assert isinstance(found, Card)
    return found


def test_the_links_of_a_record_open_the_escalation(room: Room) -> None:
    room.raises()
    card = room.bot.types(f"links {REF}", who=room.manager)

    assert room.bot.presses(card, f"Open {REF}", who=room.manager).title.startswith(REF)


def test_history_says_what_was_changed_in_words(room: Room) -> None:
    room.brings("accepted")
    shown = said(everywhere(room, room.manager, "History"))

    assert "accepted (now accepted for a meeting; target meeting)" in shown
    assert "_id" not in shown


@pytest.mark.parametrize("state", ["accepted", "with-executive"])
def test_what_waits_for_a_meeting_that_is_moved_waits_on_for_it_and_its_group_is_told(room: Room, state: str) -> None:
    room.brings(state)
    form = room.bot.opens(room.bot.types("dates", who=room.coordinator), "Move a meeting", who=room.coordinator)

    card = room.bot.sends(form, who=room.coordinator, meeting=room.meeting(), on=MOVED.isoformat())
    room.ticks()
    room.ticks()

    assert isinstance(card, Card)
    assert "meets on Thursday 10 December 2026 instead of Thursday 3 December 2026" in said(card)
    assert (room.status(), waits_for(room)) == (state, MOVED)
    assert room.row().target_meeting_id == int(room.meeting(MOVED))
    assert room.told("moved to another day") == {room.chair.user_id, room.manager.user_id}
    assert "It now waits for Thursday 10 December 2026" in said(room.notices("moved to another day")[0].card)


def test_what_waits_for_another_meeting_is_left_as_it_is(room: Room) -> None:
    room.brings("accepted")
    form = room.bot.opens(room.bot.types("dates", who=room.coordinator), "Move a meeting", who=room.coordinator)

    room.bot.sends(form, who=room.coordinator, meeting=room.meeting(FEBRUARY), on="2027-02-11")
    room.ticks()

    assert waits_for(room) == DECEMBER
    assert room.told("moved to another day") == set()


def test_a_draft_that_is_not_complete_says_what_it_lacks_and_is_not_offered_to_be_sent(room: Room) -> None:
    room.begins(now="keep", ask="")

    card = room.opens(room.chair)

    assert "Before it can be sent, write: What do you ask the Executive to do?" in said(card)
    assert "Send it" not in labels(card)
    refused = room.takes("submit", room.chair, reason="")
    assert isinstance(refused, Card)
    assert f"Open {REF}" in labels(refused)


def test_how_long_one_was_open_is_said_in_the_right_number(room: Room) -> None:
    room.raises()
    said_at = {}
    for days in (0, 1, 2):
        said_at[days] = said(room.opens(room.chair))
        room.bot.clock.pass_(hours=24)

    assert [f"{days} day{plural} open" in said_at[days] for days, plural in ((0, "s"), (1, ""), (2, "s"))] == [True] * 3


def test_the_executive_keeps_its_capital_wherever_an_escalation_stands(room: Room) -> None:
    room.brings("with-executive")

    assert "With the Executive" in said(room.opens(room.chair))


def test_what_changed_because_of_an_escalation_names_its_actions_and_whether_they_are_done(room: Room) -> None:
    room.brings("in-action")

    words = said(room.bot.types(f"links {REF}", who=room.manager))

    assert "ACT-2026-001" in words
    assert "not done yet" in words
