"""Posts cards in Slack, once, and says what certainly failed: for now, or for good."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.sending import NoHistory, TryLater, Undeliverable
from bot.slack.render import message
from db.deliveries import Destination
from handlers.messages import Card

TIMEOUT_SECONDS = 10  # for one call, from the first byte sent to the last received
DELIVERED = "thscp_delivery"  # the kind of metadata that a posted message carries
_WAIT = 30  # seconds, where Slack asks to wait and does not say how long
_TOO_MANY, _SERVER_ERROR, _TIMED_OUT = 429, 500, 408
_PAGE = 200  # messages at once: Slack advises no more
_PEOPLE = ("U", "W")  # the first letter of a person's id
# Slack says of these that some of the work may have been done: https://docs.slack.dev/reference/methods/chat.postMessage
_UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
# The app itself is refused: an operator mends that, and what waits should still be there then.
_REFUSED = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_expired", "token_revoked"}
)
_UNTIL_MENDED = timedelta(minutes=15)


class SlackSender:
    """Sends what the outbox holds for Slack. It lives as long as the adapter and retries nothing by itself.

    `history=False` where the app may not read back what it posted.
    """

    platform = "slack"
    timeout = float(TIMEOUT_SECONDS)

    def __init__(
        self, client: AsyncWebClient, *, pace: float = 1.0, per_second: float = 0.0, history: bool = True
    ) -> None:
        self.pace = pace
        self.per_second = per_second
        self._client = client
        self._history = history

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card and return `channel:timestamp`. Raises TryLater or Undeliverable.

        The address may be a person: Slack then opens the direct message, which needs no further scope.
        """
        content: dict[str, Any] = {"channel": destination.address, **message(card)}
        if destination.thread:
            content["thread_ts"] = destination.thread
        try:
            if destination.only_for:
                shown = await self._client.chat_postEphemeral(user=destination.only_for, **content)
                return f"{destination.address}:{shown['message_ts']}"
            mark = {"event_type": DELIVERED, "event_payload": {"delivery_id": delivery_id}}
            posted = await self._client.chat_postMessage(
                **content, metadata=mark, unfurl_links=False, unfurl_media=False
            )
        except SlackApiError as error:
            raise _meaning(error) from None  # the error itself holds Slack's whole answer
        except aiohttp.ClientConnectorError as error:
            raise TryLater("Slack cannot be reached") from error
        return f"{posted['channel']}:{posted['ts']}"

    async def find(self, destination: Destination, delivery_ids: Collection[str], since: datetime) -> Mapping[str, str]:
        """Look for deliveries by the metadata that they carry. Raises NoHistory and TryLater.

        What only one person saw leaves no trace in Slack's history.
        """
        if destination.only_for or not self._history:
            raise NoHistory("nobody can look for it in Slack")
        wanted, found, cursor = set(delivery_ids), dict[str, str](), ""
        try:
            channel = await self._conversation(destination.address)
            while wanted - set(found):
                page = await self._page(channel, destination.thread, since, cursor)
                found |= {key: f"{channel}:{ts}" for key, ts in _marks(page["messages"]) if key in wanted}
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    break
        except SlackApiError as error:
            raise _no_look(error) from None
        return found

    async def _conversation(self, address: str) -> str:
        """Return the conversation behind an address: for a person, the direct message with them."""
        if not address.startswith(_PEOPLE):
            return address
        opened = await self._client.conversations_open(users=address)
        return str(opened["channel"]["id"])

    async def _page(self, channel: str, thread: str, since: datetime, cursor: str) -> AsyncSlackResponse:
        which: dict[str, Any] = {"channel": channel, "limit": _PAGE, "include_all_metadata": True}
        which |= {"oldest": f"{since.timestamp():.6f}"} | ({"cursor": cursor} if cursor else {})
        if thread:
            return await self._client.conversations_replies(ts=thread, **which)
        return await self._client.conversations_history(**which)


def _marks(messages: Collection[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give the delivery id and the timestamp of each message that carries one."""
    for message_ in messages:
        mark = message_.get("metadata") or {}
        if mark.get("event_type") == DELIVERED:
            yield str((mark.get("event_payload") or {}).get("delivery_id", "")), str(message_["ts"])


class UncertainError(Exception):
    """Slack did not say whether it posted the message."""


def error_code(error: SlackApiError) -> str:
    """Return Slack's word for what went wrong; empty where it gave none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _meaning(error: SlackApiError) -> Exception:
    response, code = error.response, error_code(error)
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", _SERVER_ERROR))
    if status == _TOO_MANY or code == "ratelimited":
        wait = timedelta(seconds=_seconds(response.headers.get("Retry-After")))
        return TryLater("Slack asks to wait", wait, counts=False)
    if status >= _SERVER_ERROR or status == _TIMED_OUT or not code or code in _UNCERTAIN:
        return UncertainError(code or f"status {status}")
    return TryLater(code, _UNTIL_MENDED) if code in _REFUSED else Undeliverable(code)


def _no_look(error: SlackApiError) -> Exception:
    """Return whether looking failed for now, or cannot be done here at all."""
    meaning = _meaning(error)
    if isinstance(meaning, Undeliverable) or error_code(error) == "missing_scope":
        return NoHistory(error_code(error))
    return meaning if isinstance(meaning, TryLater) else TryLater(str(meaning))


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else _WAIT
