"""Signs that a text reports danger, by phrases: one kind of evidence among those that the trained model weighs."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

from knowledge import yaml_text
from knowledge.search.words import plain


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that speaks for danger, or against it where the weight is below nothing."""

    name: str
    weight: float
    pattern: re.Pattern[str]


def reasons(text: str) -> dict[str, float]:
    """Return the signs found in a text with their weights; at most 500 characters are read."""
    said = plain(text)
    return {sign.name: sign.weight for sign in _shipped() if sign.pattern.search(said)}


@functools.cache
def _shipped() -> tuple[Sign, ...]:
    file = resources.files("knowledge") / "data" / "danger_signs.yaml"
    table: Any = yaml_text.parsed(file.read_text(encoding="utf-8"))
    return tuple(_sign(row, table["lists"]) for row in table["signs"])


def _sign(row: Any, lists: dict[str, str]) -> Sign:
    pattern = "|".join(f"(?:{one})" for one in row["patterns"])
    for name, spellings in lists.items():
        pattern = pattern.replace(f"{{{name}}}", spellings)
    return Sign(row["name"], float(row["weight"]), re.compile(pattern))
