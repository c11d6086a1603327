"""The mail server of the settings: where it is, how the connection is kept secret, and as whom we speak to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit


class Tls(StrEnum):
    """How a connection becomes secret. Except for `NONE`, the server's certificate is always verified."""

    FROM_THE_START = "smtps"
    STARTTLS = "required"
    NONE = "none"


_PORTS = {Tls.FROM_THE_START: 465, Tls.STARTTLS: 587, Tls.NONE: 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. Its words never show the password."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Say whether it runs on this machine, so that nothing goes over a network."""
        return self.host in ("localhost", "127.0.0.1", "::1")


def parse(url: str) -> MailServer:
    """Read `smtp://user:password@host:port?starttls=required` or `smtps://…`. Raises ValueError with what is wrong.

    Without `starttls`, `smtp://` asks for it: a password must not go over the wire because a word was left out.
    """
    parts = urlsplit(url)
    wanted = parse_qs(parts.query).get("starttls", ["required"])[-1]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("it should look like smtp://user:password@host:587 or smtps://user:password@host:465")
    if wanted not in (Tls.STARTTLS, Tls.NONE):
        raise ValueError("starttls is either required or none")
    tls = Tls.FROM_THE_START if parts.scheme == "smtps" else Tls(wanted)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if tls is Tls.NONE and password:
        raise ValueError("a password needs TLS: take starttls=none away, or the password")
    return MailServer(parts.hostname, parts.port or _PORTS[tls], tls, user, password)
