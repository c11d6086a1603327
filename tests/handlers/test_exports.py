"""Exports for other programs: what is in the files, that Excel can show and print them, and runs nothing in them."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from db.people import Role
from tests import papers
from tests.fakes import Bot
from tests.papers import SECRET, every_kind, made, rows_of
from tests.records import number

RUN = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", " =1", "'=1", "\t=1"]


@pytest.mark.parametrize("words", RUN)
def test_no_spreadsheet_runs_what_somebody_wrote(bot: Bot, words: str) -> None:
    who = bot.enrol(Role.CHAIR)
    papers.escalated(bot, number(bot, who), "Run", issue=words)

    [header, row] = rows_of(made(bot, "escalations", "xlsx"))
    [_, line] = csv.reader(io.StringIO(made(bot, "escalations", "csv").decode("utf-8-sig"), newline=""))

    place = header.index("Issue")
    assert str(row[place]).startswith("'")
    assert line[place].startswith("'")


@every_kind
def test_a_workbook_can_be_read_and_printed_as_it_is(bot: Bot, kind: str) -> None:
    papers.filled(bot)

    sheet, about = openpyxl.load_workbook(io.BytesIO(made(bot, kind, "xlsx"))).worksheets

    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.print_title_cols) == ("B2", "$1:$1", "$A:$A")
    assert sheet.page_setup.fitToWidth > 1  # all on one page would be too small to read
    assert {one.oddHeader.center.text for one in (sheet, about)} == {"OFFICIAL"}
    header = [cell.value for cell in sheet[1]]
    raised, title = sheet[2][header.index("Raised on")], sheet[2][header.index("Title")]
    assert (raised.is_date, title.alignment.wrap_text, title.alignment.vertical) == (True, True, "top")
    assert all(sheet.row_dimensions[row].height >= 15 for row in range(2, sheet.max_row + 1))
    assert about["B2"].value == "OFFICIAL"


def test_words_that_look_like_a_mistake_of_a_spreadsheet_stay_words(bot: Bot) -> None:
    papers.escalated(bot, number(bot, bot.enrol(Role.CHAIR)), "#N/A", issue="#REF!")

    sheet = openpyxl.load_workbook(io.BytesIO(made(bot, "escalations", "xlsx"))).worksheets[0]

    assert [cell.data_type for cell in sheet[2] if str(cell.value).startswith("#")] == ["s", "s"]


def test_an_export_holds_everything_that_was_sent_and_its_file_says_how_it_is_marked(bot: Bot) -> None:
    who = papers.filled(bot)
    papers.escalated(bot, number(bot, who), "A draft", status="draft", raised_at=None)

    rows = rows_of(made(bot, "escalations", "xlsx"))
    found = json.loads(made(bot, "escalations", "json"))

    assert len(rows) == 1 + 6
    assert [row["Ref"] for row in found["escalations"]] == [row[0] for row in rows[1:]]
    assert found["about"]["marking"] == "OFFICIAL"


def test_a_draft_that_its_group_withdrew_is_in_no_paper_and_no_export(bot: Bot) -> None:
    by = number(bot, papers.filled(bot))
    before = {form: len(made(bot, "escalations", form)) for form in ("csv", "json")}
    papers.escalated(bot, by, status="withdrawn", raised_at=None)
    papers.escalated(bot, by, SECRET, status="withdrawn", raised_at=None, marking="OFFICIAL-SENSITIVE")

    assert {form: len(made(bot, "escalations", form)) for form in before} == before
    assert [row[0] for row in rows_of(made(bot, "escalations", "xlsx", annex=True))[1:]] == ["ESC-2026-003"]
