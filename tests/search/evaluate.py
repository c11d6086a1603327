"""Measure the search on a file of questions: python -m tests.search.evaluate FILE.

Prints, by kind of question, the search of this program beside rapidfuzz alone and BM25 alone. Each share comes with its
count and the 95% Wilson interval. Each of the others gets the threshold that is best for it on the development set: the
one with the greatest difference between in-scope questions answered right and other questions answered (Youden's J).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
from rapidfuzz import fuzz, process

from knowledge import articles, guard
from knowledge.articles import Article
from knowledge.search import Index, Verdict

DEVELOPMENT = Path(__file__).parent / "development.jsonl"
BLIND = Path(__file__).parent / "blind.jsonl"
SAFETY = frozenset(
    ("mash-referral", "lado-allegations", "professional-escalation", "whistleblowing", "private-fostering")
)


@dataclass(frozen=True, slots=True)
class Question:
    """One line of an evaluation file: `right` is empty where the question must not be answered."""

    text: str
    kind: str
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What a search said: articles, best first, and whether it would show the first."""

    slugs: tuple[str, ...]
    answered: bool


Search = Callable[[str], Guess]
Scorer = Callable[[str], tuple[tuple[str, ...], float]]


def read(path: Path) -> list[Question]:
    """Read an evaluation file: one JSON object a line with q, kind and slug (one, a list, or null)."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [Question(line["q"], line["kind"], _right(line["slug"])) for line in lines]


def _right(slug: Any) -> tuple[str, ...]:
    return () if slug is None else (slug,) if isinstance(slug, str) else tuple(slug)


def ours(index: Index) -> Search:
    """Wrap the search of this program."""

    def search(text: str) -> Guess:
        found = index.find(text)
        return Guess(found.slugs, found.verdict is Verdict.ANSWER)

    return search


def rapidfuzz_alone(library: Sequence[Article]) -> Scorer:
    """Score articles by the best WRatio of their title, aliases and questions."""
    names = [(one.slug, name.lower()) for one in library for name in (one.title, *one.aliases, *one.questions)]
    texts = [name for _, name in names]

    def score(text: str) -> tuple[tuple[str, ...], float]:
        best: dict[str, float] = {}
        for _, likeness, at in process.extract(text.lower()[:500], texts, scorer=fuzz.WRatio, limit=60):
            best.setdefault(names[at][0], likeness)
        return tuple(best)[:3], next(iter(best.values()), 0.0)

    return score


def bm25_alone(library: Sequence[Article]) -> Scorer:
    """Score articles by BM25 over everything that they say."""
    texts = [" ".join((one.title, *one.aliases, *one.questions, one.body)) for one in library]
    engine = bm25s.BM25()
    engine.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def score(text: str) -> tuple[tuple[str, ...], float]:
        tokens = bm25s.tokenize([text[:500]], stopwords="en", show_progress=False, return_ids=False)
        if not tokens[0]:
            return (), 0.0
        found, scores = engine.retrieve(tokens, k=min(3, len(texts)), show_progress=False)
        return tuple(library[at].slug for at in found[0]), float(scores[0][0])

    return score


def with_best_threshold(scorer: Scorer, questions: Iterable[Question]) -> Search:
    """Let a scorer answer from the threshold that suits it best on some questions."""
    seen = [(one, *scorer(one.text)) for one in questions if one.kind != "urgent"]
    inside = sum(bool(one.right) for one, _, _ in seen)
    outside = len(seen) - inside

    def gain(least: float) -> float:
        right = sum(score >= least and slugs[0] in one.right for one, slugs, score in seen if slugs)
        false = sum(score >= least and not one.right for one, _, score in seen)
        return right / max(inside, 1) - false / max(outside, 1)

    best = max(sorted({score for _, _, score in seen})[::3], key=gain)

    def search(text: str) -> Guess:
        slugs, score = scorer(text)
        return Guess(slugs, bool(slugs) and score >= best)

    return search


@dataclass(slots=True)
class Tally:
    """Counts for one kind of question."""

    asked: int = 0
    first: int = 0
    three: int = 0
    right: int = 0
    wrong: int = 0

    def add(self, question: Question, guess: Guess) -> None:
        """Count one guess."""
        hit = bool(guess.slugs) and guess.slugs[0] in question.right
        self.asked += 1
        self.first += hit
        self.three += bool(set(guess.slugs) & set(question.right))
        self.right += hit and guess.answered
        self.wrong += guess.answered and not hit


def tallies(questions: Iterable[Question], search: Search) -> dict[str, Tally]:
    """Count a search's guesses by kind; 'in scope' and 'safety topics' are counted beside."""
    counted: dict[str, Tally] = {}
    for question in questions:
        guess = search(question.text)
        kinds = [question.kind]
        if question.right:
            kinds.append("in scope")
        if question.kind in ("paraphrase", "indirect"):
            kinds.append("other words")
        if set(question.right) & SAFETY:
            kinds.append("safety topics")
        for kind in kinds:
            counted.setdefault(kind, Tally()).add(question, guess)
    return counted


def urgent_hits(questions: Iterable[Question]) -> dict[str, tuple[int, int]]:
    """Count by kind how many questions the guard took for danger."""
    hits: dict[str, tuple[int, int]] = {}
    for question in questions:
        found, asked = hits.get(question.kind, (0, 0))
        hits[question.kind] = found + guard.scan(question.text).urgent, asked + 1
    return hits


def share(count: int, of: int) -> str:
    """Write a share with its count and its 95% Wilson interval."""
    if not of:
        return "-"
    low, high = wilson(count, of)
    return f"{100 * count / of:5.1f}% ({count}/{of}, {100 * low:.0f}-{100 * high:.0f})"


def wilson(count: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% Wilson score interval of a share."""
    middle = (count + z * z / 2) / (of + z * z)
    reach = z / (of + z * z) * math.sqrt(count * (of - count) / of + z * z / 4)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def table(questions: Sequence[Question], library: Sequence[Article]) -> str:
    """Return the whole comparison as text."""
    development = read(DEVELOPMENT)
    searches = {
        "this search": ours(Index(library)),
        "rapidfuzz": with_best_threshold(rapidfuzz_alone(library), development),
        "BM25": with_best_threshold(bm25_alone(library), development),
    }
    lines = []
    for name, search in searches.items():
        lines.append(
            f"\n{name:14} {'right first':24} {'in first three':24} {'answered right':24} {'answered wrong':24}"
        )
        for kind, tally in tallies(questions, search).items():
            if kind in ("oos", "urgent"):
                lines.append(f"{kind:14} {'':24} {'':24} {'':24} {share(tally.wrong, tally.asked):24}")
            else:
                counts = (tally.first, tally.three, tally.right, tally.wrong)
                lines.append(f"{kind:14} " + " ".join(f"{share(count, tally.asked):24}" for count in counts))
    lines.append("\ntaken for danger")
    lines += [f"{kind:14} {share(*counts)}" for kind, counts in urgent_hits(questions).items()]
    return "\n".join(lines)


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else DEVELOPMENT
    library = list(articles.load(articles.shipped()).articles.values())
    print(table(read(chosen), library))  # noqa: T201 - a program for a terminal
