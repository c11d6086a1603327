"""Slack's own mark-up, in both directions: what people typed to plain words, and our words to mrkdwn."""

from __future__ import annotations

import re
from collections.abc import Iterable

from handlers.prose import Paragraph, Span, parse

_MARK_UP = re.compile(r"<((?:[@#!]|https?:|mailto:|tel:)[^<>|]*)(?:\|([^<>]*))?>")
_OPENED = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>[\s,:]*")
_LINKED = ("https://", "http://", "mailto:", "tel:")
_STYLING = re.compile(r"(?<![^\W_])([*_~`])(?=\S)")
_BREAKS = re.compile(r"[\r\n]+")
_NOTHING = "\u200b"  # zero-width space: Slack ends words at it, so a mark beside it is only a mark


def plain(text: str) -> str:
    """Return what a person typed in Slack as plain words: names for mentions, labels for links."""
    return _unescaped(_MARK_UP.sub(lambda found: _words(found[1], found[2]), text)).strip()


def without_mention(text: str) -> str:
    """Take off the mention that a message to the bot begins with."""
    return _OPENED.sub("", text)


def _words(target: str, label: str | None) -> str:
    if target.startswith("!date^"):
        return label or ""
    if label:
        return f"{_sigil(target)}{label.lstrip('@#')}"
    if target.startswith("!"):
        return f"@{target[1:].partition('^')[0]}"
    if target.startswith(("@", "#")):
        return "@somebody" if target[0] == "@" else "#channel"
    return target.removeprefix("mailto:").removeprefix("tel:")


def _sigil(target: str) -> str:
    return {"@": "@", "#": "#", "!": "@"}.get(target[:1], "")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escaped(text: str) -> str:
    """Return plain words as mrkdwn that shows exactly them."""
    return _STYLING.sub(rf"\1{_NOTHING}", control_escaped(text))


def control_escaped(text: str) -> str:
    """Escape the three characters with which Slack's links and mentions are written."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def lines(markdown: str) -> Iterable[str]:
    """Return the small Markdown as mrkdwn, one string for each paragraph or item of a list.

    A paragraph that follows something begins with the empty line that sets it off.
    """
    first = True
    for paragraph in parse(markdown):
        line = _line(paragraph)
        if line.strip():
            yield line if first or paragraph.bullet else f"\n{line}"
            first = False


def _line(paragraph: Paragraph) -> str:
    shown = ""
    before_styled = False
    for span in paragraph.spans:
        piece = _span(span)
        styled = span.bold or span.italic
        glued = (styled and shown[-1:].isalnum()) or (before_styled and piece[:1].isalnum())
        shown += f"{_NOTHING}{piece}" if glued else piece
        before_styled = styled
    return f"{paragraph.bullet} {shown}" if paragraph.bullet else shown


def _span(span: Span) -> str:
    inner = span.text.strip()
    if not inner:
        return span.text
    lead = span.text[: len(span.text) - len(span.text.lstrip())]
    trail = span.text[len(span.text.rstrip()) :]
    words = escaped(inner)
    if span.url.lower().startswith(_LINKED):
        words = f"<{_address(span.url)}|{_BREAKS.sub(' ', words).replace('|', '¦')}>"
    for mark in ("_" * span.italic, "*" * span.bold):
        words = f"{mark}{words}{mark}"
    return f"{lead}{words}{trail}"


def _address(url: str) -> str:
    return control_escaped(url).replace("|", "%7C").replace(" ", "%20")
