"""People in a Slack workspace: what they do reaches the adapter as the signed requests that Slack would send."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.slack.fake_slack import BOT_USER, FakeSlack

Json = dict[str, Any]

SECRET = "invented-signing-secret"
CHANNEL, DIRECT = "C-general", "D-of-person"
SOMEBODY, SOMEBODY_ELSE = "U-practitioner", "U-colleague"


class Workspace:
    """`workspace.types("threshold")`, `workspace.says("hello")`, `workspace.presses(message, "This helped")`, ..."""

    def __init__(self, http: httpx.AsyncClient, slack: FakeSlack) -> None:
        self._http = http
        self._slack = slack
        self._numbers = itertools.count(1)

    async def posts(self, body: str, *, kind: str, headers: Json | None = None) -> httpx.Response:
        """Post a body as Slack would, signed now with the right secret unless the headers say otherwise."""
        signed = signature(body) | {"content-type": kind} | (headers or {})
        return await self._http.post("/slack/events", content=body.encode(), headers=signed)

    async def posts_in_chunks(self, body: str, *, kind: str) -> httpx.Response:
        """Post a signed body without saying how long it is."""

        async def chunks() -> AsyncIterator[bytes]:
            yield body.encode()

        return await self._http.post(
            "/slack/events", content=chunks(), headers=signature(body) | {"content-type": kind}
        )

    async def types(self, text: str, *, by: str = SOMEBODY, **more: str) -> httpx.Response:
        """Type the slash command."""
        return await self.sends_command(self.command(text, by=by, **more))

    def command(self, text: str, *, by: str = SOMEBODY, **more: str) -> Json:
        """Return what Slack sends for a slash command."""
        return {
            "command": "/thscp", "text": text, "user_id": by, "channel_id": CHANNEL, "channel_name": "general",
            "team_id": "T1", "trigger_id": self._unique("trigger"), "response_url": self._slack.response_url,
        } | more  # fmt: skip

    async def sends_command(self, command: Json, **more: Any) -> httpx.Response:
        """Send a slash command, as often as it is called."""
        return await self.posts(urlencode(command), kind="application/x-www-form-urlencoded", **more)

    async def says(self, text: str, **more: Any) -> httpx.Response:
        """Write to the bot in the direct message."""
        return await self.happens(self.event({
            "type": "message", "channel_type": "im", "channel": DIRECT, "user": SOMEBODY, "text": text,
            "ts": "1700000000.000100", **more,
        }))  # fmt: skip

    async def mentions(self, text: str, **more: Any) -> httpx.Response:
        """Name the bot in a channel."""
        return await self.happens(self.event({
            "type": "app_mention", "channel": CHANNEL, "user": SOMEBODY, "text": f"<@{BOT_USER}> {text}",
            "ts": "1700000000.000100", **more,
        }))  # fmt: skip

    async def opens_the_app(self, tab: str) -> httpx.Response:
        """Open the app at its home or at its messages."""
        return await self.happens(
            self.event({"type": "app_home_opened", "tab": tab, "user": SOMEBODY, "channel": DIRECT})
        )

    def event(self, event: Json) -> Json:
        """Return what Slack sends for an event."""
        return {"type": "event_callback", "team_id": "T1", "event_id": self._unique("Ev"), "event": event}

    async def happens(self, event: Json, **headers: str) -> httpx.Response:
        """Send an event, as often as it is called."""
        return await self.posts(json.dumps(event), kind="application/json", headers=headers)

    async def presses(self, content: Json, label: str, *, by: str = SOMEBODY, **more: Any) -> httpx.Response:
        """Press the button of a message, a modal or the home."""
        return await self.interacts(self.press(content, label, by=by, **more))

    def press(self, content: Json, label: str, *, by: str = SOMEBODY, **more: Any) -> Json:
        """Return what Slack sends for a pressed button."""
        pressed: Json = {
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": by}, "trigger_id": self._unique("trigger"),
            "actions": [button_of(content, label) | {"action_ts": "1"}],
        }  # fmt: skip
        if content.get("type") in ("modal", "home"):
            view = content | {"id": "V1", "root_view_id": "V1"}
            return pressed | {"view": view, "container": {"type": "view"}} | more
        return (
            pressed
            | {
                "channel": {"id": CHANNEL, "name": "general"},
                "container": {"type": "message", "is_ephemeral": True, "channel_id": CHANNEL},
                "response_url": self._slack.response_url,
            }
            | more
        )

    async def asks_at_home(self, home: Json, question: str) -> httpx.Response:
        """Type a question into the box of the home and press Enter."""
        box = next(block for block in home["blocks"] if block["type"] == "input")
        typed = {"type": "plain_text_input", "value": question}
        state = {"values": {box["block_id"]: {box["element"]["action_id"]: typed}}}
        return await self.interacts({
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": SOMEBODY},
            "trigger_id": self._unique("trigger"), "container": {"type": "view"},
            "view": home | {"id": "V1", "root_view_id": "V1", "state": state},
            "actions": [typed | {"action_id": box["element"]["action_id"], "block_id": box["block_id"]}],
        })  # fmt: skip

    async def submits(self, view: Json, *, by: str = SOMEBODY, **filled: str) -> httpx.Response:
        """Send a form with these boxes filled in."""
        values = {
            block["block_id"]: {block["element"]["action_id"]: _filled(block, filled.get(block["block_id"]))}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        sent = view | {"id": "V1", "callback_id": "", "state": {"values": values}}
        return await self.interacts({"type": "view_submission", "team": {"id": "T1"}, "user": {"id": by}, "view": sent})

    async def interacts(self, payload: Json, **more: Any) -> httpx.Response:
        """Send a pressed button or a sent form, as often as it is called."""
        body = urlencode({"payload": json.dumps(payload)})
        return await self.posts(body, kind="application/x-www-form-urlencoded", **more)

    def _unique(self, name: str) -> str:
        return f"{name}-{next(self._numbers)}"


def _filled(block: Json, value: str | None) -> Json:
    """Return what Slack says of one box of a sent form; one that is not filled in is as it was opened."""
    element = block["element"]
    match element["type"]:
        case "radio_buttons" | "static_select":
            chosen = [element.get("initial_option")] if value is None else _options([value])
            return {"type": element["type"], "selected_option": chosen[0] if chosen else None}
        case "checkboxes" | "multi_static_select":
            given = element.get("initial_options", []) if value is None else _options(value.split(","))
            return {"type": element["type"], "selected_options": given}
        case "datepicker":
            return {"type": element["type"], "selected_date": element.get("initial_date") if value is None else value}
        case _:
            return {"type": element["type"], "value": element.get("initial_value") if value is None else value}


def _options(values: list[str]) -> list[Json]:
    return [{"value": value} for value in values if value]


def signature(body: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Return the headers with which Slack signs a body."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


def buttons(content: Json) -> list[Json]:
    """Return the buttons of a message, a modal or the home."""
    return [element for block in content["blocks"] if block["type"] == "actions" for element in block["elements"]]


def button_of(content: Json, label: str) -> Json:
    """Return the button that is labelled so."""
    found = {element["text"]["text"]: element for element in buttons(content)}
    assert label in found, f"no button '{label}' among {sorted(found)}"
    return found[label]


def words(content: Json) -> str:
    """Return every text of a message or view in one string."""
    return "\n".join(_texts(content))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for item in value.values() for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []
