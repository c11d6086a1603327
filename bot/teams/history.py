"""What arrived in a channel, read back from Microsoft Graph, where the team has allowed it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from bot.sending import NoHistory, TryLater
from bot.teams.sender import NoTokenError
from db.chats import Chat

_PAGE = "50"  # messages at once: Graph gives no more
_REFUSED = (401, 403, 404)


class Reading(Protocol):
    """What is needed of the connection to Teams."""

    async def graph(self, url: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Read something from Microsoft Graph."""

    async def group(self, service_url: str, team: str) -> str:
        """Return the number that Microsoft Graph knows a team by."""


class GraphHistory:
    """Looks for the marks of cards in the messages of a channel. `allowed=False`: nobody may look."""

    def __init__(self, reading: Reading, url: str, *, allowed: bool) -> None:
        self._reading = reading
        self._url = url.rstrip("/")
        self._allowed = allowed
        self._groups: dict[str, str] = {}  # activities name a team by another id

    async def find(self, chat: Chat, thread: str, marks: Collection[str], since: datetime) -> Mapping[str, str]:
        """Return the message that carries each mark. Raises NoHistory and TryLater."""
        if not self._allowed or not chat.team:
            raise NoHistory("Teams shows the app no history")
        wanted, found = set(marks), dict[str, str]()
        try:
            team = self._groups.get(chat.team) or await self._reading.group(chat.service_url, chat.team)
            self._groups[chat.team] = team
            url = f"{self._url}/v1.0/teams/{quote(team)}/channels/{quote(chat.address)}/messages"
            url, params = (f"{url}/{quote(thread)}/replies" if thread else url), {"$top": _PAGE}
            while url and wanted - set(found):
                page = await self._reading.graph(url, params)
                messages = [one for one in page.get("value", []) if isinstance(one, dict)]
                found |= {mark: str(one["id"]) for one in messages for mark in _marks(one) if mark in wanted}
                old = messages and all(_changed(one) < since.isoformat() for one in messages)
                url, params = ("" if old else str(page.get("@odata.nextLink") or "")), {}
        except httpx.HTTPStatusError as error:
            refused = error.response.status_code in _REFUSED
            raise (NoHistory if refused else TryLater)(f"status {error.response.status_code}") from None
        except (httpx.HTTPError, NoTokenError, ValueError, KeyError) as error:
            raise TryLater("Microsoft Graph did not answer") from error
        return found


def _changed(message: Mapping[str, Any]) -> str:
    return str(message.get("lastModifiedDateTime") or message.get("createdDateTime") or "9")


def _marks(message: Mapping[str, Any]) -> Iterator[str]:
    for attached in message.get("attachments") or []:
        try:
            card = json.loads(attached.get("content") or "{}")
            yield from (str(part["id"]) for part in card.get("body", []) if "id" in part)
        except (ValueError, TypeError, AttributeError):
            continue
