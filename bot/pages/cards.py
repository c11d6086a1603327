"""A card as a part of a page of ours: everything that people wrote is escaped, and every element has a place."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import assert_never

from markupsafe import Markup, escape

from bot.pages import look
from handlers.messages import Button, Card, Divider, Element, Facts, Heading, Image, Link, Note, Table, Text
from handlers.prose import Paragraph, Span, parse

_TEMPLATES = look.templates("bot.pages")
_OPEN_TO_CLICK = ("https://", "http://", "mailto:", "tel:")


def page(card: Card, *, partnership: str) -> str:
    """Return a page with one card. What its buttons would do is done in chat, and the page says so."""
    return _TEMPLATES.get_template("card.html").render(
        card=card,
        body=[_element(part) for part in card.body],
        links=[link for part in card.actions if isinstance(part, Link) and (link := _link(part.url, part.label))],
        buttons=[part.label for part in card.actions if isinstance(part, Button)],
        partnership=partnership,
    )


def _element(part: Element) -> Markup:
    match part:
        case Text(markdown):
            return _prose(markdown)
        case Note(markdown):
            return Markup('<div class="quiet">{}</div>').format(_prose(markdown))
        case Heading(text):
            return Markup("<h2>{}</h2>").format(text)
        case Divider():
            return Markup("<hr>")
        case Facts(pairs):
            rows = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in pairs)
            return Markup("<dl>{}</dl>").format(_joined(rows))
        case Table():
            return _table(part)
        case Image(url, alt):
            words = f"Picture: {alt}"  # one from elsewhere would tell its server who reads
            return Markup("<p>{}</p>").format(_link(url, words) or words)
        case _:
            assert_never(part)


def _table(table: Table) -> Markup:
    header = _joined(Markup('<th scope="col">{}</th>').format(name) for name in table.header)
    rows = _joined(
        Markup("<tr>{}</tr>").format(_joined(Markup("<td>{}</td>").format(cell) for cell in row)) for row in table.rows
    )
    more = Markup("<p>{}</p>").format(table.more) if table.more else Markup("")
    return Markup(
        '<div class="wide" role="region" aria-label="Table" tabindex="0"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>{}"
    ).format(header, rows, more)


def _prose(markdown: str) -> Markup:
    blocks = []
    for kind, group in itertools.groupby(parse(markdown), _list_kind):
        if kind:
            items = _joined(Markup('<li dir="auto">{}</li>').format(_spans(row.spans)) for row in group)
            blocks.append(Markup("<{0}>{1}</{0}>").format(kind, items))
        else:
            blocks += [Markup('<p dir="auto">{}</p>').format(_spans(row.spans)) for row in group]
    return _joined(blocks)


def _list_kind(paragraph: Paragraph) -> str:
    if not paragraph.bullet:
        return ""
    return "ul" if paragraph.bullet == "•" else "ol"


def _spans(spans: Iterable[Span]) -> Markup:
    return _joined(map(_span, spans))


def _span(span: Span) -> Markup:
    html = Markup("<br>") if span.text == "\n" else escape(span.text)
    if span.italic:
        html = Markup("<em>{}</em>").format(html)
    if span.bold:
        html = Markup("<strong>{}</strong>").format(html)
    return _link(span.url, html) or html


def _link(url: str, words: str) -> Markup | None:
    if not url.lower().startswith(_OPEN_TO_CLICK):
        return None
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, words)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
