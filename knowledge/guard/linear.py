"""Linear models as plain numbers: a weight for each feature, a bias, and the chances from which something counts."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Model:
    """One trained judgement. `ask` and `sure` are chances between 0 and 1."""

    weights: Mapping[str, float]
    bias: float
    ask: float
    sure: float

    def chance(self, features: Iterable[str]) -> float:
        """Return how likely it is, between 0 and 1."""
        total = self.bias + sum(self.weights.get(feature, 0.0) for feature in features)
        return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))


@functools.cache
def shipped() -> Mapping[str, Model]:
    """Read the models that `python -m tests.guard.train` wrote, by what they judge."""
    file = resources.files("knowledge") / "data" / "guard_weights.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    return {name: Model(**model) for name, model in found["models"].items()}
