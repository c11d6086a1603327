"""The articles as arrays of terms: an inverted index to find candidates, rows of terms to compare them."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Sequence
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
CONCEPT_WEIGHT = 0.6  # of a concept in a cosine: less than a word, as concepts overlap
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
        *(Unit(number, QUESTION, question) for question in dict.fromkeys((*article.questions, *article.said_as))),
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
        self.texts: list[str] = []
        terms, lengths, fields, starts = array("i"), array("i"), array("b"), array("i", [0])
        for number, article in enumerate(articles):
            for unit in units(number, article):
                row = self._read(unit, reader)
                terms.extend(row)
                lengths.append(len(row))
                fields.append(unit.field)
            starts.append(len(lengths))
        self.fields = np.array(fields, np.int8)
        self.article_starts = np.array(starts, np.int32)
        self.row_starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int32)]).astype(np.int32)
        self.row_terms = np.array(terms, np.int32)
        self._count()
        self._norms()

    def _read(self, unit: Unit, reader: Reader) -> list[int]:
        """Take up the words of a unit and return its terms, each once, stems in their order before concepts."""
        typed = words(unit.text)
        self.surface.update(typed)
        self.texts.append(_kept(unit.field, typed))
        stems, concepts = reader.terms(typed)
        row = list(dict.fromkeys(self.ids.setdefault(term, len(self.ids)) for term in (*stems, *concepts)))
        if unit.field == NAME:
            self.named.update(row)
        return row

    def _count(self) -> None:
        """Build the postings of each term, the rarity of each term, and three measures of what a use says."""
        articles, size = len(self.slugs), len(self.ids)
        owners_of_rows = np.repeat(np.arange(articles), np.diff(self.article_starts))
        widths = np.diff(self.row_starts)
        # Sorted by term, then by article: the postings of one term lie side by side.
        keys = self.row_terms.astype(np.int64) * max(articles, 1) + np.repeat(owners_of_rows, widths)
        unique, place = np.unique(keys, return_inverse=True)
        terms, owners = unique // max(articles, 1), unique % max(articles, 1)
        self.post_articles = owners.astype(np.int32)
        self.post_starts = np.searchsorted(terms, np.arange(size + 1))
        frequency = np.bincount(terms, minlength=size + 1)
        self.idf = np.log(1 + (max(articles, 1) - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self.rarest = math.log(1 + (max(articles, 1) - 0.5) / 1.5)
        self.is_concept = np.array([*(term[0] == "=" for term in self.ids), False])
        said = np.array(FIELD_WORTH, np.float64)[np.repeat(self.fields, widths)]
        self._measure(
            terms, owners, np.bincount(place, said, len(unique)) * 1.0, np.bincount(place, minlength=len(unique))
        )

    def _measure(self, terms: Ints, owners: Ints, said: Floats, times: Ints) -> None:
        """Measure each posting from 0 to 1: by field, as BM25 does, and against how often all articles use the term."""
        length = np.bincount(owners, times, len(self.slugs))
        long = (length / max(length.sum() / max(len(length), 1), 1.0))[owners]
        rate = times / np.maximum(length, 1.0)[owners]
        usual = np.bincount(terms, times, len(self.ids)) / max(length.sum(), 1.0)
        lift = np.log1p(rate / usual[terms]) / math.log1p(max(len(self.slugs), 1))
        self.post_worth = (said / (said + SATURATION)).astype(np.float32)
        damping = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * long)
        self.post_plain = (times / (times + damping)).astype(np.float32)
        self.post_lift = lift.astype(np.float32)

    def _norms(self) -> None:
        """Measure each row as a vector of its terms, for cosines."""
        self.term_weight = np.where(self.is_concept, CONCEPT_WEIGHT * self.idf, self.idf).astype(np.float32)
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
