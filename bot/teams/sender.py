"""Posts cards in Teams, once, and says what certainly failed: for now, or for good."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from bot.sending import NoHistory, TryLater, Undeliverable
from bot.teams.chats import Chats, is_person, threaded
from bot.teams.fitting import Json
from bot.teams.render import message
from bot.teams.wordings import UNREACHED
from db.chats import PERSONAL, Chat
from db.deliveries import Destination
from handlers.messages import Card

TIMEOUT_SECONDS = 15  # for one call
MARK = "delivery-"  # before the delivery id, in the id of the first element of a card
_WAIT = timedelta(seconds=10)  # where Teams does not say how long
_UNTIL_MENDED = timedelta(minutes=15)
_LONGEST = 3600  # seconds to wait, whatever Teams asks for
_BUSY = (412, 429)  # 412: something else is being done to that conversation
_REFUSED, _NOT_FOUND = 401, 404
_GONE = (403, _NOT_FOUND)
_SERVER_ERROR, _TIMED_OUT, _NOT_NOW = 500, 408, 503
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Posting(Protocol):
    """What is needed of the connection to Teams."""

    async def post(self, service_url: str, conversation: str, activity: Json) -> str:
        """Post an activity and return its id."""

    async def replace(self, service_url: str, conversation: str, activity_id: str, activity: Json) -> None:
        """Put another activity in the place of one that was posted."""

    async def open_chat(self, service_url: str, tenant: str, user: str) -> str:
        """Return the conversation with one person."""


class History(Protocol):
    """Where it can be looked up what arrived."""

    async def find(self, chat: Chat, thread: str, marks: Collection[str], since: datetime) -> Mapping[str, str]:
        """Return the message that carries each mark. Raises NoHistory and TryLater."""


class NoTokenError(Exception):
    """There is no token, without which nothing is posted."""


class UncertainError(Exception):
    """Teams did not say whether it posted the message."""


class TeamsSender:
    """Sends what the outbox holds for Teams. It lives as long as the adapter and retries nothing by itself."""

    platform = "teams"
    timeout = float(TIMEOUT_SECONDS)

    def __init__(
        self, posting: Posting, chats: Chats, history: History, tenant: str, *, pace: float, per_second: float
    ) -> None:
        self._posting = posting
        self._chats = chats
        self._history = history
        self._tenant = tenant
        self.pace = pace
        self.per_second = per_second

    async def send(self, destination: Destination, card: Card, *, delivery_id: str) -> str:
        """Post a card and return `conversation:activity`. Raises TryLater or Undeliverable.

        What only one person may see goes into their own chat: Teams shows everything in a channel to everybody.
        """
        return await self.post(destination, message(card, mark=f"{MARK}{delivery_id}"))

    async def post(self, destination: Destination, activity: Json) -> str:
        """Post what was drawn already. Returns and raises as `send` does."""
        try:
            return await self._posted(destination, activity)
        except Undeliverable:
            await self._say_so_beside(destination)
            raise

    async def _posted(self, destination: Destination, activity: Json) -> str:
        chat, thread = await self._place(destination)
        with _explained():
            try:
                found = await self._posting.post(chat.service_url, threaded(chat.address, thread), activity)
            except httpx.HTTPStatusError as error:
                await self._learn(chat, thread, error.response.status_code)
                raise
        return f"{chat.address}:{found}"

    async def _say_so_beside(self, destination: Destination) -> None:
        """Say in the channel in which somebody asked that they cannot be written to, without what they were told."""
        if not destination.only_for or is_person(destination.address):
            return
        with suppress(TryLater, Undeliverable, UncertainError, httpx.HTTPError):
            await self._posted(replace(destination, only_for=""), message(UNREACHED))

    async def replace(self, chat: Chat, activity_id: str, activity: Json) -> None:
        """Put what was drawn in the place of a message. Raises as `send` does."""
        with _explained():
            await self._posting.replace(chat.service_url, chat.address, activity_id, activity)

    async def find(self, destination: Destination, delivery_ids: Collection[str], since: datetime) -> Mapping[str, str]:
        """Look for deliveries in a channel by the marks of their cards. Raises NoHistory and TryLater.

        Teams shows a bot no history of its chats with people.
        """
        if destination.only_for or is_person(destination.address):
            raise NoHistory("Teams shows no history of a chat")
        chat = await self._chats.find(destination.address)
        if chat is None or chat.kind == PERSONAL:
            raise NoHistory("Teams shows no history of a chat")
        marks = {f"{MARK}{one}": one for one in delivery_ids}
        found = await self._history.find(chat, destination.thread, marks, since)
        return {marks[mark]: f"{chat.address}:{message_id}" for mark, message_id in found.items()}

    async def _place(self, destination: Destination) -> tuple[Chat, str]:
        """Return the conversation and the thread to post in. Raises TryLater and Undeliverable."""
        person = destination.only_for or (destination.address if is_person(destination.address) else "")
        chat = await self._chats.find(person or destination.address)
        if chat is not None:
            return chat, "" if person else destination.thread
        if not person:
            raise Undeliverable("the app is not in that conversation")
        if await self._chats.is_silent(person):
            raise Undeliverable("the person has taken the app out")
        return await self._opened(person, beside=destination.address), ""

    async def _opened(self, person: str, *, beside: str) -> Chat:
        """Make the chat with somebody who never spoke to the bot, in the tenant in which they spoke, if they did."""
        near = await self._chats.near(beside, self._tenant)
        if near is None:
            raise TryLater("nobody has spoken in Teams yet", _UNTIL_MENDED)
        try:
            with _explained():
                address = await self._posting.open_chat(near.service_url, near.tenant, person)
        except (UncertainError, httpx.HTTPError, KeyError, ValueError) as error:
            raise TryLater("the chat could not be opened") from error  # nothing was posted yet
        chat = Chat(address, PERSONAL, near.tenant, near.service_url, person)
        await self._chats.keep(chat)
        return chat

    async def _learn(self, chat: Chat, thread: str, status: int) -> None:
        """Remember that nothing can be said somewhere. Raises TryLater where another chat can be made."""
        if status == _NOT_FOUND and chat.kind == PERSONAL:  # somebody deleted the chat, which the app survives
            await self._chats.forget(chat.address)
            raise TryLater("the chat is gone") from None
        if status in _GONE and not (thread and status == _NOT_FOUND):  # of a thread, only that may be gone
            await self._chats.rest(chat.address)


@contextmanager
def _explained() -> Iterator[None]:
    """Say of what Teams answers whether it was posted."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _meaning(error.response) from None  # the error itself holds what was sent
    except _NEVER_SENT as error:
        raise TryLater("Teams cannot be reached") from error
    except NoTokenError as error:
        raise TryLater(str(error), _UNTIL_MENDED) from error


def _meaning(response: httpx.Response) -> Exception:
    status = response.status_code
    if status in _BUSY or (status == _NOT_NOW and "retry-after" in response.headers):
        return TryLater("Teams asks to wait", _wait(response), counts=False)
    if status >= _SERVER_ERROR or status == _TIMED_OUT:
        return UncertainError(f"status {status}")
    return TryLater(f"status {status}", _UNTIL_MENDED) if status == _REFUSED else Undeliverable(f"status {status}")


def _wait(response: httpx.Response) -> timedelta:
    text = response.headers.get("retry-after", "")
    return timedelta(seconds=min(int(text), _LONGEST)) if text.isdecimal() and len(text) < 10 else _WAIT  # noqa: PLR2004
