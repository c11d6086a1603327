"""Sends e-mails by GOV.UK Notify, through its own client, and reads there what became of them."""

from __future__ import annotations

import asyncio
import functools
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

import requests
import structlog
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from bot import logs
from bot.dispatcher import Dispatcher
from bot.email import notify_body
from bot.email.compose import is_address
from bot.email.links import Pages
from bot.email.render import subject
from bot.sending import TryLater, Undeliverable
from db.deliveries import Destination
from db.mailing import PLATFORM
from handlers import mailing
from handlers.messages import Card

log = structlog.get_logger()
T = TypeVar("T")

TIMEOUT = 6.0  # seconds for the connection, and again for the answer: the client has one number for both
THREADS = 8
PER_SECOND = 40.0  # Notify takes 3,000 requests a minute for each key
POLL_SECONDS = 60.0
PAGES = 20  # of 250 messages each that came back; Notify keeps them for seven days
_UNTIL_MENDED = timedelta(minutes=15)
_BUSY, _SERVER_ERROR = 429, 500
_REFUSED = frozenset({401, 403, 404})  # the key or the template is wrong: an operator mends it
# what Notify says of a message, as the status codes of other servers
_STATUSES = {"permanent-failure": "5.1.1", "temporary-failure": "4.2.2", "technical-failure": "4.3.0"}


class UncertainError(Exception):
    """Notify did not say whether it took the message."""


class Notify:
    """Notify's client in threads of its own: it is synchronous, and its connections are not for several threads."""

    def __init__(self, api_key: str, api_url: str) -> None:
        self._new = functools.partial(NotificationsAPIClient, api_key, api_url, TIMEOUT)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="notify")

    async def call(self, ask: Callable[[NotificationsAPIClient], T]) -> T:
        """Ask Notify something in a thread. Raises TryLater when no thread was free in time: nothing was asked then."""
        asked_at = time.monotonic()

        def work() -> T:
            if time.monotonic() - asked_at > TIMEOUT:  # whoever waited may have given up: it must not go out now
                raise TryLater("too many messages are on their way to Notify", counts=False)
            client = self._new()
            with client.request_session:
                return ask(client)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Wait for what is under way."""
        self._threads.shutdown(wait=True)


class NotifySender:
    """Sends what the outbox holds for e-mail. It lives as long as the server and retries nothing by itself."""

    platform = PLATFORM
    pace = 0.0
    timeout = 3 * TIMEOUT + 1  # to wait for a thread, to connect, to be answered

    def __init__(
        self, dispatcher: Dispatcher, notify: Notify, template_id: str, pages: Pages, *, per_second: float
    ) -> None:
        self.per_second = min(per_second, PER_SECOND) or PER_SECOND
        self._dispatcher = dispatcher
        self._notify = notify
        self._template_id = template_id
        self._pages = pages

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Send a card to an address and return Notify's id of the message. Raises TryLater or Undeliverable."""
        if not is_address(destination.address):
            raise Undeliverable("this is not an e-mail address")
        prepared = await self._dispatcher.in_transaction(
            functools.partial(mailing.prepare, to=destination, card=card, delivery_id=delivery_id)
        )
        if prepared.refused:
            raise Undeliverable(prepared.refused)
        content = {"subject": subject(card), "body": notify_body.body(card, self._pages.of(prepared))}
        one_click = self._pages.unsubscribe(prepared) if not prepared.always else ""
        try:
            sent = await self._notify.call(
                lambda client: client.send_email_notification(  # type: ignore[no-untyped-call]
                    destination.address,
                    self._template_id,
                    personalisation=content,
                    reference=delivery_id,
                    one_click_unsubscribe_url=one_click or None,
                )
            )
        except HTTPError as error:
            raise _meaning(error) from None  # the error holds Notify's answer, and the answer may hold the address
        return str(sent["id"])

    async def find(
        self,
        destination: Destination,  # noqa: ARG002 - Notify knows the delivery's id, wherever it went
        delivery_ids: Collection[str],
        since: datetime,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Ask Notify which of these deliveries it took. Raises TryLater when it does not say."""
        found: dict[str, str] = {}
        for delivery_id in delivery_ids:
            try:
                answer = await self._notify.call(
                    lambda client, reference=delivery_id: client.get_all_notifications(reference=reference)  # type: ignore[misc]
                )
            except Exception as error:  # noqa: BLE001 - whatever it was, looking failed and may not the next time
                raise TryLater(f"Notify does not say: {type(error).__name__}") from None
            for row in answer["notifications"]:
                found[delivery_id] = str(row["id"])
        return found


class Returns:
    """Asks Notify each minute which messages came back. It runs as long as the server, on every replica."""

    def __init__(self, dispatcher: Dispatcher, notify: Notify, *, every: float = POLL_SECONDS) -> None:
        self._dispatcher = dispatcher
        self._notify = notify
        self._every = every
        self._known: set[str] = set()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to ask, at once and then each minute."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ask no more, and let go of the threads."""
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])
        await asyncio.to_thread(self._notify.close)

    async def look(self) -> int:
        """Ask once and keep what is new; return how many came back."""
        rows: list[dict[str, Any]] = []
        older_than: str | None = None
        for _ in range(PAGES):
            answer = await self._notify.call(
                lambda client, last=older_than: client.get_all_notifications(  # type: ignore[misc]
                    template_type="email", status="failed", older_than=last
                )
            )
            if not answer["notifications"]:
                break
            rows += answer["notifications"]
            older_than = answer["notifications"][-1]["id"]
        fresh = [row for row in rows if row["id"] not in self._known and row["status"] in _STATUSES]
        for row in fresh:
            await self._keep(row)
        self._known = {row["id"] for row in rows}
        return len(fresh)

    async def _keep(self, row: dict[str, Any]) -> None:
        try:
            delivery_id = str(uuid.UUID(row.get("reference") or ""))
        except ValueError:  # sent by something else with the same key
            return
        status = _STATUSES[row["status"]]
        final = row["status"] == "permanent-failure"
        await self._dispatcher.in_transaction(
            lambda context: mailing.returned(context, delivery_id, final=final, status=status)
        )

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it was, it asks again in a minute
                log.warning("Notify not asked", error=type(error).__name__, place=logs.place(error))
            await asyncio.sleep(self._every)


def _meaning(error: HTTPError) -> Exception:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError) or _never_connected(cause):
        return TryLater("Notify cannot be reached")
    if error.response is None:
        return UncertainError(type(cause).__name__)
    status = error.status_code
    if status == _BUSY:
        return TryLater("Notify asks to wait", timedelta(minutes=1), counts=False)
    if status >= _SERVER_ERROR:
        return UncertainError(f"status {status}")
    if status in _REFUSED:
        return TryLater(f"Notify does not accept our key or template: status {status}", _UNTIL_MENDED)
    return Undeliverable(f"Notify refuses the message: status {status}")


def _never_connected(cause: BaseException | None) -> bool:
    """Say whether no connection came about: `requests` has one class for that and for a connection that was cut."""
    if not (isinstance(cause, requests.ConnectionError) and cause.args):
        return False
    reason = getattr(cause.args[0], "reason", None)
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
