"""Papers as Word documents that are sent as they are: styles, repeated headers, page numbers, marking, alt text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, assert_never
from xml.sax.saxutils import escape, quoteattr

from handlers.papers.paper import (
    Badge,
    Bullets,
    Cell,
    Column,
    Grid,
    Heading,
    Linked,
    Named,
    Paper,
    Paragraph,
    Part,
    Picture,
    Shade,
    Turn,
)

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.section import Section
    from docx.text.paragraph import Paragraph as Line

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT, INK = "Arial", "1D3557"
LONG, SHORT, MARGIN, EDGE = 29.7, 21.0, 2.0, 1.0  # A4, in centimetres
TWIPS = 567  # in a centimetre
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML allows nowhere
_SHADES = {
    Shade.RED: ("F9D6D5", "7A0C16"),
    Shade.AMBER: ("FFE6B0", "5A3A00"),
    Shade.GREEN: ("D3EEDA", "0B4A1E"),
    Shade.GREY: ("E6E8EB", "2B2F36"),
}  # what is behind the word and the word itself: contrast 7:1 or better
_LOOKS = {
    "Normal": (10.5, False, "000000", 0, 6),
    "Title": (22, True, INK, 0, 2),
    "Subtitle": (11.5, False, "404040", 0, 10),
    "Heading 1": (15, True, INK, 14, 4),
    "Heading 2": (12, True, INK, 10, 3),
    "List Bullet": (10.5, False, "000000", 0, 3),
    "Table Words": (8.5, False, "000000", 1, 1),
    "Table Header": (8.5, True, "FFFFFF", 2, 2),
    "Header": (9, True, "404040", 0, 0),
    "Footer": (8.5, False, "404040", 0, 0),
}  # size in points, bold, colour, space before and after


def write(paper: Paper, *, at: datetime) -> bytes:
    """Return a paper as a Word document made at a moment."""
    import docx  # noqa: PLC0415 - it takes long to load, and few make papers

    document = docx.Document()
    _describe(document, paper, at)
    _style(document)
    _upright_or_not(document.sections[0], landscape=False)
    _frame(document.sections[0], paper)
    document.add_paragraph(_clean(paper.title), style="Title")
    document.add_paragraph(_clean(f"{paper.partnership}\n{paper.subtitle}"), style="Subtitle")
    for part in paper.parts:
        _add(document, part)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add(document: Document, part: Part) -> None:
    from docx.shared import Cm  # noqa: PLC0415 - as above

    match part:
        case Heading(text, level):
            document.add_heading(_clean(text), level)
        case Paragraph(text, strong):
            document.add_paragraph().add_run(_clean(text)).bold = strong or None
        case Bullets(items):
            for item in items:
                document.add_paragraph(_clean(item), style="List Bullet")
        case Grid():
            _table(document, part)
        case Picture(png, alt, width_cm):
            drawn = document.add_picture(io.BytesIO(png), width=Cm(width_cm))
            drawn._inline.docPr.set("descr", _clean(alt))  # noqa: SLF001 - python-docx has no other way to it
        case Turn(landscape):
            _upright_or_not(document.add_section(), landscape=landscape)
        case _:
            assert_never(part)


# --- pages and styles ------------------------------------------------------------------------------------------


def _describe(document: Document, paper: Paper, at: datetime) -> None:
    about = document.core_properties
    about.title, about.subject, about.author = _clean(paper.title), _clean(paper.subtitle), _clean(paper.partnership)
    about.keywords, about.comments, about.version = paper.marking, "", paper.version
    about.last_modified_by, about.language = _clean(paper.partnership), "en-GB"
    about.created = about.modified = at
    for one in document.settings.element.xpath("w:compat/w:compatSetting[@w:name='compatibilityMode']"):
        one.getparent().remove(one)
    for compat in document.settings.element.xpath("w:compat"):
        uri = "http://schemas.microsoft.com/office/word"  # without it Word opens the paper in an old mode, and says so
        compat.append(_xml(f'<w:compatSetting {_W} w:name="compatibilityMode" w:uri="{uri}" w:val="15"/>'))


def _style(document: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415 - as above
    from docx.shared import Pt, RGBColor  # noqa: PLC0415 - as above

    styles = document.styles
    for name in ("Table Words", "Table Header"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, (size, bold, colour, before, after) in _LOOKS.items():
        style = styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = RGBColor.from_string(colour)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        look = style.element.get_or_add_rPr()
        for old in look.xpath("w:rFonts | w:lang | w:spacing"):
            look.remove(old)
        look.insert(0, _xml(f'<w:rFonts {_W} w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>'))
    styles["Table Header"].paragraph_format.keep_with_next = True  # or a header stands alone at the foot of a page
    for border in styles["Title"].element.xpath(".//w:pBdr"):
        border.getparent().remove(border)
    for language in styles.element.xpath("//w:docDefaults//w:lang"):
        language.getparent().replace(language, _xml(f'<w:lang {_W} w:val="en-GB"/>'))


def _upright_or_not(section: Section, *, landscape: bool) -> None:
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415 - as above
    from docx.shared import Cm  # noqa: PLC0415 - as above

    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(LONG if landscape else SHORT), Cm(SHORT if landscape else LONG)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)
    section.header_distance = section.footer_distance = Cm(EDGE)


def _frame(section: Section, paper: Paper) -> None:
    """Put the marking above and below every page, and beside it what was made when, with the page's number."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 - as above

    header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
    header.text = _clean(paper.marking)
    footer.add_run(_clean(paper.marking)).bold = True
    below = section.footer.add_paragraph(style="Footer")
    below.add_run(_clean(f"{paper.title}, version {paper.version}. Generated {paper.made}.") + " Page ")
    _field(below, "PAGE")
    below.add_run(" of ")
    _field(below, "NUMPAGES")
    for line in (header, footer, below):
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _field(line: Line, name: str) -> None:
    line._p.append(  # noqa: SLF001 - python-docx has no fields
        _xml(f'<w:fldSimple {_W} w:instr="{name}"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )


# --- tables ----------------------------------------------------------------------------------------------------


def _table(document: Document, grid: Grid) -> None:
    """Add a table as XML of its own: the library has no repeated headers, and is five times slower cell by cell."""
    if not grid.rows:
        document.add_paragraph(_clean(grid.empty))
        return
    section = document.sections[-1]
    if section.page_width is None:
        raise ValueError("the page has no width")
    widths = _widths(grid.columns, section.page_width.cm - 2 * MARGIN)
    head = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table = _xml(f"<w:tbl {_W}>{_look(grid, sum(widths))}<w:tblGrid>{head}</w:tblGrid></w:tbl>")
    table.append(_row(widths, (column.title for column in grid.columns), header=True))
    for cells in grid.rows:
        table.append(_row(widths, cells))
    document.element.body.insert(len(document.element.body) - 1, table)  # before the page's own settings, the last
    document.add_paragraph(style="Table Words")  # or two tables grow together


def _look(grid: Grid, width: int) -> str:
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="9AA3AE"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    about = quoteattr(_clean(grid.about))
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/>'
        '</w:tblCellMar><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={about}/><w:tblDescription w:val={about}/></w:tblPr>'
    )


def _widths(columns: Sequence[Column], width_cm: float) -> list[int]:
    whole = sum(column.share for column in columns)
    return [int(column.share / whole * width_cm * TWIPS) for column in columns]


def _row(widths: Sequence[int], cells: Iterable[Cell], *, header: bool = False) -> BaseOxmlElement:
    head = "<w:tblHeader/>" if header else ""
    made = "".join(_cell(width, cell, header=header) for width, cell in zip(widths, cells, strict=True))
    return _xml(f"<w:tr {_W}><w:trPr><w:cantSplit/>{head}</w:trPr>{made}</w:tr>")


def _cell(width: int, cell: Cell, *, header: bool) -> str:
    style, fill = ("TableHeader", INK) if header else ("TableWords", "auto")
    match cell:
        case Badge(word, shade):
            fill, ink = _SHADES[shade]
            lines = _lines(style, word, f'<w:rPr><w:b/><w:color w:val="{ink}"/></w:rPr>')
        case Named(name, words):
            lines = _lines(style, name, "<w:rPr><w:b/></w:rPr>") + (_lines(style, words) if words else "")
        case Linked(words, url):
            lines = _link(style, words, url)
        case str():
            lines = _lines(style, cell)
        case _:
            assert_never(cell)
    behind = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{behind}</w:tcPr>{lines}</w:tc>'


def _lines(style: str, text: str, look: str = "") -> str:
    return "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:r>{look}<w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
        for line in _clean(text).split("\n")
    )


def _link(style: str, words: str, url: str) -> str:
    """Return words that lead to an address, as a field: so it needs no part of its own in the file."""
    goes = quoteattr(f' HYPERLINK "{_clean(url).replace(chr(34), "%22")}" ')
    look = '<w:rPr><w:color w:val="0B4F8A"/><w:u w:val="single"/></w:rPr>'
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:fldSimple w:instr={goes}>'
        f'<w:r>{look}<w:t xml:space="preserve">{escape(_clean(words))}</w:t></w:r></w:fldSimple></w:p>'
    )


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").strip())


def _xml(text: str) -> BaseOxmlElement:
    from docx.oxml import parse_xml  # noqa: PLC0415 - as above

    return parse_xml(text)
