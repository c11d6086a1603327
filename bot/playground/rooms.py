"""The conversations of the playground, in memory: one for each person with the bot, and one shared channel."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handlers.demo import PERSONAS
from handlers.messages import Card

FORUM = "#safeguarding-forum"
KEPT = 300  # messages in a room; the oldest go first


@dataclass(frozen=True, slots=True)
class Said:
    """Words that a person typed, as the room shows them."""

    text: str
    kept: bool = True


@dataclass(slots=True)
class Entry:
    """One message of a room. `only_for` is empty when everybody in the room sees it.

    `version` grows with every change in any room, so that a page can ask for what it has not seen.
    """

    id: int
    version: int
    at: datetime
    what: Card | Said
    only_for: str = ""
    key: str = ""


@dataclass(slots=True)
class Room:
    """One conversation, oldest message first."""

    entries: list[Entry] = field(default_factory=list)
    seen: int = 0  # the last version that its person's page was given
    welcomed: bool = False

    def unread(self) -> int:
        """Count the messages that came since its person last looked."""
        return sum(entry.version > self.seen for entry in self.entries)


class Rooms:
    """All conversations. They live as long as the process and hold nothing that the guard stopped."""

    def __init__(self) -> None:
        self._count: Iterator[int] = itertools.count(1)
        self._direct = {key: Room() for key in PERSONAS}
        self._forum = Room()

    def at(self, address: str) -> Room | None:
        """Return the room with an address: a person's key, or the name of the shared channel."""
        return self._forum if address == FORUM else self._direct.get(address)

    def add(self, room: Room, what: Card | Said, *, at: datetime, only_for: str = "", key: str = "") -> Entry:
        """Put a message into a room; one with a key that the room has already changes nothing."""
        known = next((entry for entry in room.entries if key and entry.key == key), None)
        if known is not None:
            return known
        number = next(self._count)
        entry = Entry(number, number, at, what, only_for, key)
        room.entries.append(entry)
        del room.entries[:-KEPT]
        return entry

    def passing(self, card: Card, *, at: datetime, only_for: str = "") -> Entry:
        """Return a message that is shown now and that no room keeps."""
        number = next(self._count)
        return Entry(number, number, at, card, only_for)

    def welcome(self, room: Room, card: Card, *, at: datetime) -> None:
        """Put a card at the beginning of a room, once."""
        if not room.welcomed:
            room.welcomed = True
            number = next(self._count)
            room.entries.insert(0, Entry(number, number, at, card))

    def replace(self, room: Room, entry_id: int, card: Card, *, seen_by: str) -> bool:
        """Put a card in the place of another that this person can see; return False when it is not there."""
        entry = next((entry for entry in room.entries if entry.id == entry_id), None)
        if entry is None or not isinstance(entry.what, Card) or entry.only_for not in ("", seen_by):
            return False
        entry.what, entry.version = card, next(self._count)
        return True

    def since(self, room: Room, version: int, *, seen_by: str) -> list[Entry]:
        """Return what a person has not been given of a room, oldest first."""
        return [entry for entry in room.entries if entry.version > version and entry.only_for in ("", seen_by)]

    def unread(self) -> dict[str, int]:
        """Count for every person the messages of the bot that they have not looked at."""
        return {key: room.unread() for key, room in self._direct.items()}
