"""The deliveries of one database in a few words: `queue.puts("a", ANNA)`, `queue.claims()`, `queue.states()`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db import claims, deliveries, outcomes
from db import engine as database
from db.claims import Claimed, Taken, Wanted
from db.deliveries import Delivery, Destination, Occurrence, Queue
from db.outcomes import End, Outcome
from tests.fakes import Clock

ANNA, BEN = Destination("test", "anna"), Destination("test", "ben")
LEASE = timedelta(seconds=30)


class Deliveries:
    """The deliveries of one database, and one worker that takes them."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def puts(
        self,
        key: str,
        *to: Destination,
        due_in: float = 0,
        expires_in: float | None = None,
        kind: str = "a test",
        queue: Queue | None = None,
    ) -> bool:
        """Queue a card under a key."""
        now = self.clock.now
        expires_at = None if expires_in is None else now + timedelta(seconds=expires_in)
        with database.transaction(self.engine) as session:
            return deliveries.put(
                session, key=key, kind=kind, card={"title": key}, destinations=to or [ANNA], now=now,
                due_at=now + timedelta(seconds=due_in), expires_at=expires_at, queue=queue,
            )  # fmt: skip

    def takes(self, *, owner: str = "worker", limit: int = 10, platform: str = "test") -> Taken:
        """Take what is due, and say what was looked at for that."""
        wanted = [Wanted(platform, queue, limit, LEASE) for queue in (Queue.URGENT, Queue.REPLY, Queue.POST)]
        with database.transaction(self.engine) as session:
            return claims.claim(session, owner=owner, wanted=wanted, now=self.clock.now)

    def claims(self, *, owner: str = "worker", limit: int = 10, platform: str = "test") -> list[Claimed]:
        """Take what is due, until nothing more is."""
        found: list[Claimed] = []
        while (taken := self.takes(owner=owner, limit=limit, platform=platform)).examined:
            found += taken.claimed
            if len(found) >= limit:
                break
        return found

    def ends(self, held: Claimed, end: End = End.ARRIVED, *, free_in: float = 0, counts: bool = True) -> None:
        """Record how a sending ended."""
        outcome = Outcome(held, end, message_id="1", error="", free_in=timedelta(seconds=free_in), counts=counts)
        with database.transaction(self.engine) as session:
            assert outcomes.record(session, [outcome], now=self.clock.now) == []

    def titles(self) -> list[str]:
        """Take what is due and return under which keys it was queued."""
        held = [claimed.occurrence_id for claimed in self.claims()]
        with Session(self.engine) as session:
            keys = {row.id: row.key for row in session.execute(select(Occurrence.id, Occurrence.key))}
        return [keys[number] for number in held]

    def states(self) -> list[str]:
        """Return the state of every delivery, by when it was due."""
        with Session(self.engine) as session:
            return list(session.scalars(select(Delivery.state).order_by(Delivery.due_at, Delivery.occurrence_id)))
