"""A platform to send to that does what a test says: it takes messages, fails, takes them and fails, and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.outbox import Outbox
from bot.sending import NoHistory
from db import deliveries
from db.deliveries import Delivery, Destination, Queue
from handlers.messages import Card, Text, card_to_json
from tests.fakes import Bot

ANNA, BEN = Destination("test", "anna"), Destination("test", "ben")
SECRET = "the words of the message"


@dataclass(frozen=True)
class Taken:
    """The message arrives, and then sending it ends so."""

    end: Exception


class Chat:
    """A platform: `chat.will("anna", TryLater("busy"), Taken(TimeoutError()))` says how sendings end, one by one."""

    platform = "test"
    timeout = 10.0

    def __init__(self, *, pace: float = 0.0, per_second: float = 0.0) -> None:
        self.pace, self.per_second = pace, per_second
        self.posted: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.looked: list[str] = []
        self.gate: asyncio.Event | None = None
        self._kept: dict[str, str] = {}
        self._plans: dict[str, list[Exception | Taken | None]] = {}
        self._always: dict[str, Exception | Taken] = {}
        self._history: dict[str, list[Exception | None]] = {}
        self._remembers = True

    def will(self, address: str, *ends: Exception | Taken | None) -> None:
        """Say how the next sendings to somebody end; after these, they arrive."""
        self._plans[address] = list(ends)

    def always(self, address: str, end: Exception | Taken) -> None:
        """Say how every sending to somebody ends."""
        self._always[address] = end

    def works(self, address: str) -> None:
        """Let sendings to somebody arrive again."""
        self._always.pop(address, None)

    def has_no_history(self) -> None:
        """Let nobody look for anything."""
        self._remembers = False

    def history_fails(self, address: str, *ends: Exception) -> None:
        """Say how the next looks at somebody's history end; after these, it can be read."""
        self._history[address] = list(ends)

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card, or fail as planned."""
        if self.gate:
            await self.gate.wait()
        plan = self._plans.get(destination.address) or [self._always.get(destination.address)]
        end = plan.pop(0)
        if isinstance(end, Exception):
            raise end
        self.posted.append((destination.address, card.title))
        self.ids.append(delivery_id)
        self._kept[delivery_id] = f"message-{len(self.posted)}"
        if end:
            raise end.end
        return self._kept[delivery_id]

    async def find(
        self,
        destination: Destination,
        delivery_ids: Collection[str],
        since: datetime,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Look into the history, or fail as planned."""
        self.looked.append(destination.address)
        if not self._remembers:
            raise NoHistory("it has none")
        if plan := self._history.get(destination.address):
            raise plan.pop(0) or AssertionError
        return {key: self._kept[key] for key in delivery_ids if key in self._kept}

    def said_to(self, address: str) -> list[str]:
        """Return what somebody got, oldest first."""
        return [title for to, title in self.posted if to == address]


class Seconds:
    """A clock that only goes on when a test says so: `seconds.pass_(16)`."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def put(
    bot: Bot,
    title: str,
    *to: Destination,
    due_in: float = 0,
    expires_in: float | None = None,
    kind: str = "test message",
    queue: Queue | None = None,
) -> None:
    """Queue a card under its title: `put(bot, "Hello", ANNA, BEN)`."""
    card = card_to_json(Card(title, (Text(SECRET),)))
    bot.dispatcher.within(
        lambda context: deliveries.put(
            context.session, key=title, kind=kind, card=card, destinations=to, now=context.now,
            due_at=context.now + timedelta(seconds=due_in), queue=queue,
            expires_at=None if expires_in is None else context.now + timedelta(seconds=expires_in),
        )
    )  # fmt: skip


def rows(bot: Bot) -> dict[str, Any]:
    """Return the newest delivery of everybody that is not a notice, by address."""
    with Session(bot.engine) as session:
        found = session.scalars(select(Delivery).order_by(Delivery.occurrence_id))
        return {row.address: row for row in found if not row.address.startswith("person-")}


def state(bot: Bot, address: str = "anna") -> str:
    """Return where the newest delivery to somebody stands."""
    return str(rows(bot)[address].state)


async def everything(outbox: Outbox) -> int:
    """Let the outbox work until nothing is due; return how many were tried."""
    tried = 0
    while now := await outbox.run_once():
        tried += now
    return tried


async def settle(bot: Bot, outbox: Outbox, seconds: Seconds, *, after: float = 16) -> int:
    """Let what is in doubt be seen, let time pass, and let it be settled; return how much was looked for."""
    await outbox.verify_once()
    seconds.pass_(after)
    bot.clock.pass_(seconds=after)
    return await outbox.verify_once()
