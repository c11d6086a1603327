"""From a queued card to a mailbox, through the worker that sends: once, or put to a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.email.sender import SmtpSender
from bot.outbox import Outbox
from db import deliveries
from db.deliveries import Delivery, State
from db.people import Role
from handlers.messages import Button, Card, Text
from tests.email.conftest import ADDRESS, Mailing
from tests.email.fake_smtp import FakeMailServer
from tests.traces import Left, Words, watching

CARD = Card("Monthly bulletin", (Text("Read this."),), (Button("What can I do", "help.show"),))
# The mail server of this test has a log of its own; SQLAlchemy writes rows at DEBUG, which `thscp serve` never sets.
OF_OTHERS = {"log mail.log", "log sqlalchemy.engine.Engine"}
PLACES_FOR_NOBODY = ("log", "print", "exception", "metrics", "temporary")


@pytest.fixture
def outbox(mailing: Mailing, sender: SmtpSender) -> Outbox:
    """Give the worker, for e-mail alone."""
    return Outbox(mailing.dispatcher, [sender])


def states(mailing: Mailing) -> dict[str, int]:
    with Session(mailing.engine) as session:
        return deliveries.counts(session)


async def test_a_queued_card_arrives_once(mailing: Mailing, outbox: Outbox, mail_server: FakeMailServer) -> None:
    delivery = mailing.queues(CARD)

    for _ in range(3):
        await outbox.run_once()

    assert [message["Message-ID"] for message in mail_server.received] == [f"<{delivery}@bot.example>"]
    assert states(mailing) == {State.SENT: 1}


async def test_a_server_that_was_away_gets_the_card_once_it_is_back(
    mailing: Mailing, outbox: Outbox, mail_server: FakeMailServer
) -> None:
    mailing.queues(CARD)
    mail_server.refuses("MAIL", "421 4.3.2 closing")
    await outbox.run_once()

    mail_server.works()
    mailing.clock.pass_(minutes=1)
    await outbox.run_once()

    assert len(mail_server.received) == 1


async def test_a_card_of_which_nobody_knows_whether_it_arrived_is_put_to_a_person_and_not_sent_again_by_itself(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    coordinator = mailing.enrol(Role.COORDINATOR)
    began = mailing.clock.now

    def monotonic() -> float:
        return (mailing.clock.now - began).total_seconds()

    outbox = Outbox(mailing.dispatcher, [sender], monotonic=monotonic)
    mailing.queues(CARD)
    mail_server.hangs_up_before("END")
    await outbox.run_once()

    mail_server.works()
    for _ in range(3):
        mailing.clock.pass_(minutes=30)
        await outbox.verify_once()
        await outbox.run_once()

    assert len(mail_server.received) == 1
    assert states(mailing)[State.VERIFY] == 1
    assert [one.to.address for one in mailing.queued() if one.kind != "monthly"] == [coordinator.user_id]


async def test_an_unknown_mailbox_ends_its_delivery_at_once(
    mailing: Mailing, outbox: Outbox, mail_server: FakeMailServer
) -> None:
    mailing.queues(CARD)
    mail_server.refuses("RCPT", "550 5.1.1 no such user")

    await outbox.run_once()

    with Session(mailing.engine) as session:
        (row,) = session.query(Delivery)
        assert (row.state, row.error) == (State.DEAD, "the mail server said 550 5.1.1: there is no such mailbox")


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Left]:
    """Watch what is left behind, from before anything else begins."""
    with watching(tmp_path, monkeypatch, capfd) as found:
        yield found


FAULTS = {
    "it arrives": ("", ""),
    "refused with the address": ("RCPT", f"550 5.1.1 <{ADDRESS}> no such user"),
    "refused for now": ("RCPT", f"450 4.2.0 <{ADDRESS}> come back later"),
    "the content refused": ("END", f"554 5.7.1 not for {ADDRESS}"),
    "the sender refused": ("MAIL", f"550 5.7.1 not you, {ADDRESS}"),
}


@pytest.mark.parametrize(("command", "words"), FAULTS.values(), ids=FAULTS)
async def test_no_log_and_no_figure_holds_an_address_even_where_the_mail_server_says_it(
    left: Left, mailing: Mailing, outbox: Outbox, mail_server: FakeMailServer, command: str, words: str
) -> None:
    mailing.enrol(Role.COORDINATOR)
    mailing.queues(CARD)
    if command:
        mail_server.refuses(command, words)

    await outbox.run_once()

    robin = Words("address", ADDRESS, ("robin.invented", ADDRESS), frozenset())
    places = {place for place in left.of(robin, mailing.engine) if place.startswith(PLACES_FOR_NOBODY)}
    assert places - OF_OTHERS == set()
