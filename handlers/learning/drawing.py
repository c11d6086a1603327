"""A certificate as a PDF of one page, in a font that has the letters of Latin, Greek and Cyrillic scripts."""

from __future__ import annotations

import functools
import unicodedata
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT = "DejaVuSans"
_SCRIPTS = ("LATIN ", "GREEK ", "CYRILLIC ")  # the others join, stack or turn their letters, which nothing here does
_INK, _SOFT, _LINE = (33, 37, 41), (73, 80, 87), (0, 77, 115)
_WIDTH, _EDGE = 297, 12  # of A4 on its side, in millimetres


def can_draw(*texts: str) -> bool:
    """Say whether every letter of these texts can be drawn as it should be written."""
    return all(_drawable(char) for text in texts for char in unicodedata.normalize("NFC", text))


def _drawable(char: str) -> bool:
    kind = unicodedata.category(char)
    if ord(char) not in _letters() or kind[0] in "MC" or unicodedata.bidirectional(char) in ("R", "AL", "AN"):
        return False
    return kind[0] != "L" or unicodedata.name(char, "").startswith(_SCRIPTS)


@functools.cache
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # noqa: PLC0415 - 8 MB, and only for certificates

    with resources.as_file(resources.files("knowledge") / "data" / f"{_FONT}.ttf") as path, TTFont(path) as font:
        return frozenset(font.getBestCmap())


def drawn(*, partnership: str, name: str, title: str, facts: tuple[tuple[str, str], ...], at: datetime) -> bytes:
    """Return the PDF, which is the same whenever it is made. `at` is when it was given."""
    from fpdf import FPDF  # noqa: PLC0415 - 20 MB, and only for certificates
    from fpdf.prefs import ViewerPreferences  # noqa: PLC0415

    pdf = FPDF(orientation="landscape", format="A4")
    with resources.as_file(resources.files("knowledge") / "data" / f"{_FONT}.ttf") as path:
        pdf.add_font(_FONT, fname=path)
    pdf.set_lang("en-GB")
    pdf.set_title(f"Certificate of attendance: {_plain(title)}")
    pdf.set_author(partnership)
    pdf.set_subject(", ".join(f"{label}: {value}" for label, value in facts))
    pdf.set_creation_date(at)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    pdf.set_draw_color(*_LINE)
    pdf.set_line_width(1.2)
    pdf.rect(_EDGE, _EDGE, _WIDTH - 2 * _EDGE, 210 - 2 * _EDGE)
    pdf.set_y(36)
    _say(pdf, partnership, 14, _SOFT, 10)
    _say(pdf, "Certificate of attendance", 30, _LINE, 24)
    _say(pdf, "This is to certify that", 12, _SOFT, 12)
    _say(pdf, _plain(name), 26, _INK, 18)
    _say(pdf, "attended", 12, _SOFT, 12)
    _say(pdf, _plain(title), 20, _INK, 16)
    pdf.ln(6)
    for label, value in facts:
        _say(pdf, f"{label}: {value}", 12, _INK, 8)
    return bytes(pdf.output())


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _say(pdf: FPDF, text: str, size: int, colour: tuple[int, int, int], gap: int) -> None:
    """Write centred lines, smaller where a long text would need more than two of them."""
    room = _WIDTH - 2 * (_EDGE + 12)
    pdf.set_font(_FONT, size=size)
    while size > 10 and pdf.get_string_width(text) > 2 * room * 0.9:  # noqa: PLR2004 - still easy to read in print
        size -= 1
        pdf.set_font(_FONT, size=size)
    pdf.set_text_color(*colour)
    pdf.set_x(_EDGE + 12)
    pdf.multi_cell(room, gap * 0.75, text, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(gap * 0.25)
