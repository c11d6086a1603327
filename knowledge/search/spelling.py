"""Misspelt words, mended towards the words that the knowledge base uses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # letters; shorter words have too many neighbours one letter away
PIECE = 3  # letters; a shorter part of a run-together word must be plain English: 'do', 'on'
NEAR = 0.70  # least likeness of a correction: two slips in seven letters
NEARER = 0.75  # least likeness where the typed word is itself English ("sings" for "signs"), or part of another
DOUBT = 0.3  # how much less sure we are that an English word was meant to be another


@dataclass(frozen=True, slots=True)
class Meant:
    """A typed word as it was probably meant, how sure that is (0 to 1), and a second reading if there is one."""

    word: str
    sure: float = 1.0
    perhaps: str = ""
    perhaps_sure: float = 0.0


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

    def mend(self, typed: Iterable[str]) -> list[Meant]:
        """Read words as they were meant: known ones as typed, others joined, cut apart or corrected."""
        meant: list[Meant] = []
        for word in typed:
            if meant and self._belong(meant[-1].word, word):
                meant[-1] = Meant(meant[-1].word + word)
            elif word in self._own or len(word) < SHORTEST or word[0].isdigit():
                meant.append(Meant(word))
            elif word in self._english:
                other, likeness = self._nearest(word, NEARER, self._by_start.get(word[0], ()))
                meant.append(Meant(word, 1.0, other, DOUBT * likeness) if likeness else Meant(word))
            else:
                meant += self._unknown(word)
        return meant

    def _belong(self, left: str, right: str) -> bool:
        """Say whether two words are one of ours, typed apart: 'whistle blowing'."""
        joined = left + right
        return len(joined) > SHORTEST + 2 and joined in self._own and not (left in self._own and right in self._own)

    def _unknown(self, word: str) -> list[Meant]:
        if pieces := self._pieces(word):
            return [Meant(piece) for piece in pieces]
        whole, likeness = self._nearest(word, NEAR, self._by_start.get(word[0], ()))
        if likeness < 1 - 1.5 / len(word) and (cut := self._cut(word)):
            return cut
        if not likeness:
            whole, likeness = self._nearest(word, NEARER, self._all)
        return [Meant(whole, min(likeness, 0.95))] if likeness else [Meant(word)]

    def _pieces(self, word: str, parts: int = 2) -> list[str]:
        """Cut a run-together word into words of the knowledge base, the fewest possible."""
        for cut in range(len(word) - 2, 1, -1):
            left, right = word[:cut], word[cut:]
            if not self._piece(left):
                continue
            if self._piece(right):
                return [left, right]
            if parts > 1 and len(right) > SHORTEST and (rest := self._pieces(right, parts - 1)):
                return [left, *rest]
        return []

    def _piece(self, part: str) -> bool:
        return part in self._own and (len(part) >= PIECE or part in self._english)

    def _cut(self, word: str) -> list[Meant]:
        """Cut a run-together word whose one part is misspelt: 'datadashbord'."""
        for cut in range(len(word) - SHORTEST, SHORTEST - 1, -1):
            left, right = word[:cut], word[cut:]
            if left in self._own:
                other, likeness = self._nearest(right, NEARER, self._by_start.get(right[0], ()))
                if likeness:
                    return [Meant(left), Meant(other, likeness)]
            elif right in self._own:
                other, likeness = self._nearest(left, NEARER, self._by_start.get(left[0], ()))
                if likeness:
                    return [Meant(other, likeness), Meant(right)]
        return []

    def _nearest(self, word: str, least: float, pool: Collection[str]) -> tuple[str, float]:
        """Find the word of the knowledge base that was most likely meant, and its likeness (0 if there is none)."""
        found, best, likeness_of_best = "", 0.0, 0.0
        for other, likeness, _ in process.extract(
            word, pool, scorer=OSA.normalized_similarity, score_cutoff=least, limit=5
        ):
            # Of equally near words: the same end, the same letters (two swapped), and the more used word.
            rated = likeness + 0.03 * (other[-1] == word[-1]) + 0.05 * (sorted(other) == sorted(word))
            rated += min(self._own[other], 40) / 1000
            if rated > best:
                found, best, likeness_of_best = other, rated, likeness
        return found, likeness_of_best
