"""What fits into Slack's blocks: lengths, cuts that end at a word, and the budget of one message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Counted = tuple[Block, int]  # a block, and how many characters of text it holds

# https://docs.slack.dev/reference/block-kit/blocks and the pages of its elements
MAX_HEADER, MAX_SECTION, MAX_FIELD, MAX_FIELDS = 150, 3000, 2000, 10
MAX_BUTTON, MAX_ACTIONS, MAX_TITLE, MAX_LABEL = 75, 25, 24, 2000
MAX_OPTION, MAX_SHOWN_OPTIONS, MAX_INPUT, MAX_URL, MAX_ALT = 75, 10, 3000, 3000, 2000
MAX_MESSAGE_BLOCKS, MAX_VIEW_BLOCKS = 50, 100
MAX_CHARACTERS = 13_200  # all the text of one message's blocks together: found by trying, it is in no document
MAX_TABLE_CHARACTERS = 10_000
MAX_TEXT = 3000  # of the notification, before escaping; Slack takes 40,000 and shows fewer

MORE = "There is more than one message can show: the rest is left out. Ask for one part of it."
_SHORTEST_CUT = 0.6  # a cut at a word must keep at least this share, or a long word would empty the line


def shortened(text: str, most: int) -> str:
    """Return text of at most so many characters; three dots say that it was cut."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > most * _SHORTEST_CUT else cut).rstrip(" :;,") + "…"


def pieces(lines: list[str], most: int) -> list[str]:
    """Join lines into pieces of at most so many characters; a longer line is broken, at a space where it has one."""
    found: list[str] = []
    for part in (part for line in lines for part in _broken(line, most)):
        if found and len(found[-1]) + 1 + len(part) <= most:
            found[-1] += f"\n{part}"
        else:
            found.append(part.lstrip("\n"))
    return [piece for piece in found if piece.strip()]


def _broken(line: str, most: int) -> list[str]:
    parts = []
    while len(line) > most:
        at = _cut_at(line, most)
        parts.append(line[:at])
        line = line[at:].lstrip(" ")
    return [*parts, line]


def _cut_at(line: str, most: int) -> int:
    """Find where to break: at a line's end or a space, never inside an escaped character or a link."""
    for mark in ("\n", " "):
        at = line.rfind(mark, 0, most)
        if at > most * _SHORTEST_CUT and line.count("<", 0, at) == line.count(">", 0, at):
            return at
    opened = line.rfind("<", 0, most)
    if opened > 0 and ">" not in line[opened:most]:
        return opened
    escape = line.rfind("&", most - 5, most)
    return escape if escape > 0 and ";" not in line[escape:most] else most


def characters(block: Block) -> int:
    """Count the text of a block, as Slack counts it against one message."""
    count = 0
    waiting: list[Any] = [block]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
            count += sum(len(item[key]) for key in ("text", "alt_text") if isinstance(item.get(key), str))
        elif isinstance(item, list):
            waiting += item
    return count


def counted(blocks: Iterable[Block]) -> tuple[Counted, ...]:
    """Return blocks with the count of their text beside them."""
    return tuple((block, characters(block)) for block in blocks)


def fitted(head: Sequence[Counted], body: Sequence[Counted], foot: Sequence[Counted], most_blocks: int) -> list[Block]:
    """Return the blocks within the limits of one message; where some of the body is left out, a line says so."""
    blocks_left = most_blocks - len(head) - len(foot)
    characters_left = MAX_CHARACTERS - sum(count for _, count in (*head, *foot))
    if len(body) <= blocks_left and sum(count for _, count in body) <= characters_left:
        return [block for block, _ in (*head, *body, *foot)]
    blocks_left, characters_left = blocks_left - 1, characters_left - len(MORE)
    kept = 0
    for _, count in body:
        characters_left -= count
        if kept >= blocks_left or characters_left < 0:
            break
        kept += 1
    more = {"type": "context", "elements": [{"type": "mrkdwn", "text": MORE}]}
    shown = [block for block, _ in (*head, *body[:kept])]
    return [*shown, more, *(block for block, _ in foot)]
