"""Everything in a text that the models judge, piece by piece: the same for training and for use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.guard import details, names, schools
from knowledge.guard.context import Context, stem
from knowledge.guard.lexicon import Lexicon
from knowledge.guard.mentions import Mention
from knowledge.guard.reading import SENTENCE_END, Reading, pieces
from knowledge.guard.signs import signs
from knowledge.guard.tokens import tokens

FEW = 3  # ends of sentences, the beginning among them: two sentences need no reading two by two


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of a text. `mentions` are what the models of that name judge; `signs` what the whole piece says."""

    reading: Reading
    start: int
    context: Context
    mentions: Mapping[str, tuple[Mention, ...]]
    signs: frozenset[str]
    sentences: tuple[frozenset[str], ...]  # what every two sentences that follow each other say, where there are more

    def span(self, mention: Mention) -> tuple[int, int]:
        """Return where a mention stands in what the person typed."""
        words = self.context.tokens.all
        return self.reading.span(self.start + words[mention.first].start, self.start + words[mention.last].end)


def _pairs(text: str, lexicon: Lexicon) -> Iterator[frozenset[str]]:
    """Read sentences two by two: a page of business must not drown one cry for help."""
    ends = [0, *(found.end() for found in SENTENCE_END.finditer(text)), len(text)]
    if len(ends) > FEW:
        for start, end in zip(ends, ends[2:], strict=False):
            yield signs(tokens(text[start:end], lexicon), text[start:end])


def _without(whole: list[tuple[str, frozenset[str]]], mention: Mention, context: Context) -> frozenset[str]:
    """Leave out what speaks of the words of a name themselves: which name it is must not matter."""
    own = {stem(token) for token in context.tokens.all[mention.first : mention.last + 1]}
    return frozenset(sign for sign, words in whole if not words & own)


def evidence(reading: Reading, lexicon: Lexicon) -> Iterator[Evidence]:
    """Give the evidence of every piece of a text that holds any word at all."""
    for start, end in pieces(reading.text):
        piece = reading.text[start:end]
        context = Context(tokens(piece, lexicon))
        if context.tokens.all:
            said = signs(context.tokens, piece)
            whole = [(f"G{sign}", frozenset(re.split("[:_]", sign)[1:])) for sign in said]  # whose a name is, all says
            mentions = {
                "names": tuple(one.within(_without(whole, one, context)) for one in names.mentions(context, lexicon)),
                "details": tuple(details.mentions(context, piece)),
                "schools": tuple(schools.mentions(context, piece, lexicon)),
            }
            yield Evidence(reading, start, context, mentions, said, tuple(_pairs(piece, lexicon)))
