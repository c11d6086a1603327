"""The way to the mail server: secret, to the server that was meant, and signed in only then."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from bot.email.sender import SmtpSender
from bot.email.server import MailServer, Tls, parse
from bot.sending import TryLater
from handlers.messages import Card
from tests.email.conftest import FROM, PAGES, ROBIN, Mailing
from tests.email.fake_smtp import FakeMailServer, serving

CARD = Card("Monthly bulletin")
OPENSSL = shutil.which("openssl") or "openssl"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate for this machine with its key, in one file, that nobody trusts until told to."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:TRUE",
         "-addext", "keyUsage=critical,keyCertSign,digitalSignature,keyEncipherment",
         "-keyout", "key.pem", "-out", "certificate.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return both


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    """Give what the server shows to those who connect."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def signing_in(mailing: Mailing, server: FakeMailServer, host: str = "localhost") -> SmtpSender:
    here = MailServer(host, server.port, Tls.STARTTLS, "bot", "secret")
    return SmtpSender(mailing.dispatcher, here, FROM, PAGES, per_second=0)


async def test_a_trusted_server_is_signed_in_to_and_sent_the_message(
    mailing: Mailing, server_side: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving(FakeMailServer(), tls=server_side) as server:
        sender = signing_in(mailing, server)

        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))
        await sender.stop()

    assert (server.signed_in, len(server.received)) == (["bot"], 1)


async def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password_and_no_message(
    mailing: Mailing, server_side: ssl.SSLContext
) -> None:
    async with serving(FakeMailServer(), tls=server_side) as server:
        sender = signing_in(mailing, server)

        with pytest.raises(TryLater, match="certificate"):
            await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert (server.signed_in, server.received) == ([], [])


async def test_a_server_without_tls_gets_no_password_and_no_message(mailing: Mailing) -> None:
    async with serving(FakeMailServer()) as server:
        sender = signing_in(mailing, server)

        with pytest.raises(TryLater, match="TLS"):
            await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert (server.signed_in, server.received) == ([], [])


async def test_a_wrong_password_waits_for_an_operator(
    mailing: Mailing, server_side: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving(FakeMailServer(), tls=server_side) as server:
        here = MailServer("localhost", server.port, Tls.STARTTLS, "somebody", "secret")
        sender = SmtpSender(mailing.dispatcher, here, FROM, PAGES, per_second=0)

        with pytest.raises(TryLater, match="name and password") as refused:
            await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert refused.value.wait is not None
    assert refused.value.wait.total_seconds() >= 600


URLS = {
    "smtp://bot:a%40b@mail.example": MailServer("mail.example", 587, Tls.STARTTLS, "bot", "a@b"),
    "smtp://bot:x@mail.example:2525?starttls=required": MailServer("mail.example", 2525, Tls.STARTTLS, "bot", "x"),
    "smtps://bot:x@mail.example": MailServer("mail.example", 465, Tls.FROM_THE_START, "bot", "x"),
    "smtp://127.0.0.1:25?starttls=none": MailServer("127.0.0.1", 25, Tls.NONE),
}


@pytest.mark.parametrize("url", URLS)
def test_an_address_of_a_mail_server_is_secret_unless_it_says_otherwise(url: str) -> None:
    assert parse(url) == URLS[url]


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:none", "smtp://mail.example?starttls=maybe",
     "smtp://bot:secret@mail.example?starttls=none"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        parse(url)

    assert "secret" not in str(refused.value)


def test_the_words_of_a_mail_server_hold_no_password() -> None:
    assert "hidden" not in repr(MailServer("mail.example", 587, Tls.STARTTLS, "bot", "hidden"))
