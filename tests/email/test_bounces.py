"""What mail servers send back when they could not deliver after all, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from bot.email import bounces
from bot.email.bounces import Returned
from db import mailing as addresses
from db.deliveries import Delivery
from db.people import Role
from handlers import mailing as handling
from handlers.messages import Card
from tests.email.conftest import ADDRESS, Mailing
from tests.fakes import labels, said

CARD = Card("Monthly bulletin")
OURS = "6a1f0c3e-5b1d-5f5e-9f3c-0123456789ab"


def notification(
    delivery: str = OURS, *, status: str = "5.1.1", action: str = "failed", quotes: str = "text/rfc822-headers",
    report_type: str = "delivery-status", domain: str = "bot.example"
) -> bytes:  # fmt: skip
    """Return a delivery status notification as a mail server would send it; every name in it is invented."""
    return f"""\
From: MAILER-DAEMON@mail.example
To: bot@bot.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type={report_type}; boundary="cut"

--cut
Content-Type: text/plain

I am sorry to have to inform you that your message could not be delivered.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Sat, 21 Nov 2026 09:30:00 +0000

Final-Recipient: rfc822; {ADDRESS}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{ADDRESS}>: no such user here

--cut
Content-Type: {quotes}

Message-ID: <{delivery}@{domain}>
Subject: Monthly bulletin
To: {ADDRESS}

--cut--
""".replace("\n", "\r\n").encode()


READ: dict[str, tuple[bytes, Returned | None]] = {
    "no such mailbox, headers quoted": (notification(), Returned(OURS, "5.1.1", final=True)),
    "whole message quoted": (notification(quotes="message/rfc822"), Returned(OURS, "5.1.1", final=True)),
    "full for good": (notification(status="5.2.2"), Returned(OURS, "5.2.2", final=False)),
    "given up after days": (notification(status="4.4.1"), Returned(OURS, "4.4.1", final=False)),
    "refused for our words": (notification(status="5.7.1"), Returned(OURS, "5.7.1", final=False)),
    "words in capitals": (notification(action="Failed "), Returned(OURS, "5.1.1", final=True)),
    "a mere delay": (notification(status="4.4.1", action="delayed"), None),
    "delivered": (notification(status="2.0.0", action="delivered"), None),
    "somebody else's message": (notification("something-else"), None),
    "a receipt of reading": (notification(report_type="disposition-notification"), None),
    "a person's reply": (b"From: a@b.example\r\nSubject: Re: Bulletin\r\n\r\nThank you!\r\n", None),
    "nothing": (b"", None),
    "no message at all": (b"\x00\xff\xfe" * 500, None),
    "cut off": (notification()[:400], None),
}


@pytest.mark.parametrize(("message", "meant"), READ.values(), ids=READ)
def test_a_notification_is_read_and_everything_else_is_left_alone(message: bytes, meant: Returned | None) -> None:
    assert bounces.read(message) == meant


def comes_back(mailing: Mailing, **how: str) -> bool:
    """Queue a message and let it come back; say whether it was known."""
    found = bounces.read(notification(mailing.queues(CARD), **how))
    assert found is not None
    return mailing.dispatcher.within(
        lambda context: handling.returned(context, found.delivery_id, final=found.final, status=found.status)
    )


def marked(mailing: Mailing) -> list[str]:
    with Session(mailing.engine) as session:
        return [one.address for one in addresses.marked(session)]


def test_one_final_bounce_marks_the_address_and_tells_the_secretariat_what_to_do(mailing: Mailing) -> None:
    mailing.enrol(Role.COORDINATOR)
    mailing.enrols(name="Robin Invented")

    assert comes_back(mailing)

    assert marked(mailing) == [ADDRESS]
    notice = mailing.queued()[-1].card
    assert "Robin Invented" in said(notice)
    assert "there is no such mailbox" in said(notice)
    assert labels(notice) == ["Send there again"]


def test_the_report_of_a_delivery_says_that_it_came_back(mailing: Mailing) -> None:
    comes_back(mailing)

    with Session(mailing.engine) as session:
        assert [row.error for row in session.query(Delivery)] == ["came back: there is no such mailbox"]


@pytest.mark.parametrize(
    ("lets_pass", "expected"),
    {
        "within a month": (lambda mailing: mailing.clock.pass_(days=5), [ADDRESS]),
        "over a longer time": (lambda mailing: mailing.clock.pass_(days=20), []),
    }.values(),
    ids=["within a month", "over a longer time"],
)
def test_three_soft_bounces_mark_an_address_only_when_they_come_close_together(
    mailing: Mailing, lets_pass: Callable[[Mailing], None], expected: list[str]
) -> None:
    for _ in range(3):
        comes_back(mailing, status="4.4.1")
        lets_pass(mailing)

    assert marked(mailing) == expected


def test_refusals_that_are_not_about_the_mailbox_mark_nobody_and_stand_in_the_report(mailing: Mailing) -> None:
    for _ in range(5):
        comes_back(mailing, status="5.7.1")

    assert marked(mailing) == []
    with Session(mailing.engine) as session:
        assert {row.error for row in session.query(Delivery)} == {"came back: the other mail server does not let us in"}


def test_the_same_notification_twice_counts_once(mailing: Mailing) -> None:
    delivery = mailing.queues(CARD)
    for _ in range(5):
        mailing.dispatcher.within(lambda context: handling.returned(context, delivery, final=False, status="4.4.1"))

    assert marked(mailing) == []


def test_a_notification_about_a_message_that_nobody_sent_marks_nothing(mailing: Mailing) -> None:
    known = mailing.dispatcher.within(lambda context: handling.returned(context, OURS, final=True, status="5.1.1"))

    assert not known
    assert marked(mailing) == []


def test_the_secretariat_sends_there_again_and_what_came_back_before_does_not_count(mailing: Mailing) -> None:
    coordinator = mailing.enrol(Role.COORDINATOR)
    comes_back(mailing)

    card = mailing.presses(mailing.queued()[-1].card, "Send there again", who=coordinator)

    assert isinstance(card, Card)
    assert marked(mailing) == []
    comes_back(mailing, status="4.4.1")
    assert marked(mailing) == []
