"""Somebody who does whatever they like: opens records, presses what is offered, sends old forms, lets time pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.scheduler import EACH_HOUR, EACH_MINUTE
from handlers.context import Request
from handlers.messages import Button, Card, Form, Reply
from tests.fakes import Bot
from tests.registers.cast import Cast
from tests.registers.explorer import Try, fillings

SLOW_TO_FORGET = 60  # offers that are kept, so that old ones come back as stale or forged ones
DUE = ("review digests", "links", "codes")  # ticks of other features


def tick(bot: Bot) -> None:
    """Do everything that is due, as the server does each minute and each hour."""
    for name, work in (EACH_MINUTE | EACH_HOUR).items():
        if name not in DUE:
            bot.dispatcher.within(work)


@dataclass(slots=True)
class Machine:
    """Does one thing after another. What was ever offered to anybody can be sent by everybody."""

    bot: Bot
    cast: Cast
    opens: str  # what is typed before a reference
    own: Mapping[str, str] = field(default_factory=dict)  # words for some boxes
    known: list[Try] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def acts(self, name: str, ref: str, which: int, how: int) -> Reply | None:
        """Let somebody open a record, press the button with this number, and send what opens."""
        reply = self.bot.does(Request(self.cast.places[name], f"{self.opens} {ref}"))
        for _ in range(3):
            offers = self._offers(reply, how)
            if not offers:
                break
            chosen = offers[which % len(offers)]
            which //= len(offers)
            self._remembers(chosen)
            reply = self._sends(name, chosen)
            if chosen.fields:
                break
        return reply

    def forges(self, name: str, which: int) -> Reply | None:
        """Let somebody send what was offered to somebody, at some time."""
        return self._sends(name, self.known[which % len(self.known)]) if self.known else None

    def waits(self, days: int) -> None:
        """Let days pass."""
        self.done.append(f"{days} days pass")
        self.bot.clock.pass_(days=days)
        tick(self.bot)

    def _offers(self, reply: Reply | None, how: int) -> list[Try]:
        if isinstance(reply, Form):
            filled = list(fillings(reply, self.own))
            return [Try(reply.action, reply.about, filled[how % len(filled)])]
        if isinstance(reply, Card):
            ends = how % 8 == 0  # what ends something is pressed seldom, or every walk would be a short one
            buttons = [one for one in reply.actions if isinstance(one, Button) and (ends or one.style != "danger")]
            return [Try(one.action, one.value) for one in buttons]
        return []

    def _remembers(self, one: Try) -> None:
        if one not in self.known:
            self.known.append(one)
            del self.known[:-SLOW_TO_FORGET]

    def _sends(self, name: str, one: Try) -> Reply | None:
        reply = self.bot.does(one.by(self.cast, name))
        title = reply.title if isinstance(reply, Card | Form) else type(reply).__name__
        self.done.append(f"{name}: {one.route} {one.value} -> {title}")
        return reply
