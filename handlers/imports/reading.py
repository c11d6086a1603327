"""Spreadsheets of somebody else's making: read into headings and rows, or refused with what is wrong and where."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from handlers.context import UserError
from handlers.papers.table import plain
from handlers.papers.xlsx import ABOUT
from handlers.spreadsheets import decoded, letter

SUFFIXES = (".xlsx", ".csv")
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 5_000, 60, 4_000
MAX_BYTES, MAX_UNPACKED, MAX_PARTS = 2_000_000, 60_000_000, 500
MOST_TOLD = 12
_HEADINGS_WITHIN = 10  # rows in which the headings are looked for: many trackers have a title above them
_FEWEST_HEADINGS = 3
_CHUNK = 1_000_000
_RUN = ("f", "e")  # of cells: a formula, and the mistake that is left of one
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z0-9:]{2,20})"')


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell, and what to do."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"Row {self.row}, {self.column}: {self.message}"


class ImportProblems(UserError):  # noqa: N818 - it is no mistake of the program
    """A file that was not taken, with what is wrong in it; nothing of it was kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda one: one.row)
        shown = [str(problem) for problem in self.problems[:MOST_TOLD]]
        rest = len(self.problems) - len(shown)
        number = "one mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        more = [f"And {rest} more."] if rest else []
        super().__init__(f"The file has {number}, so nothing was taken.", hint="\n".join([*shown, *more]))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file, under the number that the spreadsheet shows; one cell for each heading."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its headings, and the rows below them. Empty rows and columns are left out."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def read(name: str, content: bytes) -> Sheet:
    """Read a file. Raises UserError when it is none that can be used, ImportProblems for mistakes in it."""
    if len(content) > MAX_BYTES:
        raise UserError("The file is larger than 2 MB.", hint="Split it into smaller files.")
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError("I read Excel and CSV files that end with .xlsx or .csv.", hint="Save it as one of them.")
    lines = list(_workbook(content) if suffix == ".xlsx" else _lines(content))
    if len(lines) > MAX_ROWS:
        raise UserError(f"The file has more than {MAX_ROWS:,} rows.", hint="Split it into smaller files.")
    return _sheet(lines)


def _sheet(lines: list[tuple[int, list[str]]]) -> Sheet:
    """Find the headings, and keep what stands under them."""
    if not lines:
        raise UserError("The file is empty.", hint="Its first row should name the columns.")
    first = enumerate(lines[:_HEADINGS_WITHIN])
    at = next((at for at, (_, cells) in first if sum(map(bool, cells)) >= _FEWEST_HEADINGS), None)
    if at is None:
        raise UserError(
            "I cannot find the names of the columns.", hint="Put them into the first row, at least three of them."
        )
    number, names = lines[at]
    places = [place for place, name in enumerate(names) if name]
    headings = tuple(" ".join(names[place].split())[:80] for place in places)
    problems = [
        Problem(number, heading[:30], "Two columns are called so. Rename one.")
        for heading in dict.fromkeys(headings)
        if [one.casefold() for one in headings].count(heading.casefold()) > 1
    ]
    kept = []
    for below, cells in lines[at + 1 :]:
        filled = cells + [""] * (len(names) - len(cells))
        if beside := [place for place, cell in enumerate(filled) if cell and place not in places]:
            problems.append(
                Problem(below, f"column {letter(beside[0])}", "There is something under no heading. Name the column.")
            )
        problems += [
            Problem(below, heading, f"Please use at most {MAX_CELL:,} characters.")
            for place, heading in zip(places, headings, strict=True)
            if len(filled[place]) > MAX_CELL
        ]
        kept.append(Line(below, tuple(filled[place] for place in places)))
    if problems:
        raise ImportProblems(problems)
    return Sheet(headings, tuple(kept))


# --- CSV -------------------------------------------------------------------------------------------------------


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = decoded(content)
    first = max(text.split("\n", _HEADINGS_WITHIN)[:_HEADINGS_WITHIN], key=len)
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    formulas = []
    try:
        for count, cells in enumerate(rows):
            if count > MAX_ROWS:
                raise UserError(f"The file has more than {MAX_ROWS:,} rows.", hint="Split it into smaller files.")
            formulas += [_formula(rows.line_num, at) for at, cell in enumerate(cells) if cell.startswith("=")]
            if any(map(str.strip, cells)):
                yield rows.line_num, [plain(cell.strip()) for cell in cells[:MAX_COLUMNS]]
    except csv.Error as error:
        raise UserError("The file cannot be read as CSV.", hint="Is a quotation mark missing?") from error
    if formulas:
        raise ImportProblems(formulas)


def _formula(number: int, place: int) -> Problem:
    return Problem(number, f"column {letter(place)}", "This is a formula. Put the value in its place.")


# --- Excel -----------------------------------------------------------------------------------------------------


def _workbook(content: bytes) -> list[tuple[int, list[str]]]:
    import openpyxl  # noqa: PLC0415 - it takes long to load, and few ever bring a workbook

    _look_into(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheets = [one for one in book.worksheets if one.sheet_state == "visible" and one.title != ABOUT]
        rows = list(_rows(sheets[0])) if len(sheets) == 1 else []
        book.close()
    except UserError:
        raise
    except Exception as error:  # whatever a broken file makes the library stumble over
        raise _UNREADABLE from error
    if len(sheets) != 1:
        raise UserError("The workbook has several sheets.", hint="Leave only the one that I should read.")
    formulas = [_formula(number, place) for number, row in rows for place, (_, kind) in enumerate(row) if kind in _RUN]
    if formulas:
        raise ImportProblems(formulas)
    return [(number, [_cell(value) for value, _ in row]) for number, row in rows]


def _rows(sheet: Any) -> Iterator[tuple[int, list[tuple[object, str]]]]:
    """Give the rows that are not empty. Raises UserError as soon as there are too many of them."""
    sheet.reset_dimensions()
    count = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
        if any(cell.value is not None for cell in cells):
            count += 1
            yield number, [(cell.value, getattr(cell, "data_type", "")) for cell in cells]
        if count > MAX_ROWS + 1 or number > MAX_ROWS * 4:
            raise UserError(f"The file has more than {MAX_ROWS:,} rows.", hint="Split it into smaller files.")


def _look_into(content: bytes) -> None:
    """Refuse what would fill the memory once it is unpacked, and cells that were merged: one row is one record."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise UserError(
                    "The file is far larger inside than outside, so I did not open it.",
                    hint="Copy the rows into a new workbook and save that.",
                )
            sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
            merged = [place for part in sheets for place in _merged(packed, part)]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _UNREADABLE from error
    if merged:
        more = f" and {len(merged) - MOST_TOLD} more" if len(merged) > MOST_TOLD else ""
        raise UserError(
            f"Cells are merged: {', '.join(merged[:MOST_TOLD])}{more}. I cannot tell which row their words belong to.",
            hint="Choose them in Excel, press 'Unmerge cells', and save it.",
        )


def _merged(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[str]:
    """Give the ranges of merged cells of a sheet, reading it piece by piece."""
    rest, seen = b"", set()
    with packed.open(part) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            for found in _MERGED.finditer(rest + chunk):
                place = found[1].decode()
                if place not in seen:
                    seen.add(place)
                    yield place
            rest = chunk[-200:]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain(str(value).strip())


_UNREADABLE = UserError(
    "The file cannot be read as an Excel workbook.",
    hint="Take its password off if it has one, and save it as .xlsx, or as CSV.",
)
