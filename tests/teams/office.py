"""People in Teams: what they do reaches the adapter as the activities that Microsoft publishes, signed as it does."""

from __future__ import annotations

import copy
import functools
import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.fakes import Clock
from tests.teams.fake_microsoft import CLIENT, HOME, FakeMicrosoft

Json = dict[str, Any]

PAYLOADS = Path(__file__).parent / "payloads"
BOT = {"id": f"28:{CLIENT}", "name": "Safeguarding"}
TEAM, CHANNEL, GROUP = "19:team@thread.tacv2", "19:general@thread.tacv2", "19:group@thread.v2"
ROOT = "1481567603816"
THREAD = f"{CHANNEL};messageid={ROOT}"
SOMEBODY, SOMEBODY_ELSE, COORDINATOR = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "cde")


@functools.cache
def _published(name: str) -> Json:
    found: Json = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    activity: Json = found["activity"]
    return activity


def chat_of(person: str) -> str:
    """Return the chat of a person with the bot."""
    return f"a:1-{person}"


class Office:
    """`office.says("threshold")`, `office.mentions("threshold")`, `office.presses(message, "This helped")`, ..."""

    def __init__(self, http: httpx.AsyncClient, microsoft: FakeMicrosoft) -> None:
        self._http = http
        self._microsoft = microsoft
        self._numbers = itertools.count(1)

    @property
    def service_url(self) -> str:
        """Return where the connector is."""
        return f"{self._microsoft.url}/teams/"

    # --- any activity ------------------------------------------------------------------------------------------

    def activity(self, published: str, *, by: str = SOMEBODY, tenant: str = HOME, **changed: Any) -> Json:
        """Return a published activity, of these people and for this bot."""
        found = copy.deepcopy(_published(published))
        found |= {"serviceUrl": self.service_url, "channelId": "msteams", "id": f"f:{next(self._numbers)}"}
        found["from"] = {"id": f"29:{by}", "name": "Somebody Invented", "aadObjectId": by}
        found["recipient"] = found.get("recipient", {}) | BOT
        found["channelData"] = found.get("channelData", {}) | {"tenant": {"id": tenant}}
        for name in ("team", "channel"):
            if name in found["channelData"]:
                found["channelData"][name] |= {"id": TEAM if name == "team" else CHANNEL}
        return found | changed

    def personal(self, published: str, *, by: str = SOMEBODY, **changed: Any) -> Json:
        """Return an activity from the chat of one person with the bot."""
        found = self.activity(published, by=by)
        found["conversation"] = {"conversationType": "personal", "tenantId": HOME, "id": chat_of(by)}
        found["channelData"] = {"tenant": {"id": HOME}}
        return found | changed

    def in_channel(self, published: str, *, thread: str = ROOT, **changed: Any) -> Json:
        """Return an activity from a thread of a channel."""
        found = self.activity(published, **{name: changed.pop(name) for name in ("by",) if name in changed})
        address = f"{CHANNEL};messageid={thread}" if thread else CHANNEL
        found["conversation"] = {"isGroup": True, "conversationType": "channel", "tenantId": HOME, "id": address}
        found["channelData"] = {
            "channel": {"id": CHANNEL}, "team": {"id": TEAM}, "tenant": {"id": HOME},
        }  # fmt: skip
        return found | changed

    async def does(self, activity: Json, **token: Any) -> httpx.Response:
        """Send an activity as Teams would, as often as it is called."""
        signed = self._microsoft.token(str(activity["serviceUrl"]), **token)
        return await self.posts(json.dumps(activity), authorization=f"Bearer {signed}")

    def signature(self, service_url: object = None) -> str:
        """Return what Teams would put beside an activity of a connector."""
        return self._microsoft.token(service_url if isinstance(service_url, str) else self.service_url)

    async def posts(self, body: str | bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
        """Post a body with these headers."""
        return await self._http.post(
            "/api/messages", content=body, headers={"content-type": "application/json"} | headers
        )

    # --- what people do ----------------------------------------------------------------------------------------

    async def says(self, text: str, *, by: str = SOMEBODY, **changed: Any) -> httpx.Response:
        """Write to the bot in the own chat."""
        return await self.does(self.personal("personal-message", by=by, text=text, **changed))

    async def mentions(self, text: str, **changed: Any) -> httpx.Response:
        """Name the bot in a channel, as Teams writes it, with a space that does not break."""
        return await self.does(self.mention(text, **changed))

    def mention(self, text: str, **changed: Any) -> Json:
        """Return what Teams sends when somebody names the bot in a channel."""
        named = {"type": "mention", "mentioned": BOT, "text": "<at>Safeguarding</at>"}
        return self.in_channel(
            "channel-message", text=f"<at>Safeguarding</at>&nbsp;{text}\n", entities=[named], **changed
        )

    async def commands(self, text: str, **changed: Any) -> httpx.Response:
        """Type a slash command in a channel, which only the bot reads."""
        return await self.does(self.in_channel("targeted-message", text=text, **changed))

    def press(self, message: Mapping[str, Any], label: str, *, by: str = SOMEBODY, channel: bool = False) -> Json:
        """Return what Teams sends for a pressed button of a message, or of a dialog."""
        action = button_of(message, label)
        if action["type"] == "Action.Execute":
            published, value = "button", {"action": {**action, "id": ""}, "trigger": "manual"}
        else:
            fetches = "msteams" in action["data"]
            data = {name: one for name, one in action["data"].items() if name != "msteams"}
            data |= {"type": "task/fetch"} if fetches else {}
            published, value = ("task-fetch" if fetches else "task-submit"), {"data": data, "context": {}}
        made = (self.in_channel if channel else self.personal)(published, by=by, value=value)
        return made | {"replyToId": "1575667808184"}

    async def presses(self, message: Mapping[str, Any], label: str, **how: Any) -> httpx.Response:
        """Press a button."""
        return await self.does(self.press(message, label, **how))

    def submission(self, drawn: Mapping[str, Any], *, by: str = SOMEBODY, **filled: str) -> Json:
        """Return what Teams sends for a form in a dialog or in a message, with these boxes filled in."""
        card = content(drawn)
        action = card["actions"][0]
        boxes = {part["id"]: part.get("value", "") for part in card["body"] if str(part.get("id")).startswith("in.")}
        data = boxes | {f"in.{name}": value for name, value in filled.items()} | action["data"]
        if action["type"] == "Action.Execute":
            value: Json = {"action": {**action, "data": data}, "trigger": "manual"}
            return self.personal("button", by=by, value=value, replyToId="1575667808184")
        return self.personal("task-submit", by=by, value={"data": data, "context": {"theme": "default"}})

    async def submits(self, drawn: Mapping[str, Any], *, by: str = SOMEBODY, **filled: str) -> httpx.Response:
        """Send a form."""
        return await self.does(self.submission(drawn, by=by, **filled))

    async def chooses(self, command: str, *, by: str = SOMEBODY, published: str = "compose-fetch") -> httpx.Response:
        """Choose an action of the app's menu."""
        activity = self.activity(published, by=by)
        activity["value"] |= {"commandId": command}
        return await self.does(activity)

    async def installs(self, action: str = "add", *, by: str = SOMEBODY, team: bool = False) -> httpx.Response:
        """Put the app into the own chat or a team, or take it out."""
        made = self.in_channel("installation", thread="") if team else self.personal("installation", by=by)
        return await self.does(made | {"action": action})


def steady(clock: Clock) -> Callable[[], float]:
    """Return the reading of a clock that nobody can set."""

    def reading() -> float:
        return clock.now.timestamp()

    return reading


def content(drawn: Mapping[str, Any]) -> Json:
    """Return the card of a message, of a dialog or of the answer to a button."""
    if "task" in drawn:
        return content(drawn["task"]["value"])
    if "card" in drawn:
        found: Json = drawn["card"]["content"]
    elif "attachments" in drawn:
        found = drawn["attachments"][0]["content"]
    else:
        found = drawn["value"]
    return found


def button_of(drawn: Mapping[str, Any], label: str) -> Json:
    """Return the button that is labelled so."""
    found = {action["title"]: action for action in content(drawn).get("actions", [])}
    assert label in found, f"no button '{label}' among {sorted(found)}"
    button: Json = found[label]
    return button


def words(drawn: Mapping[str, Any]) -> str:
    """Return every text of a card in one string."""
    task = drawn.get("task", {}).get("value", {})
    return "\n".join([str(task.get("title", "")), *_texts(content(drawn))])


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [str(value[name]) for name in ("text", "title", "label", "value") if isinstance(value.get(name), str)]
        return own + [text for item in value.values() for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []
