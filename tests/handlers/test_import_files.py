"""Files that cannot be used: refused with what to do, before they fill the memory or are kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from handlers import uploads
from handlers.context import UserError
from handlers.files import UPLOADS
from handlers.imports import reading
from tests import papers
from tests.fakes import Bot, said
from tests.papers import made, workbook

PLAIN = [("Title", "Group", "Ask"), ("One", "Delivery Group", "Two")]


def merged() -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in PLAIN:
        book.active.append(row)
    book.active.merge_cells("A2:B3")
    book.save(packed)
    return packed.getvalue()


def formula() -> bytes:
    return workbook([PLAIN[0], ("=1+1", "Delivery Group", "Two")])


def mistake() -> bytes:
    return workbook([PLAIN[0], ("#REF!", "Delivery Group", "Two")])


def sheets() -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("More").append(("a", "b", "c"))
    book.save(packed)
    return packed.getvalue()


def packed_with(size: int, parts: int = 1) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(parts):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * size)
    return written.getvalue()


def entities() -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "%s">%s]><worksheet>&z9;</worksheet>' % (
        b"a" * 1000, b"".join(b'<!ENTITY z%d "%s">' % (n, b"&a;" * 30 if n == 0 else b"&z%d;" % (n - 1) * 30)
                              for n in range(10)),
    )  # fmt: skip
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(PLAIN))) as old, zipfile.ZipFile(written, "w") as packed:
        for part in old.infolist():
            packed.writestr(part, bomb if part.filename == "xl/worksheets/sheet1.xml" else old.read(part))
    return written.getvalue()


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "merged cells": ("a.xlsx", merged, "Cells are merged: A2:B3"),
    "formulas": ("a.xlsx", formula, "one mistake"),
    "the mistake of a formula": ("a.xlsx", mistake, "one mistake"),
    "a password": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 600, "cannot be read as an Excel workbook"),
    "formulas in CSV": ("a.csv", lambda: b"Title,Group,Ask\n=cmd|x,b,c\n", "one mistake"),
    "several sheets": ("a.xlsx", sheets, "several sheets"),
    "a zip bomb": ("a.xlsx", lambda: packed_with(70_000_000), "far larger inside"),
    "a bomb of many parts": ("a.xlsx", lambda: packed_with(10, 600), "far larger inside"),
    "a bomb of entities": ("a.xlsx", entities, "cannot be read as an Excel workbook"),
    "100,000 rows": ("a.csv", lambda: b"Title,Group,Ask\n" + b"a,b,c\n" * 100_000, "more than 5,000 rows"),
    "100,000 rows of Excel": ("a.xlsx", lambda: workbook([("a", "b", "c")] * 100_000), "more than 5,000 rows"),
    "no workbook": ("a.xlsx", lambda: b"Title", "cannot be read as an Excel workbook"),
    "half a workbook": ("a.xlsx", lambda: workbook(PLAIN)[:500], "cannot be read as an Excel workbook"),
    "no text": ("a.csv", lambda: b"a,b,c\n\x00\x01", "is not text"),
    "a quotation mark too few": ("a.csv", lambda: b'a,b,c\n"x,y,z', "cannot be read as CSV"),
    "another kind": ("a.docx", lambda: b"x", "end with .xlsx or .csv"),
    "too large": ("a.csv", lambda: b"a,b,c\n" * 400_000, "larger than 2 MB"),
    "nothing": ("a.csv", lambda: b"\n", "is empty"),
    "no headings": ("a.csv", lambda: b"a,b\nc,d\n", "cannot find the names of the columns"),
    "two headings alike": ("a.csv", lambda: b"Title,title,Ask\n1,2,3\n", "mistakes"),
    "words under no heading": ("a.csv", lambda: b"Title,,Ask,Group\n1,2,3,4\n", "one mistake"),
}


@pytest.mark.parametrize(("name", "content", "told"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(
    name: str, content: Callable[[], bytes], told: str
) -> None:
    with pytest.raises(UserError, match=told) as refused:
        reading.read(name, content())
    assert refused.value.hint


def test_words_about_a_family_in_a_cell_stop_the_whole_file(bot: Bot) -> None:
    purpose = UPLOADS["risks"]
    rows = [("Title", "Event", "Owner"), ("Late data", "NHS number 999 787 7896", "Alex Invented")]

    parts = uploads.pieces(purpose, "a.xlsx", workbook(rows))
    refused = uploads.refusal(purpose, parts, bot.dispatcher.screen_text, bot.dispatcher.knowledge.contacts)

    assert refused is not None
    assert "Row 2, Event of the file." in said(refused[0])


@pytest.mark.parametrize("kind", ["escalations", "risks"])
def test_what_was_exported_passes_the_guard_again(bot: Bot, kind: str) -> None:
    papers.filled(bot)
    purpose = UPLOADS[kind]

    parts = uploads.pieces(purpose, "a.xlsx", made(bot, kind, "xlsx"))

    assert uploads.refusal(purpose, parts, bot.dispatcher.screen_text, bot.dispatcher.knowledge.contacts) is None
