"""Words in Adaptive Cards: the small Markdown as runs of text, and plain words that show exactly as they were typed.

Runs of text are literal. The text of a TextBlock and of a FactSet is read as Markdown, differently by each of the
Teams programs: a backslash before a mark does not work on all of them, so marks are kept from being marks instead.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bot.teams import fitting
from handlers.prose import Paragraph, Span, parse

Json = dict[str, Any]

LINKED = ("https://", "http://", "mailto:", "tel:")
MAX_URL = 2000
_IN_URLS = "%:/?#[]@!$&'*+,;=~"  # all that an address may hold, but for the brackets around it
_NOTHING = "\u200b"  # zero-width space: it is a letter to Markdown, so what stands beside it is no mark
_LIKENESS = str.maketrans({"*": "\N{ASTERISK OPERATOR}", "`": "\N{MODIFIER LETTER GRAVE ACCENT}"})
_MARKS = re.compile(
    r"""
      (?=_)                                # _italic_
    | (?<=\])(?=[(:\[])                    # [a link](https://...), [named]: https://..., [a link][named]
    | (?<=!)(?=\[)                         # a picture
    | (?<=~)(?=~)                          # crossed out
    | (?<=<)(?=[^\s<])                     # <at>a name</at>, <https://...>, <b>
    | (?<=&)(?=[\#\w])                     # &lt;
    | (?<=\\)(?=[!-/:-@\[-`{-~\n]|\Z)      # a backslash takes a mark's meaning, and disappears
    | ^(?=[-+=>|:\#]|\d+[.)])              # a list, a heading, a quotation, a table, a line
    """,
    re.VERBOSE | re.MULTILINE,
)
_MACRO = re.compile(r"(?<=\{)(?=\{(?:DATE|TIME)\()")
_BREAKS = re.compile(r"[ \t]*[\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+[ \t]*")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ufffe\uffff]")  # no program shows them


def literal(text: str) -> str:
    """Return plain words for a place that is read as Markdown; they show there as they were typed."""
    lines = _MARKS.sub(_NOTHING, _clean(text).translate(_LIKENESS))
    return _MACRO.sub(_NOTHING, lines).replace("\n", "\n\n")


def shown(text: str, **style: object) -> Json:
    """Return plain words as a block that is read as Markdown, as headings and cells of tables have to be."""
    return {"type": "TextBlock", "text": literal(text), "wrap": True, **style}


def plain(text: str) -> str:
    """Return words for a run of text, in which only what looks like a date to be filled in is not literal."""
    return _UNSEEN.sub("", _MACRO.sub(_NOTHING, text))


def one_line(text: str) -> str:
    """Return words on one line."""
    return _UNSEEN.sub("", " ".join(text.split()))


def _clean(text: str) -> str:
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).strip()


def opens(url: str) -> bool:
    """Say whether an address may be opened from a card."""
    return url.lower().startswith(LINKED) and len(url) <= MAX_URL and not any(map(str.isspace, url))


def blocks(markdown: str, **style: object) -> Iterator[Json]:
    """Return the small Markdown as blocks of text, one for each line; `style` is that of every run."""
    before = False  # something stands above
    for paragraph in parse(markdown):
        joined = bool(paragraph.bullet) and before
        for line in _lines(paragraph, style):
            block = _block(line, style)
            if before and joined:
                block["spacing"] = "Small" if paragraph.bullet else "None"
            yield block
            before = joined = True


def _block(line: list[Json], style: Json) -> Json:
    """Return a line as a block. One with links is Markdown: Teams on a desk does not open the links of runs.

    https://github.com/microsoft/AdaptiveCards/issues/9100
    """
    if not any("selectAction" in run for run in line):
        return {"type": "RichTextBlock", "inlines": line}
    return {"type": "TextBlock", "text": "".join(map(_markdown, line)).strip(), "wrap": True, **style}


def _markdown(run: Json) -> str:
    text = str(run["text"])
    words = literal(text)
    if not words:
        return text
    for mark in ("_" * ("italic" in run), "**" * ("weight" in run)):
        words = f"{mark}{words}{mark}"
    if "selectAction" in run:
        url = quote(run["selectAction"]["url"], safe=_IN_URLS)
        words = f"[{words}]({url})"
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{words}{trail}"


def said(text: str, **style: object) -> Iterator[Json]:
    """Return plain words as blocks of text, one for each line."""
    for number, line in enumerate(_clean(text).split("\n")):
        for piece in filter(str.strip, fitting.pieces(line)):
            block: Json = {"type": "RichTextBlock", "inlines": [_run(piece, style)]}
            yield {**block, "spacing": "None"} if number else block


def _lines(paragraph: Paragraph, style: Json) -> Iterator[list[Json]]:
    """Cut a paragraph where a line ends, and where a block would be too long to be left out by itself."""
    line: list[Json] = [_run(f"{paragraph.bullet} ", style)] if paragraph.bullet else []
    filled, count = False, 0
    for span in paragraph.spans:
        for piece in [""] if span.text == "\n" else fitting.pieces(span.text):
            if not piece or count + len(piece) > fitting.MAX_PIECE:
                if filled:
                    yield line
                line, filled, count = [], False, 0
            if run := _span(span, piece, style):
                _add(line, run)
                filled, count = filled or bool(piece.strip()), count + len(piece)
    if filled:
        yield line


def _add(line: list[Json], run: Json) -> None:
    if line and {**line[-1], "text": ""} == {**run, "text": ""}:
        line[-1]["text"] += run["text"]
    else:
        line.append(run)


def _span(span: Span, text: str, style: Json) -> Json | None:
    run = _run(_BREAKS.sub(" ", text), style)
    if not run["text"]:
        return None
    if span.bold:
        run["weight"] = "Bolder"
    if span.italic:
        run["italic"] = True
    if opens(span.url):
        run |= {"underline": True, "selectAction": {"type": "Action.OpenUrl", "url": span.url}}
    return run


def _run(text: str, style: Json) -> Json:
    return {"type": "TextRun", "text": plain(text), **style}
