"""What fits into a message of Teams: its size in bytes, and cuts that end at a word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]
Sized = tuple[Json, int]  # an element, and how many bytes it takes

# A message may have 40 KB in UTF-16, which is never more than twice its bytes in UTF-8:
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
MAX_MESSAGE = 20_000
MAX_ROWS, MAX_ACTIONS = 30, 6  # of all tables of a card together, their headers included
MAX_TABLE = 12_000  # a longer one becomes lines, of which some can be left out
MAX_PIECE = 2000  # characters of one block of text
MAX_HEADING, MAX_SUMMARY, MAX_BUTTON, MAX_TITLE = 150, 300, 75, 60
MAX_LABEL, MAX_HINT, MAX_ALT = 200, 300, 1000

MORE = "There is more than one message can show: the rest is left out. Ask for one part of it."
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_SHORTEST_CUT = 0.6  # a cut at a word must keep at least this share, or a long word would empty the line


def shortened(text: str, most: int) -> str:
    """Return text of at most so many characters; three dots say that it was cut."""
    return text if len(text) <= most else text[: _cut_at(text, most - 1)].rstrip() + "…"


def pieces(text: str) -> list[str]:
    """Break a long text where it has a space, so that every piece is short enough to be left out by itself."""
    found = []
    while len(text) > MAX_PIECE:
        at = _cut_at(text, MAX_PIECE)
        found.append(text[:at])
        text = text[at:]
    return [*found, text] if text else found


def _cut_at(text: str, most: int) -> int:
    at = text.rfind(" ", 0, most)
    return at if at > most * _SHORTEST_CUT else most


def size(thing: Json) -> int:
    """Count the bytes that something takes when it is sent."""
    return len(_JSON.encode(thing).encode())


def sized(elements: Iterable[Json]) -> tuple[Sized, ...]:
    """Return elements with the count of their bytes and of the comma after them."""
    return tuple((element, size(element) + 1) for element in elements)


def fitted(head: Sequence[Sized], body: Sequence[Sized], foot: Sequence[Sized], room: int) -> list[Json]:
    """Return the elements within so many bytes; where some of the body is left out, a line says so."""
    room -= sum(count for _, count in (*head, *foot))
    if sum(count for _, count in body) <= room:
        return [element for element, _ in (*head, *body, *foot)]
    room -= _MORE[1]
    kept = 0
    for _, count in body:
        room -= count
        if room < 0:
            break
        kept += 1
    return [element for element, _ in (*head, *body[:kept], _MORE, *foot)]


def _more() -> Sized:
    run = {"type": "TextRun", "text": MORE, "size": "Small", "isSubtle": True}
    return sized([{"type": "RichTextBlock", "inlines": [run]}])[0]


_MORE = _more()
