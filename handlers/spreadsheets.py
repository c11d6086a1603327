"""What every reader and writer of tables needs: the text of a file of unknown making, and the names of columns."""

from __future__ import annotations

from handlers.context import UserError


def decoded(content: bytes) -> str:
    """Return the text of a file, as Excel and others save it. Raises UserError when it is none."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UserError("The file is not text.", hint="Save it as CSV in UTF-8, or as .xlsx.")


def letter(place: int) -> str:
    """Return how a spreadsheet calls a column, the first, 0, being A."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - it takes long to load, and few need it

    return str(get_column_letter(place + 1))
