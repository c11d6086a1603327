"""The terminal in the language of every chat: lines typed into `thscp chat`, and lines that it prints."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

from bot.terminal.chat import Chat as Program
from db.people import Identity
from tests.contract.chat import Chat, OpenForm, Seen, Town
from tests.fakes import Bot

_NUMBERED = re.compile(r"  (\d+)\. (.*)")
_ASKED = re.compile(r"(?P<said>.*?)(?:^| )(?P<name>\w+):(?: \[(?P<kept>.*)\])?$", re.DOTALL)
PATIENCE = 60  # seconds until a program that neither prints nor asks counts as stuck; no measure of speed


class Keyboard:
    """Gives a program its lines, one at a time, and knows when it waits for the next."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._waiting = threading.Semaphore(0)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._waiting.release()
        line = self._lines.get()
        if line is None:
            self._lines.put(None)  # whoever asks again finds that it has ended too
            raise StopIteration
        return line

    def types(self, line: str | None) -> None:
        """Type a line and wait until the program has done with it; None ends the input."""
        self._lines.put(line)
        if line is not None:
            self.waits()

    def waits(self) -> None:
        """Wait until the program waits."""
        assert self._waiting.acquire(timeout=PATIENCE), "the program does not come back"


class TerminalChat(Chat):
    """One person at the terminal."""

    def __init__(self, bot: Bot) -> None:
        super().__init__()
        self._keyboard = Keyboard()
        self._printed: list[str] = []
        self._numbers: dict[str, str] = {}
        program = Program(bot.dispatcher, "stranger", self._printed.append)
        self._thread = threading.Thread(target=program.run, args=(self._keyboard,), daemon=True)
        self._thread.start()
        self._keyboard.waits()
        self._took()

    def leaves(self) -> None:
        """Close the terminal."""
        self._keyboard.types(None)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    async def _say(self, text: str) -> None:
        assert self.form is None, "a form is open"
        self._types(text)

    async def _press(self, label: str) -> None:
        assert label in self._numbers, f"no button '{label}' among {list(self._numbers)}"
        self._types(self._numbers[label])

    async def _send(self, boxes: Mapping[str, str]) -> None:
        answered = set[str]()
        while self.form is not None and not answered & set(self.form.boxes):
            [name] = self.form.boxes
            answered.add(name)
            self._types(boxes.get(name, ""))

    async def _resend(self) -> None:
        raise AssertionError("nothing can be sent again")

    async def _look(self) -> None:
        return

    def _types(self, line: str) -> None:
        self._printed.clear()
        self._keyboard.types(line)
        self._took()

    def _took(self) -> None:
        """Read what was printed: an answer ends with an empty line, a form with the box that it asks for."""
        if asked := self._printed and self._printed[-1]:
            found = _ASKED.fullmatch(asked)
            assert found, asked
            wrong = {found["name"]: found["said"]} if found["said"] else {}
            self.form = OpenForm({found["name"]: found["kept"] or ""}, wrong)
        else:
            self.form = None
        numbered = [found for line in self._printed if (found := _NUMBERED.fullmatch(line))]
        self._numbers = {found[2]: found[1] for found in numbered}
        self.came.append(Seen("\n".join(self._printed), tuple(self._numbers)))


class TerminalTown(Town):
    """The terminal of one person."""

    platform = "terminal"

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.there: list[TerminalChat] = []

    def who(self, person: str) -> Identity:
        """Return where whoever sits there speaks from."""
        assert person
        return Identity("terminal", "you")

    async def enters(self, person: str) -> Chat:
        """Let a person sit down."""
        assert not self.there, "somebody sits there already"
        self.enrols(person)
        self.there.append(TerminalChat(self.bot))
        return self.there[0]


@asynccontextmanager
async def town(bot: Bot) -> AsyncIterator[Town]:
    """Give a terminal."""
    found = TerminalTown(bot)
    try:
        yield found
    finally:
        for chat in found.there:
            chat.leaves()
