"""A linter for Adaptive Cards 1.5: what Teams would refuse or pass over in silence, found without Teams.

Every property that an element may have, and every word that a property may be, is copied from version 1.5 of
https://adaptivecards.io/schemas/adaptive-card.json; what only Teams knows says so beside it. It shares nothing with
the renderer, so that a mistake there is seen here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

TRUE = True  # a property that may be true or false
SPACING = {"default", "none", "small", "medium", "large", "extraLarge", "padding"}
SIZES = {"default", "small", "medium", "large", "extraLarge"}
WEIGHTS = {"default", "lighter", "bolder"}
COLOURS = {"default", "dark", "light", "accent", "good", "warning", "attention"}
STYLES = {"default", "emphasis", "good", "attention", "warning", "accent"}
_ELEMENT = {"id": str, "spacing": SPACING, "separator": TRUE, "isVisible": TRUE}
_INPUT = {**_ELEMENT, "label": str, "isRequired": TRUE, "errorMessage": str}
_ACTION = {"title": str, "id": str, "style": {"default", "positive", "destructive"}, "tooltip": str}
_LOOK = {"size": SIZES, "weight": WEIGHTS, "color": COLOURS, "isSubtle": TRUE}

# What each may have: a type, the words it may be, a list of what it holds ([...]), or another element.
KNOWN: dict[str, dict[str, Any]] = {
    "AdaptiveCard": {"version": {"1.5"}, "body": ["element"], "actions": ["action"], "msteams": dict},
    "TextBlock": {**_ELEMENT, **_LOOK, "text": str, "wrap": TRUE, "style": {"default", "heading"}},
    "RichTextBlock": {**_ELEMENT, "inlines": ["TextRun"]},
    "TextRun": {**_LOOK, "text": str, "italic": TRUE, "underline": TRUE, "selectAction": "action"},
    "Container": {**_ELEMENT, "items": ["element"], "style": STYLES, "bleed": TRUE},
    "FactSet": {**_ELEMENT, "facts": ["Fact"]},
    "Fact": {"title": str, "value": str},
    "Table": {**_ELEMENT, "columns": ["Column"], "rows": ["TableRow"], "firstRowAsHeader": TRUE, "showGridLines": TRUE},
    "Column": {"width": int},
    "TableRow": {"cells": ["TableCell"]},
    "TableCell": {"items": ["element"]},
    # `msteams` of a picture: learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
    "Image": {**_ELEMENT, "url": str, "altText": str, "msteams": dict},
    "Input.Text": {**_INPUT, "isMultiline": TRUE, "maxLength": int, "placeholder": str, "value": str},
    "Input.ChoiceSet": {
        **_INPUT, "choices": ["Choice"], "isMultiSelect": TRUE, "value": str, "placeholder": str, "wrap": TRUE,
        # "filtered" is of the documents of Teams and of the package, and not of the schema
        "style": {"compact", "expanded", "filtered"},
    },
    "Choice": {"title": str, "value": str},
    "Input.Date": {**_INPUT, "value": str},
    "Input.Time": {**_INPUT, "value": str},
    "Input.Toggle": {**_INPUT, "title": str, "value": str, "valueOn": str, "valueOff": str, "wrap": TRUE},
    "Action.Execute": {**_ACTION, "verb": str, "data": dict},
    "Action.Submit": {**_ACTION, "data": dict},
    "Action.OpenUrl": {**_ACTION, "url": str},
}  # fmt: skip
NEEDED = {
    "AdaptiveCard": {"version", "body"}, "TextBlock": {"text", "wrap"}, "RichTextBlock": {"inlines"},
    "TextRun": {"text"}, "Container": {"items"}, "FactSet": {"facts"}, "Fact": {"title", "value"},
    "Table": {"columns", "rows"}, "Column": {"width"}, "TableRow": {"cells"}, "TableCell": {"items"},
    "Image": {"url", "altText"}, "Input.ChoiceSet": {"id", "label", "choices"}, "Choice": {"title", "value"},
    "Input.Text": {"id", "label"}, "Input.Date": {"id", "label"}, "Input.Time": {"id", "label"},
    "Input.Toggle": {"id", "label", "title"}, "Action.Execute": {"title", "verb"}, "Action.Submit": {"title", "data"},
    "Action.OpenUrl": {"url"},
}  # fmt: skip
UNNAMED = {"Fact", "Choice", "Column"}  # they need no type where they stand
MAY_BE_EMPTY = {"valueOff", "value"}
_ADDRESS = re.compile(r"(https?://|mailto:|tel:)\S*", re.IGNORECASE)


def size(thing: object) -> int:
    """Count the bytes of what is sent."""
    return len(json.dumps(thing, separators=(",", ":"), ensure_ascii=False).encode())


def lint_message(message: Json) -> list[str]:
    """Return what Teams would refuse in a message; empty when it would post it."""
    found = [] if set(message) == {"type", "summary", "attachments"} else [f"message: {sorted(message)}"]
    if not 0 < len(message["summary"].strip()) <= 300 or "\n" in message["summary"]:
        found.append("message: no summary of one line")
    (attachment,) = message["attachments"]
    return [*found, *_too_big(message), *lint_attachment(attachment)]


def lint_task(task: Json) -> list[str]:
    """Return what Teams would refuse in the value of a dialog; empty when it would open it."""
    found = [] if set(task) == {"title", "height", "width", "card"} else [f"task: {sorted(task)}"]
    if not 0 < len(task["title"].strip()) <= 60:
        found.append("task: no title of at most 60 characters")
    if not {task["height"], task["width"]} <= {"small", "medium", "large"}:
        found.append("task: no size")
    if any(row["type"] == "Action.Execute" for row in elements(task)):
        found.append("task: Action.Execute does nothing in a dialog")
    return [*found, *_too_big(task), *lint_attachment(task["card"])]


def lint_attachment(attachment: Json) -> list[str]:
    """Return what is wrong with a card as it is attached."""
    if set(attachment) != {"contentType", "content"}:
        return [f"attachment: {sorted(attachment)}"]
    if attachment["contentType"] != "application/vnd.microsoft.card.adaptive":
        return ["attachment: not an Adaptive Card"]
    card = attachment["content"]
    every = list(elements(card))
    ids = Counter(row["id"] for row in every if "id" in row)
    found = [f"id twice: {name}" for name, times in ids.items() if times > 1]
    if len(card.get("actions", [])) > 6:
        found.append("over 6 actions")
    if sum(row["type"] == "TableRow" for row in every) > 30:
        found.append("over 30 rows")
    if not card["body"]:
        found.append("nothing to see")
    return [*found, *_lint(card, "AdaptiveCard", "card")]


def elements(thing: object) -> Iterator[Json]:
    """Return everything in a card that has a type, but not what its buttons carry."""
    if isinstance(thing, Mapping):
        if "type" in thing:
            yield thing
        for name, value in thing.items():
            if name != "data":
                yield from elements(value)
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from elements(one)


def words(thing: Json) -> list[str]:
    """Return everything that can be read in a card, a form or a message, top to bottom."""
    named = ("text", "title", "value", "label", "altText")
    rows = [*elements(thing), *(row for one in elements(thing) for row in one.get("facts", one.get("choices", [])))]
    return [row[name] for row in rows for name in named if isinstance(row.get(name), str)]


def _too_big(thing: Json) -> list[str]:
    return [f"{size(thing)} bytes"] if size(thing) > 20_000 else []


def _lint(thing: Json, kind: str, where: str) -> Iterator[str]:
    name = thing.get("type", kind)
    if not _fits(name, kind) or ("type" not in thing and kind not in UNNAMED):
        yield f"{where}: {name} in place of {kind}"
        return
    known = KNOWN[name]
    where = f"{where} > {name}"
    yield from (f"{where}: needs {missing}" for missing in sorted(NEEDED[name] - set(thing)))
    for key, value in thing.items():
        if key not in known and key != "type":
            yield f"{where}: knows no {key}"
        elif key != "type":
            yield from _property(value, known[key], f"{where}.{key}")
    yield from _of_kind(name, thing, where)


def _fits(name: str, kind: str) -> bool:
    if kind == "action":
        return name.startswith("Action.") and name in KNOWN
    if kind == "element":
        return name in KNOWN and "spacing" in KNOWN[name]
    return name == kind


def _property(value: Any, wanted: Any, where: str) -> Iterator[str]:
    if isinstance(wanted, list):
        yield from [] if value else [f"{where}: empty"]
        for number, one in enumerate(value):
            yield from _lint(one, wanted[0], f"{where}[{number}]")
    elif isinstance(wanted, str):
        yield from _lint(value, wanted, where)
    elif isinstance(wanted, set):
        yield from [] if value in wanted | {word[:1].upper() + word[1:] for word in wanted} else [f"{where}: {value}"]
    elif wanted is TRUE:
        yield from [] if isinstance(value, bool) else [f"{where}: {value}"]
    elif not isinstance(value, wanted) or isinstance(value, bool):
        yield f"{where}: {value}"
    elif wanted is str and not value.strip() and where.rpartition(".")[2] not in {*MAY_BE_EMPTY, "text"}:
        yield f"{where}: empty"


def _of_kind(name: str, thing: Json, where: str) -> Iterator[str]:
    match name:
        case "Image":
            if not thing["url"].startswith("https://"):
                yield f"{where}: {thing['url']}"
        case "Action.OpenUrl":
            if not _ADDRESS.fullmatch(thing["url"]):
                yield f"{where}: {thing['url']}"
        case "TextBlock" | "RichTextBlock":
            text = thing["text"] if name == "TextBlock" else "".join(run["text"] for run in thing["inlines"])
            if not text.strip():
                yield f"{where}: says nothing"
        case "Table":
            if {len(row["cells"]) for row in thing["rows"]} != {len(thing["columns"])}:
                yield f"{where}: rows are not as wide as the table"
        case "Input.ChoiceSet":
            yield from _choice(thing, where)
        case _:
            return


def _choice(thing: Json, where: str) -> Iterator[str]:
    offered = [choice["value"] for choice in thing["choices"]]
    chosen = thing["value"].split(",") if "value" in thing else []
    if len(set(offered)) < len(offered):
        yield f"{where}: a value twice"
    if not set(chosen) <= set(offered) or (len(chosen) > 1 and not thing.get("isMultiSelect")):
        yield f"{where}: {chosen} is not to choose from"
