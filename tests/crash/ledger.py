"""What was to be sent, and what became of it: the proof's own book, beside the bot's tables and the server's."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import psycopg
from sqlalchemy import select

from db import deliveries
from db import engine as database
from db.deliveries import NOTICE, Delivery, Destination, Occurrence
from handlers.messages import Card, Text, card_to_json
from tests.crash.places import Places
from tests.crash.report import ASKED

_STATE = f"CASE WHEN asked_at IS NOT NULL AND state = 'verify' THEN '{ASKED}' ELSE state END"
_NOTICES = f"""SELECT key, deliveries.id FROM deliveries JOIN occurrences ON occurrences.id = occurrence_id
    WHERE kind = '{NOTICE}'"""  # noqa: S608 - our own word
EARLY_SECONDS = 2.0  # the bot may learn the time from a header that has whole seconds


class Fate(Enum):
    """What has to become of a delivery. Where there is no history to look at, any may be left to a person."""

    ONCE = "posted once"
    UNSEEN = "posted once, to where there is no history to look at"
    REFUSED = "refused for good by the chat server"
    TOO_LATE = "never posted: its time is over before it is due"
    PERHAPS = "posted once, or not at all where it was called off or its time was over first"
    LATER = "not posted before the end: it is due long after"


SHARES: dict[Fate, float] = {Fate.UNSEEN: 0.02, Fate.REFUSED: 0.01, Fate.TOO_LATE: 0.01, Fate.PERHAPS: 0.04}


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery that was queued. `number` grows with the order; `seen`: it can be looked up whether it arrived."""

    id: str
    number: int
    fate: Fate
    destination: Destination
    due_at: datetime
    seen: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run did to the deliveries. All but the first are faults of the bot when they are not 0."""

    deliveries: int
    lost: list[str]
    duplicated: int
    early: int
    disordered: int
    misrecorded: list[str]
    unsettled: Mapping[str, int]
    untold: list[str]

    @property
    def faults(self) -> dict[str, int]:
        """Return how often each thing happened that must not happen."""
        return {
            "lost": len(self.lost), "duplicated": self.duplicated, "early": self.early,
            "out of order": self.disordered, "recorded wrongly": len(self.misrecorded),
            "not settled": sum(self.unsettled.values()), "in doubt and not told": len(self.untold),
        }  # fmt: skip


def reader(url: str) -> Any:
    """Open a database for looking only, beside the servers that write it."""
    target = database.driver_url(url)
    if target.get_backend_name() == "sqlite":
        return sqlite3.connect(f"file:{target.database}?mode=ro", uri=True, isolation_level=None, timeout=10)
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


@contextmanager
def reading(url: str) -> Iterator[Any]:
    """Give a connection for looking only."""
    connection = reader(url)
    try:
        yield connection
    finally:
        connection.close()


@dataclass
class Ledger:
    """The book of one run. It lives as long as the run.

    `spread` is how many seconds ahead the last of what is queued at once is due.
    """

    url: str
    seed: int
    places: Places = field(default_factory=lambda: Places(40))
    shares: Mapping[Fate, float] = field(default_factory=lambda: dict(SHARES))
    spread: float = 3.0
    entries: dict[str, Entry] = field(default_factory=dict)
    _called_off: list[str] = field(default_factory=list)
    _by_text: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - to be repeated, not to be secret

    def queue(self, number: int, *, fate: Fate | None = None, due: Callable[[], timedelta] | None = None) -> None:
        """Queue this many deliveries, several of one message, as a feature of the bot would.

        On SQLite no server may run meanwhile.
        """
        engine = database.connect(self.url)
        while number:
            chosen = fate or self._fate()
            wide = self._random.randint(1, 12) if chosen is Fate.ONCE else 1
            wide = min(wide, number)
            number -= wide
            with database.transaction(engine) as session:
                self._put(session, chosen, wide, due() if due else None)
        engine.dispose()

    def call_off(self) -> None:
        """Cancel what is to be called off, whether it was sent meanwhile or not. On SQLite no server may run."""
        engine = database.connect(self.url)
        for key in self._called_off:
            with database.transaction(engine) as session:
                deliveries.cancel(session, key, now=datetime.now(UTC))
        self._called_off.clear()
        engine.dispose()

    def _fate(self) -> Fate:
        number = self._random.random()
        for fate, share in self.shares.items():
            number -= share
            if number < 0:
                return fate
        return Fate.ONCE

    def _put(self, session: Any, fate: Fate, wide: int, wait: timedelta | None) -> None:
        now = datetime.now(UTC)
        first = len(self.entries) + 1
        key, title = f"crash:{self.seed}:{first}:v1", f"Message {self.seed}.{first}"
        due = now + (timedelta(seconds=self._random.uniform(0, self.spread)) if wait is None else wait)
        expires = {Fate.TOO_LATE: due - timedelta(seconds=1), Fate.PERHAPS: due + timedelta(seconds=5)}.get(fate)
        if fate is Fate.PERHAPS and self._random.random() < 0.7:
            self._called_off.append(key)
            expires = None
        deliveries.put(
            session,
            key=key,
            kind="bulletin",
            card=card_to_json(Card(title, (Text("Nothing in here is true."),))),
            destinations=self._destinations(fate, wide),
            now=now,
            due_at=due,
            expires_at=expires,
        )
        rows = session.scalars(
            select(Delivery).join(Occurrence, Occurrence.id == Delivery.occurrence_id).where(Occurrence.key == key)
        )
        for row in rows:
            to = Destination(row.platform, row.address, row.thread, row.only_for)
            self.entries[row.id] = Entry(row.id, first, fate, to, due, seen=self.places.shows(to))
            if to.only_for:
                self._by_text[title] = row.id

    def _destinations(self, fate: Fate, wide: int) -> list[Destination]:
        if fate is Fate.REFUSED:
            return [self.places.gone(self._random)]
        if fate is Fate.UNSEEN:
            return [self.places.unseen(self._random)]
        return self.places.some(self._random, wide)

    # --- looking at the tables -----------------------------------------------------------------------------

    def counts(self, connection: Any) -> dict[str, int]:
        """Return how many deliveries are in each state; what was put to a person is no doubt any more."""
        found = connection.execute(f"SELECT {_STATE}, count(*) FROM deliveries GROUP BY 1").fetchall()  # noqa: S608 - ours
        return dict(found)

    def unsettled(self, connection: Any) -> dict[str, int]:
        """Return how many are in a state from which the bot has to bring them further by itself."""
        found: Counter[str] = Counter()
        for delivery, state, asked_at in connection.execute(
            "SELECT id, state, asked_at FROM deliveries WHERE state IN ('pending', 'sending', 'verify')"
        ).fetchall():
            entry = self.entries.get(delivery)
            by_a_person = state == "verify" and asked_at is not None and entry and not entry.seen
            if entry and entry.fate is not Fate.LATER and not by_a_person:
                found[state] += 1
        return found

    def phases(self, connection: Any, accepted: Iterable[str]) -> Counter[str]:
        """Return how many deliveries are at each point of their way, by the tables and by the server's journal."""
        there = set(accepted)
        found: Counter[str] = Counter(self.counts(connection))
        for delivery, state in connection.execute(
            "SELECT id, state FROM deliveries WHERE state IN ('sending', 'verify') AND asked_at IS NULL"
        ).fetchall():
            found[state] -= 1
            found[f"{state}, {'posted' if delivery in there else 'not posted'}"] += 1
        return +found

    def asked(self, connection: Any) -> dict[str, int]:
        """Return the deliveries that were put to a person, each with its occurrence; no notices about others."""
        rows = connection.execute(
            "SELECT id, occurrence_id FROM deliveries WHERE state = 'verify' AND asked_at IS NOT NULL"
        ).fetchall()
        return {delivery: occurrence for delivery, occurrence in rows if delivery in self.entries}

    def untold(self, connection: Any, accepted: Collection[str]) -> list[str]:
        """Return what was put to a person by no notice that arrived, about it or about the message it belongs to."""
        notices = connection.execute(_NOTICES).fetchall()
        about = {key.split(":")[1] for key, delivery in notices if delivery in accepted}
        rows = connection.execute("SELECT id, occurrence_id FROM deliveries").fetchall()
        told = {occurrence for delivery, occurrence in rows if delivery in about}
        return [delivery for delivery, occurrence in self.asked(connection).items() if occurrence not in told]

    # --- the verdict ---------------------------------------------------------------------------------------

    def accepted(self, journal: Any) -> dict[str, list[float]]:
        """Return when each delivery was accepted, by the journal of the chat server."""
        found: dict[str, list[float]] = defaultdict(list)
        for delivery, _channel, at, _shown_only_to in journal["accepted"]:
            found[self._by_text.get(delivery, delivery)].append(at)
        return found

    def judge(self, connection: Any, journal: Any) -> Verdict:
        """Compare the three books."""
        accepted = self.accepted(journal)
        states = dict(connection.execute("SELECT id, state FROM deliveries").fetchall())
        return Verdict(
            deliveries=len(self.entries),
            lost=[one.id for one in self.entries.values() if self._lost(one, accepted, states)],
            duplicated=sum(len(times) - 1 for times in accepted.values()),  # what the secretariat is told counts too
            early=sum(
                1
                for one in self.entries.values()
                for at in accepted.get(one.id, [])
                if at < one.due_at.timestamp() - EARLY_SECONDS
            ),
            disordered=self._disordered(journal),
            misrecorded=[
                f"{delivery}: {state}"
                for delivery, state in states.items()
                if (state == "sent" and not accepted.get(delivery))
                or (state in ("dead", "expired", "cancelled") and accepted.get(delivery))
            ],
            unsettled=self.unsettled(connection),
            untold=self.untold(connection, accepted),
        )

    def latest(self, journal: Any) -> float:
        """Return how many seconds after its time the last delivery was accepted that was accepted at all."""
        accepted = self.accepted(journal)
        return max(
            (times[0] - self.entries[one].due_at.timestamp() for one, times in accepted.items() if one in self.entries),
            default=0.0,
        )

    def _lost(self, one: Entry, accepted: Mapping[str, list[float]], states: Mapping[str, str]) -> bool:
        state = states.get(one.id, "no row")
        if accepted.get(one.id):
            return False
        allowed: tuple[str, ...] = {
            Fate.ONCE: (),
            Fate.UNSEEN: (),
            Fate.REFUSED: ("dead",),
            Fate.TOO_LATE: ("expired",),
            Fate.PERHAPS: ("expired", "cancelled"),
            Fate.LATER: ("pending",),
        }[one.fate]
        return state not in allowed and (one.seen or state != "verify")

    def _disordered(self, journal: Any) -> int:
        """Count the messages of a place that came after one that was due later."""
        latest: dict[tuple[str, str], tuple[datetime, int]] = {}
        found = 0
        for delivery, channel, _at, shown_only_to in journal["accepted"]:
            one = self.entries.get(self._by_text.get(delivery, delivery))
            if one is None:
                continue
            place, turn = (channel, shown_only_to), (one.due_at, one.number)
            found += turn < latest.get(place, turn)
            latest[place] = max(turn, latest.get(place, turn))
        return found
