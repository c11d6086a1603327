"""How a question is read: mended, stemmed, weighed, with the concepts that it mentions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.search.concepts import Concepts
from knowledge.search.spelling import Speller
from knowledge.search.words import stem, words

if TYPE_CHECKING:
    from knowledge.search.weighing import Weigh

STOP = frozenset(
    "a an the and or but if so as at by for from in into of off on onto to with within about up down out over is are "
    "was were be been being am do does did doing done have has had having can could will would shall should might "
    "i me my mine we us our you your he him his she her it its they them their this that these those there here what "
    "whats which who whom whos whose when where why how hows not no any some all each every other such than then too "
    "very just also only own same again more most please pls plz hi hello hey thanks thank ta sorry quick quickly tell "
    "know want need get got give go im ive id dont doesnt didnt cant isnt arent wont u r ur one 1 ok right anyone "
    "anybody someone somebody something anything everything thing way lot like let really sure morning afternoon cheers wondering ask asked "
    "asking question say says said does new much many hiya".split()
)  # fmt: skip
CONCEPT_SHARE = 0.7  # worth of a word met through a concept, beside the word itself
FILLER = 0.08  # weight of a word that carries grammar only


@dataclass(slots=True)
class Place:
    """One word of a question: what it weighs, and the terms of the index that would answer it."""

    word: str
    weight: float
    options: dict[str, float] = field(default_factory=dict)


class Reader:
    """Turns text into terms, with the vocabulary of one index. Lives as long as the index."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        self._stems: dict[str, str] = {}

    def stems(self, typed: list[str]) -> list[str]:
        """Stem words, each only once in the life of the reader."""
        known = self._stems
        return [known.get(word) or known.setdefault(word, stem(word)) for word in typed]

    def terms(self, typed: list[str]) -> tuple[list[str], list[str]]:
        """Return the stems that carry meaning and the concepts, for a text of the knowledge base."""
        stems = self.stems(typed)
        return (
            [one for word, one in zip(typed, stems, strict=True) if word not in STOP],
            [mention.concept for mention in self._concepts.mentions(stems)],
        )

    def places(self, text: str, speller: Speller, weigh: Weigh) -> list[Place]:
        """Read a question: one place for each word, and one for each concept that only small words carry."""
        meant = speller.mend(words(text))
        stems = self.stems([word for word, _ in meant])
        places = []
        for (word, sure), one in zip(meant, stems, strict=True):
            filler = word in STOP
            places.append(Place(word, FILLER if filler else weigh.word(one, word), {} if filler else {one: sure}))
        for mention in self._concepts.mentions(stems):
            worth = weigh.term(mention.concept)
            inside = places[mention.start : mention.end]
            carriers = [place for place in inside if place.weight > FILLER] or inside[:1]
            for place in carriers:
                own = weigh.known(place.options)
                if not own:
                    place.weight = max(worth, FILLER) if place.weight <= FILLER or worth else place.weight
                share = CONCEPT_SHARE if own or mention.end - mention.start > 1 else CONCEPT_SHARE + 0.1
                place.options[mention.concept] = min(1.0, share * min(1.0, worth / max(place.weight, 1e-9)))
        return places
