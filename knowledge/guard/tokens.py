"""A text in words, numbers and marks, each with its place, its sentence and the classes of words that it is in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.guard.lexicon import Lexicon

_TOKEN = re.compile(
    r"(?P<initials>(?:[A-Z]\.){1,4}(?![\w])|(?:[A-Z]\.){2,4})"
    r"|(?P<number>\d+(?:[.,:/]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['\-][^\W\d_]+)*)"
    r"|(?P<mark>[^\w\s])|(?P<line>\n+)"
)
_ENOUGH = 3  # words
_MOST = 0.6  # of the words in capitals: then capitals say nothing
_ENDS = frozenset(".!?\n;:")
_OWNING = re.compile(r"'(?:s|S)?$")


class Token(NamedTuple):
    """One word, number or mark. `word` is it in lower case, without the 's of owning."""

    text: str
    start: int
    end: int
    kind: str  # "word", "initials", "number", "mark" or "line"
    word: str
    opens: bool  # the first word of a sentence
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens of a text. `sentence[n]` numbers the sentence that token n is in."""

    all: tuple[Token, ...]
    sentence: tuple[int, ...]
    shouting: bool  # capitals say nothing


def tokens(text: str, lexicon: Lexicon) -> Tokens:
    """Cut a text up."""
    found: list[Token] = []
    sentence: list[int] = []
    number, opens = 0, True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        own = match[0]
        word = _OWNING.sub("", own).lower() if kind == "word" else own.lower()
        found.append(
            Token(
                own,
                match.start(),
                match.end(),
                kind,
                word,
                opens and kind in ("word", "initials"),
                lexicon.classes(word),
            )
        )
        sentence.append(number)
        if kind in ("word", "initials", "number"):
            opens = False
        if kind == "line" or own in _ENDS:
            opens = True
            number += own not in (":", ";")
    return Tokens(tuple(found), tuple(sentence), _shouting(found))


def _shouting(found: list[Token]) -> bool:
    words = [token.text for token in found if token.kind == "word" and len(token.text) > 1]
    return len(words) >= _ENOUGH and sum(word.isupper() for word in words) > _MOST * len(words)
