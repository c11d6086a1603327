"""What stands around a mention: the words and classes beside it, in its sentence and in the whole message."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.guard.tokens import Token, Tokens

BESIDE = 3
_SPOKEN = ("word", "initials", "number")
_ENDINGS = ("ing", "ed", "es", "s")
_SHORTEST_STEM = 3


@dataclass(frozen=True)
class Context:
    """A message, ready to say what stands around any part of it."""

    tokens: Tokens

    @functools.cached_property
    def message(self) -> frozenset[str]:
        """Return the classes of words in the whole message."""
        return frozenset(f"M:{kind}" for token in self.tokens.all for kind in token.classes)

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """Return the words of the whole message."""
        return frozenset(f"T:{stem(token)}" for token in self.tokens.all if token.kind in _SPOKEN)

    @functools.cached_property
    def _spoken(self) -> tuple[int, ...]:
        return tuple(number for number, token in enumerate(self.tokens.all) if token.kind in _SPOKEN)

    @functools.cached_property
    def _sentences(self) -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = {}
        for token, sentence in zip(self.tokens.all, self.tokens.sentence, strict=True):
            if token.kind in _SPOKEN:
                said = found.setdefault(sentence, set())
                said.add(f"S:{stem(token)}")
                said.update(f"SC:{kind}" for kind in token.classes)
        return {number: frozenset(said) for number, said in found.items()}

    def around(self, first: int, last: int) -> set[str]:
        """Return the features of what stands around the tokens from `first` to `last`, both included."""
        all_ = self.tokens.all
        found = set(self.message)
        found |= self._sentences.get(self.tokens.sentence[first], frozenset())
        found |= self.words
        for token in all_[first : last + 1]:
            found -= {f"S:{stem(token)}", f"T:{stem(token)}"}
        behind, ahead = self._before(first), self._after(last)
        found |= set(self._side("L", behind))
        found |= set(self._side("R", ahead))
        before = all_[first - 1].text if first else "^"
        after = all_[last + 1].text if last + 1 < len(all_) else "$"
        found |= {f"l:{before if not before[0].isalnum() else 'w'}", f"r:{after if not after[0].isalnum() else 'w'}"}
        left, right = self._classes(behind), self._classes(ahead)
        found |= {f"LR:{one}/{other}" for one in left for other in right}
        found.add(f"long:{min(len(all_) // 12, 6)}")
        found.add(f"sentences:{min(self.tokens.sentence[-1], 4)}")
        return found

    def _before(self, first: int) -> list[Token]:
        end = self._place(first)
        return [self.tokens.all[number] for number in self._spoken[max(0, end - BESIDE) : end]][::-1]

    def _after(self, last: int) -> list[Token]:
        start = self._place(last + 1)
        return [self.tokens.all[number] for number in self._spoken[start : start + BESIDE]]

    def _place(self, number: int) -> int:
        return bisect.bisect_left(self._spoken, number)

    def _side(self, side: str, tokens: list[Token]) -> Iterator[str]:
        for distance, token in enumerate(tokens, 1):
            yield f"{side}{distance}:{stem(token)}"
            yield f"{side}:{stem(token)}"
            for kind in token.classes:
                yield f"{side}{distance}c:{kind}"
                yield f"{side}c:{kind}"
        if len(tokens) > 1:
            yield f"{side}12:{stem(tokens[0])}_{stem(tokens[1])}"
        if not tokens:
            yield f"{side}1:none"

    @staticmethod
    def _classes(tokens: list[Token]) -> frozenset[str]:
        return tokens[0].classes if tokens else frozenset(("none",))


def stem(token: Token) -> str:
    """Return a word without its ending; a number as its shape."""
    if token.kind == "number":
        return "#" * min(len(token.text), 6)
    if token.kind == "initials":
        return "@"
    word = token.word.replace("'", "")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
