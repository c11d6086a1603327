"""How a question is read: mended, stemmed, weighed, with the concepts that it mentions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.search.concepts import Concepts, Mention
from knowledge.search.spelling import Meant, Speller
from knowledge.search.words import stem

if TYPE_CHECKING:
    from knowledge.search.weighing import Weigh

# Words that carry grammar or courtesy only, contractions without their apostrophe among them.
STOP = frozenset(
    """
    1 a about abt afternoon again all also am an and any anybody anyone anything are arent as ask asked asking at
    be been being bout but by can cannot cant cheers cos could couldnt coz did didnt do does doesnt doing done
    dont down e each every everything for from get give go got had hadnt has hasnt have havent having he hed hello
    her here hes hey hi him his hiya how hows hw i id if im in into is isnt it itll its ive just know let like lot
    many me might mine more morning most much my n need new no not of off ok on one only onto or other our out
    over own please pls plz question quick quickly r really right s said same say says shall she shed shes should
    shouldnt so some somebody someone something sorry such sure t ta tell than thank thanks that thats the their
    them then there theres these they theyll theyre theyve thing this those thx to too u up ur us very w want was
    wasnt wat way we wed wen were werent weve what whats when wher where which who whod wholl whom whos whose why
    will with within wondering wont wot would wouldnt you your youre youve
    """.split()  # noqa: SIM905 - two hundred quoted words are harder to read and to change
)
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
