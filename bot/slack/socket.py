"""Socket Mode: Slack's requests over a connection that this service opens; nothing must reach it from outside."""

from __future__ import annotations

import asyncio

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.findings import StartupError

log = structlog.get_logger()

SILENT_SECONDS = 600  # a connection that hears nothing for so long is replaced, for it may be dead
LOOK_SECONDS = 15
_FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError)


class Socket:
    """The connection to Slack. It lives from `start` to `stop` and replaces itself when it falls silent."""

    def __init__(self, app: AsyncApp, app_token: str, client: AsyncWebClient, background: Background) -> None:
        self._app, self._app_token, self._web_client, self._background = app, app_token, client, background
        self._heard = 0.0
        self._handler: AsyncSocketModeHandler | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect. Raises StartupError when Slack refuses the app token."""
        self._handler = AsyncSocketModeHandler(self._app, self._app_token, web_client=self._web_client)
        client = self._handler.client
        client.socket_mode_request_listeners = [self._take]  # type: ignore[list-item]  # typed for another client
        client.on_message_listeners.append(self._listen)
        try:
            client.wss_uri = await client.issue_new_wss_url()  # `connect` alone would try a wrong token for ever
        except _FAILURES as error:
            await client.close()  # type: ignore[no-untyped-call]
            raise StartupError(
                "slack.app-token",
                "Slack did not accept THSCP_SLACK_APP_TOKEN for Socket Mode.",
                "Use the app-level token (xapp-...) with the scope connections:write, and switch Socket Mode on.",
            ) from error
        await client.connect()  # type: ignore[no-untyped-call]
        self._hear()
        self._watch = asyncio.create_task(self._watching(client))

    async def stop(self) -> None:
        """Close the connection; events that were not answered, Slack sends again."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._handler:
            await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def _take(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        if self._handler:
            with self._background.after_response():
                await self._handler.handle(client, request)

    async def _listen(self, _message: object) -> None:
        self._hear()

    def _hear(self) -> None:
        self._heard = asyncio.get_running_loop().time()

    async def _watching(self, client: SocketModeClient) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if asyncio.get_running_loop().time() - self._heard < SILENT_SECONDS:
                continue
            log.warning("slack connection silent, replaced")
            self._hear()
            try:
                await client.connect_to_new_endpoint(force=True)
            except _FAILURES as error:
                log.error("slack connection not replaced", error=type(error).__name__)
