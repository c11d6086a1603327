"""Everything in a text that the models judge, piece by piece: the same for training and for use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.guard import details, names, schools
from knowledge.guard.context import Context
from knowledge.guard.lexicon import Lexicon
from knowledge.guard.mentions import Mention
from knowledge.guard.reading import Reading, pieces
from knowledge.guard.signs import signs
from knowledge.guard.tokens import tokens


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of a text. `mentions` are what the models of that name judge; `signs` what the whole piece says."""

    reading: Reading
    start: int
    context: Context
    mentions: Mapping[str, tuple[Mention, ...]]
    signs: frozenset[str]

    def span(self, mention: Mention) -> tuple[int, int]:
        """Return where a mention stands in what the person typed."""
        words = self.context.tokens.all
        return self.reading.span(self.start + words[mention.first].start, self.start + words[mention.last].end)


def evidence(reading: Reading, lexicon: Lexicon) -> Iterator[Evidence]:
    """Give the evidence of every piece of a text that holds any word at all."""
    for start, end in pieces(reading.text):
        piece = reading.text[start:end]
        context = Context(tokens(piece, lexicon))
        if context.tokens.all:
            said = signs(context.tokens, piece)
            whole = frozenset(f"G{sign}" for sign in said)  # whose a name is, the whole message says
            mentions = {
                "names": tuple(one.within(whole) for one in names.mentions(context, lexicon)),
                "details": tuple(details.mentions(context, piece)),
                "schools": tuple(schools.mentions(context, piece, lexicon)),
            }
            yield Evidence(reading, start, context, mentions, said)
