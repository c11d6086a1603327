"""The articles as arrays of terms: an inverted index to find candidates, rows of terms to compare them."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Article
from knowledge.search.reading import Reader
from knowledge.search.words import words

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

NAME, QUESTION, BODY = 0, 1, 2
FIELD_WORTH = (2.5, 1.0, 0.6)  # how much one use of a term says in a name, a question, a sentence of the body
LENGTH_SHARE = 0.6  # BM25's b: how far a long article's repetitions are discounted
SATURATION = 1.2  # BM25's k1: a second use of a term says less than the first

_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
_MARKUP = re.compile(r"\(kb:[^)]*\)|[*\[\]]")


@dataclass(frozen=True, slots=True)
class Unit:
    """One name, question or sentence of an article."""

    article: int
    field: int
    text: str


def units(number: int, article: Article) -> list[Unit]:
    """Cut an article into its names, its questions and the sentences of its body."""
    names = dict.fromkeys((article.title, *article.aliases))
    sentences = (part.strip() for part in _SENTENCE.split(_MARKUP.sub("", article.body)))
    return [
        *(Unit(number, NAME, name) for name in names),
        *(Unit(number, QUESTION, question) for question in dict.fromkeys(article.questions)),
        *(Unit(number, BODY, sentence) for sentence in sentences if sentence.count(" ") > 1),
    ]


def _kept(field: int, typed: Sequence[str]) -> str:
    """Return what letters are compared with: a name as it is, a question's words sorted, of a sentence nothing."""
    return " ".join(typed) if field == NAME else " ".join(sorted(typed)) if field == QUESTION else ""


class Corpus:
    """What the index knows about its articles. Immutable once built; lives as long as the index."""

    def __init__(self, articles: Sequence[Article], reader: Reader) -> None:
        self.slugs = [article.slug for article in articles]
        self.surface: Counter[str] = Counter()
        self.ids: dict[str, int] = {}
        self.named: set[int] = set()
        flat, lengths = array("i"), array("i")
        fields: list[int] = []
        starts = [0]
        names: list[str] = []
        uses: list[dict[int, float]] = []
        counts: list[Counter[int]] = []
        for number, article in enumerate(articles):
            weights: dict[int, float] = {}
            count: Counter[int] = Counter()
            for unit in units(number, article):
                typed = words(unit.text)
                self.surface.update(typed)
                stems, concepts = reader.terms(typed)
                row = list(dict.fromkeys(self.ids.setdefault(term, len(self.ids)) for term in (*stems, *concepts)))
                for term in row:
                    weights[term] = weights.get(term, 0.0) + FIELD_WORTH[unit.field]
                count.update(row)
                flat.extend(row)
                lengths.append(len(row))
                if unit.field == NAME:
                    self.named.update(row)
                fields.append(unit.field)
                names.append(_kept(unit.field, typed))
            uses.append(weights)
            counts.append(count)
            starts.append(len(lengths))
        self.texts = names
        self.fields = np.array(fields, np.int8)
        self.article_starts = np.array(starts, np.int32)
        self.row_starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int32)]).astype(np.int32)
        self.row_terms = np.array(flat, np.int32)
        self._weigh(uses)
        self._invert(uses, counts)
        self._norms()

    def _weigh(self, uses: Sequence[Mapping[int, float]]) -> None:
        """Give each term its inverse document frequency, over articles."""
        count = max(len(uses), 1)
        frequency = np.zeros(len(self.ids) + 1, np.float32)
        for weights in uses:
            frequency[list(weights)] += 1
        self.frequency = frequency
        self.idf = np.log(1 + (count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self.rarest = math.log(1 + (count - 0.5) / 1.5)
        concept = np.zeros(len(self.ids) + 1, bool)
        for term, number in self.ids.items():
            concept[number] = term[0] == "="
        self.is_concept = concept

    def _invert(self, uses: Sequence[Mapping[int, float]], counts: Sequence[Counter[int]]) -> None:
        """Build the postings of each term: the articles that use it, and how much that use says (0 to 1)."""
        terms = np.fromiter((t for weights in uses for t in weights), np.int32)
        owners = np.repeat(np.arange(len(uses), dtype=np.int32), [len(weights) for weights in uses])
        raw = np.fromiter((w for weights in uses for w in weights.values()), np.float32)
        order = np.argsort(terms, kind="stable")
        self.post_articles = owners[order]
        self.post_worth = (raw / (raw + SATURATION))[order]
        pairs = zip(uses, counts, strict=True)
        times = np.fromiter((count[t] for weights, count in pairs for t in weights), np.float32)
        length = np.array([sum(count.values()) for count in counts], np.float32)
        long = length / max(float(length.mean()) if len(length) else 1.0, 1e-6)
        damped = times / (times + SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * long[owners]))
        self.post_plain = damped[order]
        rate = times / np.maximum(length, 1.0)[owners]
        usual = np.bincount(terms, times, minlength=len(self.ids)) / max(float(length.sum()), 1.0)
        lift = np.log1p(rate / usual[terms]) / math.log1p(len(uses))
        self.post_lift = lift.astype(np.float32)[order]
        self.post_starts = np.searchsorted(terms[order], np.arange(len(self.ids) + 1)).astype(np.int64)

    def _norms(self) -> None:
        """Measure each row as a vector of its terms, for cosines."""
        self.term_weight = np.where(self.is_concept, 0.6 * self.idf, self.idf).astype(np.float32)
        squares = np.concatenate([[0.0], np.cumsum(self.term_weight[self.row_terms].astype(np.float64) ** 2)])
        self.row_norm = np.sqrt(squares[self.row_starts[1:]] - squares[self.row_starts[:-1]]).astype(np.float32)
        self.row_norm = np.maximum(self.row_norm, 1e-6)

    def postings(self, term: str, worth: Floats) -> tuple[Ints, Floats]:
        """Return the articles that use a term, and what each use is worth."""
        number = self.ids.get(term)
        if number is None:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        part = slice(self.post_starts[number], self.post_starts[number + 1])
        return self.post_articles[part], worth[part]

    def names(self, article: int, stems: Sequence[str]) -> bool:
        """Say whether an article uses all of some stemmed words."""
        return all(article in self.postings(one, self.post_worth)[0] for one in stems)
