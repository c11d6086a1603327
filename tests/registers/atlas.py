"""Every state of a workflow that machines can reach, and everything that anybody is offered in each of them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from handlers.messages import Card, Reply
from tests.fakes import Bot, said
from tests.registers import checks
from tests.registers.checks import Kind
from tests.registers.explorer import Explorer, Saved, Try, everybody, rows
from tests.registers.machine import tick

Key = tuple[object, ...]
Step = tuple[str, str]
WAITS = (1, 8, 40, 200)  # days, for what the clock does by itself
REFERENCE = re.compile(r"[A-Z]{3}-\d{4}-\d{3}\|\d+")
REFUSED = ("I cannot find that record", "I cannot show you that", "older version")


@dataclass(slots=True)
class Place:
    """One state: the database as it is there, and what can be tried, each with the steps that it led to."""

    key: Key
    saved: Saved
    version: int
    tries: dict[tuple[str, str, tuple[Step, ...]], Try] = field(default_factory=dict)


@dataclass(slots=True)
class Atlas:
    """Draws the map of one kind of record: `Atlas(...).draws(ref)`."""

    explorer: Explorer
    kind: Kind
    opens: str  # what is typed before a reference
    key: Callable[[dict[str, object]], Key]  # by what two states differ
    places: dict[Key, Place] = field(default_factory=dict)
    steps: set[Step] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @property
    def bot(self) -> Bot:
        """Return the bot that is explored."""
        return self.explorer.cast.bot

    def draws(self, ref: str) -> None:
        """Go from where things are to every state that can be reached."""
        waiting = deque([self._keep(ref)])
        while waiting:
            place = waiting.popleft()
            self.explorer.time.goes_back(place.saved)
            before = self._deeds()
            for tried, _ in self.explorer.offered(ref, self.opens, place.saved):
                new = () if self.explorer.time.unchanged() else self._looks(before)
                place.tries.setdefault((tried.route, tried.value, new), tried)
                waiting.extend(self._found(ref) if new or not self.explorer.time.unchanged() else ())
            for days in WAITS:
                self.explorer.time.goes_back(place.saved)
                self.bot.clock.pass_(days=days)
                tick(self.bot)
                self._looks(before)
                waiting.extend(self._found(ref))

    def tried_by_all(
        self, names: Sequence[str] = ()
    ) -> Iterator[tuple[Place, str, Try, Reply | None, tuple[Step, ...]]]:
        """Let everybody send everything that somebody was offered, in the state where it was offered."""
        for place in self.places.values():
            yield from self._tried(place, place.tries.values(), names or everybody(self.explorer.cast))

    def tried_elsewhere(self, names: Sequence[str]) -> Iterator[tuple[Place, str, Try, Reply | None, tuple[Step, ...]]]:
        """Let some people send in each state what was offered in others, as if it stood under this version."""
        moving = {
            (tried.route, REFERENCE.sub("REF|", tried.value)): (tried, place.version)
            for place in self.places.values()
            for (_, _, steps), tried in place.tries.items()
            if steps
        }
        for place in self.places.values():
            here = {(tried.route, tried.value) for tried in place.tries.values()}
            forged = [
                replace(tried, value=tried.value.replace(f"|{version}", f"|{place.version}"))
                for tried, version in moving.values()
            ]
            yield from self._tried(place, [one for one in forged if (one.route, one.value) not in here], names)

    def _tried(
        self, place: Place, tries: Iterable[Try], names: Sequence[str]
    ) -> Iterator[tuple[Place, str, Try, Reply | None, tuple[Step, ...]]]:
        self.explorer.time.goes_back(place.saved)
        before = self._deeds()
        for tried in tries:
            for name in names:
                self.explorer.time.goes_back(place.saved)
                reply = self.bot.does(tried.by(self.explorer.cast, name))
                yield place, name, tried, reply, () if self.explorer.time.unchanged() else self._looks(before)

    def _deeds(self) -> int:
        return max((entry.id for entry in checks.histories(self.bot, self.kind)), default=0)

    def _looks(self, before: int) -> tuple[Step, ...]:
        """Return the steps that were taken, and note those that may not be."""
        entries = checks.histories(self.bot, self.kind, after=before)
        new = tuple((one.before_state, one.after_state) for one in entries if one.before_state != one.after_state)
        self.steps.update(new)
        self.wrong += checks.wrong_steps(self.bot, self.explorer.cast, self.kind, after=before) if new else []
        return new

    def _found(self, ref: str) -> list[Place]:
        key = self.key(rows(self.bot.engine, self.kind.table)[ref])
        return [] if key in self.places else [self._keep(ref)]

    def _keep(self, ref: str) -> Place:
        row = rows(self.bot.engine, self.kind.table)[ref]
        key = self.key(row)
        self.places[key] = Place(key, self.explorer.time.keeps(), row["version"])
        return self.places[key]


def refused(reply: Reply | None) -> bool:
    """Say whether somebody was told that there is nothing for them, or nothing that they may do."""
    return isinstance(reply, Card) and any(words in said(reply) for words in REFUSED)
