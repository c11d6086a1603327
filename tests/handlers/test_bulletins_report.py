"""Who got a bulletin, who did not and why, who has read it: for the secretariat, on a card and as a file."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from db import engine as database
from db import people
from db.people import Identity, Role
from db.reminders import Plan, PlanState
from handlers import downloads
from handlers.bulletins import report
from handlers.context import House
from handlers.messages import Card, Link, Table
from tests.bulletins import NINE_ON_TUESDAY, REF, Desk
from tests.fakes import Bot, button_of, labels, said


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def enrols(desk: Desk, name: str, *, agency: str, platform: str = "test") -> Identity:
    who = Identity(platform, name.partition(" ")[0].lower())
    with database.transaction(desk.bot.engine) as session:
        people.enrol(session, who, name=name, roles=[Role.MEMBER], on=desk.bot.clock.now.date(), agency=agency)
    return who


def rows(card: Card, header: str) -> list[tuple[str, ...]]:
    tables = [part for part in card.body if isinstance(part, Table) and header in part.header]
    return list(tables[0].rows) if tables else []


def asked_to_read(desk: Desk) -> None:
    """Send a bulletin whose readers are asked to brief their teams."""
    form_of = desk.writes()
    desk.fills(form_of, "Title and readers", needs_reading="yes")
    desk.presses(desk.opens(), "Send for approval")
    desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)
    desk.fills(desk.opens(), "Choose when", day="2026-11-24", time="09:00")
    desk.bot.clock.now = NINE_ON_TUESDAY
    desk.tick()
    desk.arrives()
    desk.tick()


def file_of(desk: Desk, card: Card) -> bytes:
    link = next(action for action in card.actions if isinstance(action, Link))
    token = link.url.rpartition("/")[2]
    content = desk.bot.dispatcher.within(lambda context: downloads.fetch(context, token)).content
    return content if isinstance(content, bytes) else content.encode()


def test_the_report_says_for_everybody_what_became_of_it_and_why_not(desk: Desk) -> None:
    gone = enrols(desk, "Robin Invented", agency="Example Police")
    enrols(desk, "Alex Invented", agency="Example Health Trust", platform="nowhere")
    desk.sending()
    desk.arrives(but={gone.user_id: "user_not_found"})
    desk.tick()

    card = desk.presses(desk.opens(), "Who got it")

    assert rows(card, "Why") == [
        ("Robin Invented", "Example Police", "Undeliverable", "The account is not there any more."),
        ("Alex Invented", "Example Health Trust", "Cannot be reached", "No platform that is switched on knows them."),
    ]
    assert ("Example Police", "1", "0", "0") in rows(card, "Meant for")
    assert ("Sent", "2") in card.body[0].pairs  # type: ignore[union-attr]


def test_the_list_can_be_had_as_a_spreadsheet_and_as_csv(desk: Desk) -> None:
    enrols(desk, "Robin Invented", agency="Example Police")
    desk.sent()
    card = desk.presses(desk.presses(desk.opens(), "Who got it"), "Give me the list")
    other = desk.presses(card, "As CSV instead")

    sheet = load_workbook(io.BytesIO(file_of(desk, card))).worksheets[0]
    lines = list(csv.reader(io.StringIO(file_of(desk, other).decode("utf-8-sig"))))

    assert [cell.value for cell in sheet[1]] == list(report.HEADER)
    assert lines[0] == list(report.HEADER)
    robin = ["Robin Invented", "Example Police", "test", "Sent", "2026-11-24 09:00", "", ""]
    assert robin in lines
    assert robin in [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


def test_a_name_that_a_spreadsheet_would_take_for_a_formula_is_text(desk: Desk) -> None:
    enrols(desk, "=HYPERLINK() Invented", agency="Example Police")
    desk.sent()

    content = file_of(desk, desk.presses(desk.presses(desk.opens(), "Who got it"), "Give me the list"))

    names = [row[0].value for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]
    assert "'=HYPERLINK() Invented" in names


def test_there_is_no_report_before_it_goes_out(desk: Desk) -> None:
    desk.scheduled()

    found = desk.does("report", "1", desk.author)

    assert isinstance(found, Card)
    assert found.title == f"{REF} has not gone out yet."


# --- reading ----------------------------------------------------------------------------------------------------


def test_a_reader_says_that_they_have_read_it_and_the_secretariat_alone_sees_who(desk: Desk) -> None:
    robin = enrols(desk, "Robin Invented", agency="Example Police")
    asked_to_read(desk)
    message = next(one.card for one in desk.messages() if one.to.address == robin.user_id)

    first = desk.presses(message, "I have read this and briefed my team", robin)
    second = desk.presses(message, "I have read this and briefed my team", robin)

    assert first.title == f"{REF}: noted"
    assert second.title == f"{REF}: it was noted before"
    card = desk.presses(desk.opens(), "Who got it")
    assert ("Example Police", "1", "1", "1") in rows(card, "Meant for")
    whole = desk.presses(desk.bot.types("bulletins", who=robin), f"Read {REF}", robin)
    assert "Robin Invented" not in said(whole)


def test_those_who_have_not_read_it_are_reminded_until_they_have(desk: Desk) -> None:
    robin = enrols(desk, "Robin Invented", agency="Example Police")
    asked_to_read(desk)
    message = next(one.card for one in desk.messages() if one.to.address == robin.user_id)
    before = planned(desk)

    desk.presses(message, "I have read this and briefed my team", robin)

    assert (before, planned(desk)) == (3, 2)


def planned(desk: Desk) -> int:
    with database.transaction(desk.bot.engine) as session:
        plans = select(Plan).where(Plan.ladder == "reading", Plan.state != PlanState.CANCELLED.value)
        return len(session.scalars(plans).all())


def test_nobody_is_reminded_of_a_bulletin_that_did_not_ask_for_it(desk: Desk) -> None:
    desk.sent()

    assert planned(desk) == 0
    assert labels(desk.messages()[0].card) == []


def test_a_stranger_cannot_say_that_they_have_read_it(desk: Desk) -> None:
    asked_to_read(desk)
    message = desk.messages()[0].card

    found = desk.presses(message, "I have read this and briefed my team", Identity("test", "stranger"))

    assert found.title == "I do not know you yet."
    assert button_of(message, "I have read this and briefed my team").value == "1"


def test_the_command_line_gives_the_same_list(desk: Desk) -> None:
    desk.sent()

    made = desk.bot.dispatcher.within(lambda context: report.of_ref(context, REF, "csv"))

    assert made.name == "bul-2026-001-report.csv"
