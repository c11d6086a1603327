"""`thscp mail`, as a mail server and an operator run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from db import deliveries, keys, mailing, migrate
from db import engine as database
from db.deliveries import Delivery
from db.engine import transaction
from handlers.messages import Card, card_to_json
from tests.cli.command import Command
from tests.email.conftest import ADDRESS, ROBIN
from tests.email.test_bounces import notification
from tests.fakes import Clock


@pytest.fixture
def thscp(tmp_path: Path) -> Command:
    """Give the command line in a folder of its own."""
    return Command(tmp_path)


@pytest.fixture
def opened(thscp: Command) -> Engine:
    """Give the database that the commands use."""
    engine = database.connect(f"sqlite:///{thscp.folder}/thscp.db")
    migrate.upgrade(engine)
    return engine


def test_a_notification_that_a_mail_server_pipes_marks_the_address(
    thscp: Command, opened: Engine, clock: Clock
) -> None:
    with transaction(opened) as session:
        card = card_to_json(Card("Bulletin"))
        deliveries.put(session, key="test:1", kind="monthly", card=card, destinations=[ROBIN], now=clock.now)
        delivery = session.query(Delivery.id).scalar()
    opened.dispose()

    done = thscp("mail", "bounce", typed=notification(delivery).decode())

    assert (done.code, done.out, done.err) == (0, "Kept.\n", "")
    with transaction(opened) as session:
        assert [one.address for one in mailing.marked(session)] == [ADDRESS]
    opened.dispose()


def test_any_other_message_is_left_alone_and_never_answered_with_a_failure(thscp: Command) -> None:
    done = thscp("mail", "bounce", typed="From: somebody@agency.example\nSubject: Hello\n\nThank you\n")

    assert (done.code, done.err) == (0, "")
    assert "Nothing was changed" in done.out
    assert not (thscp.folder / "thscp.db").exists()


@pytest.mark.parametrize(("option", "still_reads"), [((), True), (("--at-once",), False)], ids=["later", "at once"])
def test_a_new_key_leaves_old_links_working_unless_told_otherwise(
    thscp: Command, opened: Engine, clock: Clock, option: tuple[str, ...], still_reads: bool
) -> None:
    with transaction(opened) as session:
        token = keys.sign(session, b"payload", now=clock.now)
    opened.dispose()

    done = thscp("mail", "rotate", *option)

    assert (done.code, done.err) == (0, "")
    with transaction(opened) as session:
        assert (keys.read(session, token) is not None) is still_reads
    opened.dispose()
