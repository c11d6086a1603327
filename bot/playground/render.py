"""Cards and forms as HTML. Everything that people wrote is escaped; every element has a place."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.pages import look
from bot.playground.rooms import Entry, Said
from handlers.messages import (
    Action,
    Button,
    Card,
    Divider,
    Element,
    Facts,
    Field,
    Form,
    Heading,
    Image,
    Link,
    Note,
    Table,
    Text,
)
from handlers.prose import Paragraph, Span, parse


@dataclass(frozen=True, slots=True)
class Sent:
    """What a platform would be sent. What is `drawable` holds an Adaptive Card, and the page can draw it."""

    platform: str
    payload: Mapping[str, Any]
    drawable: bool = False


Preview = Callable[[Card | Form], Iterable[Sent]]

_TEMPLATES = look.templates("bot.playground")
_OPEN_TO_CLICK = ("https://", "http://", "mailto:", "tel:")
_PHONE = re.compile(r"(\b0\d{2,4} \d{3,4}(?: \d{3,4})?\b)")
_LONG_LIST = 7  # with more choices than this, a drop-down is quicker to read than radio buttons
_NEW_TAB = Markup('<span class="unseen"> (opens in a new tab)</span>')


class Renderer:
    """Draws what a room holds. It lives as long as the process and knows no storage.

    `here` is the address of this service, as pictures of its own carry it.
    """

    def __init__(self, preview: Preview, zone: ZoneInfo, here: str = "") -> None:
        self._preview = preview
        self._zone = zone
        self._here = here

    def entry(self, entry: Entry) -> Markup:
        """Return one message of a room."""
        values = {"entry": entry, "time": entry.at.astimezone(self._zone)}
        match entry.what:
            case Said():
                return _fill("said.html", said=entry.what, **values)
            case Card() as card:
                return _fill(
                    "card.html",
                    card=card,
                    body=[element(part, self._here) for part in card.body],
                    actions=[action(part, entry.id) for part in card.actions],
                    previews=self._previews(card),
                    **values,
                )
            case _:
                assert_never(entry.what)

    def form(self, form: Form) -> Markup:
        """Return a form for the dialog."""
        fields = [_field(box) for box in form.fields]
        return _fill("form.html", form=form, fields=fields, previews=self._previews(form))

    def field(self, field: Field) -> Markup:
        """Return one more box for a form that is open."""
        return _field(field)

    def page(self, **values: object) -> str:
        """Return the whole page."""
        return _TEMPLATES.get_template("page.html").render(**values)

    def _previews(self, what: Card | Form) -> list[tuple[Sent, str]]:
        return [(sent, json.dumps(sent.payload, indent=2, ensure_ascii=False)) for sent in self._preview(what)]


def refusal(title: str, problem: str, partnership: str) -> str:
    """Return the page for somebody whose address leads nowhere."""
    return _TEMPLATES.get_template("refusal.html").render(title=title, problem=problem, partnership=partnership)


def element(part: Element, here: str = "") -> Markup:
    """Return one part of a card's body."""
    match part:
        case Text(markdown):
            return prose(markdown)
        case Note(markdown):
            return Markup('<div class="note">{}</div>').format(prose(markdown))
        case Heading(text):
            return Markup("<h4>{}</h4>").format(text)
        case Divider():
            return Markup("<hr>")
        case Facts(pairs):
            rows = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in pairs)
            return Markup('<dl class="facts">{}</dl>').format(_joined(rows))
        case Table():
            return _fill("table.html", table=part)
        case Image(url, alt):
            return _picture(url.removeprefix(here) if url.startswith(f"{here}/") else url, alt)
        case _:
            assert_never(part)


def action(part: Action, entry_id: int) -> Markup:
    """Return a button or a link under a card."""
    match part:
        case Button():
            return _fill("button.html", button=part, entry_id=entry_id)
        case Link(label, url):
            return _link(url, escape(label), "button") or Markup("<span>{}</span>").format(label)
        case _:
            assert_never(part)


def prose(markdown: str) -> Markup:
    """Return the small Markdown as HTML, with real lists."""
    blocks = []
    for kind, group in itertools.groupby(parse(markdown), _list_kind):
        if not kind:
            blocks += [Markup('<p dir="auto">{}</p>').format(_spans(paragraph.spans)) for paragraph in group]
            continue
        paragraphs = list(group)
        items = _joined(Markup('<li dir="auto">{}</li>').format(_spans(row.spans)) for row in paragraphs)
        first = paragraphs[0].bullet.removesuffix(".")
        start = Markup(' start="{}"').format(first) if kind == "ol" and first != "1" else ""
        blocks.append(Markup("<{0}{1}>{2}</{0}>").format(kind, start, items))
    return _joined(blocks)


def _list_kind(paragraph: Paragraph) -> str:
    if not paragraph.bullet:
        return ""
    return "ul" if paragraph.bullet == "•" else "ol"


def _spans(spans: Iterable[Span]) -> Markup:
    return _joined(_span(span) for span in spans)


def _span(span: Span) -> Markup:
    html = Markup("<br>") if span.text == "\n" else _words(span.text)
    if span.italic:
        html = Markup("<em>{}</em>").format(html)
    if span.bold:
        html = Markup("<strong>{}</strong>").format(html)
    if span.url.startswith("kb:"):
        return _fill("topic.html", words=html, slug=span.url.removeprefix("kb:"))
    return _link(span.url, html) or html


def _words(text: str) -> Markup:
    """Escape text, and keep each phone number on one line."""
    parts = _PHONE.split(text)  # every second part is a number
    return _joined(
        Markup('<span class="number">{}</span>').format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def _link(url: str, words: Markup, look_of: str = "") -> Markup | None:
    here = url.startswith("/") and not url.startswith("//")
    if not here and not url.lower().startswith(_OPEN_TO_CLICK):
        return None
    style = Markup(' class="{}"').format(look_of) if look_of else ""
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer"{}>{}{}</a>').format(
        url, style, words, _NEW_TAB
    )


def _picture(url: str, alt: str) -> Markup:
    """Show our own pictures; one from elsewhere would tell its server who reads, so it becomes a link."""
    if url.startswith("/") and not url.startswith("//"):
        return Markup('<img src="{}" alt="{}">').format(url, alt)
    words = Markup("Picture: {}").format(alt)
    return Markup("<p>{}</p>").format(_link(url, words) or words)


def _field(field: Field) -> Markup:
    match field.kind:
        case "text" | "date" | "time":
            return _fill("field_line.html", field=field)
        case "longtext":
            return _fill("field_long.html", field=field)
        case "choice" if len(field.choices) > _LONG_LIST:
            return _fill("field_select.html", field=field)
        case "choice":
            return _fill("field_options.html", field=field, kind="radio", chosen=[field.value])
        case "multichoice":
            return _fill("field_options.html", field=field, kind="checkbox", chosen=field.value.split(","))
        case "confirm":
            return _fill("field_confirm.html", field=field)
        case _:
            assert_never(field.kind)


def _fill(template: str, **values: object) -> Markup:
    return Markup(_TEMPLATES.get_template(template).render(**values))  # noqa: S704 - the templates escape


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
