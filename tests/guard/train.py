"""Train the guard's linear models on the invented messages: python -m tests.guard.train. Takes about two minutes.

Every figure printed is out of fold by writer: the messages of one writer are judged by models that saw only the others.
"""

from __future__ import annotations

import collections
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from knowledge import articles
from knowledge.guard import details, lexicon, names, schools
from knowledge.guard.context import Context
from knowledge.guard.mentions import Mention
from knowledge.guard.reading import read
from knowledge.guard.signs import signs
from knowledge.guard.tokens import tokens
from tests.guard.texts import TEXTS, Labelled, load

WEIGHTS = Path(articles.__file__).parent / "data" / "guard_weights.json"
FINDERS = ("names", "details", "schools")


class Seen:
    """One message as the models see it."""

    def __init__(self, labelled: Labelled, writer: str) -> None:
        self.labelled, self.writer = labelled, writer
        reading = read(labelled.text)
        words = lexicon.shipped()
        found = tokens(reading.text, words)
        context = Context(found)
        self.mentions: dict[str, list[tuple[Mention, int, int]]] = {
            "names": self._placed(names.mentions(context, words), reading, found),
            "details": self._placed(details.mentions(context, reading.text), reading, found),
            "schools": self._placed(schools.mentions(context, reading.text), reading, found),
        }
        self.signs = signs(found)

    @staticmethod
    def _placed(mentions: Iterable[Mention], reading: Any, found: Any) -> list[tuple[Mention, int, int]]:
        return [(one, *reading.span(found.all[one.first].start, found.all[one.last].end)) for one in mentions]


KINDS = {"names": ("NAME",), "schools": ("SCHOOL_YEAR_COMBO",), "details": ("DOB", "NHS_NUMBER", "NINO", "CASE_REF", "PHONE", "EMAIL", "ADDRESS", "POSTCODE", "UPN")}


def right(seen: Seen, finder: str, start: int, end: int) -> bool:
    return any(span.kind in KINDS[finder] and span.start < end and start < span.end for span in seen.labelled.spans)


class Fitted:
    def __init__(self, rows: Sequence[frozenset[str]], labels: Sequence[bool], strength: float, least: int) -> None:
        counts = collections.Counter(feature for row in rows for feature in row)
        kept = sorted(feature for feature, count in counts.items() if count >= least)
        self.place = {feature: number for number, feature in enumerate(kept)}
        model = LogisticRegression(C=strength, solver="liblinear", max_iter=400, random_state=0)
        model.fit(self._matrix(rows), np.array(labels, dtype=int))
        self.weights, self.bias = model.coef_[0], float(model.intercept_[0])

    def _matrix(self, rows: Sequence[frozenset[str]]) -> Any:
        indices = [sorted(self.place[feature] for feature in row if feature in self.place) for row in rows]
        flat = [number for row in indices for number in row]
        ends = np.cumsum([0, *map(len, indices)])
        return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(rows), len(self.place)))

    def chances(self, rows: Sequence[frozenset[str]]) -> Any:
        return 1 / (1 + np.exp(-(self._matrix(rows) @ self.weights + self.bias)))


SETTINGS = {"names": (0.3, 2), "details": (0.5, 2), "schools": (0.5, 2), "urgent": (0.1, 2)}


def data(finder: str, seen: Sequence[Seen]) -> tuple[list[frozenset[str]], list[bool], list[int]]:
    rows, labels, whose = [], [], []
    for number, one in enumerate(seen):
        if finder == "urgent":
            rows.append(one.signs); labels.append(one.labelled.urgent); whose.append(number)
            continue
        for mention, start, end in one.mentions[finder]:
            rows.append(mention.features); labels.append(right(one, finder, start, end)); whose.append(number)
    return rows, labels, whose


def fitted(finder: str, seen: Sequence[Seen]) -> Fitted:
    rows, labels, _ = data(finder, seen)
    return Fitted(rows, labels, *SETTINGS[finder])
