"""Lists of people in a CSV or Excel file: read into rows, or refused with every mistake by row and column."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from types import MappingProxyType

from handlers.context import UserError
from handlers.spreadsheets import decoded, letter

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 1_000, 30, 300
MAX_BYTES, MAX_UNPACKED = 2_000_000, 20_000_000
MOST_TOLD = 12
NOTHING = "-"  # in a cell: take away what was there
_COLUMNS = MappingProxyType(
    {
        "name": "name", "full name": "name", "agency": "agency", "organisation": "agency", "role": "roles",
        "roles": "roles", "role(s)": "roles", "group": "groups", "groups": "groups", "group(s)": "groups",
        "post": "post", "job title": "post", "email": "email", "e-mail": "email", "slack": "slack", "teams": "teams",
        "left_on": "left_on", "left on": "left_on", "new": "new",
    }
)  # fmt: skip
FREE_TEXT = ("agency", "post")  # what is not looked up in a list or read as an id
_FORMULA = re.compile(r"[=+@].|-.")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%d/%m/%y")


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a list: the number of the row as the program that made it shows it, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def several(self, column: str) -> list[str]:
        """Return the parts of a cell that may hold several."""
        return [part for one in re.split(r"[;|\n,]", self[column]) if (part := " ".join(one.split()))]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell, and what to do."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"Row {self.row}, {self.column.replace('_', ' ')}: {self.message}"


class RosterError(UserError):
    """A list that was not taken, with what is wrong with it; nothing of it was kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda one: one.row)
        shown = [str(problem) for problem in self.problems[:MOST_TOLD]]
        rest = len(self.problems) - len(shown)
        number = "one mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        more = [f"And {rest} more."] if rest else []
        super().__init__(f"The list has {number}, so nothing was taken.", hint=" ".join([*shown, *more]))


def read(name: str, content: bytes) -> list[Row]:
    """Read a list. Raises UserError when it is no such file, RosterError for mistakes in it."""
    if len(content) > MAX_BYTES:
        raise UserError("The file is larger than 2 MB.", hint="Split it into smaller files.")
    suffix = PurePath(name).suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise UserError("I read CSV and Excel files that end with .csv or .xlsx.", hint="Save it as one of them.")
    lines = _workbook(content) if suffix == ".xlsx" else _lines(content)
    if not lines:
        raise UserError("The list is empty.", hint="Its first row names the columns: name, agency, roles, groups.")
    columns = _columns(*lines[0])
    problems: list[Problem] = []
    rows = [_row(number, cells, columns, problems) for number, cells in lines[1:] if any(map(str.strip, cells))]
    if problems:
        raise RosterError(problems)
    if not rows:
        raise UserError("The list names nobody.", hint="Put one person into each row below the names of the columns.")
    if len(rows) > MAX_ROWS:
        raise UserError(f"The list has more than {MAX_ROWS:,} rows.", hint="Split it into smaller files.")
    return rows


def _columns(number: int, cells: list[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    problems = []
    for at, cell in enumerate(cells):
        heading = " ".join(cell.split()).casefold()
        if not heading:
            continue
        column = _COLUMNS.get(heading)
        if column is None:
            known = ", ".join(dict.fromkeys(_COLUMNS.values()))
            problems.append(Problem(number, cell.strip()[:30], f"I know no such column. I know: {known}."))
        elif column in found.values():
            problems.append(Problem(number, column, "Two columns are called so. Leave one out."))
        else:
            found[at] = column
    if not problems and "name" not in found.values():
        problems.append(Problem(number, "name", "The first row should name the columns, and one of them name."))
    if problems:
        raise RosterError(problems)
    return found


def _row(number: int, cells: list[str], columns: Mapping[int, str], problems: list[Problem]) -> Row:
    found = {column: cells[at].strip() for at, column in columns.items() if at < len(cells)}
    for column, cell in found.items():
        if cell != NOTHING and _FORMULA.match(cell):
            problems.append(Problem(number, column, "This looks like a formula. Put the value in its place."))
        elif len(cell) > MAX_CELL:
            problems.append(Problem(number, column, f"Please use at most {MAX_CELL} characters."))
    if any(cell.strip() for at, cell in enumerate(cells) if at not in columns):
        problems.append(Problem(number, "no column", "There is something beside the columns. Is a separator missing?"))
    return Row(number, MappingProxyType(found))


def _lines(content: bytes) -> list[tuple[int, list[str]]]:
    text = decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)  # a comma where none of them stands
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [(rows.line_num, cells) for cells in rows if any(map(str.strip, cells))]
    except csv.Error as error:
        raise UserError("The file cannot be read as CSV.", hint="Is a quotation mark missing?") from error


def _workbook(content: bytes) -> list[tuple[int, list[str]]]:
    import openpyxl  # noqa: PLC0415 - it takes long to load, and few ever bring a workbook

    unreadable = UserError("The file cannot be read as an Excel workbook.", hint="Save it as .xlsx, or as CSV.")
    if not _unpacks_small(content):
        raise unreadable
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = [
            (number, [(cell.value, getattr(cell, "data_type", "")) for cell in cells])
            for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS), 1)
        ]
        sheets = [one.title for one in book.worksheets if one.sheet_state == "visible"]
        book.close()
    except Exception as error:  # whatever a broken file makes the library stumble over
        raise unreadable from error
    if len(sheets) > 1:
        raise UserError("The workbook has several sheets.", hint="Leave only the one with the list.")
    if formulas := [Problem(at, f"column {letter(place)}", "This is a formula. Put the value in its place.")
                    for at, row in rows for place, (_, kind) in enumerate(row) if kind == "f"]:  # fmt: skip
        raise RosterError(formulas)
    return [(at, [_cell(value) for value, _ in row]) for at, row in rows if any(value is not None for value, _ in row)]


def _unpacks_small(content: bytes) -> bool:
    """Say whether a packed file does not fill the memory; no, where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return sum(part.file_size for part in packed.infolist()) <= MAX_UNPACKED
    except zipfile.BadZipFile:
        return False


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def as_day(text: str) -> date | None:
    """Return the day that a cell names, as Excel or people write it; None for anything else."""
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None
