"""Which article answers a question, and how sure we are. Pure: no storage, no network, no clock.

A question is read word by word (`reading`, with `words`, `spelling` and `concepts`), an inverted index finds
candidates (`corpus`), each is compared closely (`features`), and two trained linear models (`model`) rank them and say
how likely the first is right, knowing what the question names that is not ours (`elsewhere`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from knowledge.articles import Article
from knowledge.search import tables
from knowledge.search.corpus import Corpus, Floats, Ints
from knowledge.search.features import FEATURES, article_scores, compare, nearest
from knowledge.search.model import Model
from knowledge.search.reading import FILLER, STOP, Reader
from knowledge.search.signs import Wording, signs
from knowledge.search.spelling import Speller
from knowledge.search.weighing import Weigh
from knowledge.search.words import plain, words

__all__ = ["Evidence", "Found", "Index", "Verdict"]

_LIKENESS = FEATURES.index("name_likeness")
MOST = 3  # articles named for one question: a person can take in three


class Verdict(StrEnum):
    """What the assistant should do with a question: show the first article, offer all, or say it does not know."""

    ANSWER = "answer"
    OFFER = "offer"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest articles, best first and at most three, and how likely the first one is right (0 to 1)."""

    verdict: Verdict
    slugs: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen in one question, before it was judged; training reads it too."""

    wording: Wording
    candidates: Ints
    rows: Floats
    foreign: list[tuple[str, ...]]


class Index:
    """Finds articles. Built once for a set of articles, then never changes."""

    def __init__(self, articles: Iterable[Article], model: Model | None = None) -> None:
        """Index articles. Takes about 2 ms an article."""
        kept = list(articles)
        self._tables = tables.shipped()
        self._model = model or Model.read(tables.weights())
        self._reader = Reader(self._tables.concepts)
        self.corpus = Corpus(kept, self._reader)
        self._names = {plain(name) for article in kept for name in (article.title, *article.aliases)}
        self._found: dict[str, Found] = {}  # for names only: what else people type is not kept, not even in memory
        self._weigh = Weigh(self.corpus, self._tables.english)
        lists = self._tables
        known = lists.english.keys() | lists.elsewhere.vocabulary | lists.concepts.vocabulary | STOP
        self._speller = Speller(self.corpus.surface, known)

    def find(self, text: str) -> Found:
        """Say which articles answer a text, and whether to show, offer or decline. Never fails."""
        name = plain(text)
        if name not in self._names:
            return self._judge(text)
        if name not in self._found:
            self._found[name] = self._judge(name)
        return self._found[name]

    def _judge(self, text: str) -> Found:
        evidence = self.evidence(text)
        if not len(evidence.candidates):
            return Found(Verdict.DECLINE, (), 0.0)
        scores = self._model.score(evidence.rows)
        order = np.argsort(-scores, kind="stable")
        slugs = tuple(self.corpus.slugs[evidence.candidates[at]] for at in order[:MOST])
        sure = self._model.sure(self.signs(evidence, scores, order))
        if evidence.rows[order[0], _LIKENESS] == 1.0:
            sure = max(sure, self._model.answer_from)  # whoever types a name in full means it
        if self.abroad(evidence, int(evidence.candidates[order[0]])):
            sure = min(sure, self._model.offer_from / 2)
        return Found(self._verdict(sure), slugs, sure)

    def evidence(self, text: str) -> Evidence:
        """Read a text and compare its candidates."""
        typed = words(text)
        stems = self._reader.stems(typed)
        foreign = self._tables.elsewhere.places(stems)
        # Where something is says nothing about which article is meant; `abroad` judges it afterwards.
        where = {typed[at] for at in self._tables.elsewhere.located(stems)}
        places = self._reader.places(typed, self._speller, self._weigh)
        for place in places:
            if place.word in where:
                place.weight = FILLER
        scores = article_scores(self.corpus, places, self.corpus.post_worth)
        candidates = nearest(scores)
        matters = {stems[at] for at in self._tables.elsewhere.matters(stems)}
        matters = {base for base in matters if self.corpus.ids.get(base) not in self.corpus.named}
        read = zip(places, self._reader.stems([place.word for place in places]), strict=True)
        wording = Wording(
            places=places,
            unknown=[place.weight for place in places if place.options and not self._weigh.known(place.options)],
            matters=[place.weight for place, base in read if base in matters and place.weight > FILLER],
        )
        return Evidence(wording, candidates, compare(self.corpus, candidates, places, scores), foreign)

    def signs(self, evidence: Evidence, scores: Floats, order: Ints) -> Floats:
        """Return the signs by which the best candidate is trusted or not."""
        foreign = self.abroad(evidence, int(evidence.candidates[order[0]]))
        return signs(evidence.wording, foreign=foreign, scores=scores[order], rows=evidence.rows[order])

    def abroad(self, evidence: Evidence, article: int) -> bool:
        """Say whether a question names a place outside the borough that an article does not name."""
        return any(not self.corpus.names(article, place) for place in evidence.foreign)

    def _verdict(self, sure: float) -> Verdict:
        if sure >= self._model.answer_from:
            return Verdict.ANSWER
        return Verdict.OFFER if sure >= self._model.offer_from else Verdict.DECLINE
