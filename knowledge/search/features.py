"""What speaks for each candidate article: one row of numbers for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.search.corpus import BODY, NAME, QUESTION, Corpus, Floats, Ints
from knowledge.search.reading import FILLER, Place

CANDIDATES = 24  # articles compared closely; the right one is among them whenever a shared word finds it
FEATURES = (
    "bm25", "name_cosine", "question_cosine", "questions_cosine", "body_cosine", "name_cover", "question_cover",
    "cover", "one_name_cover", "one_question_cover", "name_likeness", "question_likeness", "name_inside",
    "body_cover", "plain_bm25", "lift", "pairs",
)  # fmt: skip


def article_scores(corpus: Corpus, places: Sequence[Place], worths: Floats) -> Floats:
    """Score all articles by BM25, divided by the best score the question could have had, unknown words counted."""
    total = sum(place.weight for place in places) or 1.0
    bm25 = np.zeros(len(corpus.slugs), np.float32)
    for place in places:
        if len(place.options) == 1:
            ((term, share),) = place.options.items()
            articles, worth = corpus.postings(term, worths)
            bm25[articles] += place.weight * share * worth
        elif place.options:
            best = np.zeros_like(bm25)
            for term, share in place.options.items():
                articles, worth = corpus.postings(term, worths)
                best[articles] = np.maximum(best[articles], share * worth)
            bm25 += place.weight * best
    return bm25 / total


def nearest(scores: Floats, count: int = CANDIDATES) -> Ints:
    """Return the articles with the best scores above nothing, best first."""
    top = np.argpartition(scores, -count)[-count:] if len(scores) > count else np.arange(len(scores))
    top = top[scores[top] > 0]
    return top[np.argsort(-scores[top], kind="stable")].astype(np.int32)


class Comparison:
    """The rows (names, questions, sentences) of some candidates, held against one question."""

    def __init__(self, corpus: Corpus, candidates: Ints, places: Sequence[Place]) -> None:
        self.corpus, self.places = corpus, places
        spans = [(corpus.article_starts[one], corpus.article_starts[one + 1]) for one in candidates]
        self.rows = np.concatenate([np.arange(low, high) for low, high in spans])
        self.owner = np.repeat(np.arange(len(candidates)), [high - low for low, high in spans])
        self.field = corpus.fields[self.rows]
        lows, highs = corpus.row_starts[self.rows], corpus.row_starts[self.rows + 1]
        self.length = highs - lows
        filled = self.length > 0
        self.filled = filled
        offsets = np.repeat(lows - np.concatenate([[0], np.cumsum(self.length)[:-1]]), self.length)
        self.terms = corpus.row_terms[np.arange(self.length.sum()) + offsets]
        self.cuts = np.concatenate([[0], np.cumsum(self.length[filled])[:-1]]).astype(np.int64)
        self.total = sum(place.weight for place in places) or 1.0
        self.count = len(candidates)

    def _by_row(self, values: Floats, how: np.ufunc) -> Floats:
        out = np.zeros(len(self.rows), np.float32)
        if len(self.terms):
            out[self.filled] = how.reduceat(values, self.cuts)
        return out

    def cosine(self) -> Floats:
        """Return the cosine of each row with the question, unknown words of the question counted."""
        corpus = self.corpus
        asked = np.zeros(len(corpus.ids) + 1, np.float32)
        square = 0.0
        for place in self.places:
            if not any(option in corpus.ids for option in place.options):
                square += place.weight**2
            for option, share in place.options.items():
                if (number := corpus.ids.get(option)) is not None:
                    sure = 1.0 if option[0] == "=" else share
                    asked[number] = max(asked[number], sure * corpus.term_weight[number])
        square += float(asked @ asked)
        values = asked[self.terms] * corpus.term_weight[self.terms]
        cosine: Floats = self._by_row(values, np.add) / (corpus.row_norm[self.rows] * max(square, 1e-6) ** 0.5)
        return cosine

    def matches(self) -> Floats:
        """Return places x rows: how far each row answers each word of the question, from 0 to 1."""
        out = np.zeros((len(self.places), len(self.rows)), np.float32)
        share = np.zeros(len(self.corpus.ids) + 1, np.float32)
        for number, place in enumerate(self.places):
            known = [(self.corpus.ids[o], s) for o, s in place.options.items() if o in self.corpus.ids]
            if not known:
                continue
            for term, worth in known:
                share[term] = worth
            out[number] = self._by_row(share[self.terms], np.maximum)
            for term, _ in known:
                share[term] = 0.0
        return out

    def pairs(self) -> Floats:
        """Return the share of the question's pairs of neighbouring words that each candidate has as neighbours."""
        ids = self.corpus.ids
        asked = [next((ids[o] for o in place.options if o in ids), -1) for place in self.places if place.options]
        weights = [place.weight for place in self.places if place.options]
        found, total = np.zeros(self.count, np.float32), 1e-6
        owners = np.repeat(self.owner, self.length)[:-1]
        for at in range(len(asked) - 1):
            weight = weights[at] + weights[at + 1]
            total += weight
            if asked[at] >= 0 and asked[at + 1] >= 0:
                hits = (self.terms[:-1] == asked[at]) & (self.terms[1:] == asked[at + 1])
                found[np.unique(owners[hits])] += weight
        return found / total

    def best(self, values: Floats, field: int) -> Floats:
        """Return each candidate's best value among its rows of one field."""
        out = np.zeros(self.count, np.float32)
        chosen = self.field == field
        np.maximum.at(out, self.owner[chosen], values[chosen])
        return out

    def best_few(self, values: Floats, field: int, few: int = 3) -> Floats:
        """Return the mean of each candidate's few best values among its rows of one field."""
        out = np.zeros(self.count, np.float32)
        left = np.where(self.field == field, values, 0.0)
        for _ in range(few):
            top = np.zeros(self.count, np.float32)
            np.maximum.at(top, self.owner, left)
            out += top / few
            left = np.where(left == top[self.owner], 0.0, left)
        return out

    def covered(self, matches: Floats, weights: Floats, field: int | None) -> Floats:
        """Return the share of the question that each candidate's rows explain together."""
        chosen = np.ones(len(self.rows), bool) if field is None else self.field == field
        out = np.zeros((len(self.places), self.count), np.float32)
        for number in range(len(self.places)):
            np.maximum.at(out[number], self.owner[chosen], matches[number, chosen])
        share: Floats = (weights @ out) / self.total
        return share


def compare(corpus: Corpus, candidates: Ints, places: Sequence[Place], scores: Floats) -> Floats:
    """Return one row of `FEATURES` for each candidate."""
    if not len(candidates):
        return np.empty((0, len(FEATURES)), np.float32)
    held = Comparison(corpus, candidates, places)
    cosine = held.cosine()
    matches = held.matches()
    weights = np.array([place.weight for place in places], np.float32)
    row_cover = (weights @ matches) / held.total
    text = " ".join(place.word for place in places)
    content = " ".join(place.word for place in places if place.weight > FILLER) or text
    name_like, question_like, inside = likeness(held, text, content)
    return np.stack(
        [
            scores[candidates],
            held.best(cosine, NAME),
            held.best(cosine, QUESTION),
            held.best_few(cosine, QUESTION),
            held.best(cosine, BODY),
            held.covered(matches, weights, NAME),
            held.covered(matches, weights, QUESTION),
            held.covered(matches, weights, None),
            held.best(row_cover, NAME),
            held.best(row_cover, QUESTION),
            name_like,
            question_like,
            inside,
            held.best(row_cover, BODY),
            article_scores(corpus, places, corpus.post_plain)[candidates],
            article_scores(corpus, places, corpus.post_lift)[candidates],
            held.pairs(),
        ],
        axis=1,
    )


def likeness(held: Comparison, text: str, content: str) -> tuple[Floats, Floats, Floats]:
    """Return how nearly the letters of the question equal a name, a question, and the longest name inside it."""
    corpus = held.corpus
    names = np.flatnonzero(held.field == NAME)
    questions = np.flatnonzero(held.field == QUESTION)
    own = [corpus.texts[row] for row in held.rows[names]]
    # Questions are kept with their words in order of the alphabet, so that the order of words does not count.
    asked = [corpus.texts[row] for row in held.rows[questions]]
    ordered = " ".join(sorted(text.split()))
    padded = f" {text} "
    within = [len(name) / max(len(content), len(name)) if f" {name} " in padded else 0.0 for name in own]
    found = np.zeros((3, held.count), np.float32)
    np.maximum.at(found[0], held.owner[names], process.cdist([text, content], own, scorer=fuzz.ratio).max(0) / 100)
    np.maximum.at(found[1], held.owner[questions], process.cdist([ordered], asked, scorer=fuzz.ratio)[0] / 100)
    np.maximum.at(found[2], held.owner[names], np.array(within, np.float32))
    return found[0], found[1], found[2]
