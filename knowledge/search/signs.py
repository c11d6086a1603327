"""What tells how far the best article may be trusted: one row of numbers for a question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.search.corpus import Floats
from knowledge.search.features import FEATURES
from knowledge.search.reading import FILLER, Place

SIGNS = (
    "score", "lead", "lead_over_rest", "share", "unknown_share", "unknown_most", "unknown_sum", "content_words",
    "rare_words", "words", "one_by_words", "foreign", "matter_words", "matter_sum", "matter_share", "matter_any",
    *FEATURES,
)  # fmt: skip
NEAR = 3  # candidates that a person would see
FAR = 5.0  # the lead of an article that has no rival
RARE = 4.5  # weight from which a word is named in one article or none


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a question weigh: all of them, those that no article uses, those of other matters."""

    places: Sequence[Place]
    unknown: Sequence[float]
    matters: Sequence[float]


def signs(wording: Wording, *, foreign: bool, scores: Floats, rows: Floats) -> Floats:
    """Return the `SIGNS` of a question whose candidates have these scores and feature rows, best first."""
    places, unknown, matters = wording.places, wording.unknown, wording.matters
    weights = [place.weight for place in places]
    total = max(sum(weights), 0.1)
    content = sum(weight > FILLER for weight in weights)
    chances = np.exp(scores - scores[0])
    return np.array(
        [
            scores[0],
            scores[0] - scores[1] if len(scores) > 1 else FAR,
            scores[:NEAR].mean() - scores[NEAR:].mean() if len(scores) > NEAR else 0.0,
            1.0 / chances.sum(),
            sum(unknown) / total,
            max(unknown, default=0.0),
            sum(unknown),
            math.log1p(content),
            sum(weight > RARE for weight in weights),
            len(places),
            1 / (1 + len(places)),
            foreign,
            len(matters),
            sum(matters),
            sum(matters) / total,
            bool(matters),
            *rows[0],
        ],
        np.float32,
    )
