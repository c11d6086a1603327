"""What the guard decided in the last seven days, counted: by decision, by kind of detail and by rule. Never whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from db import screenings
from db.screenings import Counted
from handlers.context import Context
from handlers.messages import Element, Facts, Heading, Note, Table
from handlers.safety import KINDS
from knowledge.guard import Decision, Kind

WEEK = timedelta(days=7)
K = TypeVar("K")

_URGENT, _FAILED, _OVERRIDDEN = "urgent", "failed", "overridden"
_ASK, _BLOCK = Decision.ASK.value, Decision.BLOCK.value
_DECISIONS = {
    _URGENT: "Answered with 999",
    _BLOCK: "Refused",
    _ASK: "Asked whose name it is",
    _OVERRIDDEN: "Let through with a reason",
    _FAILED: "Could not be checked",
}
_COLUMNS = {_URGENT: "refused", _BLOCK: "refused", _ASK: "asked", _OVERRIDDEN: "let through"}
_OF_NAMES = "Only names can be let through. Half means that everything that was stopped was sent again with a reason."


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one rule stopped names that could be let through, and how often such names were let through."""

    rule: str
    stopped: int
    overridden: int

    @property
    def share(self) -> float:
        """Return how much of all that was let through, from 0 to 1."""
        return self.overridden / (self.overridden + self.stopped)


@dataclass(frozen=True, slots=True)
class Tally:
    """A week of the guard."""

    counted: tuple[Counted, ...]

    @property
    def failed(self) -> int:
        """Return how often the guard could not look."""
        return sum(row.times for row in self.counted if row.decision == _FAILED)

    @property
    def decisions(self) -> Facts:
        """Return how often each decision was taken."""
        times = _added((row.decision, row.times) for row in self.counted)
        return Facts(tuple((name, str(times[decision])) for decision, name in _DECISIONS.items()))

    @property
    def kinds(self) -> list[Element]:
        """Return what was found, and what was decided on it; nothing where nothing was found."""
        times = _added(
            ((kind, _COLUMNS[row.decision]), row.times)
            for row in self.counted
            for kind in row.kinds
            if row.decision in _COLUMNS
        )
        columns = tuple(dict.fromkeys(_COLUMNS.values()))
        found = sorted({kind for kind, _ in times}, key=lambda kind: (-sum(times[kind, one] for one in columns), kind))
        rows = tuple((_named(kind), *(str(times[kind, one]) for one in columns)) for kind in found)
        return [Table(("What was found", *map(str.capitalize, columns)), rows)] if rows else []

    @property
    def rates(self) -> list[Element]:
        """Return for each rule how much of what it stopped was let through; nothing where it stopped no names."""
        rows = tuple(
            (rate.rule, str(rate.stopped), str(rate.overridden), f"{rate.share:.0%}") for rate in rates(self.counted)
        )
        table = Table(("Rule", "Stopped", "Let through", "Share let through"), rows)
        return [Heading("How often a reason was given"), table, Note(_OF_NAMES)] if rows else []


def of_week(context: Context) -> Tally:
    """Count the last seven days."""
    return Tally(tuple(screenings.counts(context.session, since=context.now - WEEK)))


def rates(counted: Iterable[Counted]) -> list[Rate]:
    """Return the rate of each rule, the rule that is let through most often first."""
    stopped: Counter[str] = Counter()
    overridden: Counter[str] = Counter()
    for row in counted:
        names_alone = row.kinds == (Kind.NAME.value,)
        for rule in row.rules:
            if row.decision == _OVERRIDDEN:
                overridden[rule] += row.times
            elif names_alone and row.decision in (_ASK, _BLOCK):
                stopped[rule] += row.times
    found = [Rate(rule, stopped[rule], overridden[rule]) for rule in stopped | overridden]
    return sorted(found, key=lambda rate: (-rate.share, rate.rule))


def _added(pairs: Iterable[tuple[K, int]]) -> Counter[K]:
    times: Counter[K] = Counter()
    for key, number in pairs:
        times[key] += number
    return times


def _named(kind: str) -> str:
    """Return a kind in words; one that only another version of the guard knows as it was counted."""
    name = KINDS[Kind(kind)] if kind in set(Kind) else kind
    return name[:1].upper() + name[1:]
