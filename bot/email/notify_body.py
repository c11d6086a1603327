"""Cards in the Markdown of GOV.UK Notify: headings, links, lists and rules, and nothing else.

Source: the Markdown renderer of Notify's public code (alphagov/notifications-utils). Bold and tables do not exist
there; a single line end is a line end. No message went through the real service to confirm it.
"""

from __future__ import annotations

import re
from typing import assert_never

from bot.email.render import Links, address_of, pressed, titled
from handlers.messages import Card, Divider, Element, Facts, Heading, Image, Note, Table, Text
from handlers.prose import Paragraph, Span, parse

_INLINE = re.compile(r"([\\`*_\[\]~])")
_AT_START = re.compile(r"^( *)([#>^+•-]|\d+(?=\.))", re.MULTILINE)


def body(card: Card, links: Links) -> str:
    """Return a card as what is put into ((body)) of the template; its title comes first, as a heading."""
    to, forms = pressed(card.actions, links)
    parts = [f"# {escaped(_line(titled(card)))}", *(_element(part, links) for part in card.body)]
    parts += [_link(label, url) for label, url in to]
    if forms:
        parts += [f"{escaped(links.instead)}:", "\n".join(f"* {escaped(_line(label))}" for label in forms)]
    small = [escaped(words) for words in (links.partnership, links.always) if words]
    if links.unsubscribe:
        small.append(_link("Stop e-mails of this kind", links.unsubscribe))
    return "\n\n".join(filter(None, (*parts, "---" if small else "", *small)))


def escaped(text: str) -> str:
    """Return plain words so that Notify shows exactly them. It escapes HTML itself."""
    return _AT_START.sub(_set_off, _INLINE.sub(r"\\\1", text))


def _set_off(found: re.Match[str]) -> str:
    mark = found[2]
    if mark.isdecimal():
        return f"{found[1]}{mark}\u200b"  # so that "3. June" begins no list
    return f"{found[1]}\\{mark}" if mark in "#>+-" else f"{found[1]}\u200b{mark}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _link(label: str, url: str) -> str:
    return f"[{escaped(_line(label))}]({url.replace('(', '%28').replace(')', '%29').replace(' ', '%20')})"


def _element(part: Element, links: Links) -> str:
    match part:
        case Text(markdown) | Note(markdown):
            return _prose(markdown, links)
        case Heading(words):
            return f"## {escaped(_line(words))}"
        case Divider():
            return "---"
        case Facts(pairs):
            return "\n".join(f"{escaped(name)}: {escaped(value)}" for name, value in pairs)
        case Table():
            return _table(part)
        case Image(url, alt):
            return _link(f"Picture: {alt}", url) if url.startswith("http") else escaped(f"Picture: {alt}")
        case _:
            assert_never(part)


def _table(table: Table) -> str:
    rows = (
        "\n".join(f"{escaped(name)}: {escaped(cell)}" for name, cell in zip(table.header, row, strict=True))
        for row in table.rows
    )
    return "\n\n".join(filter(None, (*rows, escaped(table.more))))


def _prose(markdown: str, links: Links) -> str:
    text, before = "", ""
    for paragraph in parse(markdown):
        kind = paragraph.bullet[-1:]
        if text:
            text += "\n" if kind and kind == before else "\n\n"
        text += _paragraph(paragraph, links)
        before = kind
    return text


def _paragraph(paragraph: Paragraph, links: Links) -> str:
    mark = {"": "", "•": "* "}.get(paragraph.bullet, f"{paragraph.bullet} ")
    return mark + "".join(_span(span, links) for span in paragraph.spans)


def _span(span: Span, links: Links) -> str:
    url = address_of(span, links)
    return _link(span.text, url) if url else escaped(span.text)
