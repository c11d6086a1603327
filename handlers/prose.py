"""The small Markdown of cards: bold, italic, links, lists. Read here once, drawn by every platform."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_READER = MarkdownIt("zero").enable(["emphasis", "link", "list", "escape", "newline", "entity", "balance_pairs"])
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|&~])")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of words in one style; `url` is empty unless it is a link."""

    text: str
    bold: bool = False
    italic: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words that belong together. A list item has a `bullet`: a dot or its number."""

    spans: tuple[Span, ...]
    bullet: str = ""


def escape(text: str) -> str:
    """Make text that a person typed safe to put into the small Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


@functools.lru_cache(maxsize=2048)
def parse(markdown: str) -> tuple[Paragraph, ...]:
    """Read the small Markdown; anything outside it stays as it was typed."""
    paragraphs = []
    counters: list[int] = []
    bullet = ""
    for token in _READER.parse(markdown):
        if token.type == "bullet_list_open":
            counters.append(0)
        elif token.type == "ordered_list_open":
            counters.append(int(token.attrs.get("start", 1)))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
        elif token.type == "list_item_open":
            bullet = f"{counters[-1]}." if counters[-1] else "•"
            counters[-1] += 1 if counters[-1] else 0
        elif token.type == "inline":
            paragraphs.append(Paragraph(_spans(token.children or []), bullet))
            bullet = ""
    return tuple(paragraphs)


def _spans(tokens: list[Token]) -> tuple[Span, ...]:
    spans = []
    bold = italic = False
    url = ""
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                bold = token.type == "strong_open"
            case "em_open" | "em_close":
                italic = token.type == "em_open"
            case "link_open":
                url = str(token.attrs["href"])
            case "link_close":
                url = ""
            case "softbreak" | "hardbreak":
                spans.append(Span("\n"))
            case _ if token.content:
                spans.append(Span(token.content, bold, italic, url))
            case _:
                continue
    return tuple(spans)


def plain(markdown: str) -> str:
    """Return the words alone, with list marks, and an empty line between paragraphs that are not in one list."""
    text = ""
    for paragraph in parse(markdown):
        if text:
            text += "\n" if paragraph.bullet else "\n\n"
        text += f"{paragraph.bullet} {''.join(map(_plain_span, paragraph.spans))}".strip()
    return text


def _plain_span(span: Span) -> str:
    shown = span.url and not span.url.startswith("kb:") and span.url != span.text
    return f"{span.text} ({span.url})" if shown else span.text
