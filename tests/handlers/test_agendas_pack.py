"""The pack of a meeting: one Word document with everything, a draft until its papers are locked."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from docx.document import Document
from docx.table import _Cell
from sqlalchemy import Engine

from db.people import Role
from handlers.context import Request
from handlers.messages import Card, Link
from handlers.routes import resolve
from tests import papers
from tests.agendas import ITEM, LINK, Desk
from tests.fakes import Bot, labels, said
from tests.records import number


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: `tests/db/test_agendas.py` asks the same of both."""
    return sqlite_engine


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot, "Executive")


def tables(document: Document) -> dict[str, list[list[str]]]:
    """Return the tables of a document by what they are called, each row as the words of its cells."""
    found = {}
    for table in document.tables:
        called = table._tbl.tblPr.xpath("w:tblCaption/@w:val")[0]  # noqa: SLF001 - the library has no captions
        found[called] = [[words(cell) for cell in row.cells] for row in table.rows]
    return found


def words(cell: _Cell) -> str:
    """Return the words of a cell, also those that lead to an address."""
    return "".join(cell._tc.xpath(".//w:t/text()"))  # noqa: SLF001 - the library leaves out the words of fields


def xml(document: Document) -> str:
    packed = io.BytesIO()
    document.save(packed)
    with zipfile.ZipFile(packed) as parts:
        return parts.read("word/document.xml").decode()


def filled(desk: Desk) -> str:
    """Fill a meeting of the Executive with some of everything."""
    meeting = desk.meets()
    by = number(desk.bot, desk.member)
    papers.escalated(desk.bot, by, target_meeting_id=int(meeting))
    papers.escalated(
        desk.bot, by, papers.SECRET, issue=papers.SECRET, ask=papers.SECRET, marking="OFFICIAL-SENSITIVE",
        target_meeting_id=int(meeting),
    )  # fmt: skip
    papers.escalated(
        desk.bot, by, "Money for training", status="responded", decided_how="between meetings",
        decided_at=papers.at("2026-11-19"), decision_type="agreed", report_meeting_id=int(meeting),
    )  # fmt: skip
    papers.risked(desk.bot, by, next_review=date(2027, 6, 1))
    desk.asks(desk.keeper, meeting)
    desk.wants(meeting)
    desk.wants(meeting, title="Not there yet", owner="Tove Invented")
    desk.brings(desk.member, meeting)
    return meeting


def test_the_pack_holds_agenda_papers_decisions_replies_risks_and_the_tracker(desk: Desk) -> None:
    meeting = filled(desk)

    document = desk.opens(desk.shows(desk.keeper, meeting, "agendas.pack"))

    found = tables(document)
    assert [row[1:3] for row in found["Agenda"]] == [
        ["Time", "Item"],
        ["10:00", "ESC-2026-001: No neglect lead"],
        ["10:15", "ESC-2026-002: see confidential annex"],
        ["10:30", "ESC-2026-003: Money for training"],
        ["10:35", "RSK-2026-001: Too few health visitors"],
        ["10:45", ITEM["title"]],
    ]
    assert found["Papers"][1:] == [
        ["Neglect data", "", "Remi Invented", "1 Dec 2026", "21 Nov 2026"],
        ["Not there yet", "", "Tove Invented", "1 Dec 2026", "Not yet"],
    ]
    assert [row[0] for row in found["Decisions between meetings"]] == ["Ref", "ESC-2026-003"]
    assert [row[0] for row in found["Open escalations"]][1:] == ["ESC-2026-001", "ESC-2026-002", "ESC-2026-003"]
    [movement] = [rows for name, rows in found.items() if name.startswith("Movement since")]
    assert movement[1][0] == "RSK-2026-001"
    assert f'HYPERLINK "{LINK}"' in xml(document).replace("&quot;", '"')
    assert papers.SECRET not in xml(document)
    assert "No reply is outstanding." in [line.text for line in document.paragraphs]


def test_the_pack_can_be_read_by_those_who_do_not_see_it(desk: Desk) -> None:
    document = desk.opens(desk.shows(desk.keeper, filled(desk), "agendas.pack"))

    about = document.core_properties
    assert (about.title, about.language) == ("DRAFT pack of the Executive, 10 December 2026", "en-GB")
    headings = [(line.style.name if line.style else "", line.text) for line in document.paragraphs]
    assert [text for style, text in headings if style == "Heading 1"] == [
        "Agenda", "Papers", "Decisions between meetings", "Consultation replies that are outstanding",
        "Risk movement", "Escalation tracker",
    ]  # fmt: skip
    assert ("Heading 2", "Open escalations") in headings
    assert xml(document).count("<w:tblHeader/>") == len(document.tables)


def test_it_is_a_draft_until_the_papers_are_locked_and_final_then(desk: Desk) -> None:
    meeting = filled(desk)

    draft = desk.shows(desk.keeper, meeting, "agendas.pack")
    before = desk.opens(draft)
    desk.changes(meeting, locked_at=desk.bot.clock.now, state="locked")
    final = desk.shows(desk.keeper, meeting, "agendas.pack")
    after = desk.opens(final)

    assert (draft.title, "It was sent" in labels(draft)) == ("DRAFT pack: Executive, 10 December 2026", False)
    assert (final.title, "It was sent" in labels(final)) == ("Pack: Executive, 10 December 2026", True)
    assert [one.core_properties.title.partition(" of")[0] for one in (before, after)] == ["DRAFT pack", "Pack"]
    assert [any("DRAFT" in line.text for line in one.paragraphs) for one in (before, after)] == [True, False]


def test_what_was_sent_is_said_once_to_the_rest_of_the_secretariat(desk: Desk) -> None:
    meeting = desk.meets()
    other = desk.bot.enrol(Role.STRATEGY_MANAGER)
    desk.changes(meeting, locked_at=desk.bot.clock.now, state="locked")
    card = desk.shows(desk.keeper, meeting, "agendas.pack")

    cards = [desk.bot.presses(card, "It was sent", who=desk.keeper) for _ in range(2)]

    assert cards[0] == cards[1]
    assert [(one.to.address, one.card.title) for one in desk.bot.queued()] == [
        (other.user_id, "The pack was sent: Executive, 10 December 2026")
    ]
    again = desk.shows(desk.keeper, meeting, "agendas.pack")
    assert "the pack was sent" in said(again)
    assert "It was sent" not in labels(again)
    assert [one.action for one in desk.bot.audited()].count("sent a pack") == 1


def test_a_pack_that_is_not_locked_was_not_sent(desk: Desk) -> None:
    meeting = desk.meets()

    assert "are not locked" in said(desk.shows(desk.keeper, meeting, "agendas.sent"))


SAID = ("pack", "pack executive", "pack exec 10-dec", "pack Executive 10 December", "pack executive 2026-12-10",
        "pack executive 10th december 2026", "pack exec 10/12/2026", "pack exec Thursday 10 December 2026")  # fmt: skip


def test_the_pack_is_asked_for_by_group_and_day(desk: Desk) -> None:
    desk.meets()
    desk.meets(date(2027, 1, 14), date(2026, 12, 29), date(2027, 1, 7))

    assert {desk.bot.types(words, who=desk.keeper).title for words in SAID} == {
        "DRAFT pack: Executive, 10 December 2026"
    }
    assert "14 January 2027" in desk.bot.types("pack exec 14 jan", who=desk.keeper).title
    for words, wanted in {
        "pack exec 11-dec": "no meeting of Executive on 11 December 2026",
        "pack exec 32-dec": "cannot read the day",
        "pack qap": "cannot find that meeting",
    }.items():
        assert wanted in said(desk.bot.types(words, who=desk.keeper)), words
    assert resolve("pack my bags")[0].name == "ask"


def test_the_pack_of_another_group_holds_its_own_records_alone(bot: Bot) -> None:
    desk = Desk(bot, "Partnership")
    papers.escalated(bot, number(bot, desk.member))

    document = desk.opens(desk.shows(desk.keeper, desk.meets(hour=None), "agendas.pack"))

    assert "ESC-2026-001" not in xml(document)
    assert "Nothing is on the agenda yet." in [line.text for line in document.paragraphs]
    assert "The time is not fixed yet" in xml(document)


def test_the_link_is_for_the_secretariat_and_works_once(desk: Desk) -> None:
    meeting = desk.meets()
    card = desk.shows(desk.keeper, meeting, "agendas.pack")
    desk.opens(card)

    with pytest.raises(Exception, match="used already"):
        desk.opens(card)
    for who in (desk.member, desk.bot.enrol(Role.SCRUTINEER)):
        refused = desk.bot.does(Request(who, route="agendas.pack", value=meeting))
        assert isinstance(refused, Card)
        assert not [one for one in refused.actions if isinstance(one, Link)]


def test_a_pack_of_a_meeting_that_was_held_says_what_it_said(desk: Desk) -> None:
    meeting = filled(desk)
    desk.changes(meeting, locked_at=desk.bot.clock.now, state="held")
    desk.bot.clock.now = datetime(2026, 12, 20, 10, tzinfo=desk.bot.clock.now.tzinfo)

    card = desk.bot.types("pack executive 2026-12-10", who=desk.keeper)

    assert "ESC-2026-001: No neglect lead" in [row[2] for row in tables(desk.opens(card))["Agenda"]]
