"""What records bring to an agenda by themselves, and that nobody reads there what they may not read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from db import agendas, groups, records
from db import engine as database
from db.attending import AbsenceReview
from db.consultations import Consultation, Consulted
from db.decisions import Decision
from db.escalations import Escalation
from db.people import Role
from db.risks import Risk
from tests import papers
from tests.agendas import GROUP, ON, Desk, lines
from tests.fakes import Bot, said
from tests.records import number

LATER = (date(2027, 1, 14), date(2026, 12, 29), date(2027, 1, 7))
SECRET = {"marking": "OFFICIAL-SENSITIVE"}


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: `tests/db/test_agendas.py` asks the same of both."""
    return sqlite_engine


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


@pytest.fixture
def executive(bot: Bot) -> Desk:
    return Desk(bot, "Executive")


def group_id(bot: Bot, name: str = GROUP) -> int:
    with database.transaction(bot.engine) as session:
        return groups.group_id(session, name)


def decided(bot: Bot, **columns: object) -> None:
    """Keep a decision that the group took between two meetings."""
    group = group_id(bot)
    with database.transaction(bot.engine) as session:
        given = {"group_id": group, "text": "The audit begins in May", "made_on": date(2026, 11, 2), "made_by": "Chair"}
        row = Decision(ref=records.next_ref(session, "DEC", 2026), version=1, recorded_at=bot.clock.now)
        for name, value in (given | columns).items():
            setattr(row, name, value)
        session.add(row)


def consulted(bot: Bot, due_on: date, *replies: tuple[str, str, str], **columns: object) -> None:
    """Keep a consultation of the group with what each (seat, agency) replied."""
    group = group_id(bot)
    with database.transaction(bot.engine) as session:
        row = Consultation(
            ref=records.next_ref(session, "CON", 2026), version=1, group_id=group, title="New neglect strategy",
            question="Do you agree?", link="", opened_at=bot.clock.now, due_on=due_on, **columns,
        )  # fmt: skip
        session.add(row)
        session.flush()
        consultation = row.id
    people = [number(bot, bot.enrol(Role.MEMBER, name="Jo Invented")) for _ in replies]
    with database.transaction(bot.engine) as session:
        session.add_all(
            Consulted(consultation_id=consultation, person_id=one, seat=seat, agency=agency, reply=reply, comment="")
            for one, (seat, agency, reply) in zip(people, replies, strict=True)
        )


def absent(bot: Bot, meeting: str, who: int) -> None:
    group = group_id(bot)
    with database.transaction(bot.engine) as session:
        session.add(
            AbsenceReview(
                group_id=group, meeting_id=int(meeting), seat="Police", person_id=who, opened_at=bot.clock.now,
                outcome="", note="", risk_ref="",
            )
        )  # fmt: skip


# --- each source -----------------------------------------------------------------------------------------------


def test_an_escalation_is_on_the_agenda_of_the_meeting_that_it_waits_for(executive: Desk) -> None:
    first, later = executive.meets(), executive.meets(*LATER)
    by = number(executive.bot, executive.member)
    papers.escalated(executive.bot, by, target_meeting_id=int(first))
    for status in ("draft", "returned", "withdrawn"):
        papers.escalated(executive.bot, by, status=status, target_meeting_id=int(first))

    assert lines(executive.shows(executive.member, first)) == [
        ("1. ESC-2026-001: No neglect lead", "Decide", "Chair of Delivery Group", "15 min. Escalation")
    ]
    assert lines(executive.shows(executive.member, later)) == []


def test_an_answer_between_meetings_is_reported_once(executive: Desk) -> None:
    meeting = executive.meets()
    by = number(executive.bot, executive.member)
    papers.escalated(
        executive.bot, by, status="responded", decided_how="between meetings", target_meeting_id=int(meeting),
        report_meeting_id=int(meeting),
    )  # fmt: skip

    [row] = lines(executive.shows(executive.member, meeting))

    assert (row[1], row[3]) == ("Note", "5 min. Answered between meetings")


def test_a_decision_between_meetings_comes_to_the_next_meeting_until_it_is_reported(desk: Desk) -> None:
    meeting, later = desk.meets(), desk.meets(*LATER)
    decided(desk.bot)
    decided(desk.bot, text="Taken at a meeting", meeting_id=int(meeting))
    decided(desk.bot, text="Reported later", reported_meeting_id=int(later), reported_on=LATER[0])
    decided(desk.bot, text="Reported in writing", reported_on=date(2026, 11, 3))

    assert [row[0] for row in lines(desk.shows(desk.member, meeting))] == ["1. DEC-2026-001: The audit begins in May"]
    assert [row[0] for row in lines(desk.shows(desk.member, later))] == ["1. DEC-2026-003: Reported later"]


def test_seats_that_did_not_reply_in_time_are_named_and_nobody_is(desk: Desk) -> None:
    meeting = desk.meets()
    consulted(desk.bot, date(2026, 11, 20), ("Police", "Example Police", ""), ("Chair", "Example Council", "agree"),
              ("", "Example Trust", ""))  # fmt: skip
    consulted(desk.bot, date(2026, 11, 30), ("Police", "Example Police", ""))

    [row] = lines(desk.shows(desk.member, meeting))

    assert row[0] == (
        "1. CON-2026-001: New neglect strategy. No reply yet: Example Trust, Police. Silence is not agreement."
    )
    assert "Jo Invented" not in said(desk.shows(desk.keeper, meeting))


def test_the_attendance_rule_is_one_line_without_a_seat_or_a_name(desk: Desk) -> None:
    meeting = desk.meets()
    for who in (desk.member, desk.other):
        absent(desk.bot, meeting, number(desk.bot, who))

    [row] = lines(desk.shows(desk.keeper, meeting))

    assert row == ("1. Attendance: the strategy manager reports", "Note", "Strategy Manager", "5 min. Attendance rule")


QUIET: dict[str, object] = {"current_l": 2, "current_i": 2, "next_review": date(2027, 6, 1)}
RED: dict[str, object] = {"current_l": 5, "current_i": 5, "next_review": date(2027, 6, 1)}
RISKS: dict[str, tuple[dict[str, object], bool, bool]] = {  # whether it comes to its group, and to the Executive
    "quiet": (QUIET, False, False),
    "due for review": ({**QUIET, "next_review": ON}, True, False),
    "red and in time": (RED, False, True),
    "red past its target": ({**RED, "target_date": ON - timedelta(days=1)}, True, True),
    "escalated": ({**QUIET, "status": "escalated"}, False, True),
    "red and accepted": ({**RED, "status": "accepted"}, False, False),
    "an alert": ({**RED, "status": "alert"}, False, False),
    "closed": ({**RED, "status": "closed"}, False, False),
    "not scored": ({**QUIET, "current_l": None, "current_i": None}, False, False),
}


def test_risks_come_to_the_group_that_leads_and_to_the_executive_as_they_stand(desk: Desk, executive: Desk) -> None:
    meeting, above = desk.meets(), executive.meets()
    by = number(desk.bot, desk.member)
    for title, (columns, _, _) in RISKS.items():
        papers.risked(desk.bot, by, title, lead_group_id=group_id(desk.bot), **columns)

    def shown(found: Desk, which: str) -> list[str]:
        return [row[0].partition(": ")[2] for row in lines(found.shows(found.keeper, which))]

    assert shown(desk, meeting) == [title for title, (_, own, _) in RISKS.items() if own]
    assert shown(executive, above) == [title for title, (_, _, executive_too) in RISKS.items() if executive_too]


# --- who reads what --------------------------------------------------------------------------------------------


def test_a_sensitive_record_is_a_reference_for_those_who_may_read_it_and_nothing_for_others(executive: Desk) -> None:
    meeting, bot = executive.meets(), executive.bot
    by = number(bot, executive.outsider)
    papers.escalated(bot, by, papers.SECRET, target_meeting_id=int(meeting), **SECRET)
    papers.risked(bot, by, papers.SECRET, **RED, **SECRET)

    for who in (executive.keeper, bot.enrol(Role.SCRUTINEER), bot.enrol(Role.STATUTORY_PARTNER)):
        seen = executive.shows(who, meeting)
        assert papers.SECRET not in said(seen)
        assert [row[0] for row in lines(seen)] == [
            "1. ESC-2026-001 (OFFICIAL-SENSITIVE)", "2. RSK-2026-001 (OFFICIAL-SENSITIVE)"
        ]  # fmt: skip
    member = executive.shows(executive.member, meeting)
    assert [row[0][3:] for row in lines(member)] == ["An item for which you may not read the record"] * 2
    assert "2026-001" not in said(member).replace(executive.ref(meeting), "")


# --- arranged --------------------------------------------------------------------------------------------------


def test_an_automatic_item_that_was_left_out_or_moved_stays_so(desk: Desk) -> None:
    meeting = desk.meets()
    decided(desk.bot)
    decided(desk.bot, text="A second one")
    desk.asks(desk.keeper, meeting)

    desk.arranges(meeting, "A second one", "drop")
    moved = desk.arranges(meeting, "Data on neglect", "top")

    assert [row[0] for row in lines(moved)] == ["1. Data on neglect", "2. DEC-2026-001: The audit begins in May"]
    assert lines(desk.shows(desk.member, meeting)) == lines(moved)
    assert desk.bot.queued() == []


def test_what_is_kept_of_an_automatic_item_holds_no_words_of_the_record(executive: Desk) -> None:
    meeting = executive.meets()
    by = number(executive.bot, executive.member)
    papers.escalated(executive.bot, by, papers.SECRET, target_meeting_id=int(meeting), **SECRET)
    executive.arranges(meeting, "ESC-2026-001", "drop")

    with database.transaction(executive.bot.engine) as session:
        [row] = agendas.items(session, int(meeting))
        assert (row.title, row.source, row.source_ref) == ("", "escalation", "ESC-2026-001")


SOURCES: dict[str, Callable[[Desk, str], None]] = {
    "decision": lambda desk, _meeting: decided(desk.bot),
    "consultation": lambda desk, _meeting: consulted(desk.bot, date(2026, 11, 20), ("Police", "", "")),
    "attendance": lambda desk, meeting: absent(desk.bot, meeting, number(desk.bot, desk.member)),
}


@pytest.mark.parametrize("source", SOURCES)
def test_what_waits_for_no_day_comes_to_the_next_meeting_alone(desk: Desk, source: str) -> None:
    meeting, later = desk.meets(), desk.meets(*LATER)
    SOURCES[source](desk, meeting)

    assert [len(lines(desk.shows(desk.member, one))) for one in (meeting, later)] == [1, 0]
    desk.changes(meeting, state="cancelled")
    assert [len(lines(desk.shows(desk.member, one))) for one in (meeting, later)] == [0, 1]


@pytest.mark.parametrize("source", SOURCES)
def test_what_a_record_brought_stays_once_the_papers_are_locked_and_comes_again_while_it_waits(
    desk: Desk, source: str
) -> None:
    meeting, later = desk.meets(), desk.meets(*LATER)
    SOURCES[source](desk, meeting)
    desk.locks(meeting)
    assert [desk.tick(), desk.tick()] == [1, 0]

    desk.changes(meeting, state="held")
    decided(desk.bot, text="Decided after the papers were locked")
    held, following = (desk.shows(desk.member, one) for one in (meeting, later))

    assert len(lines(held)) == 1
    assert lines(held)[0][0].partition(". ")[2] in {row[0].partition(". ")[2] for row in lines(following)}
    assert "Decided after" not in said(held)
    assert "Decided after" in said(following)


def test_risks_and_escalations_stay_on_a_locked_agenda_whatever_becomes_of_them(executive: Desk) -> None:
    meeting, later, bot = executive.meets(), executive.meets(*LATER), executive.bot
    by = number(bot, executive.member)
    papers.escalated(bot, by, target_meeting_id=int(meeting))
    papers.risked(bot, by, "A risk", **RED)
    executive.locks(meeting)
    executive.tick()
    before = lines(executive.shows(executive.member, meeting))

    with database.transaction(bot.engine) as session:
        session.scalars(select(Escalation)).one().target_meeting_id = int(later)
        session.scalars(select(Risk)).one().status = "closed"
    executive.changes(meeting, state="held")

    assert len(before) == 2
    assert lines(executive.shows(executive.member, meeting)) == before


def test_an_agenda_that_is_open_again_for_another_day_shows_what_is_so_then(desk: Desk) -> None:
    meeting = desk.meets()
    consulted(desk.bot, date(2026, 11, 20), ("Police", "", ""))
    desk.locks(meeting)
    desk.tick()
    with database.transaction(desk.bot.engine) as session:
        session.scalars(select(Consulted)).one().reply = "agree"

    assert "All have replied" in said(desk.shows(desk.member, meeting))
    desk.changes(meeting, locked_at=None, state="confirmed")
    assert lines(desk.shows(desk.member, meeting)) == []
