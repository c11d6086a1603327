"""A bot that writes e-mails to a mail server on this machine, and what it queued."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from bot.email.compose import From
from bot.email.links import Pages
from bot.email.sender import SmtpSender
from bot.email.server import MailServer, Tls
from db import deliveries, people
from db.deliveries import Delivery, Destination, Occurrence
from db.engine import transaction
from db.people import Identity, Role
from handlers.context import House, Knowledge
from handlers.messages import Card, card_to_json
from tests.email.fake_smtp import FakeMailServer, serving
from tests.fakes import Bot, Clock, talking

ADDRESS = "robin.invented@agency.example"
ROBIN = Destination("email", ADDRESS)
PAGES = Pages("https://bot.example", "The invented partnership", "secretariat@bot.example", ("Slack",))
FROM = From("Safeguarding", "bot@bot.example")
_numbers = itertools.count(1)


class Mailing(Bot):
    """A bot that also writes: `mailing.enrols(ADDRESS)`, `mailing.queues(card)` gives the delivery's id."""

    def enrols(self, address: str = ADDRESS, *roles: Role, name: str = "Robin Invented") -> Identity:
        """Enrol somebody who is reached by e-mail."""
        who = Identity("email", address)
        with transaction(self.engine) as session:
            people.enrol(session, who, name=name, roles=roles, on=self.clock.now.date())
        return who

    def queues(self, card: Card, *, kind: str = "monthly", to: Destination = ROBIN, key: str = "") -> str:
        """Queue a card, and return the id of the delivery."""
        key = key or f"test:{next(_numbers)}"
        with transaction(self.engine) as session:
            deliveries.put(session, key=key, kind=kind, card=card_to_json(card), destinations=[to], now=self.clock.now)
            found = session.scalar(select(Delivery.id).join(Occurrence).where(Occurrence.key == key))
        assert found is not None
        return found


@pytest.fixture
def mailing(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Mailing]:
    """Give a bot that writes."""
    with talking(Mailing(sqlite_engine, knowledge, replace(house, reached=frozenset({"email"})), clock)) as bot:
        assert isinstance(bot, Mailing)
        yield bot


@pytest.fixture
async def mail_server() -> AsyncIterator[FakeMailServer]:
    """Give a mail server that does what a mail server does, until it is told otherwise."""
    async with serving(FakeMailServer()) as server:
        yield server


@pytest.fixture
async def sender(mailing: Mailing, mail_server: FakeMailServer) -> AsyncIterator[SmtpSender]:
    """Give what sends to that server."""
    here = MailServer("127.0.0.1", mail_server.port, Tls.NONE)
    sending = SmtpSender(mailing.dispatcher, here, FROM, PAGES, per_second=0)
    yield sending
    await sending.stop()
