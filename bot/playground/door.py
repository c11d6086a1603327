"""Who may act on the playground: this page alone, with its own token, in a form that can be read."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.playground.rooms import FORUM
from bot.playground.sender import PLATFORM
from db.people import Identity
from handlers.context import Conversation
from handlers.demo import PERSONAS, Persona

COOKIE = "thscp_playground"
TOKEN_HEADER = "X-Playground-Token"  # noqa: S105 - the name of a header
MAX_BODY = 1_000_000  # bytes; 100,000 characters take up to 600,000 in JSON
MAX_FIELDS = 50
ROOMS = {"direct": "Direct message", "forum": FORUM}
_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::\d+)?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_RELOAD = "This page is out of date. Copy what you typed, then load the page again."


class Refused(Exception):  # noqa: N818 - it says what happened
    """A request that is not served: the HTTP status and plain words for the person."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is: which invented person, in which of the two rooms."""

    persona: Persona
    room: str

    @property
    def identity(self) -> Identity:
        """Return who speaks."""
        return Identity(PLATFORM, self.persona.key)

    @property
    def conversation(self) -> Conversation:
        """Return where they speak."""
        return Conversation(PLATFORM, self.address, private=self.room == "direct")

    @property
    def address(self) -> str:
        """Return the address of the room."""
        return self.persona.key if self.room == "direct" else FORUM

    @property
    def only_for(self) -> str:
        """Return who sees the answers here: nobody else, in the shared channel."""
        return "" if self.room == "direct" else self.persona.key


class Door:
    """Lets in what its own page sends, and nothing from another site. It lives as long as the process."""

    def __init__(self, public_url: str) -> None:
        self._secret = secrets.token_bytes(32)
        self._hosts = _LOOPBACK | {urlsplit(public_url).hostname or "localhost"}

    def admit(self, request: Request) -> None:
        """Refuse a name that is not ours: another site may have pointed its own name at this machine."""
        found = _HOST.fullmatch(request.headers.get("host", ""))
        if found is None or found[1].lower() not in self._hosts:
            raise Refused(421, "This address is not served here. Open the address that the program printed.")

    def session(self, request: Request) -> str:
        """Return the session of the browser, or a new one."""
        return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)

    def token(self, session: str) -> str:
        """Return the token that a page of this session sends with everything it does."""
        return hmac.new(self._secret, session.encode(), hashlib.sha256).hexdigest()

    def remember(self, response: Response, session: str, *, secure: bool) -> None:
        """Give the session to the browser, out of reach of scripts and of other sites."""
        response.set_cookie(COOKIE, session, path="/", secure=secure, httponly=True, samesite="strict")

    async def read(self, request: Request) -> Mapping[str, Any]:
        """Return what the page sent. Raises Refused for anything that this page would not send."""
        self.admit(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "Send this as application/json.")
        scheme, _, host = request.headers.get("origin", "").partition("://")
        if scheme not in ("http", "https") or host != request.headers.get("host"):
            raise Refused(403, "This came from another site, so nothing was done.")
        self._check_token(request)
        return _parsed(await _body(request))

    def _check_token(self, request: Request) -> None:
        session, given = request.cookies.get(COOKIE, ""), request.headers.get(TOKEN_HEADER, "")
        if not session or not hmac.compare_digest(self.token(session).encode(), given.encode()):
            raise Refused(403, _RELOAD)


def place(values: Mapping[str, Any]) -> Place:
    """Return where somebody is. Raises Refused when there is no such person or room."""
    persona = PERSONAS.get(words(values, "as"))
    if persona is None:
        raise Refused(404, "There is nobody of that name here. Choose one of the people on the page.")
    room = words(values, "in")
    if room not in ROOMS:
        raise Refused(404, "There is no such conversation. Choose one of the two on the page.")
    return Place(persona, room)


def words(values: Mapping[str, Any], name: str, default: str = "") -> str:
    """Return one piece of text. Raises Refused when it is something else."""
    value = values.get(name, default)
    if not isinstance(value, str):
        raise Refused(400, f"'{name}' should be text.")
    return _whole(value)


def number(values: Mapping[str, Any], name: str) -> int:
    """Return one number, sent as text or not; 0 when it is absent. Raises Refused when it is something else."""
    value = str(values.get(name, "0"))
    if not (value.isascii() and value.isdecimal() and len(value) < 16):  # noqa: PLR2004 - below 2**53
        raise Refused(400, f"'{name}' should be a number.")
    return int(value)


def key(values: Mapping[str, Any], where: Place, name: str) -> str:
    """Return what makes this act unlike every other one. Raises Refused when the page did not send it."""
    found = words(values, name)
    if not _KEY.fullmatch(found):
        raise Refused(400, f"'{name}' should be 8 to 100 letters, digits, hyphens or underscores.")
    return f"{PLATFORM}:{where.persona.key}:{found}"


def fields(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the boxes of a sent form by name. Raises Refused when they are something else."""
    found = values.get("fields")
    if not isinstance(found, dict) or len(found) > MAX_FIELDS:
        raise Refused(400, "'fields' should hold text by name.")
    return {_whole(name): words(found, name) for name in found}


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise Refused(413, "That is too long to read. Please send less than 100,000 characters.")
    return bytes(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "This is not JSON that I can read.") from error
    if not isinstance(found, dict):
        raise Refused(400, "This should be one JSON object.")
    return found


def _whole(text: str) -> str:
    """Replace halves of characters, which JSON can hold and nothing else can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
