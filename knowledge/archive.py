"""Which part of what was sent speaks of a question, and whether it does at all. Pure: no storage, no clock."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from rapidfuzz import fuzz, process

from knowledge import yaml_text
from knowledge.search.reading import STOP
from knowledge.search.words import LONGEST, stem, words

# What nearly every bulletin and every question here says, so that it tells nothing apart.
_COMMON = STOP | frozenset(
    ["bulletin", "bulletins", "newsletter", "child", "children", "safeguard", "safeguarding", "staff", "team", "work"]
)
_SATURATION, _LENGTH = 1.2, 0.5  # of BM25
_TITLE = 2  # how many times a word of a title or heading counts
_SPELT = 84  # of 100: how near a word has to be to be taken for one that was mistyped
_SHORTEST_MENDED = 5  # letters
_FEWEST = 2  # words of a question that have to be met before a bulletin is offered, unless it is in a heading
# Found with tests/knowledge/test_archive.py: where a question of a bulletin's own is found and one of others is not.
OFFERED_FROM, FOUND_FROM = 0.7, 0.35


@dataclass(frozen=True, slots=True)
class Passage:
    """One section of something that was sent: the number of what it stands in, and its words."""

    of: int
    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that speaks of a question, and how much of the question it meets, from 0 to 1."""

    passage: Passage
    score: float


def passages(of: int, title: str, kind: str, sections: Mapping[str, str]) -> list[Passage]:
    """Return the sections of something that was sent, each under its heading."""
    known = _headings().get(kind, {})
    return [Passage(of, title, known.get(key, key), text) for key, text in sections.items() if text]


@functools.cache
def _headings() -> Mapping[str, Mapping[str, str]]:
    """Return the heading of each section, by the kind of bulletin and the section's key."""
    data = yaml_text.parsed((resources.files("knowledge") / "data" / "bulletins.yaml").read_text(encoding="utf-8"))
    return {
        name: {row["key"]: row["label"] for row in kind["sections"] if "label" in row}
        for name, kind in data["kinds"].items()
    }


def offered(question: str, passages: Sequence[Passage]) -> Match | None:
    """Return the passage that surely speaks of a question; None in doubt."""
    enough = (
        match for match in _ranked(question, passages) if match.score >= OFFERED_FROM and _enough(question, match)
    )
    return next(enough, None)


def found(question: str, passages: Sequence[Passage]) -> list[Match]:
    """Return for each thing that was sent its passage that is nearest to some words, the best first."""
    best: dict[int, Match] = {}
    for match in _ranked(question, passages):
        if match.score >= FOUND_FROM:
            best.setdefault(match.passage.of, match)
    return list(best.values())


@dataclass(frozen=True, slots=True)
class _Corpus:
    """What was sent, counted: the words of each passage, in how many passages each word stands, the usual length."""

    passages: tuple[Passage, ...]
    counted: tuple[Counter[str], ...]
    among: Counter[str]
    usual: float


@functools.lru_cache(maxsize=4)  # what was sent changes once a week, and questions come all day
def _corpus(passages: tuple[Passage, ...]) -> _Corpus:
    counted = tuple(map(_terms, passages))
    among = Counter(term for terms in counted for term in terms)
    return _Corpus(passages, counted, among, sum(map(Counter.total, counted)) / max(len(counted), 1) or 1.0)


@functools.lru_cache(maxsize=4096)  # a bulletin that was sent never changes
def _terms(passage: Passage) -> Counter[str]:
    named = [*_stems(passage.title), *_stems(passage.heading)]
    return Counter([*named * _TITLE, *_stems(passage.text)])


def _stems(text: str) -> list[str]:
    pieces = (line[at : at + LONGEST] for line in text.splitlines() for at in range(0, len(line), LONGEST))
    return [stem(word) for piece in pieces for word in words(piece) if word not in _COMMON]


def _ranked(question: str, passages: Sequence[Passage]) -> list[Match]:
    """Rank the passages that meet a word of a question: BM25 by the best score that the question could have."""
    asked = list(dict.fromkeys(_stems(question)))
    if not asked or not passages:
        return []
    corpus = _corpus(tuple(passages))
    meant = [_mended(term, corpus.among) for term in asked]
    # a word that stands nowhere counts as the rarest one: it is what the question is about, and is not here
    worth = {term: math.log(1 + (len(passages) + 0.5) / (corpus.among[term] + 0.5)) for term in meant}
    matches = [
        Match(passage, _score(meant, terms, worth, corpus.usual))
        for passage, terms in zip(corpus.passages, corpus.counted, strict=True)
        if any(term in terms for term in meant)
    ]
    return sorted(matches, key=lambda match: -match.score)


def _score(asked: Sequence[str], terms: Counter[str], worth: Mapping[str, float], usual: float) -> float:
    length = 1 - _LENGTH + _LENGTH * terms.total() / usual
    met = sum(worth[term] * terms[term] * (1 + _SATURATION) / (terms[term] + _SATURATION * length) for term in asked)
    best = sum(worth[term] * (1 + _SATURATION) / (1 + _SATURATION * min(length, 1)) for term in asked)
    return min(met / best, 1.0)


def _enough(question: str, match: Match) -> bool:
    """Say whether more than one word is met, or every word stands in a title or heading."""
    asked, terms = set(_stems(question)), _terms(match.passage)
    named = {*_stems(match.passage.title), *_stems(match.passage.heading)}
    return sum(term in terms for term in asked) >= _FEWEST or asked <= named


def _mended(term: str, known: Iterable[str]) -> str:
    if term in known or len(term) < _SHORTEST_MENDED:
        return term
    near = process.extractOne(term, list(known), scorer=fuzz.ratio, score_cutoff=_SPELT)
    return str(near[0]) if near else term
