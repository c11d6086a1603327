"""One small language for one person in any chat, so that a conversation is written once and held on every platform.

`await pat.says("threshold")`, `pat.sees("...")`, `await pat.presses("This helped")`, `await pat.fills(question="...")`,
`pat.errors()`, `pat.reads()`. What a platform cannot do stands in LACKS, with the reason.
"""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

import pytest

from db import engine as database
from db import groups, people
from db.people import Identity
from handlers.demo import PERSONAS
from tests.fakes import Bot

PLATFORMS = ("slack", "teams", "playground", "terminal")


class Able(StrEnum):
    """What a conversation may need, and not every platform has."""

    OTHERS = "somebody else, whom messages reach"
    AGAIN = "a form that is sent once more"
    OLD_BUTTONS = "a button of an earlier message"
    JOINING = "a place beside others, for one person"


LACKS: Mapping[tuple[str, Able], str] = MappingProxyType({
    ("terminal", Able.OTHERS): "One person types there, and nothing is delivered to them.",
    ("terminal", Able.AGAIN): "Its forms are asked for box by box, and are gone once they were taken.",
    ("terminal", Able.OLD_BUTTONS): "Only the buttons of the last answer have a number.",
    ("terminal", Able.JOINING): "It keeps its people in memory, where nobody of Slack or Teams is.",
    ("playground", Able.JOINING): "It keeps its people in memory, where nobody of Slack or Teams is.",
})  # fmt: skip


def able(*needed: Able) -> list[str]:
    """Return the platforms that have all of these."""
    return [platform for platform in PLATFORMS if not any((platform, one) in LACKS for one in needed)]


everywhere = pytest.mark.parametrize("platform", able())


def where(*needed: Able) -> pytest.MarkDecorator:
    """Hold a conversation on the platforms that have all of these."""
    return pytest.mark.parametrize("platform", able(*needed))


def bare(text: str) -> str:
    """Return the letters and digits alone: each platform lays words out, and escapes them, in its own way."""
    return "".join(char for char in html.unescape(text).casefold() if char.isalnum())


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that appeared in front of a person: its words, and what stands on its buttons."""

    words: str
    buttons: tuple[str, ...] = ()


@dataclass(slots=True)
class OpenForm:
    """The form in front of a person: what its boxes hold, and what is said at them."""

    boxes: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)


class Chat(ABC):
    """One person in front of one platform. What they read is what came since they last did something.

    A platform gives `_say`, `_press`, `_send` and `_look`, which put what comes into `came` and `form`.
    """

    def __init__(self) -> None:
        self.came: list[Seen] = []
        self.form: OpenForm | None = None

    # --- what a person does ------------------------------------------------------------------------------------

    async def says(self, text: str) -> None:
        """Type words to the bot."""
        self.came.clear()
        await self._say(text)

    async def presses(self, label: str) -> None:
        """Press the newest button that is labelled so."""
        self.came.clear()
        await self._press(label)

    async def fills(self, **boxes: str) -> None:
        """Fill in some boxes of the open form, leave the others as they are, and send it."""
        assert self.form is not None, f"no form is open: {self.reads()}"
        self.came.clear()
        await self._send(boxes)

    async def sends_again(self) -> None:
        """Send the last form once more, exactly as it was."""
        self.came.clear()
        await self._resend()

    async def looks(self) -> None:
        """Look at what came meanwhile."""
        self.came.clear()
        await self._look()

    # --- what a person has in front of them --------------------------------------------------------------------

    def reads(self) -> str:
        """Return the words that came."""
        return "\n".join(one.words for one in self.came)

    def sees(self, *phrases: str) -> bool:
        """Say whether all of these words came."""
        return not self.missing(*phrases)

    def missing(self, *phrases: str) -> list[str]:
        """Return those of these words that did not come."""
        read = bare(self.reads())
        return [phrase for phrase in phrases if bare(phrase) not in read]

    def buttons(self) -> list[str]:
        """Return what stands on the buttons that came."""
        return [label for one in self.came for label in one.buttons]

    def boxes(self) -> Mapping[str, str]:
        """Return what the boxes of the open form hold, by the name of the box; empty when none is open."""
        return self.form.boxes if self.form else {}

    def errors(self) -> Mapping[str, str]:
        """Return what is said at the boxes of the open form, by the name of the box."""
        return self.form.wrong if self.form else {}

    # --- what a platform gives ---------------------------------------------------------------------------------

    @abstractmethod
    async def _say(self, text: str) -> None: ...

    @abstractmethod
    async def _press(self, label: str) -> None: ...

    @abstractmethod
    async def _send(self, boxes: Mapping[str, str]) -> None: ...

    @abstractmethod
    async def _resend(self) -> None: ...

    @abstractmethod
    async def _look(self) -> None: ...


class Town(ABC):
    """The invented people of the demonstration on one platform, all behind one bot."""

    platform: ClassVar[str]

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @abstractmethod
    def who(self, person: str) -> Identity:
        """Return where a person speaks from."""

    @abstractmethod
    async def enters(self, person: str) -> Chat:
        """Let a person open the chat with the bot."""

    def enrols(self, *persons: str) -> None:
        """Enrol people with their roles and seats; those without roles stay strangers."""
        on = self.bot.clock.now.date()
        for persona in filter(lambda one: one.roles, map(PERSONAS.__getitem__, persons)):
            with database.transaction(self.bot.engine) as session:
                number = people.enrol(
                    session, self.who(persona.key), name=persona.name, roles=persona.roles, on=on,
                    post=persona.post, agency=persona.agency,
                )  # fmt: skip
                for group, seat in persona.seats:
                    groups.join(session, number, group, on=on, seat=seat)
