"""What Slack delivers, as neutral requests. Pure functions over payloads; None means: nothing to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack import inputs, mrkdwn
from bot.slack.render import ASK_ACTION, LINK_ACTION, QUESTION_ACTION, QUESTION_BLOCK
from db.deliveries import Destination
from db.people import Identity
from handlers.context import Conversation, Request
from handlers.messages import Field

Payload = Mapping[str, Any]
PLATFORM = "slack"
_WRITTEN = (None, "file_share", "thread_broadcast")  # every other subtype is a change, a notice or another bot


def command(body: Payload) -> Request:
    """Return what a slash command asks."""
    channel = str(body.get("channel_id", ""))
    return Request(
        identity=_who(body["user_id"]),
        text=mrkdwn.plain(str(body.get("text", ""))),
        conversation=_place(channel, private=body.get("channel_name") == "directmessage"),
        key=_key(body.get("trigger_id")),
    )


def direct_message(body: Payload) -> Request | None:
    """Return what a direct message asks; nothing for changed messages and for those of bots."""
    event = body["event"]
    if event.get("channel_type") != "im" or not _by_a_person(event):
        return None
    thread = str(event.get("thread_ts", ""))
    return Request(
        identity=_who(event["user"]),
        text=mrkdwn.plain(str(event.get("text", ""))),
        conversation=_place(event["channel"], thread=thread),
        key=_key(body.get("event_id")),
        reply_to=Destination(PLATFORM, event["channel"], thread),
    )


def mention(body: Payload) -> Request | None:
    """Return what somebody asks in a channel by naming the bot; only they see the answer."""
    event = body["event"]
    if not _by_a_person(event) or _is_direct(event["channel"]):
        return None
    thread = str(event.get("thread_ts", ""))
    return Request(
        identity=_who(event["user"]),
        text=mrkdwn.plain(mrkdwn.without_mention(str(event.get("text", "")))),
        conversation=_place(event["channel"], thread=thread),
        key=_key(body.get("event_id")),
        reply_to=Destination(PLATFORM, event["channel"], thread, only_for=event["user"]),
    )


def opened(body: Payload) -> Request:
    """Return the request for the first page, when somebody opens the app."""
    return Request(identity=_who(body["event"]["user"]), route="home", key=_key(body.get("event_id")))


def pressed(body: Payload) -> Request | None:
    """Return what a pressed button asks; nothing for links, which the browser opens."""
    action = body["actions"][0]
    name = str(action.get("action_id", "")).partition("#")[0]
    if name == LINK_ACTION:
        return None
    who, key = _who(body["user"]["id"]), _key(body.get("trigger_id"))
    if name in (QUESTION_ACTION, ASK_ACTION):
        return Request(who, text=mrkdwn.plain(_question(body)), key=key)
    return Request(who, route=name, value=str(action.get("value", "")), conversation=_of_button(body), key=key)


def sent(body: Payload) -> Request:
    """Return what a sent form says. Its key is the form's own token, so that sending it twice changes nothing."""
    view = body["view"]
    about = inputs.remembered(str(view.get("private_metadata", "")))
    return Request(
        identity=_who(body["user"]["id"]),
        route=about.action or "form",  # a name that no route has, where the form is of another version
        value=about.about,
        fields=inputs.values(view.get("state", {})),
        key=_key(about.token and f"form:{about.token}"),
    )


def _question(body: Payload) -> str:
    state = body.get("view", {}).get("state", {})
    return inputs.values(state).get(QUESTION_BLOCK, "") or str(body["actions"][0].get("value") or "")


def _of_button(body: Payload) -> Conversation | None:
    channel = (body.get("channel") or {}).get("id", "")
    thread = str((body.get("container") or {}).get("thread_ts", ""))
    return _place(channel, thread=thread) if channel else None


def _by_a_person(event: Payload) -> bool:
    hidden = event.get("bot_id") or event.get("bot_profile") or event.get("edited") or event.get("hidden")
    return bool(event.get("user")) and not hidden and event.get("subtype") in _WRITTEN


def _place(channel: str, *, thread: str = "", private: bool = False) -> Conversation:
    return Conversation(PLATFORM, channel, thread, private=private or _is_direct(channel))


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _who(user: str) -> Identity:
    return Identity(PLATFORM, user)


def _key(unique: object) -> str | None:
    return f"{PLATFORM}:{unique}" if unique else None


def has_box(body: Payload, field: Field) -> bool:
    """Say whether the sent form has a box for a field already."""
    return field.name in _boxes(body)


def _boxes(body: Payload) -> list[str]:
    return [block["block_id"] for block in body["view"].get("blocks", []) if block.get("type") == "input"]


def errors_of(body: Payload, found: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong by the boxes that the sent form has: Slack refuses a message under any other."""
    boxes = _boxes(body)
    known = {name: text for name, text in found.items() if name in boxes}
    elsewhere = " ".join(text for name, text in found.items() if name not in boxes)
    return known or ({boxes[0]: elsewhere} if boxes and elsewhere else {})
