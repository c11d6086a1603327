"""A bot that lives through a year: ticks, an outbox that sends, and a restart every week. What arrives is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.outbox import Outbox
from bot.scheduler import EACH_HOUR, EACH_MINUTE
from db import engine as database
from db.deliveries import Delivery, Destination, State
from handlers.context import House
from handlers.messages import Card
from handlers.quiet import quiet
from tests import fakes
from tests.fakes import Bot, Clock

LONDON = ZoneInfo("Europe/London")
# When the bot looks: each day at nine, on some before it, when what is due then is queued, and on some in the evening.
EARLY, NINE, LATE = time(8, 50), time(9), time(17, 5)
_MONDAY, _EVENINGS = 1, (2, 5)
HOUSE = House(public_url="https://bot.example", reached=frozenset({"test"}))


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message that somebody got, at a local time."""

    at: datetime
    to: str
    card: Card


class Post:
    """The platform: it takes everything, and keeps what it took over every restart."""

    platform, timeout, pace, per_second = "test", 10.0, 0.0, 0.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.arrived: list[Arrived] = []

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Take a card."""
        self.arrived.append(Arrived(self._clock.now.astimezone(LONDON), destination.address, card))
        return delivery_id

    async def find(
        self, destination: Destination, delivery_ids: Collection[str], since: datetime  # noqa: ARG002
    ) -> Mapping[str, str]:  # fmt: skip
        """Look into the history: everything that was sent is there."""
        return {}


class Life:
    """The bot from one day on: `life.until(date(2027, 8, 31))`. Each Monday it is stopped and started again."""

    def __init__(self, url: str, begins: date) -> None:
        self.clock = Clock()
        self.post = Post(self.clock)
        self.restarts = 0
        self._url = url
        self._day = begins
        self._engine: Engine | None = None
        self._does: dict[date, list[Callable[[], None]]] = {}
        self.clock.now = datetime.combine(begins, time(8), LONDON)
        self.bot = self._begun()

    def on(self, day: date, *does: Callable[[], None]) -> None:
        """Say what people do at half past ten on a day."""
        self._does.setdefault(day, []).extend(does)

    def until(self, last: date) -> None:
        """Live on until the evening of a day."""
        while self._day <= last:
            if self._day.isoweekday() == _MONDAY:
                self._restart()
            self._live()
            self._day += timedelta(days=1)

    def ends(self) -> None:
        """Stop the bot."""
        self.bot.dispatcher.close()
        if self._engine:
            self._engine.dispose()

    def _live(self) -> None:
        if self._day.isoweekday() == _MONDAY:
            self._look(EARLY)
        self._look(NINE)
        if self._day in self._does:
            self._at(time(10, 30))
            for act in self._does[self._day]:
                act()
            self._look(time(10, 31))
        if self._day.isoweekday() in _EVENINGS:
            self._look(LATE)

    def _at(self, at: time) -> None:
        self.clock.now = datetime.combine(self._day, at, LONDON)

    def _look(self, at: time) -> None:
        """Do what each minute asks for, and once a day what each hour does, and send what is due."""
        self._at(at)
        for work in [*EACH_MINUTE.values(), *(EACH_HOUR.values() if at == NINE else ())]:
            self.bot.dispatcher.within(work)
        if self._waiting():
            asyncio.run(self._send())

    def _waiting(self) -> bool:
        with Session(self.bot.engine) as session:
            return session.scalar(select(Delivery.id).where(Delivery.state == State.PENDING.value).limit(1)) is not None

    async def _send(self) -> None:
        outbox = Outbox(self.bot.dispatcher, [self.post], quiet=quiet)
        while await outbox.run_once():
            pass

    def _begun(self) -> Bot:
        self._engine = database.connect(self._url, threads=2)
        return Bot(self._engine, fakes.knowledge(), HOUSE, self.clock)

    def _restart(self) -> None:
        people = self.bot._people  # noqa: SLF001 - invented people go on being numbered
        self.ends()
        self.bot = self._begun()
        self.bot._people = people  # noqa: SLF001 - see above
        self.restarts += 1
