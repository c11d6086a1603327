"""What words are: English, a name, an agency or a place, a word of family, of work or of harm."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib import resources

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.guard.shapes import table

_NONE: frozenset[str] = frozenset()
_RARE = 12_000  # words of English from this rank on are taken for names where they are on that list too
_SHORTEST_TYPO, _LONG_TYPO = 5, 8
_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*|\d+")
_OWNING = re.compile(r"'s?$")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lists of the guard, in lower case. `known` holds phrases of up to `longest` words that name no family."""

    english: frozenset[str]
    rank: Mapping[str, int]  # the most frequent English words, from 0
    names: frozenset[str]
    kinds: Mapping[str, frozenset[str]]  # word -> its classes
    known: frozenset[tuple[str, ...]]
    longest: int
    alike: Mapping[str, tuple[str, ...]]  # frequent words by first letter

    def with_terms(self, terms: Collection[str]) -> Lexicon:
        """Return a lexicon that knows more phrases."""
        more = {words for words in map(phrase, terms) if words}
        known = self.known | more
        return replace(self, known=known, longest=max(map(len, known)))

    def classes(self, word: str) -> frozenset[str]:
        """Return the classes of a word, such as family or role."""
        found = self.kinds.get(word)
        if found is None and word.endswith("s"):
            found = self.kinds.get(word[:-1])
        return found or _NONE

    def knows(self, term: str) -> bool:
        """Say whether a phrase, or what it begins with, is known or a word of a class: no name of a school."""
        words = phrase(term)
        return any(words[:length] in self.known for length in range(1, len(words) + 1)) or bool(
            words and self.classes(words[0])
        )

    def is_english(self, word: str) -> bool:
        """Say whether a word, or the parts of a hyphenated one, stand in the dictionary. A rare word may be a name."""
        if "-" in word:
            return all(self.is_english(part) for part in word.split("-") if part)
        bare = word.replace("'", "")
        if bare in self.names and bare not in self.kinds and self.rank.get(bare, _RARE) >= _RARE:
            return False
        several = bare.endswith("s") and self.rank.get(bare[:-1], _RARE) < _RARE
        return bare in self.english or bare in self.kinds or (several and bare[:-1] in self.english)

    def is_typo(self, word: str) -> bool:
        """Say whether a word that is not English is nearly a frequent English word."""
        if len(word) < _SHORTEST_TYPO:
            return False
        most = 1 if len(word) < _LONG_TYPO else 2
        near = process.extractOne(word, self.alike.get(word[0], ()), scorer=OSA.distance, score_cutoff=most)
        return near is not None

    def is_name(self, word: str) -> bool:
        """Say whether a word, or a part of a hyphenated one, is on the list of names."""
        return word in self.names or ("-" in word and any(part in self.names for part in word.split("-")))


@functools.cache
def shipped() -> Lexicon:
    """Read the lists that come with the program."""
    data = resources.files("knowledge") / "data"
    frequent = (data / "search_english.txt").read_text(encoding="utf-8").split()
    classes = table("guard_classes.yaml")
    gazetteer = table("guard_gazetteer.yaml")
    known = frozenset(
        phrase(term) for terms in gazetteer.values() for term in terms.replace("\n", " ").split(",") if term.strip()
    )
    english = frozenset((data / "guard_english.txt").read_text(encoding="utf-8").split())
    more = " ".join(table("guard_names_more.yaml").values()).split()
    return Lexicon(
        english=english,
        rank={word: place for place, word in enumerate(frequent[:20_000])},
        names=frozenset((data / "guard_names.txt").read_text(encoding="utf-8").split()).union(more),
        kinds=_kinds(classes),
        known=known,
        longest=max(map(len, known)),
        alike=_alike([word for word in frequent[:12_000] if word in english]),
    )


def phrase(term: str) -> tuple[str, ...]:
    """Return a term as the words that the tokens of a text are compared with."""
    return tuple(_OWNING.sub("", word) for word in _WORD.findall(term.lower().replace("’", "'")))


def _kinds(classes: Mapping[str, str]) -> dict[str, frozenset[str]]:
    kinds: dict[str, set[str]] = {}
    for kind, words in classes.items():
        for word in words.split():
            kinds.setdefault(word, set()).add(kind)
    return {word: frozenset(found) for word, found in kinds.items()}


def _alike(words: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= _SHORTEST_TYPO - 1:
            found.setdefault(word[0], []).append(word)
    return {letter: tuple(some) for letter, some in found.items()}
