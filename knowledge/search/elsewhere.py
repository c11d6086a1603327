"""What a question names that is not ours: other places, other services, daily life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from knowledge.search.concepts import Concepts
from knowledge.search.words import words

Table = Mapping[str, Mapping[str, str]]


class Elsewhere:
    """Knows names of other places and words of other matters. Lives as long as the index."""

    def __init__(self, table: Table) -> None:
        """Read `here`, `places`, `other_services` and `everyday`, each a table of lists parted by commas."""
        self._places = Concepts({"place": ", ".join(table["places"].values())})
        self._here = Concepts({"here": ", ".join(table["here"].values())})
        self._matters = Concepts(
            {"matter": ", ".join(part for name in ("other_services", "everyday") for part in table[name].values())}
        )
        self.vocabulary = frozenset(
            word for part in table.values() for spellings in part.values() for word in words_of(spellings)
        )

    def places(self, stems: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the places outside the borough that a text names, as stemmed words."""
        return [tuple(stems[one.start : one.end]) for one in self._places.mentions(stems)]

    def matters(self, stems: Sequence[str]) -> set[int]:
        """Return which words of a text belong to matters that are not ours, by position."""
        return _positions(self._matters, stems)

    def located(self, stems: Sequence[str]) -> set[int]:
        """Return which words of a text only say where: our own borough or another place, by position."""
        return _positions(self._here, stems) | _positions(self._places, stems)


def _positions(concepts: Concepts, stems: Sequence[str]) -> set[int]:
    return {at for one in concepts.mentions(stems) for at in range(one.start, one.end)}


def words_of(spellings: str) -> list[str]:
    """Return all words of a list parted by commas, in full."""
    return [word for spelling in spellings.split(",") for word in words(spelling)]
