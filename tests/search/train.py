"""Train the weights of the search on both development sets: python -m tests.search.train. Takes about two minutes.

Ranking: a softmax over the candidates of each question. Confidence: a logistic regression on the signs of questions
that the ranker had not seen. Both are checked by cross-validation, printed; what ships is then fitted on all of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge import articles
from knowledge.search import Evidence, Index
from knowledge.search.corpus import Floats
from knowledge.search.features import FEATURES
from knowledge.search.model import Model
from knowledge.search.signs import SIGNS

FOLDS = 10
WEIGHTS = Path(articles.__file__).parent / "data" / "search_weights.json"
DEVELOPMENT = sorted(Path(__file__).parent.glob("development*.jsonl"))
OUT_OF_SCOPE_ANSWERED = 0.045  # at most, out of fold: the target is 5% on questions that nobody here has seen
URGENT = "urgent"  # answered by another part: knowledge/guard


@dataclass(slots=True)
class Asked:
    """One question of the training file with what the index saw in it."""

    kind: str
    right: list[str]
    seen: Evidence
    answers: Floats  # 1 for each candidate that is right, else 0


def main(paths: Sequence[Path]) -> None:
    """Train on some files, print the cross-validated figures and write the weights."""
    blank = Model(np.zeros(len(FEATURES), np.float32), np.zeros(len(SIGNS), np.float32), 0.0, 1.0, 1.0)
    index = Index(articles.load(articles.shipped()).articles.values(), blank)
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    asked = [_asked(index, json.loads(line)) for line in lines]
    asked = [one for one in asked if one.kind != URGENT]
    rows, right, rank = _out_of_fold(index, asked)
    sure = np.zeros(len(asked))
    for held, used in _folds(len(asked), seed=2):
        sure[held] = _sigmoid(_apply(_logistic(rows[used], right[used]), rows[held]))
    ours = np.array([bool(one.right) for one in asked])
    answer_from = _threshold(sure, ours)
    _report(asked, sure, right, ours, answer_from)
    confidence = _logistic(rows, right)
    WEIGHTS.write_text(json.dumps(_named(rank, confidence, answer_from), indent=1) + "\n", encoding="utf-8")


def _asked(index: Index, line: dict[str, Any]) -> Asked:
    right = [line["slug"]] if isinstance(line["slug"], str) else line["slug"] or []
    seen = index.evidence(line["q"])
    answers = np.array([index.corpus.slugs[one] in right for one in seen.candidates], np.float32)
    return Asked(line["kind"], right, seen, answers)


def _folds(count: int, seed: int) -> list[tuple[Any, Any]]:
    order = np.random.default_rng(seed).permutation(count)
    return [(order[n::FOLDS], np.setdiff1d(order, order[n::FOLDS])) for n in range(FOLDS)]


def _out_of_fold(index: Index, asked: Sequence[Asked]) -> tuple[Floats, Floats, Floats]:
    """Return each question's signs and whether its first article is right, by rankers that had not seen it."""
    rows = np.zeros((len(asked), len(SIGNS)), np.float32)
    right = np.zeros(len(asked), np.float32)
    for held, used in _folds(len(asked), seed=1):
        rank = _softmax_ranker([asked[one] for one in used])
        for one in held:
            seen = asked[one].seen
            if len(seen.candidates):
                scores = seen.rows @ rank
                order = np.argsort(-scores, kind="stable")
                rows[one] = index.signs(seen, scores, order)
                right[one] = asked[one].answers[order[0]]
    return rows, right, _softmax_ranker(asked)


def _softmax_ranker(asked: Sequence[Asked], decay: float = 1e-3, steps: int = 400) -> Floats:
    data = [(one.seen.rows, one.answers) for one in asked if one.answers.any()]
    spread = np.concatenate([rows for rows, _ in data]).std(axis=0) + 1e-6
    data = [(rows / spread, answers) for rows, answers in data]

    def slope(weights: Floats) -> Floats:
        total = decay * len(data) * weights
        for rows, answers in data:
            scores = rows @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            hoped = chances * answers
            total = total + rows.T @ (chances - hoped / hoped.sum())
        mean: Floats = total / len(data)
        return mean

    weights: Floats = (_descend(slope, len(spread), steps) / spread).astype(np.float32)
    return weights


def _logistic(rows: Floats, right: Floats, decay: float = 3e-3, steps: int = 1500) -> Floats:
    """Fit weights and, last, the bias."""
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.c_[(rows - middle) / spread, np.ones(len(rows))]

    def slope(weights: Floats) -> Floats:
        mean: Floats = scaled.T @ (_sigmoid(scaled @ weights) - right) / len(right) + decay * weights
        return mean

    weights = _descend(slope, scaled.shape[1], steps)
    own = weights[:-1] / spread
    return np.append(own, weights[-1] - own @ middle)


def _descend(slope: Callable[[Floats], Floats], size: int, steps: int) -> Floats:
    """Go down a slope by Adam with a falling step; deterministic."""
    weights, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, steps + 1):
        gradient = slope(weights)
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        size_of_step = 0.1 * (1 - step / (steps + 1))
        weights = weights - size_of_step * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights


def _apply(weights: Floats, rows: Floats) -> Floats:
    values: Floats = rows @ weights[:-1] + weights[-1]
    return values


def _sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -40, 40)))


def _threshold(sure: Floats, ours: Floats) -> float:
    """Return the lowest confidence at which few enough questions that are not ours are answered."""
    others = np.sort(sure[~ours.astype(bool)])[::-1]
    return float(others[int(OUT_OF_SCOPE_ANSWERED * len(others))]) + 1e-3


def _report(asked: Sequence[Asked], sure: Floats, right: Floats, ours: Floats, answer_from: float) -> None:
    inside = ours.astype(bool)
    say = sys.stdout.write
    say(f"{FOLDS}-fold cross-validation, {len(asked)} questions, first right {right[inside].mean():.3f}\n")
    for least in (0.2, 0.3, 0.4, 0.5, 0.6, answer_from):
        shown = sure >= least
        say(
            f"from {least:.2f}: answered right {(shown & (right > 0))[inside].mean():.3f}, "
            f"wrong {(shown & (right == 0))[inside].mean():.3f}, out of scope {shown[~inside].mean():.3f}\n"
        )


def _named(rank: Floats, confidence: Floats, answer_from: float) -> dict[str, Any]:
    return {
        "rank": {name: round(float(value), 4) for name, value in zip(FEATURES, rank, strict=True)},
        "confidence": {name: round(float(value), 4) for name, value in zip(SIGNS, confidence[:-1], strict=True)},
        "bias": round(float(confidence[-1]), 4),
        "answer_from": round(answer_from, 3),
        "offer_from": round(answer_from / 4, 3),
    }


if __name__ == "__main__":
    main(DEVELOPMENT)
