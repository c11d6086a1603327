"""The playground's end of the outbox: a delivery becomes a message in a room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from bot.playground.rooms import Rooms
from bot.sending import Undeliverable
from db.deliveries import Destination
from handlers.messages import Card

PLATFORM = "playground"


class PlaygroundSender:
    """Posts cards into the rooms. It lives as long as the process."""

    platform = PLATFORM
    timeout = 5.0
    pace = 0.0
    per_second = 0.0

    def __init__(self, rooms: Rooms, clock: Callable[[], datetime]) -> None:
        self._rooms = rooms
        self._clock = clock

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Put the card into the room, once for each delivery. Raises Undeliverable when there is no such room."""
        room = self._rooms.at(destination.address)
        if room is None:
            raise Undeliverable("nobody of that name is in the playground")
        entry = self._rooms.add(
            room, card, at=self._clock(), only_for=destination.only_for, key=f"delivery:{delivery_id}"
        )
        return str(entry.id)

    async def find(
        self,
        destination: Destination,
        delivery_ids: Collection[str],
        since: datetime,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Return which deliveries are in the room. The rooms are in memory, so that nothing is older than they are."""
        room = self._rooms.at(destination.address)
        keys = {f"delivery:{delivery_id}": delivery_id for delivery_id in delivery_ids}
        return {keys[entry.key]: str(entry.id) for entry in room.entries if entry.key in keys} if room else {}
