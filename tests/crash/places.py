"""Where the deliveries of a run go: channels and people, of Slack alone or half of them of Teams."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum

from bot.teams.chats import CHANNEL
from db import chats
from db import engine as database
from db.chats import PERSONAL, Chat
from db.deliveries import Destination
from tests.teams.fake_microsoft import HOME

GONE = {"slack": "C-deleted", "teams": "19:deleted@thread.tacv2"}  # channels that are not there any more
PARENTS = {"slack": "1700000000.000100", "teams": "1700000000000"}  # messages that answers are posted to
TEAM = "19:team@thread.tacv2"
SHARE_OF_ANSWERS = 0.05  # of what goes to a channel goes into a thread
READER = "U-reader"


class Teams(Enum):
    """What part Microsoft Teams has in a run. Chats with people show no history in any case."""

    NONE = "none"
    BLIND = "half of the places, and its channels show no history"
    SEEN = "half of the places, and its channels show their history"


class Places:
    """So many channels, and a person for every fourth. It lives as long as the run."""

    def __init__(self, number: int, teams: Teams = Teams.NONE) -> None:
        self.number = number
        self.teams = teams
        platforms = ("slack",) if teams is Teams.NONE else ("slack", "teams")
        self._platforms = platforms
        self._channels = [_channel(platforms[one % len(platforms)], one) for one in range(number)]
        self._people = [_person(platforms[one % len(platforms)], one) for one in range(number // 4)]

    def some(self, dice: random.Random, wide: int) -> list[Destination]:
        """Return as many different places, here and there in a thread."""
        chosen = dice.sample([*self._channels, *self._people], wide)
        return [_in_thread(to) if to in self._channels and dice.random() < SHARE_OF_ANSWERS else to for to in chosen]

    def gone(self, dice: random.Random) -> Destination:
        """Return a channel that is not there any more."""
        platform = dice.choice(self._platforms)
        return Destination(platform, GONE[platform])

    def unseen(self, dice: random.Random) -> Destination:
        """Return a place of which nobody can find out what arrived there."""
        platform = dice.choice(self._platforms)
        if platform == "teams":
            return dice.choice([to for to in self._people if to.platform == platform])
        channel = dice.choice([to for to in self._channels if to.platform == platform])
        return replace(channel, only_for=READER)

    def shows(self, to: Destination) -> bool:
        """Say whether it can be looked up what arrived there."""
        if to.platform == "slack":
            return not to.only_for
        return self.teams is Teams.SEEN and to.address != GONE["teams"] and to not in self._people

    def introduce(self, url: str, service_url: str) -> None:
        """Put the app into the channels of Teams and every second chat; the other chats the bot has to make."""
        if self.teams is Teams.NONE:
            return
        people = [to.address for to in self._people if to.platform == "teams"][::2]
        known = [Chat(f"a:with-{one}", PERSONAL, HOME, service_url, one) for one in people]
        channels = [to.address for to in self._channels if to.platform == "teams"]
        known += [Chat(one, CHANNEL, HOME, service_url, team=TEAM) for one in (*channels, GONE["teams"])]
        engine = database.connect(url)
        with database.transaction(engine) as session:
            for chat in known:
                chats.keep(session, chat, at=datetime.now(UTC))
        engine.dispose()


def _channel(platform: str, number: int) -> Destination:
    addresses = {"slack": f"C-{number:03}", "teams": f"19:crash-{number:03}@thread.tacv2"}
    return Destination(platform, addresses[platform])


def _person(platform: str, number: int) -> Destination:
    addresses = {"slack": f"U-{number:03}", "teams": f"{number:08x}-0000-4000-8000-000000000000"}
    return Destination(platform, addresses[platform])


def _in_thread(to: Destination) -> Destination:
    return replace(to, thread=PARENTS[to.platform])
