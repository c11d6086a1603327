"""Socket Mode: Slack's requests over a connection that this service opens, so that nothing must reach it from outside."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.findings import StartupError
from bot.slack.background import Background

log = structlog.get_logger()

SILENT_SECONDS = 600  # a connection that hears nothing for so long is replaced, for it may be dead
LOOK_SECONDS = 15


class Socket:
    """The connection to Slack. It lives from `start` to `stop` and replaces itself when it falls silent."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        client: AsyncWebClient,
        background: Background,
        *,
        silent_seconds: float = SILENT_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._app, self._app_token, self._client, self._background = app, app_token, client, background
        self._silent_seconds, self._look_seconds = silent_seconds, look_seconds
        self._heard = 0.0
        self._handler: _Handler | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect. Raises StartupError when Slack refuses the app token."""
        self._handler = _Handler(self._app, self._app_token, web_client=self._client)
        self._handler.background = self._background
        client = self._handler.client
        client.on_message_listeners.append(self._listen)
        try:
            client.wss_uri = await client.issue_new_wss_url()
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            await client.close()
            raise StartupError(
                "slack.app-token",
                "Slack did not accept THSCP_SLACK_APP_TOKEN for Socket Mode.",
                "Use the app-level token (xapp-...) with the scope connections:write, and switch Socket Mode on in the app.",
            ) from error
        await client.connect()
        self._hear()
        self._watch = asyncio.create_task(self._watching(client))

    async def stop(self) -> None:
        """Close the connection; what was received and not answered, Slack sends again."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._handler:
            await self._handler.close_async()

    async def _listen(self, _message: object) -> None:
        self._hear()

    def _hear(self) -> None:
        self._heard = asyncio.get_running_loop().time()

    async def _watching(self, client: SocketModeClient) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            if asyncio.get_running_loop().time() - self._heard < self._silent_seconds:
                continue
            log.warning("slack connection silent, replaced")
            self._hear()
            try:
                await client.connect_to_new_endpoint(force=True)
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                log.error("slack connection not replaced", error=type(error).__name__)


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which lets work begin once the answer is out."""

    background: Background

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        with self.background.after_response():
            await super().handle(client, req)


