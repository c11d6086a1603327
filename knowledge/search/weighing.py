"""How much each word of a question weighs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from knowledge.search.corpus import Corpus

COMMONEST = 300  # the rank in plain English up to which an unknown word says next to nothing
LEAST = 0.15  # of the rarest word's weight: what a very common, unknown word weighs


class Weigh:
    """Weighs words by their rarity in the articles, or in plain English where the articles lack them."""

    def __init__(self, corpus: Corpus, ranks: Mapping[str, int]) -> None:
        self._corpus = corpus
        self._ranks = ranks
        self._last = math.log(max(len(ranks), 2) / COMMONEST)

    def term(self, term: str) -> float:
        """Return the weight of a term of the index, 0 where no article holds it."""
        number = self._corpus.ids.get(term)
        return 0.0 if number is None else float(self._corpus.idf[number])

    def known(self, options: Mapping[str, float]) -> bool:
        """Say whether any of some terms is in the index."""
        return any(option in self._corpus.ids for option in options)

    def word(self, stem: str, word: str) -> float:
        """Return the weight of a word of a question: unknown rare words weigh as much as the rarest known one."""
        if own := self.term(stem):
            return own
        rank = self._ranks.get(word, len(self._ranks))
        rarity = math.log(max(rank, COMMONEST) / COMMONEST) / max(self._last, 1e-9)
        return self._corpus.rarest * (LEAST + (1 - LEAST) * min(rarity, 1.0))
