"""What becomes of an e-mail at a real mail server: taken, refused for now or for good, or nobody knows."""

from __future__ import annotations

import asyncio

import pytest

from bot.email import sender as sending
from bot.email.sender import SmtpSender, UncertainError
from bot.email.server import MailServer, Tls
from bot.sending import NoHistory, TryLater, Undeliverable
from db.deliveries import Destination
from db.people import Role
from handlers.messages import Button, Card, Text
from tests.email.conftest import ADDRESS, FROM, PAGES, ROBIN, Mailing
from tests.email.fake_smtp import FakeMailServer
from tests.fakes import said

CARD = Card("Monthly bulletin", (Text("Read this."),), (Button("I have read this", "help.show"),))


async def test_a_message_arrives_as_text_and_html_with_the_headers_that_mail_programs_need(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    delivery = mailing.queues(CARD)

    message_id = await sender.send(ROBIN, CARD, delivery_id=delivery)

    (message,) = mail_server.received
    assert message_id == message["Message-ID"] == f"<{delivery}@bot.example>"
    assert (message["From"], message["To"]) == ("Safeguarding <bot@bot.example>", ADDRESS)
    assert (message["Subject"], message["Reply-To"]) == ("Monthly bulletin", "secretariat@bot.example")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith("<https://bot.example/mail/stop/")
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), plain.get_param("format")) == ("text/plain", "flowed")
    assert html.get_content_type() == "text/html"
    assert "Read this." in plain.get_content()
    assert "https://bot.example/mail/do/" in html.get_content()


async def test_a_header_that_holds_an_address_is_not_folded(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    lines = mail_server.raw[0].split(b"\r\n")
    assert [line for line in lines if line.startswith(b"List-Unsubscribe: <https://") and line.endswith(b">")]


async def test_a_correction_answers_the_message_it_corrects(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    first = await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))
    to = Destination("email", ADDRESS, thread=first)

    await sender.send(to, CARD, delivery_id=mailing.queues(CARD, to=to))

    assert mail_server.received[1]["In-Reply-To"] == mail_server.received[1]["References"] == first


@pytest.mark.parametrize(
    "title",
    {
        "a new line": "Hello\r\nBcc: everybody@agency.example\r\n\r\nbody",
        "other line ends": "Hello\x0bBcc: a@b.example\x85Bcc: c@d.example\u2028Bcc: e@f.example",
        "nothing": "\r\n",
    }.values(),
    ids=["a new line", "other line ends", "nothing"],
)
async def test_a_title_cannot_add_a_header(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, title: str
) -> None:
    await sender.send(ROBIN, Card(title), delivery_id=mailing.queues(CARD))

    (message,) = mail_server.received
    assert message["Bcc"] is None
    assert len(message["Subject"].splitlines()) == 1


@pytest.mark.parametrize(
    "title", ["Zoë, Łukasz and 雪 meet", "é" * 400, "long words " * 80], ids=["names", "long", "words"]
)
async def test_a_subject_in_any_script_and_of_any_length_arrives_as_it_was_shortened(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, title: str
) -> None:
    await sender.send(ROBIN, Card(title), delivery_id=mailing.queues(CARD))

    (message,) = mail_server.received
    shown = message["Subject"]
    assert title.startswith(shown.removesuffix("…"))
    assert len(shown) <= 150
    assert max(map(len, mail_server.raw[0].split(b"\r\n"))) < 998
    plain, _ = message.iter_parts()
    assert title.rsplit(maxsplit=1)[-1] in plain.get_content()


async def test_a_line_with_a_dot_alone_does_not_end_the_message(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    card = Card("Dots", (Text(".\n\nand more\n\n.\n\n..the end"),))

    await sender.send(ROBIN, card, delivery_id=mailing.queues(card))

    plain, _ = mail_server.received[0].iter_parts()
    assert "..the end" in plain.get_content()


NOT_AN_ADDRESS = ("nobody", "a@b@c.example", "a b@c.example", "a@c.example\r\nRCPT TO:<x@y.example>", "é@c.example", "")


@pytest.mark.parametrize("address", NOT_AN_ADDRESS, ids=repr)
async def test_what_is_no_address_is_undeliverable_and_reaches_no_server(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, address: str
) -> None:
    with pytest.raises(Undeliverable):
        await sender.send(Destination("email", address), CARD, delivery_id=mailing.queues(CARD))

    assert (mail_server.connections, mail_server.received) == (0, [])


CERTAINLY_NOT_SENT = {
    "sender refused for now": ("MAIL", "451 4.3.0 try again"),
    "recipient refused for now": ("RCPT", "450 4.2.0 greylisted"),
    "service closing": ("RCPT", "421 4.3.2 closing"),
    "content not wanted now": ("DATA", "451 4.3.0 try again"),
    "content refused for now": ("END", "452 4.3.1 no room"),
    "our sender refused": ("MAIL", "550 5.7.1 not you"),
}


@pytest.mark.parametrize(("command", "words"), CERTAINLY_NOT_SENT.values(), ids=CERTAINLY_NOT_SENT)
async def test_what_the_server_did_not_take_is_tried_again_later(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, command: str, words: str
) -> None:
    mail_server.refuses(command, words)

    with pytest.raises(TryLater):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert mail_server.received == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_connection_that_is_cut_before_the_content_is_tried_again_later(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, command: str
) -> None:
    mail_server.hangs_up_before(command)

    with pytest.raises(TryLater):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))


async def test_a_connection_that_is_cut_after_the_content_leaves_it_open_whether_it_arrived(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    mail_server.hangs_up_before("END")

    with pytest.raises(UncertainError):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert len(mail_server.received) == 1  # and sending it again would have been once too often


async def test_a_late_answer_to_the_content_leaves_it_open_and_a_late_answer_before_it_does_not(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BEFORE_DATA", 0.3)
    monkeypatch.setattr(sending, "AFTER_DATA", 0.3)
    mail_server.answers_late("RCPT", 1)
    with pytest.raises(TryLater):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    mail_server.works()
    mail_server.answers_late("END", 1)
    with pytest.raises(UncertainError):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))


async def test_a_server_that_is_not_there_is_tried_again_later(mailing: Mailing) -> None:
    nobody = MailServer("127.0.0.1", 1, Tls.NONE)
    sender = SmtpSender(mailing.dispatcher, nobody, FROM, PAGES, per_second=0)

    with pytest.raises(TryLater, match="cannot be reached"):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))


async def test_nobody_can_look_into_a_mailbox(mailing: Mailing, sender: SmtpSender) -> None:
    with pytest.raises(NoHistory):
        await sender.find(ROBIN, ["any"], mailing.clock.now)


# --- refused for good ------------------------------------------------------------------------------------------


async def test_an_unknown_mailbox_is_told_to_the_secretariat_and_not_written_to_again(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    mailing.enrol(Role.COORDINATOR)
    mailing.enrols()
    mail_server.refuses("RCPT", f"550 5.1.1 <{ADDRESS}> no such user")

    with pytest.raises(Undeliverable) as refused:
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))
    mail_server.works()
    with pytest.raises(Undeliverable, match="come back"):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert ADDRESS not in str(refused.value)
    assert mail_server.received == []
    notice = mailing.queued()[1].card
    assert "Robin Invented" in said(notice)
    assert "there is no such mailbox" in said(notice)


@pytest.mark.parametrize(
    ("command", "words"),
    {
        "our words": ("END", "554 5.7.1 looks like spam"),
        "a bare refusal of the content": ("END", "554 no"),
        "our server": ("RCPT", "554 5.7.1 relay access denied"),
    }.values(),
    ids=["our words", "a bare refusal of the content", "our server"],
)
async def test_a_refusal_that_is_not_about_the_mailbox_does_not_mark_it(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer, command: str, words: str
) -> None:
    mail_server.refuses(command, words)
    with pytest.raises(Undeliverable):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    mail_server.works()
    await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert len(mail_server.received) == 1


async def test_the_third_time_that_a_mailbox_is_full_marks_it(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    mail_server.refuses("RCPT", "552 5.2.2 mailbox full")
    for _ in range(3):
        with pytest.raises(Undeliverable, match="the mailbox is full"):
            await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    with pytest.raises(Undeliverable, match="come back"):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))


# --- connections -----------------------------------------------------------------------------------------------


async def test_a_connection_is_used_again_and_one_that_was_closed_meanwhile_is_replaced(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    for _ in range(3):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))
    assert mail_server.connections == 1

    mail_server.hangs_up_before("MAIL", times=1)
    await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert (mail_server.connections, len(mail_server.received)) == (2, 4)


async def test_many_messages_at_once_share_a_few_connections(
    mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer
) -> None:
    ids = [mailing.queues(CARD) for _ in range(40)]

    await asyncio.gather(*(sender.send(ROBIN, CARD, delivery_id=delivery) for delivery in ids))

    assert sorted(message["Message-ID"] for message in mail_server.received) == sorted(
        f"<{one}@bot.example>" for one in ids
    )
    assert mail_server.connections <= sending.CONNECTIONS
