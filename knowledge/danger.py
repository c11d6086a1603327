"""Whether a text reports danger: a child at risk now, a disclosure, an allegation about particular people."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from knowledge.search.words import LONGEST, plain

STEP = LONGEST - 150  # characters; a sentence that is cut by one window stands whole in the next
MOST_READ = 20_000  # characters, 40 times the longest message that people type; it takes about 50 ms


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that speaks for danger, or against it where the weight is below nothing."""

    name: str
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Signs:
    """All signs, and the sum of weights from which a text is urgent."""

    signs: tuple[Sign, ...]
    threshold: float


def is_urgent(text: str) -> bool:
    """Say whether a text describes immediate risk, a disclosure or an allegation, also by a child about itself.

    A question about procedures ("what do we do when a child discloses") is not urgent. A keyword guard: the assistant
    must show the emergency numbers beside every safety answer as well, as no list of words catches every cry for help.
    """
    signs = _shipped()
    return any(
        sum(sign.weight for sign in signs.signs if sign.pattern.search(said)) >= signs.threshold
        for said in map(plain, _windows(text))
    )


def _windows(text: str) -> Iterator[str]:
    """Cut a long text into pieces that overlap: the signs of danger count only when they stand together."""
    yield text[:LONGEST]
    for start in range(STEP, min(len(text), MOST_READ) - LONGEST + STEP, STEP):
        yield text[start : start + LONGEST]


def reasons(text: str) -> dict[str, float]:
    """Return the signs found in a text with their weights, for editors of the list."""
    said = plain(text)
    return {sign.name: sign.weight for sign in _shipped().signs if sign.pattern.search(said)}


@functools.cache
def _shipped() -> Signs:
    file = resources.files("knowledge") / "data" / "danger_signs.yaml"
    table: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Signs(tuple(_sign(row, table["lists"]) for row in table["signs"]), float(table["threshold"]))


def _sign(row: Any, lists: dict[str, str]) -> Sign:
    pattern = "|".join(f"(?:{one})" for one in row["patterns"])
    for name, spellings in lists.items():
        pattern = pattern.replace(f"{{{name}}}", spellings)
    return Sign(row["name"], float(row["weight"]), re.compile(pattern))
