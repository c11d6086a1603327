"""Lists of people taken over: checked as a whole, shown as what would change, and done only when somebody says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from db import directory, registry, rosters
from db.directory import Entry
from db.people import SECRETARIAT, Identity, Role
from db.registry import Seat, Wanted
from handlers import boxes, naming, persons, roster
from handlers.context import Context, Request, UserError, number
from handlers.files import Piece
from handlers.messages import Button, Card, Element, Facts, Table, Text, Tone
from handlers.roster import NOTHING, Problem, RosterError, Row
from handlers.wording import words
from knowledge.calendar import instant

KEPT = timedelta(days=1)
MOST_SHOWN = 25
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_DEPUTY = " (deputy)"
_WHO = "If this is somebody else of that name, add a column new with yes. If not, add the place in chat."


@dataclass(slots=True)
class Outcome:
    """What a list changes, person by person; `stay_left` counts those who have left and stay so."""

    new: list[str] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unchanged: int = 0
    stay_left: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Say whether everything is so already."""
        return not (self.new or self.changed or self.left)


def free_text(name: str, content: bytes) -> list[Piece]:
    """Return every cell in which anything may stand, and the names; the others are read as what they are.

    Raises UserError when the file is no list of people.
    """
    rows = roster.read(name, content)
    cells = [
        Piece(f"Row {row.number}, {column}", row[column], names=column == "name")
        for row in rows
        for column in ("name", *roster.FREE_TEXT)
    ]
    return list({(cell.text, cell.names): cell for cell in reversed(cells) if cell.text}.values())


def take(context: Context, person_id: int, name: str, content: bytes) -> Card:
    """Check a list and show what it would change; it is taken over when that is confirmed.

    Raises RosterError with every mistake; nothing is kept then.
    """
    outcome, rows = preview(context, person_id, name, content)
    if outcome.nothing:
        return Card("Nothing would change", (_summary(outcome),), (_EVERYBODY,))
    kept = rosters.keep(context.session, person_id=person_id, rows={"rows": rows}, at=context.now)
    return Card(
        title="What the list would change",
        body=(*_told(outcome), Text(words("enrolment_preview"))),
        actions=(
            Button("Take it over", "enrolment.apply", str(kept), style="primary"),
            Button("Do not", "enrolment.drop", str(kept)),
        ),
    )


def preview(context: Context, person_id: int | None, name: str, content: bytes) -> tuple[Outcome, list[Any]]:
    """Return what a list would change, with its rows as plain data, and change nothing.

    It is done and undone, so that what is shown is what happens. Raises RosterError with every mistake.
    """
    found = roster.read(name, content)
    with context.session.begin_nested() as undone:
        outcome = _take_over(context, person_id, found)
        undone.rollback()
    context.session.expire_all()
    if outcome.problems:
        raise RosterError(outcome.problems)
    return outcome, [[row.number, dict(row.cells)] for row in found]


def apply(context: Context, request: Request) -> Card:
    """Take over the list that was shown; what has changed since is looked at again."""
    by = context.actor.person_id
    kept = rosters.get(context.session, number(request.value), person_id=by) if by is not None else None
    if kept is None or by is None:
        raise UserError("That list is not here any more.", hint="Type people, and bring it again.")
    outcome = take_over(context, by, [Row(at, MappingProxyType(cells)) for at, cells in kept.rows["rows"]])
    rosters.forget(context.session, kept.id)
    return Card("Taken over", (*_told(outcome),), (_EVERYBODY,), Tone.GOOD)


def take_over(context: Context, by: int | None, rows: Iterable[Row]) -> Outcome:
    """Change the records as a list says. Raises RosterError for a mistake; then nothing is changed."""
    outcome = _take_over(context, by, rows)
    if outcome.problems:
        raise RosterError(outcome.problems)
    return outcome


def bring(context: Context, name: str, content: bytes, *, dry_run: bool) -> Card:
    """Take over a list from the command line, or only say what it would change. Raises RosterError for a mistake."""
    if dry_run:
        outcome, _ = preview(context, None, name, content)
        return Card("What the list would change", (*_told(outcome),))
    return Card("Taken over", (*_told(take_over(context, None, roster.read(name, content))),), tone=Tone.GOOD)


def drop(context: Context, request: Request) -> Card:
    """Forget the list that was shown."""
    by = context.actor.person_id
    kept = rosters.get(context.session, number(request.value), person_id=by) if by is not None else None
    if kept is not None:
        rosters.forget(context.session, kept.id)
    return Card("Nothing was changed", (Text("The list is forgotten."),), (_EVERYBODY,))


def forget(context: Context) -> int:
    """Forget the lists that nobody took over; return how many they were."""
    return rosters.forget_old(context.session, before=context.now - KEPT)


# --- one row after the other -----------------------------------------------------------------------------------


def _take_over(context: Context, by: int | None, rows: Iterable[Row]) -> Outcome:
    outcome = Outcome()
    seen: dict[object, int] = {}
    known: dict[str, list[Entry]] = {}  # by name, read once: a thousand rows ask for it
    for one in directory.everybody(context.session):
        known.setdefault(one.name.casefold(), []).append(one)
    for row in rows:
        before = len(outcome.problems)
        reading = _Reading(context, row, known, outcome.problems)
        described = _Described(row, reading.wanted(), reading.places(), reading.leaves())
        _twice(described, seen, outcome.problems)
        person_id = reading.person(described.places) if len(outcome.problems) == before else None
        if len(outcome.problems) == before:
            _take_row(context, by, person_id, described, outcome)
    had = registry.anybody_with(context.session, SECRETARIAT, on=context.today)
    if not had and by is not None and not outcome.problems:
        outcome.problems.append(Problem(1, "roles", "Nobody would be left in the secretariat."))
    return outcome


@dataclass(frozen=True, slots=True)
class _Described:
    """What one row says: the record, the places, and from which day the person has left."""

    row: Row
    wanted: Wanted
    places: list[Identity]
    leaves: date | None

    @property
    def name(self) -> str:
        return self.wanted.name or ""


def _twice(found: _Described, seen: dict[object, int], problems: list[Problem]) -> None:
    keys: list[object] = list(found.places) or [(found.name.casefold(), (found.wanted.agency or "").casefold())]
    for key in keys:
        if key in seen:
            column = key.platform if isinstance(key, Identity) else "name"
            problems.append(Problem(found.row.number, column, f"The same stands in row {seen[key]}. Leave one out."))
        seen[key] = found.row.number


def _take_row(context: Context, by: int | None, person_id: int | None, found: _Described, outcome: Outcome) -> None:
    on, new = context.today, person_id is None
    if person_id is None:
        if found.leaves is not None and found.leaves <= on:
            outcome.unchanged += 1  # gone before they were ever here
            return
        person_id = registry.create(context.session, found.name)
        outcome.new.append(found.name)
    else:
        left = directory.left_on(context.session, person_id)
        if left is not None and left <= on and not _back(context, found.row, person_id):
            outcome.stay_left += 1
            return
    done = _changed(context, person_id, found)
    gone = found.leaves is not None and _leave(context, person_id, found.leaves)
    if person_id == by and ({"roles", "groups", "seats"} & set(done) or gone):
        outcome.problems.append(Problem(found.row.number, "name", "You cannot change your own roles and groups."))
    _record(context, by, person_id, done, new=new, gone=gone)
    if gone:
        outcome.left.append(found.name)
    elif done and not new:
        outcome.changed.append((found.name, ", ".join(f"{part} {said}" for part, said in done.items())))
    elif not new:
        outcome.unchanged += 1


def _changed(context: Context, person_id: int, found: _Described) -> dict[str, str]:
    """Make the record as the row says and add the places that are new; return what changed."""
    done = registry.change(context.session, person_id, found.wanted, on=context.today)
    added = [place for place in found.places if registry.owner(context.session, place) is None]
    for place in added:
        registry.add_place(context.session, person_id, place)
    return done | ({"places": " ".join(f"+{place.platform}" for place in added)} if added else {})


def _back(context: Context, row: Row, person_id: int) -> bool:
    """Let a leaver come back where the list says so on purpose: with a hyphen in place of the day."""
    if row["left_on"] != NOTHING:
        return False
    registry.come_back(context.session, person_id, on=context.today)
    return True


def _leave(context: Context, person_id: int, on: date) -> bool:
    if directory.left_on(context.session, person_id) == on:
        return False
    registry.leave(context.session, person_id, on=on)
    since = instant(on, time(), context.house.time_zone) if on > context.today else _LONG_AGO
    registry.recall(context.session, person_id, since=since)
    return True


def _record(context: Context, by: int | None, person_id: int, done: dict[str, str], *, new: bool, gone: bool) -> None:
    if new or done or gone:
        action = "left" if gone else "enrolled" if new else "changed"
        persons.note(context, action, person_id, actor=f"person:{by}" if by else "command line", by="a list", **done)


class _Reading:
    """One row being read; what is wrong with it is added to the problems. `known` are people by name."""

    def __init__(self, context: Context, row: Row, known: Mapping[str, list[Entry]], problems: list[Problem]) -> None:
        self._context = context
        self.row = row
        self._known = known
        self._problems = problems

    def _wrong(self, column: str, message: str) -> None:
        self._problems.append(Problem(self.row.number, column, message))

    def wanted(self) -> Wanted:
        """Return the record that the row describes; an empty cell leaves what is there."""
        name = " ".join(self.row["name"].split())
        if problem := persons.name_problem(name):
            self._wrong("name", problem)
        return Wanted(name, self._agency(), self._roles(), seats=self._seats(), posts=self._posts())

    def _agency(self) -> str | None:
        text = " ".join(self.row["agency"].split())
        if not text:
            return None
        if text == NOTHING:
            return ""
        known = naming.agencies(self._context)
        same = [name for name in known if name.casefold() == text.casefold()]
        if not same and len(text) > boxes.MAX_AGENCY:
            self._wrong("agency", f"Please use at most {boxes.MAX_AGENCY} characters.")
        return same[0] if same else text

    def _roles(self) -> frozenset[Role] | None:
        if not self.row["roles"]:
            return None
        found = set()
        for text in self._several("roles"):
            try:
                found.add(naming.role(text))
            except naming.UnknownNameError as error:
                self._wrong("roles", f"{error} {error.hint}")
        return frozenset(found)

    def _seats(self) -> frozenset[Seat] | None:
        if not self.row["groups"]:
            return None
        found = set()
        for text in self._several("groups"):
            deputy = text.casefold().endswith(_DEPUTY)
            group, _, seat = (text[: -len(_DEPUTY)] if deputy else text).partition(":")
            try:
                named = naming.group(self._context, group)
            except naming.UnknownNameError as error:
                self._wrong("groups", f"{error} {error.hint}")
                continue
            seats = {one.casefold(): one for one in naming.seats().get(named, ())}
            if seat.strip() and seat.strip().casefold() not in seats:
                self._wrong("groups", f"{named} has no seat '{seat.strip()}'. It has: {', '.join(seats.values())}.")
            found.add(Seat(named, seats.get(seat.strip().casefold(), ""), deputy))
        if len({one.group for one in found}) < len(found):
            self._wrong("groups", "A person has one seat in a group. Leave one out.")
        return frozenset(found)

    def _posts(self) -> frozenset[str] | None:
        text = self.row["post"]
        if not text:
            return None
        named = (" ".join(one.split()) for one in text.split(";"))
        return frozenset() if text == NOTHING else frozenset(post for post in named if post)

    def _several(self, column: str) -> list[str]:
        return [] if self.row[column] == NOTHING else self.row.several(column)

    def places(self) -> list[Identity]:
        """Return where the person of the row is reached."""
        found = []
        for platform in boxes.PLACES:
            text = self.row[platform]
            if text and text != NOTHING:
                if problem := boxes.place_problem(platform, text):
                    self._wrong(platform, problem)
                found.append(boxes.as_place(platform, text))
        return found

    def leaves(self) -> date | None:
        """Return the day from which the person has left; None for somebody who is here."""
        text = self.row["left_on"]
        if not text or text == NOTHING:
            return None
        found = roster.as_day(text)
        if found is None:
            self._wrong("left_on", "Please give a day such as 2026-11-21.")
        return found

    def person(self, places: list[Identity]) -> int | None:
        """Return whose row it is: by an id of theirs, or else by name and agency; None for somebody new."""
        session = self._context.session
        owners = {owner for place in places if (owner := registry.owner(session, place)) is not None}
        if len(owners) > 1:
            self._wrong("name", "The ids of this row belong to two people. Join them in chat first, with Add a place.")
        if owners or self.row["new"].casefold() in ("yes", "y", "true", "1"):
            return min(owners, default=None)
        agency = self._agency()
        called = self._known.get(" ".join(self.row["name"].split()).casefold(), [])
        same = [one for one in called if agency is None or one.agency.casefold() == agency.casefold()]
        if len(same) > 1:
            self._wrong("name", "Two people are called so. Give an id of theirs in this row.")
        if not same:
            return None
        taken = directory.places(session, same[0].id)
        for place in places:
            if taken[place.platform]:
                self._wrong(place.platform, f"{same[0].name} has another id there. {_WHO}")
        return same[0].id


# --- what is shown ---------------------------------------------------------------------------------------------


def _summary(outcome: Outcome) -> Element:
    pairs = [("New", len(outcome.new)), ("Changed", len(outcome.changed)), ("Unchanged", outcome.unchanged),
             ("Left", len(outcome.left)), ("Had left before", outcome.stay_left)]  # fmt: skip
    return Facts(tuple((name, str(times)) for name, times in pairs))


def _told(outcome: Outcome) -> list[Element]:
    rows = [(name, "new") for name in outcome.new]
    rows += [(name, "leaves") for name in outcome.left]
    rows += list(outcome.changed)
    more = f"and {len(rows) - MOST_SHOWN} more" if len(rows) > MOST_SHOWN else ""
    return [_summary(outcome), Table(("Name", "What changes"), tuple(rows[:MOST_SHOWN]), more)]


_EVERYBODY = Button("Everybody", "people.show")
