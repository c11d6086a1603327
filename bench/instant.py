"""A chat server that answers at once and costs next to nothing, so that what is measured is the bot.

    python -m bench.instant

It prints its port. `GET /posted` tells when each message was posted, and `GET /restart` begins to count anew.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from email.utils import formatdate
from typing import Any

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_DELIVERY = re.compile(rb"delivery_id[^0-9a-f]{3,12}([0-9a-f-]{36})")
_ME = {
    "ok": True, "team": "Invented", "team_id": "T1", "user": "thscp", "user_id": "UBOT", "bot_id": "BBOT",
    "channel": {"id": "D-of-person"}, "messages": [], "has_more": False, "view": {"id": "V1", "hash": "1"},
}  # fmt: skip
_SCOPES = "channels:history,chat:write,chat:write.public,commands,groups:history,im:history,im:write,mpim:history"


class Instant(asyncio.Protocol):
    """One connection. What was posted is kept by all together."""

    posted: list[tuple[str, float]] = []  # noqa: RUF012 - there is one list for all connections

    def __init__(self) -> None:
        self._unread = b""

    def connection_made(self, transport: Any) -> None:  # uvloop's is no asyncio.Transport
        """Keep where answers go."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is there as a whole."""
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end]
            length = _LENGTH.search(head)
            until = end + 4 + (int(length[1]) if length else 0)
            if len(self._unread) < until:
                return
            body, self._unread = self._unread[end + 4 : until], self._unread[until:]
            self._answer(head.partition(b"\r\n")[0], body)

    def _answer(self, line: bytes, body: bytes) -> None:
        if b"chat.post" in line:
            found = _DELIVERY.search(body)
            self.posted.append((found[1].decode() if found else "", time.time()))
            self._say({"ok": True, "channel": "C1", "ts": f"{time.time():.6f}", "message_ts": "1.1"})
        elif b"/posted" in line:
            self._say(self.posted)
        elif b"/count" in line:
            self._say(len(self.posted))
        elif b"/restart" in line:
            self.posted.clear()
            self._say({})
        else:
            self._say({**_ME, "channel": {"id": "D1"}} if b"conversations.open" in line else _ME)

    def _say(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Date: {formatdate(usegmt=True)}\r\nx-oauth-scopes: {_SCOPES}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Instant, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve())
    else:
        uvloop.run(_serve())
