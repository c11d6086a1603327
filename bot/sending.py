"""What every platform's sender promises to the outbox, and the two ways in which a message certainly fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from db.deliveries import Destination
from handlers.messages import Card


class TryLater(Exception):  # noqa: N818 - it says what to do
    """The message certainly did not arrive, and may if it is sent again after `wait`."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Undeliverable(Exception):  # noqa: N818 - it says what it is
    """The message certainly did not arrive and never will."""


class Sender(Protocol):
    """Posts cards on one platform. Any exception but the two above means that nobody knows what happened."""

    platform: str

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card and return the platform's id of the message. Raises TryLater or Undeliverable."""
