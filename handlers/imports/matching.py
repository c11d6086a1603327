"""Which column of a file is which: known by its heading, guessed, or said by whoever brings it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from handlers.context import UserError
from handlers.imports.reading import Line, Sheet
from handlers.papers import columns
from handlers.papers.columns import Field

NEAR = 88  # of 100: "Date raised:" is near "Date raised", "Risk owner" is not near "Risk"
KINDS: Mapping[str, Sequence[Field]] = {"escalations": columns.ESCALATIONS, "risks": columns.RISKS}
OWN = ("ref", "version")  # what only files that were made here have


@dataclass(frozen=True, slots=True)
class Matched:
    """Which heading of a file holds which column, by the column's name. `own`: the file was made here."""

    places: Mapping[str, int] = field(default_factory=dict)
    own: bool = False
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Say whether nothing needs to be asked."""
        return not self.missing and (self.own or not self.unknown)


def match(kind: str, sheet: Sheet) -> Matched:
    """Find out which column is which, from the headings alone."""
    fields = KINDS[kind]
    folded = {_folded(one): place for place, one in enumerate(sheet.headings)}
    titles = {one.name: folded[_folded(one.title)] for one in fields if _folded(one.title) in folded}
    own = all(name in titles for name in OWN)
    if own:
        return _matched(fields, titles, sheet, own=True)
    places: dict[str, int] = {}
    for one in fields:
        if one.new and (place := _guessed(one, folded, set(places.values()))) is not None:
            places[one.name] = place
    return _matched(fields, places, sheet, own=False)


def said(kind: str, sheet: Sheet, named: Mapping[str, str]) -> Matched:
    """Take it as it is said: the heading for each column, by the column's name or title. Raises UserError.

    Columns that are not named are left out.
    """
    fields = {_folded(name): one for one in KINDS[kind] for name in (one.name, one.title)}
    folded = {_folded(one): place for place, one in enumerate(sheet.headings)}
    places: dict[str, int] = {}
    for name, heading in named.items():
        found = fields.get(_folded(name))
        if found is None or not found.new:
            known = ", ".join(one.title for one in KINDS[kind] if one.new)
            raise UserError(f"A file cannot fill '{name}'.", hint=f"It can fill: {known}.")
        if _folded(heading) not in folded:
            raise UserError(f"The file has no column '{heading}'.", hint=f"It has: {', '.join(sheet.headings)}.")
        places[found.name] = folded[_folded(heading)]
    return _matched(list(KINDS[kind]), places, sheet, own=False)


def cells(fields: Iterable[Field], found: Matched, line: Line) -> dict[str, str]:
    """Return what stands in a row, by the names of the columns that the file has."""
    return {one.name: line.cells[found.places[one.name]] for one in fields if one.name in found.places}


def _matched(fields: Sequence[Field], places: Mapping[str, int], sheet: Sheet, *, own: bool) -> Matched:
    unknown = tuple(one for place, one in enumerate(sheet.headings) if place not in places.values())
    missing = tuple(one.title for one in fields if one.needed and one.name not in places)
    return Matched(dict(places), own, unknown, missing)


def _guessed(one: Field, folded: Mapping[str, int], taken: set[int]) -> int | None:
    for name in (one.title, one.name, *one.also):
        if _folded(name) in folded and folded[_folded(name)] not in taken:
            return folded[_folded(name)]
    free = {heading: place for heading, place in folded.items() if place not in taken}
    near = process.extractOne(_folded(one.title), list(free), scorer=fuzz.ratio, score_cutoff=NEAR)
    return free[near[0]] if near else None


def _folded(heading: str) -> str:
    return " ".join(heading.replace("_", " ").split()).rstrip(":?.").casefold()
