"""The trained weights: which candidate is best, and how likely it is right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge.search.corpus import Floats
from knowledge.search.features import FEATURES
from knowledge.search.signs import SIGNS


@dataclass(frozen=True, slots=True)
class Model:
    """Two linear models and two thresholds, learnt on questions that nobody at run time sees."""

    rank: Floats
    confidence: Floats
    bias: float
    answer_from: float
    offer_from: float

    @classmethod
    def read(cls, weights: Mapping[str, Any]) -> Model:
        """Read weights by name, so that a feature without a weight is an error and not a shift."""
        return cls(
            rank=np.array([weights["rank"][name] for name in FEATURES], np.float32),
            confidence=np.array([weights["confidence"][name] for name in SIGNS], np.float32),
            bias=float(weights["bias"]),
            answer_from=float(weights["answer_from"]),
            offer_from=float(weights["offer_from"]),
        )

    def score(self, rows: Floats) -> Floats:
        """Score each candidate; only differences within one question mean anything."""
        scores: Floats = rows @ self.rank
        return scores

    def sure(self, row: Floats) -> float:
        """Return how likely the best candidate is right, from 0 to 1."""
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, float(row @ self.confidence) + self.bias))))
