"""Files taken over: the round trip, trackers of others, and that nothing is taken when anything is wrong."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest

from db import engine as database
from db import people
from db.escalations import Escalation
from db.people import Identity, Role
from db.risks import Risk
from handlers.context import Request
from handlers.imports.reading import ImportProblems
from handlers.messages import Card, Errors, Form
from tests import fakes, papers
from tests.fakes import Bot, labels, said
from tests.papers import brought, found, made, pressed, rows_of, workbook
from tests.records import number

KINDS = ("escalations", "risks")
every_kind = pytest.mark.parametrize("kind", KINDS)


def changed(content: bytes, **cells: object) -> bytes:
    """Change the first row of an exported workbook as somebody does in Excel, by the names of columns."""
    book, packed = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for title, value in cells.items():
        sheet.cell(2, header.index(title.replace("_", " ")) + 1).value = value
    book.save(packed)
    return packed.getvalue()


def problems(bot: Bot, who: Identity, kind: str, content: bytes, name: str = "file.xlsx") -> list[str]:
    with pytest.raises(ImportProblems) as refused:
        brought(bot, who, kind, content, name)
    assert "nothing was taken" in str(refused.value)
    return [str(one) for one in refused.value.problems]


# --- the round trip ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@every_kind
def test_an_export_that_comes_back_as_it_was_changes_nothing(bot: Bot, kind: str, form: str) -> None:
    who = papers.filled(bot)

    card = brought(bot, who, kind, made(bot, kind, form), f"back.{form}")

    assert card.title == "Nothing would change"
    assert "('Unchanged', '6')" in repr(card)
    assert labels(card) == [f"Open {kind}", "Papers and files"]


@every_kind
def test_the_annex_comes_back_too(bot: Bot, kind: str) -> None:
    who = papers.filled(bot)

    assert brought(bot, who, kind, made(bot, kind, "xlsx", annex=True)).title == "Nothing would change"


def test_words_that_were_put_right_are_shown_then_taken_and_noted_without_the_words(bot: Bot) -> None:
    who = papers.filled(bot)
    content = changed(made(bot, "escalations", "xlsx"), Title="No lead for neglect", Type="resource")

    card = brought(bot, who, "escalations", content)

    assert "('ESC-2026-001', 'Title', 'No neglect lead', 'No lead for neglect')" in repr(card)
    before = found(bot, Escalation, "ESC-2026-001")
    assert (before.title, before.version) == ("No neglect lead", 1)
    done = pressed(bot, card, "Take it over", who)
    after = found(bot, Escalation, "ESC-2026-001")
    assert (done.title, after.title, after.type, after.version) == ("Taken over", "No lead for neglect", "resource", 2)
    [entry] = [one for one in bot.audited() if one.action == "corrected by a file"]
    assert entry.detail["fields"] == "title, type"
    assert "neglect" not in repr(entry.detail)


def test_a_risk_is_put_right_by_words_of_a_list_and_by_a_day(bot: Bot) -> None:
    who = papers.filled(bot)
    content = changed(made(bot, "risks", "xlsx"), Category="Finance", Target_date="28/02/2028", Proximity="Now")

    pressed(bot, brought(bot, who, "risks", content), "Take it over", who)

    risk = found(bot, Risk, "RSK-2026-001")
    assert (risk.category, risk.target_date, risk.proximity) == ("finance", date(2028, 2, 28), "now")


def test_what_nobody_confirms_changes_nothing(bot: Bot) -> None:
    who = papers.filled(bot)
    card = brought(bot, who, "escalations", changed(made(bot, "escalations", "xlsx"), Title="Another"))

    dropped = pressed(bot, card, "Do not", who)
    again = pressed(bot, card, "Take it over", who)

    assert (dropped.title, again.title) == ("Nothing was changed", "That file is not here any more.")
    assert found(bot, Escalation, "ESC-2026-001").title == "No neglect lead"


def test_what_was_changed_in_chat_since_the_export_is_not_overwritten(bot: Bot) -> None:
    who = papers.filled(bot)
    content = changed(made(bot, "escalations", "xlsx"), Title="Mine")
    pressed(bot, brought(bot, who, "escalations", changed(content, Title="Theirs")), "Take it over", who)

    assert problems(bot, who, "escalations", content) == [
        "Row 2, Version: It was changed since this file was made: it is version 2 now. Export it again."
    ]
    assert found(bot, Escalation, "ESC-2026-001").title == "Theirs"


def test_what_changes_between_the_look_and_the_taking_stops_it(bot: Bot) -> None:
    who = papers.filled(bot)
    other = bot.enrol(Role.COORDINATOR)
    content = made(bot, "escalations", "xlsx")
    mine = brought(bot, who, "escalations", changed(content, Title="Mine"))
    pressed(bot, brought(bot, other, "escalations", changed(content, Title="Theirs")), "Take it over", other)

    assert "nothing was taken" in pressed(bot, mine, "Take it over", who).title
    assert found(bot, Escalation, "ESC-2026-001").title == "Theirs"


def test_somebody_elses_file_is_not_there(bot: Bot) -> None:
    who = papers.filled(bot)
    card = brought(bot, who, "escalations", changed(made(bot, "escalations", "xlsx"), Title="Another"))

    assert pressed(bot, card, "Take it over", bot.enrol(Role.COORDINATOR)).title == "That file is not here any more."


IN_CHAT = "This is decided in chat, or has changed since the export. Put back what stood there, or export it again."
WRONG = {
    "a state": ("escalations", {"Status": "closed"}, f"Row 2, Status: {IN_CHAT}"),
    "a decision": ("escalations", {"Executive response": "Agreed"}, f"Row 2, Executive response: {IN_CHAT}"),
    "a marking": ("risks", {"Marking": "OFFICIAL-SENSITIVE"}, f"Row 2, Marking: {IN_CHAT}"),
    "a score": ("risks", {"Current likelihood": 1}, f"Row 2, Current likelihood: {IN_CHAT}"),
    "too many words": ("escalations", {"Title": "x" * 101}, "Row 2, Title: Please use at most 100 characters"),
    "no words": ("escalations", {"Ask": None}, "Row 2, Ask: Please fill this in."),
    "none of a list": ("escalations", {"Type": "wish"}, "Row 2, Type: I do not know this. I know: decision"),
    "no day": ("risks", {"Target date": "30 February 2027"}, "Row 2, Target date: Please write a day"),
    "an unknown reference": ("risks", {"Ref": "RSK-2026-999"}, "Row 2, Ref: There is no RSK-2026-999."),
    "a reference twice": ("risks", {"Ref": "RSK-2026-002"}, "Row 3, Ref: The same stands in row 2."),
}


@pytest.mark.parametrize(("kind", "cells", "told"), WRONG.values(), ids=WRONG)
def test_each_bad_cell_is_named_by_row_and_column(bot: Bot, kind: str, cells: dict[str, object], told: str) -> None:
    who = papers.filled(bot)
    content = changed(made(bot, kind, "xlsx"), **cells)

    assert any(one.startswith(told) for one in problems(bot, who, kind, content))


def test_a_reference_is_known_however_it_is_typed(bot: Bot) -> None:
    who = papers.filled(bot)
    content = changed(made(bot, "escalations", "xlsx"), Ref=" esc-2026-001 ")

    assert brought(bot, who, "escalations", content).title == "Nothing would change"


def test_one_bad_row_keeps_the_good_ones_out_too(bot: Bot) -> None:
    who = papers.filled(bot)
    rows = rows_of(made(bot, "escalations", "xlsx"))
    place = rows[0].index("Title")
    rows[1][place], rows[2][place], rows[4][place] = "Better", "x" * 101, "y" * 200

    assert [one.partition(":")[0] for one in problems(bot, who, "escalations", workbook(rows))] == [
        "Row 3, Title",
        "Row 5, Title",
    ]
    assert found(bot, Escalation, "ESC-2026-001").title == "No neglect lead"


def test_a_closed_escalation_keeps_its_words(bot: Bot) -> None:
    who = papers.filled(bot)
    rows = rows_of(made(bot, "escalations", "xlsx"))
    rows[5][rows[0].index("Title")] = "Rewritten"

    assert problems(bot, who, "escalations", workbook(rows)) == [
        "Row 6, Status: It is closed, so its words stay. Open it again in chat."
    ]


# --- trackers of others ------------------------------------------------------------------------------------------

TRACKER = [
    ("Escalation tracker of the Delivery Group", None, None, None, None, None),
    ("Name of item", "Logged", "Sub-group", "What is wanted", "State", "Result"),
    ("No lead for health", date(2026, 3, 2), "Delivery Group", "Name a lead", "Open", None),
    ("Old data", "03/04/2026", "executive group", "Agree a return", "Closed", "The return works"),
]
CHOSEN = {"title": "c0", "raised_on": "c1", "group": "c2", "ask": "c3", "status": "c4", "outcome": "c5"}


def asked(bot: Bot, who: Identity, kind: str, rows: Sequence[Sequence[object]]) -> Form:
    return bot.opens(brought(bot, who, kind, workbook(rows)), "Match the columns", who=who)


def test_a_tracker_of_others_is_matched_by_a_form_shown_and_taken_over(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)

    form = asked(bot, who, "escalations", TRACKER)
    card = bot.sends(form, who=who, **CHOSEN)

    assert {one.name: one.value for one in form.fields}["group"] == "c2"
    assert isinstance(card, Card)
    assert "('New', '2')" in repr(card)
    pressed(bot, card, "Take it over", who)
    first, second = found(bot, Escalation, "ESC-2026-001"), found(bot, Escalation, "ESC-2026-002")
    assert (first.title, first.status, first.ask) == ("No lead for health", "submitted", "Name a lead")
    assert (second.status, second.outcome) == ("closed", "The return works")
    assert first.raised_at is not None
    assert first.raised_at.date() == date(2026, 3, 2)


def test_the_same_tracker_taken_twice_adds_nothing(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    for _ in range(2):
        card = bot.sends(asked(bot, who, "escalations", TRACKER), who=who, **CHOSEN)
        assert isinstance(card, Card)
        if card.title != "Nothing would change":
            pressed(bot, card, "Take it over", who)

    assert "('On the list already, by title', '2')" in repr(card)
    assert bot.counted(Escalation) == 2


REGISTER = [
    ("Risk", "Risk description", "Likelihood", "Impact", "Mitigation", "Risk owner", "State", "Treatment", "RAG"),
    ("Late data", "Schools send late", "High", "Medium", "Chasing", "Alex Invented", "Open", "Treat it", "R"),
    ("Staff leave", "Posts stay empty", "Low", "High", "Adverts", None, None, None, "A"),
]


def test_a_register_of_others_in_three_steps_is_taken_over_with_its_colours(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    bot.enrol(Role.MEMBER, name="Alex Invented")

    form = asked(bot, who, "risks", REGISTER)
    card = bot.sends(form, who=who)
    assert isinstance(card, Card), card
    pressed(bot, card, "Take it over", who)

    late, staff = found(bot, Risk, "RSK-2026-001"), found(bot, Risk, "RSK-2026-002")
    assert (late.status, late.current_l, late.current_i, late.entry_scale) == ("open", 5, 3, "3x3")
    assert late.owner_id is not None
    assert late.next_review is not None
    assert (staff.status, staff.current_l, staff.current_i, staff.owner_id) == ("alert", 2, 5, None)


NEWCOMERS = {
    "an unknown group": ({2: "Delivry Grup"}, "Row 3, Group: I know no group called 'Delivry Grup'."),
    "no title": ({0: None}, "Row 3, Title: Please fill this in."),
    "a day to come": ({1: date(2027, 3, 1)}, "Row 3, Raised on: This day is still to come."),
    "a state of no kind": ({4: "Parked"}, "Row 3, Status: I do not know this."),
    "closed without an outcome": ({4: "Closed"}, "Row 3, Outcome: Status 'Closed' needs this."),
    "too long": ({3: "x" * 400}, "Row 3, Ask: Please use at most 300 characters"),
}


@pytest.mark.parametrize(("cells", "told"), NEWCOMERS.values(), ids=NEWCOMERS)
def test_each_bad_cell_of_somebodys_tracker_is_named(bot: Bot, cells: dict[int, object], told: str) -> None:
    who = bot.enrol(Role.COORDINATOR)
    rows: list[list[object]] = [list(row) for row in TRACKER]
    for place, value in cells.items():
        rows[2][place] = value

    card = bot.sends(asked(bot, who, "escalations", rows), who=who, **CHOSEN)

    assert isinstance(card, Card)
    assert told in said(card)
    assert "Match the columns again" in said(card)
    assert bot.counted(Escalation) == 0


def test_columns_that_are_missing_or_chosen_twice_are_named_in_the_form(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)

    errors = bot.sends(asked(bot, who, "escalations", TRACKER), who=who, **CHOSEN | {"title": "", "ask": "c4"})

    assert isinstance(errors, Errors)
    assert set(errors.by_field) == {"title", "ask", "status"}


OWNERS = {
    "nobody": ("Nobody Atall", "Nobody of that name is enrolled."),
    "the secretariat": ("Sam Keeper", "The secretariat owns no risk."),
    "two of one name": ("Kim Double", "Two people of that name are enrolled."),
}


@pytest.mark.parametrize(("name", "told"), OWNERS.values(), ids=OWNERS)
def test_an_owner_is_one_person_outside_the_secretariat(bot: Bot, name: str, told: str) -> None:
    who = bot.enrol(Role.COORDINATOR, name="Sam Keeper")
    for _ in range(2):
        bot.enrol(Role.MEMBER, name="Kim Double")
    rows = [REGISTER[0], (*REGISTER[1][:5], name, *REGISTER[1][6:])]

    card = bot.sends(asked(bot, who, "risks", rows), who=who)

    assert f"Row 2, Owner: {told}" in said(card)


# --- rights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "1", "x", "99999999999"])
@pytest.mark.parametrize("route", ["imports.match", "imports.matched", "imports.apply"])
def test_a_file_that_is_not_there_is_explained(bot: Bot, route: str, value: str) -> None:
    card = bot.does(Request(bot.enrol(Role.COORDINATOR), route=route, value=value))

    assert isinstance(card, Card)
    assert card.title == "That file is not here any more."


def test_who_left_the_secretariat_takes_nothing_over(bot: Bot) -> None:
    who = papers.filled(bot)
    card = brought(bot, who, "escalations", changed(made(bot, "escalations", "xlsx"), Title="Another"))
    with database.transaction(bot.engine) as session:
        people.end_everything(session, number(bot, who), on=bot.clock.now.date())
    button = fakes.button_of(card, "Take it over")

    answer = bot.does(Request(who, route=button.action, value=button.value))

    assert isinstance(answer, Card)
    assert answer.title == "I cannot show you that."
    assert found(bot, Escalation, "ESC-2026-001").title == "No neglect lead"
