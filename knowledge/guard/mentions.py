"""Something in a text that may identify a family: where it stands, what it may be, and what speaks for it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace

from knowledge.guard.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Mention:
    """One candidate. `first` and `last` are tokens; `features` are what the weights are for."""

    kind: str
    first: int
    last: int
    rule: str
    features: frozenset[str]
    certain: bool = False  # its shape alone says it, whatever stands around it

    def within(self, features: frozenset[str]) -> Mention:
        """Return it with more features, those of what it stands in."""
        return replace(self, features=self.features | features)


def covered(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    """Return the first and the last token that a piece of text touches."""
    first = bisect.bisect_right(tokens.all, start, key=lambda token: token.end)
    last = bisect.bisect_left(tokens.all, end, key=lambda token: token.start) - 1
    return (first, last) if first <= last else None
