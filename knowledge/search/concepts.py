"""Words that mean nearly the same: 'kid' and 'pupil', 'fell out' and 'dispute'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.search.words import stem, words


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept found in a text: its name and the words `start` to `end` that carry it."""

    concept: str
    start: int
    end: int


class Concepts:
    """Finds concepts in stemmed words. Lives as long as the index."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """Read a table of concept name to its words and phrases, parted by commas."""
        self._single: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.vocabulary: set[str] = set()
        for name, spellings in table.items():
            for spelling in spellings.split(","):
                full = words(spelling)
                self.vocabulary.update(full)
                stems = tuple(map(stem, full))
                if len(stems) == 1:
                    self._single[stems[0]] = (*dict.fromkeys((*self._single.get(stems[0], ()), f"={name}")),)
                elif stems:
                    self._phrases.setdefault(stems[0], []).append((stems, f"={name}"))

    def mentions(self, stems: Sequence[str]) -> list[Mention]:
        """Find every concept of a text given as stemmed words."""
        found = []
        single, phrases = self._single, self._phrases
        for place, word in enumerate(stems):
            if word in single:
                found += [Mention(name, place, place + 1) for name in single[word]]
            if word in phrases:
                for phrase, name in phrases[word]:
                    if tuple(stems[place : place + len(phrase)]) == phrase:
                        found.append(Mention(name, place, place + len(phrase)))
        return found
