"""Tables as Excel workbooks, written row by row: any number of rows needs the same memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from handlers.papers.table import Column, Table, Value, neutral

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

ABOUT = "About"  # the second sheet, which says what the first one is
LONGEST = 32_000  # characters in a cell; Excel takes 32,767
_CHECKED_ROWS = 5_000  # for which a list of what is allowed is offered
_A4, _BOLD_FILL = 9, "FF1D3557"


def write(table: Table, to: IO[bytes]) -> int:
    """Write a table as a workbook; return how many rows it has."""
    from openpyxl import Workbook  # noqa: PLC0415 - it takes long to load

    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name)
    _lay_out(sheet, table)
    sheet.append(_header(sheet, (column.name for column in table.columns)))
    count = 0
    for count, row in enumerate(table.rows, 1):  # noqa: B007 - the last number is how many there were
        sheet.append([_cell(value) for value in row])
    sheet.auto_filter.ref = f"A1:{_letter(len(table.columns))}{count + 1}"
    _offer(sheet, table.columns)
    about = book.create_sheet(ABOUT)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 80
    about.append(_header(about, ("About this file", "")))
    for name, value in (("Marking", table.marking), *table.about, ("Rows", str(count))):
        about.append([neutral(name), neutral(value)])
    book.save(to)
    return count


def _cell(value: Value) -> object:
    return neutral(value)[:LONGEST] if isinstance(value, str) else value


def _header(sheet: WriteOnlyWorksheet, names: Iterable[str]) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415 - as above

    cells = [WriteOnlyCell(sheet, value=name) for name in names]
    for cell in cells:
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=_BOLD_FILL)
    return cells


def _lay_out(sheet: WriteOnlyWorksheet, table: Table) -> None:
    """Say how it looks and prints: the header stays and is repeated, the marking is on each page."""
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = table.marking.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"
    for place, column in enumerate(table.columns, 1):
        sheet.column_dimensions[_letter(place)].width = column.width


def _offer(sheet: WriteOnlyWorksheet, columns: Iterable[Column]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 - as above

    for place, column in enumerate(columns, 1):
        listed = ",".join(column.allowed)
        if listed and len(listed) < 250 and '"' not in listed:  # noqa: PLR2004 - Excel takes 255 characters
            offer = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            offer.add(f"{_letter(place)}2:{_letter(place)}{_CHECKED_ROWS}")
            sheet.data_validations.append(offer)


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    return str(get_column_letter(place))
