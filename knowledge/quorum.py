"""Who fills which seat of a meeting: forecasts of quorum, who was there, and seats empty twice in a row. Pure rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.groups import Group

ATTENDS, DEPUTY, APOLOGIES = "attends", "deputy", "apologies"
PRESENT = "present"


class Quorum(StrEnum):
    """Whether a meeting is, or will be, quorate."""

    QUORATE = "quorate"
    NOT = "not quorate"
    OPEN = "not yet known"
    NO_RULE = "no rule"


@dataclass(frozen=True, slots=True)
class Place:
    """One member on a seat: who may stand in for them there, and what they answered, empty for nothing yet."""

    seat: str
    holder: int
    deputies: tuple[int, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected of a meeting, with a sentence for each seat that is not sure."""

    state: Quorum
    missing: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say it in one line, without the sentences."""
        return {
            Quorum.QUORATE: "Quorate: every seat that is needed is filled.",
            Quorum.NOT: "Not quorate.",
            Quorum.OPEN: "Not yet known.",
            Quorum.NO_RULE: "No quorum rule is known for this group.",
        }[self.state]


def stand_ins(places: Iterable[Place], answers: Mapping[int, str]) -> dict[int, int]:
    """Return who comes as whose deputy, by the member they stand in for: each person for one seat only.

    Somebody who sits on a seat of their own never counts for another one, and who sends apologies for none.
    A deputy who says that they come does so for the member they stand in for, where that one does not come.
    """
    rows = list(places)
    free = {one for place in rows for one in place.deputies} - {place.holder for place in rows}
    free -= {one for one in free if answers.get(one) == APOLOGIES}
    able: dict[int, list[int]] = {}
    for place in sorted(rows, key=lambda one: one.answer != DEPUTY):
        willing = [one for one in place.deputies if one in free]
        if place.answer != DEPUTY:
            willing = [one for one in willing if answers.get(one) == ATTENDS and place.answer != ATTENDS]
        able[place.holder] = sorted(willing, key=lambda one: answers.get(one) != ATTENDS)
    return _shared_out(able)


def _shared_out(able: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Give each place somebody who is able, earlier places and people first, each person once, to as many as can be."""
    taken: dict[int, int] = {}  # by person

    def found(holder: int, tried: set[int]) -> bool:
        for one in able[holder]:
            if one not in tried:
                tried.add(one)
                if one not in taken or found(taken[one], tried):
                    taken[one] = holder
                    return True
        return False

    for holder in able:
        found(holder, set())
    return {holder: one for one, holder in taken.items()}


def forecast(needed: Sequence[str], places: Sequence[Place], answers: Mapping[int, str]) -> Forecast:
    """Say whether every seat that is needed will be filled, as far as it was answered, and which are not."""
    if not needed:
        return Forecast(Quorum.NO_RULE)
    comes_for = stand_ins(places, answers)
    missing: list[str] = []
    lost = False
    for seat in needed:
        here = [place for place in places if place.seat == seat]
        if any(place.answer == ATTENDS or place.holder in comes_for for place in here):
            continue
        waits = any(not place.answer for place in here)
        lost = lost or not waits
        missing.append(_why(seat, here, waits=waits))
    state = Quorum.NOT if lost else Quorum.OPEN if missing else Quorum.QUORATE
    return Forecast(state, tuple(missing))


def _why(seat: str, here: Sequence[Place], *, waits: bool) -> str:
    if not here:
        return f"{seat}: nobody sits there."
    if waits:
        return f"{seat}: no answer yet."
    if any(place.answer == DEPUTY for place in here):
        return f"{seat}: the deputy cannot count for this seat too, or does not come."
    return f"{seat}: apologies and no deputy."


def counted_twice(places: Iterable[Place], marks: Mapping[int, str]) -> set[int]:
    """Return the members whose deputy cannot have been there: none is known, or that person counts for another seat."""
    rows = [place for place in places if marks.get(place.holder) == DEPUTY]
    own = {holder for holder, mark in marks.items() if mark == PRESENT}
    able = {place.holder: [one for one in place.deputies if one not in own] for place in rows}
    there = _shared_out(able)
    wrong: set[int] = set()
    more = able.keys() - there.keys()
    while more:
        wrong |= more
        wanted = {one for holder in wrong for one in able[holder]}
        more = {holder for holder, one in there.items() if one in wanted} - wrong
    return wrong


def met(needed: Collection[str], filled: Collection[str]) -> Forecast:
    """Say whether a meeting was quorate, by the seats that were filled there."""
    if not needed:
        return Forecast(Quorum.NO_RULE)
    missing = tuple(f"{seat}: nobody was there." for seat in needed if seat not in filled)
    return Forecast(Quorum.NOT if missing else Quorum.QUORATE, missing)


def chair_of_day(rotation: Sequence[str], before: str) -> str:
    """Return the seat whose turn it is to lead, after the one that led before; empty where nobody takes turns."""
    if not rotation:
        return ""
    return rotation[(rotation.index(before) + 1) % len(rotation)] if before in rotation else rotation[0]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was marked for one member of a seat at a meeting that was held."""

    seat: str
    person_id: int
    mark: str


def empty_twice(group: Group | None, last: Sequence[Kept], before: Sequence[Kept], *, deputy_counts: bool) -> set[Kept]:
    """Return for which members of the last meeting the seat was empty there and at the meeting before.

    Only who was invited to both counts. A seat that one member has is one seat, whoever has it; where several sit on
    one, or on none that has a name, each counts for themselves. Seats that cover each other are all filled by one.
    """
    covers = group.covers if group else ()
    gone, gone_before = (_empty(rows, covers, deputy_counts=deputy_counts) for rows in (last, before))
    return {one for one in last if _key(one, last, before) & gone and _key(one, last, before) & gone_before}


def _key(one: Kept, *meetings: Sequence[Kept]) -> set[tuple[str, int]]:
    """Return under which seat and person an absence counts: the seat alone where nobody shares it."""
    alone = one.seat and all(sum(row.seat == one.seat for row in rows) == 1 for rows in meetings)
    return {(one.seat, 0 if alone else one.person_id)}


def _empty(rows: Sequence[Kept], covers: Collection[str], *, deputy_counts: bool) -> set[tuple[str, int]]:
    came = (PRESENT, DEPUTY) if deputy_counts else (PRESENT,)
    covered = any(row.seat in covers and row.mark in came for row in rows)
    here = [row for row in rows if not (covered and row.seat in covers)]
    return {(row.seat, who) for row in here if row.mark not in came for who in (0, row.person_id)}
