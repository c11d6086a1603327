"""What Teams delivers, as neutral requests. Pure functions over activities; None means: nothing to answer.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability shows the activities.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.teams import chats, inputs, typed
from bot.teams.render import SEND_FORM
from db.chats import PERSONAL
from db.deliveries import Destination
from db.people import Identity
from handlers.context import Conversation, Request
from handlers.messages import Form
from handlers.routes import ROUTES
from handlers.routing import Kind

Payload = Mapping[str, Any]
PLATFORM = "teams"
_TAG = re.compile(r"</?at\b[^>]*>", re.IGNORECASE)


def who(body: Payload) -> Identity:
    """Return who sent it: by the number that Microsoft Entra gives people, guests among them."""
    sender = _mapping(body.get("from"))
    return Identity(PLATFORM, str(sender.get("aadObjectId") or "").lower() or str(sender.get("id") or ""))


def message(body: Payload) -> Request | None:
    """Return what a message asks. In a channel or a group chat only one that names the bot is for it."""
    conversation, targeted = place(body), _is_targeted(body)
    if not (conversation.private or targeted or _names_the_bot(body)) or not conversation.address:
        return None
    identity, here = who(body), Destination(PLATFORM, conversation.address, conversation.thread)
    return Request(
        identity,
        text=_words(body),
        conversation=conversation,
        key=_key(body),
        reply_to=here if conversation.private else replace(here, only_for=identity.user_id),
        in_public=None if conversation.private or targeted else here,
    )


def concerns_the_bot(body: Payload, change: str) -> bool:
    """Say whether the bot is among those who came, `membersAdded`, or left, `membersRemoved`."""
    me, changed = _mapping(body.get("recipient")).get("id"), body.get(change)
    return bool(me) and isinstance(changed, list) and any(_mapping(one).get("id") == me for one in changed)


def opened(body: Payload) -> Request:
    """Return the request for the first page, when somebody puts the app into their own chat."""
    conversation = place(body)
    reply_to = Destination(PLATFORM, conversation.address)
    return Request(who(body), route="home", conversation=conversation, key=_key(body), reply_to=reply_to)


def pressed(body: Payload) -> Request:
    """Return what a pressed button asks."""
    action = _mapping(_mapping(body.get("value")).get("action"))
    return _press(body, {"do": action.get("verb"), **_mapping(action.get("data"))})


def fetched(body: Payload) -> Request:
    """Return what a button asks that opens a dialog, which it may do as often as it likes."""
    return replace(submitted(body), key=None)


def submitted(body: Payload) -> Request:
    """Return what a button asks that is pressed in a dialog."""
    return _press(body, _mapping(_mapping(body.get("value")).get("data")))


def chosen(body: Payload) -> Request:
    """Return what an action of the menu asks, which opens a dialog too; the bot need not be where it is chosen."""
    command = str(_mapping(body.get("value")).get("commandId") or "")
    route = ROUTES.get(command)
    asked = {"say": command} if route and route.kind is Kind.VERB else {"do": command}
    return replace(_press(body, asked), key=None, conversation=None)


def sent(body: Payload) -> tuple[Form, dict[str, str], Request] | None:
    """Return the form that was sent, what was typed, and what it asks; None where a button was pressed instead.

    The request's key is the form's own token, so that sending it twice changes nothing.
    """
    value = _mapping(body.get("value"))
    action = _mapping(value.get("action"))
    data = _mapping(action.get("data") if action.get("verb") == SEND_FORM else value.get("data"))
    if SEND_FORM not in data:
        return None
    form = inputs.unpacked(data[SEND_FORM])
    filled = inputs.values(data)
    if form is None:  # a name that no route has: the form is of another version, or somebody made it up
        form = Form("Form", "form", (), "")
    filled = typed.meant(form, filled)
    key = f"{PLATFORM}:form:{form.token}" if form.token else _key(body)
    request = Request(who(body), route=form.action, value=form.about, fields=filled, key=key)
    return form, filled, request


def place(body: Payload) -> Conversation:
    """Return the conversation, and in a channel the thread, that an activity comes from."""
    kind, thread = chats.kind(body), ""
    if kind == chats.CHANNEL:
        thread = str(_mapping(body.get("conversation")).get("id") or "").partition(chats.THREAD)[2]
        thread = thread or (str(body.get("id") or "") if body.get("type") == "message" else "")
    return Conversation(PLATFORM, chats.address(body), thread, private=kind == PERSONAL)


def _press(body: Payload, data: Payload) -> Request:
    identity, where, key = who(body), place(body), _key(body)
    if said := data.get("say"):
        return Request(identity, text=str(said), conversation=where, key=key)
    route = str(data.get("do") or "button")  # a name that no route has
    return Request(identity, route=route, value=str(data.get("value") or ""), conversation=where, key=key)


def _words(body: Payload) -> str:
    """Return what a person typed, without the names of whom they called."""
    text = str(body.get("text") or "")
    for called in _mentions(body):
        if called["mentioned"].get("id") == _mapping(body.get("recipient")).get("id"):
            text = text.replace(str(called.get("text") or "\0"), " ")
    plain = unicodedata.normalize("NFC", html.unescape(_TAG.sub("", text)))
    return plain.replace("\N{NO-BREAK SPACE}", " ").strip()


def _names_the_bot(body: Payload) -> bool:
    me = _mapping(body.get("recipient")).get("id")
    return bool(me) and any(one["mentioned"].get("id") == me for one in _mentions(body))


def _mentions(body: Payload) -> Iterator[Payload]:
    entities = body.get("entities")
    for one in entities if isinstance(entities, list) else ():
        if isinstance(one, dict) and one.get("type") == "mention" and isinstance(one.get("mentioned"), dict):
            yield one


def _is_targeted(body: Payload) -> bool:
    return _mapping(body.get("recipient")).get("isTargeted") is True


def _key(body: Payload) -> str | None:
    unique = body.get("id")
    return f"{PLATFORM}:{chats.address(body)}:{unique}" if unique else None


def _mapping(value: object) -> Payload:
    return value if isinstance(value, dict) else {}
