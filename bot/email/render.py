"""Cards as e-mails: one subject, plain text and HTML that say the same, readable without any picture."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from markupsafe import Markup, escape

from bot.email.flowed import SIGNATURE, flowed
from bot.pages import look
from handlers.messages import (
    Action,
    Button,
    Card,
    Divider,
    Element,
    Facts,
    Heading,
    Image,
    Link,
    Note,
    Table,
    Text,
)
from handlers.prose import Paragraph, Span, parse

MAX_SUBJECT = 150  # characters; the whole title stands in the message
MAX_BYTES = 100_000  # of HTML: Gmail shows 102 kB and hides the rest

_TEMPLATES = look.templates("bot.email")
_OPEN_TO_CLICK = ("https://", "http://", "mailto:", "tel:")
_PICTURES = ("https://", "http://")
# line ends would begin a new header; marks of direction could make a subject read backwards
_UNWANTED = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")


def _nowhere(_button: Button) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Links:
    """Where what can be pressed in one e-mail leads to, and its small print. A preview needs none of it.

    `press` gives the address of the page behind a button, empty when there is none. `instead` says where to do what
    needs a form. `unsubscribe` is the address of a page; where it is empty, `always` says why nobody can. Pictures
    are shown whose address begins with `pictures`; one from elsewhere would tell its server who reads.
    """

    press: Callable[[Button], str] = _nowhere
    instead: str = "Do this in Slack, or reply to this e-mail"
    unsubscribe: str = ""
    always: str = ""
    partnership: str = ""
    pictures: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail without its addresses. The subject is one line, whatever the card's title was."""

    subject: str
    text: str
    html: str


def mail(card: Card, *, links: Links) -> Mail:
    """Return a card as an e-mail: its tone as a word, its parts in order, its buttons as links."""
    return Mail(subject(card), flowed(_text(card, links)), _html(card, links))


def subject(card: Card) -> str:
    """Return the title of a card as one line that ends before mail programs would cut it."""
    line = _UNWANTED.sub(" ", titled(card)).strip() or "Message"
    if len(line) <= MAX_SUBJECT:
        return line
    whole, space, _ = line[:MAX_SUBJECT].rpartition(" ")
    return f"{whole if space else line[: MAX_SUBJECT - 1]}…"


def titled(card: Card) -> str:
    """Return the title with its tone before it, as a word."""
    return f"{card.tone.value}: {card.title}" if card.tone.value else card.title


def pressed(actions: Iterable[Action], links: Links) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what leads somewhere, as labels and addresses, and the labels of what cannot be done from an e-mail."""
    to, forms = [], []
    for action in actions:
        match action:
            case Link(label, url) if url.lower().startswith(_OPEN_TO_CLICK):
                to.append((label, url))
            case Button() if not action.opens and (url := links.press(action)):
                to.append((action.label, url))
            case Button() | Link():
                forms.append(action.label)
            case _:
                assert_never(action)
    return to, forms


def address_of(span: Span, links: Links) -> str:
    """Return where a link in the text leads to; empty for what is none, and for kinds that nobody should open."""
    if span.url.startswith("kb:"):
        return links.press(Button(span.text, "ask.topic", span.url.removeprefix("kb:")))
    return span.url if span.url.lower().startswith(_OPEN_TO_CLICK) else ""


# --- plain text ------------------------------------------------------------------------------------------------


def _text(card: Card, links: Links) -> str:
    """Return the whole message as plain text, one paragraph on each line."""
    to, forms = pressed(card.actions, links)
    parts = [titled(card).replace("\n", " "), *(_element_text(part, links) for part in card.body)]
    parts += [f"{label}:\n{url}" for label, url in to]
    parts += ["\n".join((f"{links.instead}:", *(f"• {label}" for label in forms)))] if forms else []
    return "\n\n".join(filter(None, (*parts, "\n".join(_small_print(links)))))


def _small_print(links: Links) -> Iterator[str]:
    if not (links.partnership or links.unsubscribe or links.always):
        return
    yield SIGNATURE
    yield from filter(None, (links.partnership, links.always))
    if links.unsubscribe:
        yield "Stop e-mails of this kind:"
        yield links.unsubscribe


def _element_text(part: Element, links: Links) -> str:
    match part:
        case Text(markdown) | Note(markdown):
            return _prose_text(markdown, links)
        case Heading(words):
            return f"{words}\n{'=' * min(len(words), 20)}"
        case Divider():
            return "* * *"
        case Facts(pairs):
            return "\n".join(f"{name}: {value}" for name, value in pairs)
        case Table():
            return _table_text(part)
        case Image(url, alt):
            return f"Picture: {alt}\n{url}" if url.lower().startswith(_PICTURES) else f"Picture: {alt}"
        case _:
            assert_never(part)


def _table_text(table: Table) -> str:
    """Return a table row by row, each value under its heading: columns of spaces fall apart on a phone."""
    rows = ("\n".join(f"{name}: {cell}" for name, cell in zip(table.header, row, strict=True)) for row in table.rows)
    return "\n\n".join(filter(None, (*rows, table.more)))


def _prose_text(markdown: str, links: Links) -> str:
    text, before = "", ""
    for paragraph in parse(markdown):
        kind = _list_kind(paragraph)
        if text:
            text += "\n" if kind and kind == before else "\n\n"
        before = kind
        text += f"{paragraph.bullet} {''.join(_span_text(span, links) for span in paragraph.spans)}".strip()
    return text


def _span_text(span: Span, links: Links) -> str:
    url = address_of(span, links)
    shown = url and span.text not in (url, url.removeprefix("mailto:"), url.removeprefix("tel:"))
    return f"{span.text} ({url})" if shown else span.text


# --- HTML ------------------------------------------------------------------------------------------------------


def _html(card: Card, links: Links) -> str:
    to, forms = pressed(card.actions, links)
    return _TEMPLATES.get_template("mail.html").render(
        card=card,
        subject=subject(card),
        body=body_html(card, links),
        to=to,
        forms=forms,
        links=links,
    )


def body_html(card: Card, links: Links) -> list[Markup]:
    """Return the parts of a card's body as HTML, in order."""
    return [_element_html(part, links) for part in card.body]


def _element_html(part: Element, links: Links) -> Markup:
    match part:
        case Text(markdown):
            return _prose_html(markdown, links)
        case Note(markdown):
            return Markup('<div class="note">{}</div>').format(_prose_html(markdown, links))
        case Heading(words):
            return Markup("<h2>{}</h2>").format(words)
        case Divider():
            return Markup("<hr>")
        case Facts(pairs):
            rows = (Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs)
            return Markup("<dl>{}</dl>").format(_joined(rows))
        case Table():
            return Markup(_TEMPLATES.get_template("mail_table.html").render(table=part))  # noqa: S704 - it escapes
        case Image(url, alt):
            return _picture(url, alt, links)
        case _:
            assert_never(part)


def _picture(url: str, alt: str, links: Links) -> Markup:
    if links.pictures and url.startswith(links.pictures):
        return Markup('<p><img src="{}" alt="{}"></p>').format(url, alt)
    if url.lower().startswith(_PICTURES):
        return Markup('<p><a href="{}">Picture: {}</a></p>').format(url, alt)
    return Markup("<p>Picture: {}</p>").format(alt)


def _prose_html(markdown: str, links: Links) -> Markup:
    blocks = []
    for kind, group in itertools.groupby(parse(markdown), _list_kind):
        rows = list(group)
        if not kind:
            blocks += [Markup('<p dir="auto">{}</p>').format(_spans_html(row, links)) for row in rows]
            continue
        items = _joined(Markup('<li dir="auto">{}</li>').format(_spans_html(row, links)) for row in rows)
        first = rows[0].bullet.removesuffix(".")
        start = Markup(' start="{}"').format(first) if kind == "ol" and first != "1" else ""
        blocks.append(Markup("<{0}{1}>{2}</{0}>").format(kind, start, items))
    return _joined(blocks)


def _list_kind(paragraph: Paragraph) -> str:
    if not paragraph.bullet:
        return ""
    return "ul" if paragraph.bullet == "•" else "ol"


def _spans_html(paragraph: Paragraph, links: Links) -> Markup:
    return _joined(_span_html(span, links) for span in paragraph.spans)


def _span_html(span: Span, links: Links) -> Markup:
    html = Markup("<br>") if span.text == "\n" else escape(span.text)
    if span.italic:
        html = Markup("<em>{}</em>").format(html)
    if span.bold:
        html = Markup("<strong>{}</strong>").format(html)
    url = address_of(span, links)
    return Markup('<a href="{}">{}</a>').format(url, html) if url else html


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
