"""What every platform's sender promises to the outbox, and the ways in which sending and looking certainly fail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from db.deliveries import Destination
from handlers.messages import Card


class TryLater(Exception):  # noqa: N818 - it says what to do
    """The message certainly did not arrive, and may if it is sent again after `wait`.

    `counts=False` where the platform only asked for patience: being busy is no reason ever to give a message up.
    """

    def __init__(self, reason: str, wait: timedelta | None = None, *, counts: bool = True) -> None:
        super().__init__(reason)
        self.wait = wait
        self.counts = counts


class Undeliverable(Exception):  # noqa: N818 - it says what it is
    """The message certainly did not arrive and never will."""


class NoHistory(Exception):  # noqa: N818 - it says what is missing
    """Nobody can look there whether a message arrived: only a person can find out."""


class Sender(Protocol):
    """Posts cards on one platform, and finds them again. It retries nothing by itself.

    `timeout` is for one sending, in seconds; `pace` the seconds between two posts to one destination; `per_second`
    how many posts the whole platform takes, 0 for no limit.
    """

    platform: str
    timeout: float
    pace: float
    per_second: float

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card and return the platform's id of the message. Raises TryLater or Undeliverable.

        Any other exception means that nobody knows whether the message arrived.
        """

    async def find(self, destination: Destination, delivery_ids: Collection[str], since: datetime) -> Mapping[str, str]:
        """Look which of these deliveries arrived there since then; return the id of the message of each of them.

        Raises NoHistory where nobody can look, and TryLater when looking failed for now.
        """
