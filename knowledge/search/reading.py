"""How a question is read: mended, stemmed, weighed, with the concepts that it mentions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.search.concepts import Concepts, Mention
from knowledge.search.spelling import Meant, Speller
from knowledge.search.words import stem

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
    "asking question say says said does new much many hiya wat wot wen wher abt cos coz bout hw thx thats theres cannot wont couldnt shouldnt wouldnt hasnt havent hadnt wasnt werent hes shes theyre weve youve theyve youre theyll itll wholl whod hed shed wed e n w s t".split()
)  # fmt: skip
CONCEPT_SHARE = 0.7  # worth of a word met through a concept, beside the word itself
CONCEPT_SHARE_OF_UNKNOWN = 0.8  # the same, for a word that no article uses
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

    def places(self, typed: list[str], speller: Speller, weigh: Weigh) -> list[Place]:
        """Read a question: one place for each word, with every term that would answer it."""
        meant = speller.mend(typed)
        stems = self.stems([one.word for one in meant])
        places = [self._place(one, base, weigh) for one, base in zip(meant, stems, strict=True)]
        for mention in self._concepts.mentions(stems):
            self._add(mention, places, weigh)
        for one, place in zip(meant, places, strict=True):
            if one.perhaps and not weigh.known(place.options):
                place.options.update(dict.fromkeys(self.stems([one.perhaps]), one.perhaps_sure))
        return places

    def _place(self, meant: Meant, base: str, weigh: Weigh) -> Place:
        if meant.word in STOP:
            return Place(meant.word, FILLER)
        return Place(meant.word, weigh.word(base, meant.word), {base: meant.sure})

    def _add(self, mention: Mention, places: list[Place], weigh: Weigh) -> None:
        """Let the words that carry a concept be answered by any other word of it."""
        if not (worth := weigh.term(mention.concept)):
            return
        inside = places[mention.start : mention.end]
        for place in [one for one in inside if one.weight > FILLER] or inside[:1]:
            share = CONCEPT_SHARE
            if not weigh.known(place.options):
                place.weight, share = max(worth, FILLER), CONCEPT_SHARE_OF_UNKNOWN
            place.options[mention.concept] = min(1.0, share * min(1.0, worth / max(place.weight, 1e-9)))
