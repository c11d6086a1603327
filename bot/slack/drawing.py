"""Slack's blocks as HTML, for those who want to see a message before anybody is sent it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

from bot.slack import render
from bot.slack.fitting import Block
from handlers.messages import Card

_LINK = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|]*)\|([^<>]*)>")
_HELD = re.compile("\x00(\\d+)\x00")
_NOTHING = "\u200b"  # behind it, a mark is only a mark
_STYLES = {"strong": r"\*", "em": "_"}


def drawn(card: Card) -> Markup:
    """Return how the message of a card looks in Slack: its blocks, those and no others."""
    blocks = render.message(card)["blocks"]
    return Markup("\n").join(_block(block, first=number == 0) for number, block in enumerate(blocks))


def _block(block: Block, *, first: bool) -> Markup:
    match block["type"]:
        case "header":
            return Markup("<{0}>{1}</{0}>").format("h3" if first else "h4", block["text"]["text"])
        case "section":
            return _joined(Markup("<p>{}</p>").format(mrkdwn(text["text"])) for text in _texts(block))
        case "context":
            return _joined(Markup('<p class="small">{}</p>').format(mrkdwn(text["text"])) for text in block["elements"])
        case "image":
            return Markup('<p><a href="{}">Picture: {}</a></p>').format(block["image_url"], block["alt_text"])
        case "actions":
            labels = (Markup('<span class="button">{}</span>').format(one["text"]["text"]) for one in block["elements"])
            return Markup('<p class="buttons">{}</p>').format(_joined(labels))
        case "table":
            return _table(block["rows"])
        case _:
            return Markup("<hr>")


def _texts(block: Block) -> list[Block]:
    return [*([block["text"]] if "text" in block else []), *block.get("fields", [])]


def _table(rows: list[list[dict[str, Any]]]) -> Markup:
    head, *others = ([cell["text"] for cell in row] for row in rows)
    names = _joined(Markup('<th scope="col">{}</th>').format(cell) for cell in head)
    body = _joined(
        Markup("<tr>{}</tr>").format(_joined(Markup("<td>{}</td>").format(cell) for cell in row)) for row in others
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(names, body)


def mrkdwn(text: str) -> Markup:
    """Return Slack's mark-up as HTML: links, bold, italic and line ends; everything else as it stands."""
    links: list[Markup] = []

    def hold(found: re.Match[str]) -> str:
        address, label = (html.unescape(part) for part in found.groups())
        links.append(Markup('<a href="{}">{}</a>').format(address, label))
        return f"\x00{len(links) - 1}\x00"

    held = _LINK.sub(hold, text.replace("\x00", ""))
    said = str(escape(html.unescape(held)))
    for tag, mark in _STYLES.items():
        begins, ends = rf"(?<![^\W_]){mark}(?!{_NOTHING})", rf"{mark}(?!{_NOTHING})(?![^\W_])"
        said = re.sub(rf"{begins}(\S(?:.*?\S)?){ends}", rf"<{tag}>\1</{tag}>", said)
    said = _HELD.sub(lambda found: str(links[int(found[1])]), said).replace(_NOTHING, "").replace("\n", "<br>")
    return Markup(said)  # noqa: S704 - every part of it was escaped above


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
