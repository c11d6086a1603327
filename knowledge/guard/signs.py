"""What a whole message says: its words, pairs of them, and which kinds of words stand together in one sentence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from knowledge.guard import dangers
from knowledge.guard.context import stem
from knowledge.guard.tokens import Token, Tokens

_SPOKEN = ("word", "initials", "number")
_SUMS = (1.2, 2.2)  # of the weights of phrases


def signs(tokens: Tokens, text: str) -> frozenset[str]:
    """Return the features of a message: its text and the tokens of it."""
    weights = dangers.reasons(text)
    found = {f"D:{name}" for name in weights}
    found.update(f"D:{least}" for least in _SUMS if sum(weights.values()) >= least)
    for words in _sentences(tokens):
        found.update(_of_sentence(words))
    spoken = sum(token.kind in _SPOKEN for token in tokens.all)
    found.add(f"words:{min(spoken // 8, 6)}")
    if any(token.text == "?" for token in tokens.all):
        found.add("asks")
    return frozenset(found)


def _sentences(tokens: Tokens) -> Iterator[list[Token]]:
    words: list[Token] = []
    current = 0
    for token, sentence in zip(tokens.all, tokens.sentence, strict=True):
        if sentence != current:
            yield words
            words, current = [], sentence
        if token.kind in _SPOKEN or token.text in "?!":
            words.append(token)
    yield words


def _of_sentence(words: Sequence[Token]) -> Iterator[str]:
    stems = [stem(word) for word in words]
    yield from (f"1:{one}" for one in stems)
    yield from (f"2:{one}_{other}" for one, other in itertools.pairwise(stems))
    yield from (f"3:{one}_{other}_{third}" for one, other, third in zip(stems, stems[1:], stems[2:], strict=False))
    yield from (f"s:{one}_{other}" for one, other in zip(stems, stems[2:], strict=False))
    if len(stems) > 1:
        yield f"^:{stems[0]}"
        yield f"^:{stems[0]}_{stems[1]}"
    kinds: list[str] = []
    for word in words:
        kinds += sorted(word.classes)
    unique = list(dict.fromkeys(kinds))
    yield from (f"C:{kind}" for kind in unique)
    yield from (f"CC:{one}>{other}" for place, one in enumerate(unique) for other in unique[place + 1 :])
    for word, after in itertools.pairwise(words):
        yield from (f"C2:{kind}_{stem(after)}" for kind in word.classes)
        yield from (f"2C:{stem(word)}_{kind}" for kind in after.classes)
        yield from (f"C2C:{kind}_{other}" for kind in word.classes for other in after.classes)
