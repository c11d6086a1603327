"""Misspelt words, mended towards the words that the knowledge base uses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # letters; shorter words have too many neighbours one letter away
NEAR = 0.70  # least likeness of a correction: two slips in seven letters


class Speller:
    """Knows the words of the knowledge base and those of plain English. Lives as long as the index."""

    def __init__(self, own: Mapping[str, int], english: Collection[str]) -> None:
        """Take the words of the articles with how often each is used, and words never to be mended."""
        self._own = own
        self._english = english
        self._by_start: dict[str, list[str]] = {}
        for word in own:
            if len(word) >= SHORTEST:
                self._by_start.setdefault(word[0], []).append(word)
        self._all = [word for group in self._by_start.values() for word in group]

    def mend(self, typed: Iterable[str]) -> list[tuple[str, float]]:
        """Return the words meant and how sure each is: known ones as typed, others split, joined or corrected."""
        meant: list[tuple[str, float]] = []
        for word in typed:
            joined = meant[-1][0] + word if meant else ""
            if len(joined) > SHORTEST + 2 and joined in self._own and self._rarer(joined, meant[-1][0], word):
                meant[-1] = (joined, 1.0)
            elif word in self._own or word in self._english or len(word) < SHORTEST or word[0].isdigit():
                meant.append((word, 1.0))
            else:
                meant += self._split(word) or [self._nearest(word)]
        return meant

    def _rarer(self, joined: str, left: str, right: str) -> bool:
        return self._own[joined] <= min(self._own.get(left, 0), self._own.get(right, 0)) or (
            left not in self._own or right not in self._own
        )

    def _split(self, word: str, parts: int = 3) -> list[tuple[str, float]]:
        """Cut a run-together word into words of the knowledge base, the fewest possible."""
        for cut in range(len(word) - 2, 1, -1):
            left, right = word[:cut], word[cut:]
            if left in self._own and (len(left) > 2 or left in self._english):
                if right in self._own and (len(right) > 2 or right in self._english):
                    return [(left, 1.0), (right, 1.0)]
                if parts > 2 and len(right) > 4 and (rest := self._split(right, parts - 1)):
                    return [(left, 1.0), *rest]
        return []

    def _nearest(self, word: str) -> tuple[str, float]:
        """Find the word of the knowledge base that was most likely meant, or keep the word as typed."""
        best, best_likeness = word, 0.0
        for pool in (self._by_start.get(word[0], ()), self._all):
            for other, likeness, _ in process.extract(
                word, pool, scorer=OSA.normalized_similarity, score_cutoff=NEAR, limit=4
            ):
                rated = likeness + 0.06 * (other[0] == word[0]) + 0.03 * (other[-1] == word[-1])
                rated += min(self._own[other], 40) / 1000
                if rated > best_likeness:
                    best, best_likeness = other, rated
            if best_likeness:
                return best, min(best_likeness, 0.95)
        return word, 1.0
