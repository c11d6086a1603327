"""Figures of a guard on labelled messages: what it finds, what it stops by mistake, by kind and by origin of name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge import guard
from tests.guard.texts import TEXTS, Labelled, Span

ROUNDS = sorted((TEXTS / "rounds").glob("*.txt"))
KINDS = ["NAME", "DOB", "NHS_NUMBER", "NINO", "CASE_REF", "PHONE", "EMAIL", "ADDRESS", "POSTCODE", "SCHOOL_YEAR_COMBO"]
ORIGINS = ["english", "bengali", "somali", "east_european", "african", "arabic", "chinese"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What some guard said of one message: where it saw details, whether it stops or asks, whether it is urgent."""

    spans: tuple[tuple[int, int], ...]
    blocked: bool
    urgent: bool

    def touches(self, span: Span) -> bool:
        """Say whether a marked piece was seen, at least in part."""
        return any(start < span.end and span.start < end for start, end in self.spans)


class Judge(Protocol):
    """A guard, or something to compare one with."""

    def __call__(self, text: str) -> Judged:
        """Judge one message."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the 95% interval of Wilson."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "none"
        low, high = self.interval
        return f"{self.hits / self.of:6.1%} of {self.of} ({low:.1%} to {high:.1%})"

    @property
    def interval(self) -> tuple[float, float]:
        """Return the interval in which the true share lies, 19 times out of 20."""
        z, share = 1.96, self.hits / self.of
        middle = (share + z * z / (2 * self.of)) / (1 + z * z / self.of)
        half = z / (1 + z * z / self.of) * math.sqrt(share * (1 - share) / self.of + z * z / (4 * self.of**2))
        return max(middle - half, 0.0), min(middle + half, 1.0)


def ours(text: str) -> Judged:
    """Judge a message with the shipped guard."""
    found = guard.scan(text)
    spans = tuple((one.start, one.end) for one in found.findings)
    return Judged(spans, found.identifying and found.decision is guard.Decision.BLOCK, found.urgent)


def figures(messages: Sequence[Labelled], judge: Judge) -> dict[str, Share]:
    """Return the figures that the guard is held to, by name."""
    judged = [(one, judge(one.text)) for one in messages]
    clean = [(one, said) for one, said in judged if not one.identifying and not one.urgent]
    found = {
        "identifying found": _share((bool(said.spans) for one, said in judged if one.identifying)),
        "clean stopped": _share(said.blocked for _, said in clean),
        "clean stopped or asked": _share(bool(said.spans) for _, said in clean),
        "urgent found": _share(said.urgent for one, said in judged if one.urgent),
        "clean alarmed": _share(said.urgent for _, said in clean),
    }
    for kind in KINDS:
        found[f"{kind} found"] = _share(
            said.touches(span) for one, said in judged for span in one.spans if span.kind == kind
        )
    for origin in ORIGINS:
        found[f"{origin} families found"] = _share(
            said.touches(span) for one, said in judged for span in one.spans if span.origin == origin
        )
        found[f"{origin} colleagues stopped"] = _share(
            said.touches(span) for one, said in judged for span in one.staff if span.origin == origin
        )
    return {name: share for name, share in found.items() if share.of}


def table(columns: dict[str, dict[str, Share]]) -> str:
    """Return several sets of figures side by side, as text."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    lines = [f"{'':28}" + "".join(f"{title:34}" for title in columns)]
    lines += [f"{name:28}" + "".join(f"{column.get(name, '')!s:34}" for column in columns.values()) for name in names]
    return "\n".join(lines)


def _share(hits: Iterable[bool]) -> Share:
    kept = list(hits)
    return Share(sum(kept), len(kept))
