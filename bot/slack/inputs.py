"""The boxes of a modal, both ways: fields to Block Kit inputs, and what Slack sends back to plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from bot.slack import fitting
from bot.slack.fitting import Block
from handlers.messages import Choice, Field, Form

_VALUE = "value"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_YES = Choice("yes", "Yes")


@dataclass(frozen=True, slots=True)
class About:
    """What a modal remembers: the route that takes it, the untrusted id it is about, and its token."""

    action: str
    about: str
    token: str


def metadata(form: Form) -> str:
    """Return what a modal is to remember until it is sent."""
    return json.dumps({"action": form.action, "about": form.about, "token": form.token})


def remembered(text: str) -> About:
    """Read what a modal remembered; a modal of another version remembers nothing that is usable."""
    try:
        kept = json.loads(text)
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        return About("", "", "")
    return About(*(str(kept.get(name, "")) for name in ("action", "about", "token")))


def box(field: Field) -> Block:
    """Return the input block of a field; its block id is the field's name."""
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "optional": not field.required,
        "label": _plain(field.label.strip() or field.name, fitting.MAX_LABEL),
        "element": {"action_id": _VALUE, **_element(field)},
    }
    if field.hint.strip():
        block["hint"] = _plain(field.hint, fitting.MAX_LABEL)
    return block


def _element(field: Field) -> Block:
    match field.kind:
        case "text" | "longtext":
            most = min(field.max_length, fitting.MAX_INPUT)
            given = {"initial_value": field.value[:most]} if field.value else {}
            return {"type": "plain_text_input", "multiline": field.kind == "longtext", "max_length": most, **given}
        case "choice":
            kind = "radio_buttons" if len(field.choices) <= fitting.MAX_SHOWN_OPTIONS else "static_select"
            chosen = _chosen(field.choices, [field.value])
            preset = {"initial_option": chosen[0]} if chosen else {}
            return {"type": kind, "options": [*map(_option, field.choices)], **preset}
        case "multichoice":
            kind = "checkboxes" if len(field.choices) <= fitting.MAX_SHOWN_OPTIONS else "multi_static_select"
            return _several(kind, field.choices, field.value.split(","))
        case "confirm":
            return _several("checkboxes", (_YES,), [field.value])
        case "date":
            return {"type": "datepicker", **({"initial_date": field.value} if _DAY.fullmatch(field.value) else {})}
        case "time":
            return {"type": "timepicker", **({"initial_time": field.value} if _TIME.fullmatch(field.value) else {})}
        case _:
            assert_never(field.kind)


def _several(kind: str, choices: tuple[Choice, ...], values: list[str]) -> Block:
    chosen = _chosen(choices, values)
    given = {"initial_options": chosen} if chosen else {}
    return {"type": kind, "options": [*map(_option, choices)], **given}


def _chosen(choices: tuple[Choice, ...], values: list[str]) -> list[Block]:
    return [_option(choice) for choice in choices if choice.value in values]


def _option(choice: Choice) -> Block:
    return {"text": _plain(choice.label.strip() or choice.value, fitting.MAX_OPTION), "value": choice.value}


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": fitting.shortened(text.strip(), most), "emoji": False}


def values(state: Mapping[str, Any]) -> dict[str, str]:
    """Return what was filled in, by field; several choices are joined by commas."""
    return {
        name: _typed(element) for name, elements in state.get("values", {}).items() for element in elements.values()
    }


def _typed(element: Mapping[str, Any]) -> str:
    match element.get("type"):
        case "radio_buttons" | "static_select":
            return str((element.get("selected_option") or {}).get("value", ""))
        case "checkboxes" | "multi_static_select":
            return ",".join(str(option["value"]) for option in element.get("selected_options") or [])
        case "datepicker":
            return str(element.get("selected_date") or "")
        case "timepicker":
            return str(element.get("selected_time") or "")
        case _:
            return str(element.get("value") or "")
