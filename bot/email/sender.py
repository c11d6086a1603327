"""Sends e-mails by SMTP, once, and says what certainly failed: for now, or for good."""

from __future__ import annotations

import asyncio
import functools
import re
import ssl
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import aiosmtplib
import structlog
from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPResponseException

from bot.dispatcher import Dispatcher
from bot.email.compose import From, compose
from bot.email.links import Pages
from bot.email.server import MailServer, Tls
from bot.sending import NoHistory, TryLater, Undeliverable
from db.deliveries import Destination
from db.mailing import PLATFORM
from handlers import mailing
from handlers.messages import Card

log = structlog.get_logger()

BEFORE_DATA = 5.0  # seconds until the server has taken the envelope; nothing is sent yet, so it may be tried again
AFTER_DATA = 9.0  # seconds for the content and the server's word on it
CONNECTIONS = 10  # at once
_IDLE = 20.0  # seconds for which a connection is kept: servers close them after a minute or more
_UNTIL_MENDED = timedelta(minutes=15)  # an operator mends it, and what waits should still be there then
_BUSY = timedelta(seconds=10)
_GO_ON, _DONE, _FINAL = 354, 250, 500  # the first two of RFC 5321; what is final begins with 5
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_DOTS = re.compile(rb"^\.", re.MULTILINE)


class UncertainError(Exception):
    """The server got the whole message and did not say what became of it."""


class SmtpSender:
    """Sends what the outbox holds for e-mail. It lives as long as the server and retries nothing by itself."""

    platform = PLATFORM
    pace = 0.0
    timeout = BEFORE_DATA + AFTER_DATA + 1

    def __init__(
        self, dispatcher: Dispatcher, server: MailServer, sender: From, pages: Pages, *, per_second: float
    ) -> None:
        self.per_second = per_second
        self._dispatcher = dispatcher
        self._server = server
        self._sender = sender
        self._pages = pages
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[tuple[SMTP, float]] = []

    async def start(self) -> None:
        """Connect to nothing yet: the first message does."""

    async def stop(self) -> None:
        """Say goodbye on the connections that are kept."""
        while self._idle:
            await _leave(self._idle.pop()[0])

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Send a card to an address and return its Message-ID. Raises TryLater or Undeliverable."""
        prepared = await self._dispatcher.in_transaction(
            functools.partial(mailing.prepare, to=destination, card=card, delivery_id=delivery_id)
        )
        if prepared.refused:
            raise Undeliverable(prepared.refused)
        message = compose(
            destination, card, delivery_id=delivery_id, sender=self._sender, prepared=prepared, pages=self._pages
        )
        until = asyncio.get_running_loop().time() + BEFORE_DATA
        try:
            async with asyncio.timeout_at(until):
                await self._free.acquire()
        except TimeoutError:
            raise TryLater("every connection to the mail server is in use", _BUSY, counts=False) from None
        try:
            await self._sent(destination.address, bytes(message), delivery_id, until)
        finally:
            self._free.release()
        return str(message["Message-ID"])

    async def find(
        self,
        destination: Destination,  # noqa: ARG002 - every sender is asked so
        delivery_ids: Collection[str],  # noqa: ARG002
        since: datetime,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Raise NoHistory: nobody can look into another person's mailbox."""
        raise NoHistory("an e-mail cannot be looked for")

    async def _sent(self, address: str, message: bytes, delivery_id: str, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                connection = await self._envelope(address)
        except SMTPRecipientRefused as error:
            raise await self._refused(address, _status(error), delivery_id) from None
        except (SMTPException, OSError, TimeoutError) as error:  # nothing of the message went out
            raise _not_yet(error) from None
        try:
            code, words = await _content(connection, message)
        except BaseException:
            connection.close()
            raise
        if code == _DONE:
            self._idle.append((connection, asyncio.get_running_loop().time()))
            return
        connection.close()
        raise await self._refused(address, _status(SMTPResponseException(code, words)), delivery_id)

    async def _envelope(self, address: str) -> SMTP:
        """Return a connection on which the server has said that it takes a message for the address."""
        for connection in self._kept():
            try:
                await self._announce(connection, address)
            except aiosmtplib.SMTPServerDisconnected:
                connection.close()  # it was kept too long for this server: try the next, or a new one
            else:
                return connection
        connection = self._new()
        try:
            await connection.connect()
            await self._announce(connection, address)
        except BaseException:
            connection.close()
            raise
        return connection

    def _kept(self) -> Iterable[SMTP]:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_connected and now - since < _IDLE:
                yield connection
            else:
                connection.close()

    async def _announce(self, connection: SMTP, address: str) -> None:
        try:
            await connection.mail(self._sender.address)
            await connection.rcpt(address)
            code, words = await connection.execute_command(b"DATA")
        except SMTPResponseException:
            connection.close()
            raise
        if code != _GO_ON:
            connection.close()
            raise SMTPResponseException(code, words)

    def _new(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls is Tls.FROM_THE_START,
            start_tls=server.tls is Tls.STARTTLS,
            tls_context=None if server.tls is Tls.NONE else ssl.create_default_context(),
            timeout=BEFORE_DATA,
        )

    async def _refused(self, address: str, status: str, delivery_id: str) -> Exception:
        """Return what a clear no means, and keep it where it is about the mailbox."""
        if not status.startswith("5"):
            return TryLater(f"the mail server said {status}")
        if mailing.about_mailbox(status):
            final = not mailing.may_pass(status)
            note = functools.partial(mailing.bounced, address=address, key=delivery_id, final=final, status=status)
            await self._dispatcher.in_transaction(note)
        return Undeliverable(f"the mail server said {status}: {mailing.in_words(status)}")


async def _content(connection: SMTP, message: bytes) -> tuple[int, str]:
    """Send what the message says and return the server's word on it. Whatever else happens, nobody knows."""
    protocol = connection.protocol
    if protocol is None:
        raise TryLater("the mail server closed the connection")
    try:
        protocol.write(_DOTS.sub(b"..", message) + b".\r\n")
        code, words = await protocol.read_response(timeout=AFTER_DATA)
    except (SMTPException, OSError, TimeoutError) as error:
        raise UncertainError(type(error).__name__) from None
    return code, words


async def _leave(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=1)
    except (SMTPException, OSError, TimeoutError):
        log.info("mail server did not say goodbye")
    connection.close()


def _status(error: SMTPResponseException) -> str:
    """Return the code and the status behind it. The words may hold the address, so nobody sees them."""
    found = _STATUS.search(error.message)
    return f"{error.code} {found[1]}" if found else str(error.code)


def _not_yet(error: Exception) -> TryLater:
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return TryLater(f"the mail server does not accept our name and password: {error.code}", _UNTIL_MENDED)
        case aiosmtplib.SMTPSenderRefused() if error.code >= _FINAL:
            return TryLater(f"the mail server refuses our sender: {_status(error)}", _UNTIL_MENDED)
        case SMTPResponseException():
            return TryLater(f"the mail server said {_status(error)}")
        case _ if isinstance(error.__cause__, ssl.SSLError) or isinstance(error, ssl.SSLError):
            return TryLater("the mail server's certificate is not to be trusted", _UNTIL_MENDED)
        case OSError() | TimeoutError():
            return TryLater("the mail server cannot be reached")
        case _:
            return TryLater("the mail server offers no TLS, or no way to sign in", _UNTIL_MENDED)
