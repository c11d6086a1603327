"""Train the guard's linear models on the invented messages: python -m tests.guard.train. Takes about eight minutes.

`python -m tests.guard.train fit` only writes the weights, in half a minute: the same weights, without the figures.

Every figure printed is out of fold by writer: the messages of one writer are judged by models that saw only the others.
What ships is then fitted on all of them.
"""

from __future__ import annotations

import collections
import itertools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from knowledge import articles
from knowledge.guard import lexicon
from knowledge.guard.evidence import Evidence, evidence
from knowledge.guard.reading import read
from tests.guard.texts import TEXTS, Labelled, digest, load
from tests.guard.wrapping import wrapped
from tests.search.evaluate import read as read_questions

SEARCH = Path(__file__).parents[1] / "search"
WEIGHTS = Path(articles.__file__).parent / "data" / "guard_weights.json"
DETAILS = frozenset(("DOB", "NHS_NUMBER", "NINO", "CASE_REF", "PHONE", "EMAIL", "ADDRESS", "POSTCODE"))
KINDS = {"names": frozenset(("NAME",)), "details": DETAILS, "schools": frozenset(("SCHOOL_YEAR_COMBO",))}
LEAST_SEEN = 7  # messages in which a feature stands, for it to get a weight
SMALLEST = 0.03  # a weight below this changes nothing


@dataclass(frozen=True, slots=True)
class Settings:
    """How strongly a model may lean on single features, and from which chances its findings count."""

    strength: float
    ask: float
    sure: float


SETTINGS = {
    "names": Settings(0.15, 0.36, 0.70),
    "details": Settings(0.5, 0.22, 0.22),
    "schools": Settings(0.5, 0.40, 0.40),
    "urgent": Settings(0.1, 0.20, 0.20),
    "case": Settings(0.1, 0.6, 0.6),
}


class Seen:
    """One message as the models see it."""

    def __init__(self, labelled: Labelled, writer: str, inside: Seen | None = None) -> None:
        self.labelled, self.writer, self.inside = labelled, writer, inside
        self.pieces: list[Evidence] = list(evidence(read(labelled.text), lexicon.shipped()))

    def lessons(self, model: str) -> Iterable[tuple[frozenset[str], bool]]:
        """Give the examples of this message and of the same message with business around it."""
        yield from self.examples(model)
        if self.inside:
            yield from self.inside.examples(model)

    def examples(self, model: str) -> Iterable[tuple[frozenset[str], bool]]:
        """Give what a model learns from this message: features, and whether they are what it looks for."""
        for piece in self.pieces:
            if model in KINDS:
                yield from ((one.features, self.holds(model, *piece.span(one))) for one in piece.mentions[model])
            else:
                yield piece.signs, self.labelled.urgent or (model == "case" and self.labelled.identifying)

    def holds(self, model: str, start: int, end: int) -> bool:
        """Say whether a piece of the message is marked as what a model looks for."""
        return any(span.kind in KINDS[model] and span.start < end and start < span.end for span in self.labelled.spans)


class Fitted:
    """A logistic regression over the features of some examples."""

    def __init__(self, examples: Iterable[tuple[frozenset[str], bool]], strength: float) -> None:
        rows, labels = zip(*examples, strict=True)
        counts = collections.Counter(feature for row in rows for feature in row)
        kept = sorted(feature for feature, count in counts.items() if count >= LEAST_SEEN)
        self.place = {feature: number for number, feature in enumerate(kept)}
        model = LogisticRegression(C=strength, solver="liblinear", max_iter=500, random_state=0)
        model.fit(self._matrix(rows), np.array(labels, dtype=int))
        self.weights, self.bias = model.coef_[0], float(model.intercept_[0])

    def _matrix(self, rows: Sequence[frozenset[str]]) -> Any:
        found = [sorted(self.place[feature] for feature in row if feature in self.place) for row in rows]
        ends = np.cumsum([0, *map(len, found)])
        flat = [number for row in found for number in row]
        return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(rows), len(self.place)))

    def chances(self, rows: Sequence[frozenset[str]]) -> Any:
        """Return how likely each row is."""
        return 1 / (1 + np.exp(-(self._matrix(rows) @ self.weights + self.bias))) if rows else np.zeros(0)


def fitted(model: str, seen: Iterable[Seen]) -> Fitted:
    """Fit one model on all examples of some messages, as they are and with business around them."""
    return Fitted((one for message in seen for one in message.lessons(model)), SETTINGS[model].strength)


def highest(models: Mapping[str, Fitted], seen: Sequence[Seen]) -> dict[str, Any]:
    """Return, for each model, the highest chance that it gives to anything in each message."""
    found: dict[str, Any] = {}
    for name, model in models.items():
        rows = [[features for features, _ in message.examples(name)] for message in seen]
        flat = model.chances([features for row in rows for features in row])
        ends = np.cumsum([0, *map(len, rows)])
        found[name] = np.array([max(flat[start:end], default=0.0) for start, end in itertools.pairwise(ends)])
    return found


def out_of_fold(seen: Sequence[Seen]) -> dict[str, Any]:
    """Return the highest chances in each message, from models that did not see its writer."""
    found = {name: np.zeros(len(seen)) for name in SETTINGS}
    for writer in sorted({message.writer for message in seen}):
        held = [number for number, message in enumerate(seen) if message.writer == writer]
        others = [message for message in seen if message.writer != writer]
        models = {name: fitted(name, others) for name in SETTINGS}
        for name, chances in highest(models, [seen[number] for number in held]).items():
            found[name][held] = chances
    return found


def report(title: str, seen: Sequence[Seen], chances: Mapping[str, Any]) -> None:
    """Print what the thresholds of SETTINGS would do to some messages."""
    identifying = np.array([message.labelled.identifying for message in seen])
    urgent = np.array([message.labelled.urgent for message in seen])
    stopped = np.any([chances[name] >= SETTINGS[name].sure for name in KINDS], axis=0)
    asked = np.any([chances[name] >= SETTINGS[name].ask for name in KINDS], axis=0)
    alarmed = chances["urgent"] >= SETTINGS["urgent"].ask
    clean = ~identifying & ~urgent
    shares = {
        "identifying found": asked[identifying],
        "clean stopped": stopped[clean],
        "clean stopped or asked": asked[clean],
        "urgent found": alarmed[urgent],
        "clean alarmed": alarmed[clean],
    }
    words = (f"{name} {rows.mean():.3f} of {len(rows)}" for name, rows in shares.items() if len(rows))
    sys.stdout.write(f"{title}: {', '.join(words)}\n")


def questions() -> list[Labelled]:
    """Return the questions that the search is trained on, some of them urgent, and the words of the articles."""
    library = articles.load(articles.shipped()).articles.values()
    asked = {words: False for article in library for words in (*article.questions, *article.aliases, article.title)}
    asked |= {words.strip(): False for article in library for words in article.body.split("\n\n") if words.strip()}
    for path in (*sorted(SEARCH.glob("development*.jsonl")), SEARCH / "danger.jsonl"):
        asked |= {one.text: one.kind == "urgent" for one in read_questions(path)}
    return [Labelled(text, urgent, spans=(), staff=()) for text, urgent in asked.items()]


def main(folder: Path = TEXTS, *, measured: bool = True) -> None:
    """Train and write the weights; print the figures by writer unless only the weights are wanted."""
    seen = [
        Seen(one, path.stem, Seen(wrapped(one, number), path.stem))
        for path in sorted((folder / "train").glob("*.txt"))
        for number, one in enumerate(load([path]))
    ]
    seen += [Seen(one, "articles") for one in questions()]
    if measured:
        _measure(seen)
    models = {name: _shipped(fitted(name, seen), settings) for name, settings in SETTINGS.items()}
    found = {"learnt_from": digest(folder), "models": models}
    WEIGHTS.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(seen: Sequence[Seen]) -> None:
    chances = out_of_fold(seen)
    for writer in (*sorted({message.writer for message in seen}), ""):
        chosen = [number for number, message in enumerate(seen) if writer in ("", message.writer)]
        part = {name: rows[chosen] for name, rows in chances.items()}
        report(writer or "all", [seen[number] for number in chosen], part)


def _shipped(model: Fitted, settings: Settings) -> dict[str, Any]:
    weights = {
        feature: round(float(model.weights[place]), 4)
        for feature, place in model.place.items()
        if abs(model.weights[place]) >= SMALLEST
    }
    return {"weights": weights, "bias": round(model.bias, 4), "ask": settings.ask, "sure": settings.sure}


if __name__ == "__main__":
    main(measured="fit" not in sys.argv[1:])
