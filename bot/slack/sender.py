"""Posts cards in Slack, once, and says what certainly failed: for now, or for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sending import TryLater, Undeliverable
from bot.slack.render import message
from db.deliveries import Destination
from handlers.messages import Card

TIMEOUT_SECONDS = 10  # for one call, from the first byte sent to the last received
DELIVERED = "thscp_delivery"  # the kind of metadata that a posted message carries
_WAIT = 30  # seconds, where Slack asks to wait and does not say how long
_TOO_MANY, _SERVER_ERROR = 429, 500
# Slack says of these that some of the work may have been done: https://docs.slack.dev/reference/methods/chat.postMessage
_UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
# The app itself is refused: an operator mends that, and what waits should still be there then.
_REFUSED = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_expired", "token_revoked"}
)
_UNTIL_MENDED = timedelta(minutes=15)


class SlackSender:
    """Sends what the outbox holds for Slack. It lives as long as the adapter and retries nothing by itself."""

    platform = "slack"

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

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
        return TryLater("Slack asks to wait", timedelta(seconds=_seconds(response.headers.get("Retry-After"))))
    if status >= _SERVER_ERROR or not code or code in _UNCERTAIN:
        return UncertainError(code or f"status {status}")
    return TryLater(code, _UNTIL_MENDED) if code in _REFUSED else Undeliverable(code)


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else _WAIT
