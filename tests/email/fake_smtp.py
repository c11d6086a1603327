"""A mail server on this machine, which a test tells what to do: it refuses, hangs up, or answers late."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class FakeMailServer:
    """`server.refuses("RCPT", "550 5.1.1 no such user")`, `server.hangs_up_before("DATA")`, `server.received`."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.arrived = asyncio.Event()
        self.connections = 0
        self.signed_in: list[str] = []
        self._says: dict[str, str] = {}
        self._hangs_up: set[str] = set()
        self._late: dict[str, float] = {}
        self._times: dict[str, int] = {}
        self.port = 0

    def refuses(self, command: str, words: str) -> None:
        """Answer a command (MAIL, RCPT, DATA) or the end of the content (END) with these words."""
        self._says[command] = words

    def hangs_up_before(self, command: str, *, times: int = 1_000) -> None:
        """Cut the connection when a command arrives, or the end of the content, in place of answering."""
        self._hangs_up.add(command)
        self._times[command] = times

    def answers_late(self, command: str, seconds: float) -> None:
        """Take so long for a command, or for the content."""
        self._late[command] = seconds

    def works(self) -> None:
        """Do again what a mail server does."""
        self._says.clear()
        self._hangs_up.clear()
        self._late.clear()

    async def on(self, command: str, protocol: SMTP) -> str:
        """Return what is answered; empty for what a mail server would answer."""
        await asyncio.sleep(self._late.get(command, 0))
        if command in self._hangs_up and self._times[command] > 0:
            self._times[command] -= 1
            assert isinstance(protocol.transport, asyncio.Transport)
            protocol.transport.abort()
        return self._says.get(command, "")

    # aiosmtpd calls these

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Take note of a connection."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        envelope.mail_from = address
        return await self.on("MAIL", server) or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        refused = await self.on("RCPT", server)
        if not refused:
            envelope.rcpt_tos.append(address)
        return refused or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take the content, and keep it unless it is refused."""
        refused = self._says.get("END", "")
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        if not refused:
            self.raw.append(content)
            self.received.append(email.message_from_bytes(content, policy=policy.default))
            self.arrived.set()
        await self.on("END", server)
        return refused or "250 2.0.0 OK"


class _Protocol(SMTP):
    """aiosmtpd, with a say in the word DATA itself and in who may sign in."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Refuse or hang up before the content, or go on."""
        if refused := await self.event_handler.on("DATA", self):
            await self.push(refused)
        else:
            await super().smtp_DATA(arg)


@asynccontextmanager
async def serving(server: FakeMailServer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeMailServer]:
    """Run a mail server on a free port of this machine."""

    def signs_in(_protocol: SMTP, _session: object, _envelope: object, _how: str, told: object) -> AuthResult:
        login = getattr(told, "login", b"").decode()
        server.signed_in.append(login)
        return AuthResult(success=login == "bot", handled=False)

    def protocol() -> SMTP:
        return _Protocol(
            server, hostname="mail.example", loop=asyncio.get_running_loop(), tls_context=tls, authenticator=signs_in
        )

    listening = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
