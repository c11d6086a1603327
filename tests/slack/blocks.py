"""A linter for Block Kit: what Slack would refuse, found without Slack.

The limits are those of https://docs.slack.dev/reference/block-kit and of what was found by trying.
It shares no number with the renderer, so that a mistake there is seen here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

BLOCKS_ON = {
    "message": {"actions", "context", "divider", "header", "image", "section", "table", "rich_text"},
    "modal": {"actions", "context", "divider", "header", "image", "input", "rich_text", "section"},
    "home": {"actions", "context", "divider", "header", "image", "input", "rich_text", "section"},
}
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
_PUBLIC = re.compile(r"https?://.+")


def lint_message(message: Mapping[str, Any]) -> list[str]:
    """Return what Slack would refuse in a message; empty when it would post it."""
    found = list(_lint(message["blocks"], "message"))
    if not 0 < len(message.get("text", "")) <= 40_000:
        found.append("text: a notification needs 1 to 40,000 characters")
    return found


def lint_view(view: Mapping[str, Any]) -> list[str]:
    """Return what Slack would refuse in a modal or an App Home; empty when it would show it."""
    found = list(_lint(view["blocks"], view["type"]))
    if view["type"] == "modal":
        for name in ("title", "submit", "close"):
            if name in view:
                found += _text(view[name], 24, name, plain=True)
        if "title" not in view:
            found.append("modal: no title")
        if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
            found.append("modal: inputs and no submit")
    if len(view.get("callback_id", "")) > 255:
        found.append("view: callback_id over 255")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("view: private_metadata over 3000")
    return found


def characters(value: object) -> int:
    """Count all text of blocks, which Slack limits for a message as a whole."""
    if isinstance(value, dict):
        own = sum(len(v) for k, v in value.items() if k in ("text", "alt_text") and isinstance(v, str))
        return own + sum(map(characters, value.values()))
    return sum(map(characters, value)) if isinstance(value, list) else 0


def _lint(blocks: list[Json], surface: str) -> Iterator[str]:
    if not 0 < len(blocks) <= MOST_BLOCKS[surface]:
        yield f"{surface}: {len(blocks)} blocks"
    if surface == "message" and characters(blocks) > 13_200:
        yield "message: over 13,200 characters of text"
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "message: more than one table"
    yield from _repeated("block_id", (block.get("block_id") for block in blocks))
    for number, block in enumerate(blocks):
        if block["type"] not in BLOCKS_ON[surface]:
            yield f"{number}: {block['type']} cannot stand in a {surface}"
        else:
            yield from (f"{number} {block['type']}: {problem}" for problem in _block(block))


def _block(block: Json) -> Iterator[str]:  # noqa: C901 - one case for each kind of block
    if len(block.get("block_id", "")) > 255:
        yield "block_id over 255"
    match block["type"]:
        case "header":
            yield from _text(block["text"], 150, "text", plain=True)
        case "section":
            yield from _section(block)
        case "context":
            yield from _count(block["elements"], 10, "elements")
            for element in block["elements"]:
                yield from _text(element, 3000, "element")
        case "actions":
            yield from _count(block["elements"], 25, "elements")
            yield from _repeated("action_id", (element["action_id"] for element in block["elements"]))
            for element in block["elements"]:
                yield from _button(element)
        case "image":
            if not _PUBLIC.fullmatch(block["image_url"]) or len(block["image_url"]) > 3000:
                yield "image_url is no public address of at most 3000"
            yield from _string(block["alt_text"], 2000, "alt_text")
        case "table":
            yield from _table(block)
        case "input":
            yield from _input(block)


def _section(block: Json) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield "neither text nor fields"
    if "text" in block:
        yield from _text(block["text"], 3000, "text")
    if "fields" in block:
        yield from _count(block["fields"], 10, "fields")
        for field in block["fields"]:
            yield from _text(field, 2000, "field")


def _table(block: Json) -> Iterator[str]:
    yield from _count(block["rows"], 100, "rows")
    widths = {len(row) for row in block["rows"]}
    if len(widths) != 1 or not 0 < max(widths) <= 20:
        yield "rows are not equally wide, or over 20 cells"
    for row in block["rows"]:
        for cell in row:
            if cell["type"] != "raw_text" or not cell["text"].strip():
                yield "a cell is not text, or empty"
    if any("align" not in column for column in block.get("column_settings", [])):
        yield "a column's settings do not say how it is aligned"
    if characters(block["rows"]) > 10_000:
        yield "over 10,000 characters"


def _input(block: Json) -> Iterator[str]:
    yield from _text(block["label"], 2000, "label", plain=True)
    if "hint" in block:
        yield from _text(block["hint"], 2000, "hint", plain=True)
    element = block["element"]
    match element["type"]:
        case "plain_text_input":
            if not 0 < element.get("max_length", 3000) <= 3000:
                yield "max_length is not from 1 to 3000"
            if len(element.get("initial_value", "")) > element.get("max_length", 3000):
                yield "initial_value over max_length"
        case "radio_buttons" | "checkboxes":
            yield from _options(element, 10, 75)
        case "static_select" | "multi_static_select":
            yield from _options(element, 100, 150)
        case "datepicker" | "timepicker":
            pass
        case other:
            yield f"{other} is not an input of ours"


def _options(element: Json, most: int, longest_value: int) -> Iterator[str]:
    options = element["options"]
    yield from _count(options, most, "options")
    yield from _repeated("value", (option["value"] for option in options))
    for option in options:
        yield from _text(option["text"], 75, "option")
        yield from _string(option["value"], longest_value, "option value")
    initial = element.get("initial_options", [element["initial_option"]] if "initial_option" in element else [])
    if any(option not in options for option in initial):
        yield "an initial option is none of the options"
    if "initial_options" in element and not initial:
        yield "initial_options is empty"


def _button(element: Json) -> Iterator[str]:
    if element["type"] != "button":
        yield f"{element['type']} is not a button"
        return
    yield from _text(element["text"], 75, "button", plain=True)
    yield from _string(element["action_id"], 255, "action_id")
    if "value" in element:
        yield from _string(element["value"], 2000, "value")
    if element.get("style", "primary") not in ("primary", "danger"):
        yield "style is neither primary nor danger"
    if "url" in element and (not _PUBLIC.fullmatch(element["url"]) or len(element["url"]) > 3000):
        yield "url is no address of at most 3000"


def _text(text: Json, most: int, name: str, *, plain: bool = False) -> Iterator[str]:
    if text["type"] not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield f"{name} is {text['type']}"
    if text["type"] == "mrkdwn" and "emoji" in text:
        yield f"{name} is mrkdwn with emoji"
    yield from _string(text["text"], most, name)


def _string(text: str, most: int, name: str) -> Iterator[str]:
    if not text.strip():
        yield f"{name} is empty"
    if len(text) > most:
        yield f"{name} over {most}"


def _count(items: list[Any], most: int, name: str) -> Iterator[str]:
    if not 0 < len(items) <= most:
        yield f"{len(items)} {name}"


def _repeated(name: str, values: Iterator[str | None]) -> Iterator[str]:
    yield from (f"{name} twice: {value}" for value, times in Counter(values).items() if value is not None and times > 1)
