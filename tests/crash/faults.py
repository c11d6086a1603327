"""What goes wrong between the bot and the chat server, and how often: a table, and dice that can be thrown again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from enum import StrEnum


class Fault(StrEnum):
    """One way in which a call goes wrong. 'Before' and 'after' speak of the moment at which the message is posted."""

    BUSY = "429 with Retry-After"
    ERROR_BEFORE = "500 before it is posted"
    ERROR_AFTER = "500 after it is posted"
    SILENT_BEFORE = "no answer, not posted"
    SILENT_AFTER = "no answer, posted"
    CUT_BEFORE = "cut, not posted"
    CUT_AFTER = "cut, posted"
    SLOW = "slow, posted late"
    LOOK_BUSY = "history: 429 with Retry-After"
    LOOK_ERROR = "history: 500"
    LOOK_CUT = "history: cut"
    LOOK_SLOW = "history: slow"


POSTING: dict[Fault, float] = {
    Fault.BUSY: 0.03,
    Fault.ERROR_BEFORE: 0.02,
    Fault.ERROR_AFTER: 0.02,
    Fault.SILENT_BEFORE: 0.004,
    Fault.SILENT_AFTER: 0.004,
    Fault.CUT_BEFORE: 0.02,
    Fault.CUT_AFTER: 0.02,
    Fault.SLOW: 0.05,
}
LOOKING: dict[Fault, float] = {
    Fault.LOOK_BUSY: 0.05,
    Fault.LOOK_ERROR: 0.05,
    Fault.LOOK_CUT: 0.05,
    Fault.LOOK_SLOW: 0.15,
}
SLOWEST_SECONDS, SLOWEST_LOOK_SECONDS = 6.0, 2.0  # within the ten seconds that the bot waits


class Dice:
    """Decides for every call what goes wrong, with a seed. It lives as long as the chat server and counts.

    `rate` makes every fault that many times as likely: 0 for a server that does all it is asked. `only` names
    the faults that there are, where not all of them are wanted.
    """

    def __init__(
        self, seed: int, rate: float, *, slowness: float = 1.0, only: Collection[Fault] = tuple(Fault)
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.rate = rate
        self._slowness = slowness
        self._only = frozenset(only)
        self._random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret

    def thrown(self, table: dict[Fault, float]) -> Fault | None:
        """Return what goes wrong with the next call; None when all goes well."""
        number = self._random.random()
        for fault, share in table.items():
            number -= share * self.rate
            if number < 0:
                if fault not in self._only:
                    return None
                self.counts[fault.value] += 1
                return fault
        return None

    def seconds(self, longest: float) -> float:
        """Return how long something slow takes."""
        return self._random.uniform(0.05, longest * self._slowness)

    def chance(self, share: float) -> bool:
        """Say yes in this share of the cases."""
        return self._random.random() < share
