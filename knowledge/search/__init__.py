"""Which article answers a question, and how sure we are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from knowledge.articles import Article


class Verdict(StrEnum):
    """What the assistant should do with a question."""

    ANSWER = "answer"
    OFFER = "offer"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest articles, best first, and how likely the first one is right."""

    verdict: Verdict
    slugs: tuple[str, ...]
    score: float


class Index:
    """A thin first version."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._names = [(a.slug, n.lower()) for a in articles for n in (a.title, *a.aliases, *a.questions)]
        self._words = [Counter(re.findall(r"[a-z0-9]+", n)) for _, n in self._names]
        df = Counter(w for words in self._words for w in words)
        self._idf = {w: math.log(1 + len(self._names) / n) for w, n in df.items()}
        self._unknown = max(self._idf.values(), default=1.0)

    def find(self, text: str) -> Found:
        """Say which articles answer a text, and whether to show, offer or decline."""
        text = " ".join(re.findall(r"[a-z0-9]+", text[:500].lower()))
        asked = set(text.split())
        total = sum(self._idf.get(w, self._unknown) for w in asked) or 1.0
        best: dict[str, float] = {}
        for (slug, name), words in zip(self._names, self._words, strict=True):
            both = sum(self._idf[w] for w in asked & words.keys())
            own = sum(self._idf[w] for w in words) or 1.0
            score = both / (total + own - both) * 0.6 + 0.4 * fuzz.token_sort_ratio(text, name) / 100
            best[slug] = max(best.get(slug, 0.0), score)
        slugs = tuple(sorted(best, key=best.__getitem__, reverse=True)[:3])
        score = best[slugs[0]] if slugs and asked else 0.0
        verdict = Verdict.ANSWER if score > 0.5 else Verdict.OFFER if score > 0.4 else Verdict.DECLINE
        return Found(verdict, slugs, score)
