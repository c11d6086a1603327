"""Somebody at the playground without a browser: `await pat.says("neglect")`, `await pat.presses("Neglect")`."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

HERE = "http://127.0.0.1"
TOKEN = "X-Playground-Token"
_BUTTON = re.compile(
    r'<button[^>]*data-press="([^"]*)" data-value="([^"]*)"(?: data-entry="(\d+)")?[^>]*>(.*?)</button>', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the playground said to one request."""

    status: int
    told: Mapping[str, Any]

    @property
    def fragments(self) -> str:
        """Return the HTML of the new messages."""
        return "".join(self.told.get("entries", []))

    @property
    def words(self) -> str:
        """Return the words of the new messages, without the previews of the platforms."""
        return words(self.fragments)

    def attribute(self, name: str) -> str:
        """Return an attribute of the form that opened."""
        found = re.search(f'{name}="([^"]*)"', self.told["form"])
        assert found, f"no {name} in the form"
        return html.unescape(found[1])


def words(fragments: str) -> str:
    """Return what a person would read, on one line."""
    without_preview = re.sub(r'<details class="sent">.*?</details>', "", fragments, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", without_preview)).split())


class Visitor:
    """One browser's session, as one of the people, in one of the rooms."""

    def __init__(self, client: httpx.AsyncClient, person: str, room: str = "direct") -> None:
        self.client = client
        self.place = {"as": person, "in": room}
        self.last = 0
        self.token = ""
        self._shown = ""
        self._keys = (f"key-{person}-{room}-{number}" for number in itertools.count(1))

    async def opens(self) -> str:
        """Open the page, and return its HTML."""
        answer = await self.client.get("/", params=self.place)
        assert answer.status_code == httpx.codes.OK, answer.text
        self.token = _found(r'<body data-token="([^"]+)"', answer.text)
        self.last = int(_found(r'data-last="(\d+)"', answer.text))
        self._shown = answer.text
        return answer.text

    async def says(self, text: str, *, key: str = "") -> Answer:
        """Send typed words."""
        return await self._posts("say", text=text, key=key or next(self._keys))

    async def presses(self, label: str, *, key: str = "") -> Answer:
        """Press the last button on the page that is labelled so."""
        found = [button for button in _BUTTON.findall(self._shown) if words(button[3]) == label]
        assert found, f"no button '{label}' on the page"
        action, value, entry, _ = found[-1]
        return await self._posts("press", action=action, value=value, entry=entry or "0", key=key or next(self._keys))

    async def sends(self, opened: Answer, **fields: str) -> Answer:
        """Send a form that opened."""
        about, action = opened.attribute("data-about"), opened.attribute("data-action")
        return await self._posts(
            "send", action=action, about=about, token=opened.attribute("data-token"), fields=fields
        )

    async def looks(self) -> Answer:
        """Ask for what is new."""
        answer = await self.client.get("/playground/news", params={**self.place, "after": str(self.last)})
        return self._noted(Answer(answer.status_code, answer.json()))

    async def _posts(self, path: str, **body: object) -> Answer:
        answer = await self.client.post(
            f"/playground/{path}",
            json={**self.place, "after": str(self.last), **body},
            headers={"Origin": HERE, TOKEN: self.token},
        )
        return self._noted(Answer(answer.status_code, answer.json()))

    def _noted(self, answer: Answer) -> Answer:
        self.last = answer.told.get("last", self.last)
        self._shown += answer.fragments
        return answer


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"{pattern} is not on the page"
    return found[1]
