"""Scores of risks: five by five, three steps mapped onto it, and the colour as a word. Pure, from one table."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

from knowledge import yaml_text

LOWEST, HIGHEST = 1, 5


class ScoringError(ValueError):
    """A score that the matrix does not have, or a matrix that cannot be used."""


class Rag(StrEnum):
    """The colour of a score, which is always said as a word too. The order is the order of concern."""

    GREEN = "Green"
    AMBER = "Amber"
    RED = "Red"


class Trend(StrEnum):
    """How a score stands to that of the last review."""

    UP = "up"
    SAME = "same"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scale: what it is called, and what it means."""

    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table of scores of one partnership, with where it comes from."""

    bands: Mapping[Rag, tuple[int, int]]
    entry: Mapping[str, int]
    levels: Mapping[int, str]
    floor: Rag
    likelihood: Mapping[int, Step]
    impact: Mapping[int, Step]


def score(likelihood: int, impact: int) -> int:
    """Return the product. Raises ScoringError for a step that there is not."""
    if not (LOWEST <= likelihood <= HIGHEST and LOWEST <= impact <= HIGHEST):
        raise ScoringError("Likelihood and impact are steps from 1 to 5.")
    return likelihood * impact


def rag(likelihood: int, impact: int, *, floor: bool = False) -> Rag:
    """Return the colour of a score; with the floor, the worst impact is never below what the matrix says."""
    product, matrix = score(likelihood, impact), shipped()
    found = next(colour for colour, (low, high) in matrix.bands.items() if low <= product <= high)
    if floor and impact == HIGHEST and found is Rag.GREEN:
        return matrix.floor
    return found


def in_words(likelihood: int | None, impact: int | None, *, floor: bool = False) -> str:
    """Say a score with its colour, such as `15, Red`; `not scored` where a step is missing."""
    if likelihood is None or impact is None:
        return "not scored"
    return f"{score(likelihood, impact)}, {rag(likelihood, impact, floor=floor)}"


def entered(level: str) -> int:
    """Return the step that Low, Medium or High is kept as. Raises ScoringError for another word."""
    try:
        return shipped().entry[level.strip().capitalize()]
    except KeyError:
        raise ScoringError("Please choose Low, Medium or High.") from None


def level(step: int) -> str:
    """Return a step in three: Low, Medium or High. The colour never comes from this."""
    try:
        return shipped().levels[step]
    except KeyError:
        raise ScoringError("Likelihood and impact are steps from 1 to 5.") from None


def trend(before: int | None, after: int) -> Trend:
    """Return how a score moved since the last review; the first one has nothing to move from."""
    if before is None or before == after:
        return Trend.SAME
    return Trend.UP if after > before else Trend.DOWN


@functools.cache
def shipped() -> Matrix:
    """Return the matrix that comes with the program."""
    return parse((resources.files("knowledge") / "data" / "risk_matrix.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Matrix:
    """Read a matrix. Raises ScoringError where a product has no colour, or a part is missing."""
    data = yaml_text.parsed(text)
    try:
        matrix = Matrix(
            bands={Rag(name): (int(low), int(high)) for name, (low, high) in data["bands"].items()},
            entry={str(name): int(step) for name, step in data["entry"].items()},
            levels={int(step): str(name) for step, name in data["shown"].items()},
            floor=Rag(data["floor"]),
            likelihood=_steps(data["likelihood"]),
            impact=_steps(data["impact"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScoringError(f"the matrix cannot be read: {error}") from None
    products = {one * other for one in matrix.likelihood for other in matrix.impact}
    bare = sorted(one for one in products if sum(low <= one <= high for low, high in matrix.bands.values()) != 1)
    if bare:
        raise ScoringError(f"no colour, or more than one, for {', '.join(map(str, bare))}")
    return matrix


def _steps(rows: Mapping[Any, Mapping[str, str]]) -> dict[int, Step]:
    steps = {int(number): Step(row["name"], row["anchor"]) for number, row in rows.items()}
    if sorted(steps) != list(range(LOWEST, HIGHEST + 1)):
        raise ScoringError("a scale has the steps from 1 to 5")
    return steps
