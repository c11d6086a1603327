"""Which conversations of Teams are known, and where each is reached: kept in the database, and at hand in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.dispatcher import Dispatcher
from db import chats
from db.chats import PERSONAL, Chat

_PERSON = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as Microsoft Entra numbers people
THREAD = ";messageid="
CHANNEL, GROUP = "channel", "groupChat"
_OWN = "a:"  # how the ids of chats with one person begin
_REFUSED_FOR = timedelta(days=1)


def is_person(address: str) -> bool:
    """Say whether an address is a person and no conversation."""
    return _PERSON.fullmatch(address) is not None or address.startswith("29:")


def base(conversation: str) -> str:
    """Return a conversation without the thread that its id may name."""
    return conversation.partition(THREAD)[0]


def threaded(conversation: str, thread: str) -> str:
    """Return the id of a thread in a conversation."""
    return f"{conversation}{THREAD}{thread}" if thread else conversation


def kind(body: Mapping[str, Any]) -> str:
    """Return what kind of conversation an activity comes from. One that does not say so may have others in it."""
    conversation = body.get("conversation")
    named = conversation.get("conversationType") if isinstance(conversation, dict) else None
    if isinstance(named, str) and named:
        return named
    return PERSONAL if address(body).startswith(_OWN) else GROUP


def address(body: Mapping[str, Any]) -> str:
    """Return the conversation that an activity comes from, without its thread; empty where it names none."""
    conversation = body.get("conversation")
    return base(str(conversation.get("id") or "")) if isinstance(conversation, dict) else ""


def team(body: Mapping[str, Any]) -> str:
    """Return the team that an activity comes from, by the id that every activity of a channel has; empty for none."""
    data = body.get("channelData")
    named = data.get("team") if isinstance(data, dict) else None
    return str(named.get("id") or "") if isinstance(named, dict) else ""


def home(body: Mapping[str, Any]) -> list[str]:
    """Return the tenant of who sent an activity, where it is said: it may be another than that of the chat."""
    sender = body.get("from")
    named = sender.get("tenantId") if isinstance(sender, dict) else None
    return [str(named).lower()] if named else []


def of_activity(body: Mapping[str, Any], *, who: str) -> Chat:
    """Return the conversation that an activity comes from."""
    found = kind(body)
    return Chat(
        address=address(body),
        kind=found,
        tenant=tenant(body),
        service_url=str(body["serviceUrl"]),
        person=who if found == PERSONAL else "",
        team=team(body),
    )


def tenant(body: Mapping[str, Any]) -> str:
    """Return the tenant that an activity comes from; empty where it names none."""
    for place in (body.get("channelData"), body.get("conversation")):
        if isinstance(place, dict):
            named = place.get("tenant")
            found = named.get("id") if isinstance(named, dict) else place.get("tenantId")
            if found:
                return str(found).lower()
    return ""


class Chats:
    """The conversations that are kept, for one adapter. Other replicas may have written to them a moment ago."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    async def keep(self, chat: Chat) -> None:
        """Remember a conversation in which somebody just spoke; it is written where that changes anything."""
        await self._dispatcher.in_transaction(lambda context: chats.keep(context.session, chat, at=context.now))

    async def speak_again(self, team: str) -> None:
        """Let the channels of a team be spoken in, into which the app was put again."""
        await self._dispatcher.in_transaction(lambda context: chats.speak_again(context.session, team))

    async def silence(self, address: str, *, team: str = "") -> None:
        """Say nothing there any more, nor in any channel of the team, until the app is put in again."""
        await self._dispatcher.in_transaction(lambda context: chats.silence(context.session, address, team=team))

    async def rest(self, address: str) -> None:
        """Say nothing for a day in a conversation that Teams refuses: nobody said that the app was taken out."""
        await self._dispatcher.in_transaction(
            lambda context: chats.silence(context.session, address, until=context.now + _REFUSED_FOR)
        )

    async def forget(self, address: str) -> None:
        """Forget a conversation that is gone, so that another can be made."""
        await self._dispatcher.in_transaction(lambda context: chats.forget(context.session, address))

    async def find(self, address: str) -> Chat | None:
        """Return the conversation of an address, which may be a person; None where there is none to speak in."""
        look = chats.with_person if is_person(address) else chats.of_address
        return await self._dispatcher.in_transaction(lambda context: look(context.session, address, at=context.now))

    async def is_silent(self, person: str) -> bool:
        """Say whether nothing may be said to somebody now: they took the app out, or Teams refuses it."""
        return await self._dispatcher.in_transaction(
            lambda context: chats.is_silent(context.session, person, at=context.now)
        )

    async def near(self, address: str, tenant: str) -> Chat | None:
        """Return a conversation to know where a new one is made: that of an address, or else the newest of a tenant."""
        return await self._dispatcher.in_transaction(lambda context: chats.near(context.session, address, tenant))
