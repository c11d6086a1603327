"""Tables as Excel workbooks, written row by row: any number of rows needs the same memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

from handlers.papers.table import Column, Table, Value, neutral
from handlers.spreadsheets import letter

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

ABOUT = "About"  # the second sheet, which says what the first one is
LONGEST = 32_000  # characters in a cell; Excel takes 32,767
_CHECKED_ROWS = 5_000  # for which a list of what is allowed is offered
_A4, _BOLD_FILL = 9, "FF1D3557"
_LINE, _MOST_LINES = 15, 12  # points, and lines that a row shows; what is below is read in the cell
_PAGE_WIDTH = 220  # characters side by side on a printed page that can still be read


def write(table: Table, to: IO[bytes]) -> int:
    """Write a table as a workbook; return how many rows it has."""
    from openpyxl import Workbook  # noqa: PLC0415 - it takes long to load

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name)
    widths = [column.width for column in table.columns]
    _lay_out(sheet, widths, table.marking)
    sheet.freeze_panes, sheet.print_title_rows, sheet.print_title_cols = "B2", "1:1", "A:A"
    sheet.append(_header(sheet, [column.name for column in table.columns]))
    count = 0
    cells = _cells(sheet, len(table.columns))
    for count, row in enumerate(table.rows, 1):  # the last number is how many there were
        sheet.row_dimensions[count + 1].height = _height(row, widths)
        sheet.append([_filled(cell, value) for cell, value in zip(cells, row, strict=True)])
        del sheet.row_dimensions[count + 1]  # it is written, and would only fill the memory
    sheet.auto_filter.ref = f"A1:{letter(len(table.columns) - 1)}{count + 1}"
    _offer(sheet, table.columns)
    about = book.create_sheet(ABOUT)
    _lay_out(about, (28, 80), table.marking)
    about.append(_header(about, ("About this file", "")))
    cells = _cells(about, 2)
    for pair in (("Marking", table.marking), *table.about, ("Rows", str(count))):
        about.append([_filled(cell, value) for cell, value in zip(cells, pair, strict=True)])
    book.save(to)
    return count


def _cells(sheet: WriteOnlyWorksheet, number: int) -> list[Cell]:
    """Return the cells of a row, to be filled again for each: words are wrapped, and stand at the top."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above
    from openpyxl.styles import Alignment  # noqa: PLC0415 - as above

    cells = [WriteOnlyCell(sheet) for _ in range(number)]
    for cell in cells:
        cell.alignment = Alignment(wrap_text=True, horizontal="left", vertical="top")
    return cells


def _filled(cell: Cell, value: Value) -> Cell | None:
    if value is None:
        return None
    cell.value = neutral(value)[:LONGEST] if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # or '#N/A' becomes a mistake of the spreadsheet
    return cell


def _height(row: Iterable[Value], widths: Iterable[int]) -> int:
    """Return how high a row has to be for its words, in points: not every program finds it out by itself."""
    needed = (
        sum(len(line) // width + 1 for line in value.split("\n")) if isinstance(value, str) else 1
        for value, width in zip(row, widths, strict=True)
    )
    return min(max(needed), _MOST_LINES) * _LINE


def _header(sheet: WriteOnlyWorksheet, names: Sequence[str]) -> list[Cell]:
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415 - as above

    cells = _cells(sheet, len(names))
    for cell, name in zip(cells, names, strict=True):
        cell.value = name
        cell.font = Font(name="Calibri", size=11, bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=_BOLD_FILL)
    return cells


def _lay_out(sheet: WriteOnlyWorksheet, widths: Sequence[int], marking: str) -> None:
    """Say how wide the columns are, and how it prints: on as many pages side by side as can be read, each marked."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = -(-sum(widths) // _PAGE_WIDTH), 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = marking.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"
    for place, width in enumerate(widths):
        sheet.column_dimensions[letter(place)].width = width


def _offer(sheet: WriteOnlyWorksheet, columns: Iterable[Column]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 - as above

    for place, column in enumerate(columns):
        listed = ",".join(column.allowed)
        if listed and len(listed) < 250 and '"' not in listed:  # noqa: PLR2004 - Excel takes 255 characters
            offer = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            offer.add(f"{letter(place)}2:{letter(place)}{_CHECKED_ROWS}")
            sheet.data_validations.append(offer)
