"""Decisions: recorded with the votes of those who have one, corrected in the open, and reported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import agendas, decisions
from db import engine as database
from db.decisions import Decision, Vote
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Form
from tests import fakes
from tests.consulting import DEC, GROUP, TUESDAY, Room
from tests.fakes import STRANGER, Bot, Clock, labels, said


@pytest.fixture
def room(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Room]:
    with fakes.talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        found = Room(bot)
        found.meets(TUESDAY.date())
        yield found


def person(room: Room, who: object) -> str:
    return str(room.number(who))  # type: ignore[arg-type]


def test_the_secretariat_records_a_decision_with_votes_and_the_group_reads_it(room: Room) -> None:
    card = room.decides(**{"for": f"{person(room, room.chair)},{person(room, room.police)}",
                           "against": person(room, room.trust)})  # fmt: skip

    assert card.title == f"{DEC} recorded"
    shown = said(room.card(room.police, f"decisions {DEC}")).replace("\\", "")
    assert "2 for, 1 against, 0 abstained: more for it than against it." in shown
    assert "Chair, Police" in shown
    assert "Tuesday 24 November 2026, at the meeting" in shown


def test_no_box_offers_a_vote_to_a_seat_without_one_and_a_forged_one_is_refused(room: Room) -> None:
    form = room.record_form(room.coordinator)
    offered = {choice.value for field in form.fields if field.kind == "multichoice" for choice in field.choices}
    assert person(room, room.adviser) not in offered

    reply = room.tries_to_decide(**{"for": person(room, room.adviser)})

    assert isinstance(reply, Errors)
    assert reply.by_field == {"for": "Adviser has no vote."}
    assert room.bot.counted(Decision) == 0


@pytest.mark.parametrize("other", ["police", "deputy"])
def test_no_seat_votes_twice(room: Room, other: str) -> None:
    reply = room.tries_to_decide(**{"for": person(room, room.police), "against": person(room, getattr(room, other))})

    assert isinstance(reply, Errors)
    assert "voted twice" in reply.by_field["against"]
    assert room.bot.counted(Vote) == 0


def test_who_does_not_sit_in_the_group_has_no_vote(room: Room) -> None:
    for wrong in (person(room, room.other), "0", "x"):
        assert isinstance(room.tries_to_decide(**{"for": wrong}), Errors)


WRONG = {"text": " ", "made_by": "x" * 101}


@pytest.mark.parametrize("box", WRONG)
def test_a_decision_that_is_not_right_is_refused_at_its_box(room: Room, box: str) -> None:
    reply = room.tries_to_decide(**{box: WRONG[box]})

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {box}


def test_the_form_sent_twice_records_one_decision(room: Room) -> None:
    form = room.record_form(room.coordinator)

    for _ in range(2):
        room.bot.sends(form, who=room.coordinator, text="The offer is adopted.")

    assert room.bot.counted(Decision) == 1


MAY_RECORD = {"coordinator": True, "chair": True, "partner": False, "scrutineer": False, "police": False}


@pytest.mark.parametrize("who", MAY_RECORD)
def test_the_secretariat_and_the_chair_record_what_a_meeting_decided(room: Room, who: str) -> None:
    me = getattr(room, who)

    offered = any(one.startswith("Record for") for one in labels(room.card(me, f"decisions {GROUP}")))
    forged = room.bot.does(Request(me, route="consulting.record", value="1"))

    assert offered is MAY_RECORD[who]
    assert isinstance(forged, Form) is MAY_RECORD[who]


def test_nothing_is_recorded_of_a_meeting_that_is_to_come(room: Room) -> None:
    ahead = room.meets(date(2026, 12, 1))

    reply = room.bot.does(Request(room.coordinator, route="consulting.record", value=str(ahead)))

    assert isinstance(reply, Card)
    assert "cannot find" in reply.title


def test_others_read_no_decision_of_a_group_in_which_they_do_not_sit(room: Room) -> None:
    room.decides()

    for who in (room.other, STRANGER):
        unknown = room.card(who, "decisions DEC-2026-999")
        assert said(room.card(who, f"decisions {DEC}")) == said(unknown)
    assert "There is nothing here." in said(room.card(room.other, f"decisions {GROUP}"))
    listed = room.bot.does(Request(room.other, route="consulting.decisions", value="1"))
    assert GROUP not in said(listed)  # type: ignore[arg-type]


def test_a_correction_makes_a_new_version_that_the_history_names(room: Room) -> None:
    card = room.decides(**{"for": person(room, room.chair)})
    form = room.bot.opens(card, "Correct it", who=room.coordinator)

    again = room.bot.sends(form, who=room.coordinator, text="The offer is adopted from May.", against="",
                           **{"for": person(room, room.police)})  # fmt: skip

    assert isinstance(again, Card)
    assert "from May" in said(again)
    assert ("For", "Police") in again.body[1].pairs  # type: ignore[union-attr]
    history = said(room.bot.presses(again, "History", who=room.coordinator))
    assert "corrected (text, votes)" in history


def test_the_second_of_two_who_correct_keeps_what_they_typed_and_overwrites_nothing(room: Room) -> None:
    card = room.decides()
    forms = [room.bot.opens(card, "Correct it", who=who) for who in (room.coordinator, room.coordinator)]
    room.bot.sends(forms[0], who=room.coordinator, text="From May.")

    reply = room.bot.sends(forms[1], who=room.coordinator, text="From June.")

    assert isinstance(reply, Errors)
    assert reply.also is not None
    assert "From May" in said(room.card(room.police, f"decisions {DEC}"))


def test_members_cannot_correct_a_decision(room: Room) -> None:
    room.decides()

    reply = room.bot.does(Request(room.police, route="consulting.correct", value=f"{DEC}|1"))

    assert isinstance(reply, Card)
    assert "cannot find" in reply.title


def between(room: Room, who: object, **fields: str) -> Card | Errors:
    form = room.bot.opens(room.card(who, f"decisions {GROUP}"), "Decided between meetings", who=who)  # type: ignore[arg-type]
    return room.bot.sends(form, who=who, **{"text": "The post is filled for a year.", **fields})  # type: ignore[arg-type]


def test_a_decision_between_meetings_is_not_reported_until_somebody_says_to_which_meeting(room: Room) -> None:
    card = between(room, room.partner)
    assert isinstance(card, Card)
    assert "Not yet reported to a meeting" in said(card)
    assert "not yet reported" in said(room.card(room.coordinator, "decisions"))
    assert room.told(room.coordinator)[-1].card.title == f"{DEC} is to be reported"
    room.meets(date(2026, 12, 1))
    room.at(2026, 12, 2)

    shown = room.card(room.coordinator, f"decisions {DEC}")
    form = room.bot.opens(shown, "It was reported", who=room.coordinator)
    early = room.bot.sends(form, who=room.coordinator, meeting="999")
    done = room.bot.sends(room.bot.opens(shown, "It was reported", who=room.coordinator), who=room.coordinator)

    assert isinstance(early, Errors)
    assert isinstance(done, Card)
    assert ("Reported", "To the meeting on Tuesday 1 December 2026") in done.body[1].pairs  # type: ignore[union-attr]
    assert "It was reported" not in labels(done)


def test_a_decision_between_meetings_can_be_reported_in_writing(room: Room) -> None:
    card = between(room, room.coordinator)
    assert isinstance(card, Card)

    done = room.bot.sends(
        room.bot.opens(card, "It was reported", who=room.coordinator), who=room.coordinator, meeting="writing"
    )

    assert "In writing on Tuesday 24 November 2026" in said(done)


def test_no_meeting_before_a_decision_can_have_heard_of_it(room: Room) -> None:
    room.at(2026, 11, 26)
    card = between(room, room.coordinator)
    assert isinstance(card, Card)

    reply = room.bot.sends(room.bot.opens(card, "It was reported", who=room.coordinator), who=room.coordinator)

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {"meeting"}


def test_a_day_that_is_still_to_come_is_no_day_of_a_decision(room: Room) -> None:
    reply = between(room, room.partner, made_on="2026-12-24")

    assert isinstance(reply, Errors)
    assert set(reply.by_field) == {"made_on"}


def test_members_do_not_record_what_was_decided_between_meetings(room: Room) -> None:
    reply = room.bot.does(Request(room.police, route="consulting.between", value=GROUP))

    assert isinstance(reply, Card)
    assert "cannot find" in reply.title


def test_an_action_hangs_on_a_decision_and_the_group_sees_it(room: Room) -> None:
    card = room.decides()
    form = room.bot.opens(card, "Give it an action", who=room.coordinator)

    added = room.bot.sends(
        form, who=room.coordinator, what="Publish the offer.", owner="Otto Invented", due_on="2026-12-18"
    )

    assert isinstance(added, Card)
    assert ("Because of", DEC) in added.body[1].pairs  # type: ignore[union-attr]
    assert "Publish the offer." in said(room.card(room.police, f"links {DEC}")).replace("\\", "")
    assert "Publish the offer." in said(room.card(room.police, "actions ACT-2026-001")).replace("\\", "")
    assert "Publish" not in said(room.card(room.other, "actions ACT-2026-001"))


def test_the_decisions_of_a_meeting_are_listed_newest_first_and_paged(room: Room) -> None:
    for number in range(12):
        room.decides(text=f"Point {number} is agreed.")

    first = room.bot.does(Request(room.scrutineer, route="consulting.decisions", value="1"))
    assert isinstance(first, Card)
    second = room.bot.presses(first, "More", who=room.scrutineer)
    form = room.bot.opens(first, "Open a decision", who=room.scrutineer)
    opened = room.bot.sends(form, who=room.scrutineer, ref="DEC-2026-012")

    assert GROUP in first.title
    assert isinstance(second, Card)
    assert [row[1] for row in second.body[0].rows] == ["Point 1 is agreed.", "Point 0 is agreed."]  # type: ignore[union-attr]
    assert isinstance(opened, Card)
    assert "Point 11" in said(opened)


def test_votes_are_kept_with_the_seat_of_that_day(room: Room) -> None:
    room.decides(**{"for": person(room, room.police)})
    room.leaves(room.police)

    with Session(room.bot.engine) as session:
        row = decisions.find(session, DEC)
        assert row is not None
        assert [(vote.seat, vote.voice) for vote in decisions.votes(session, row)] == [("Police", "for")]


def test_the_chair_of_the_group_gives_a_decision_an_action_and_other_members_cannot(room: Room) -> None:
    room.decides()
    form = room.bot.opens(room.card(room.chair, f"decisions {DEC}"), "Give it an action", who=room.chair)

    added = room.bot.sends(form, who=room.chair, what="Publish it.", owner="Otto Invented", due_on="2026-12-18")

    assert isinstance(added, Card)
    assert ("Because of", DEC) in added.body[1].pairs  # type: ignore[union-attr]
    assert "Give it an action" not in labels(room.card(room.police, f"decisions {DEC}"))
    assert isinstance(room.bot.does(Request(room.police, route="actions.new", value=DEC)), Card)


def test_a_decision_names_the_item_that_a_record_brought_by_its_reference(room: Room) -> None:
    meeting, at = room.meets(TUESDAY.date() - timedelta(days=1)), room.bot.clock.now
    with database.transaction(room.bot.engine) as session:
        for source, ref, taken in (("risk", "RSK-2026-007", at), ("asked", "waits", None)):
            agendas.keep(session, meeting_id=meeting, source=source, source_ref=ref, at=at, taken_at=taken)
    form = room.bot.does(Request(room.coordinator, route="consulting.record", value=str(meeting)))
    assert isinstance(form, Form)

    choices = {one.label: one.value for field in form.fields if field.name == "item" for one in field.choices}

    assert list(choices) == ["None of them", "RSK-2026-007"]
    card = room.bot.sends(form, who=room.coordinator, item=choices["RSK-2026-007"], text="It is accepted.")
    assert isinstance(card, Card)
    assert ("Agenda item", "RSK-2026-007") in card.body[1].pairs  # type: ignore[union-attr]
