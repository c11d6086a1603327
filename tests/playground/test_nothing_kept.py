"""What was refused on the playground leaves no trace, whatever part of its page sent it, and is not sent back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from bot.outbox import Outbox
from tests.playground.conftest import Enters
from tests.playground.visitor import HERE, TOKEN, Visitor
from tests.traces import Left, leaves_nothing, watching


@pytest.fixture(autouse=True)
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Left]:
    """Watch what is left behind, from before anything else begins."""
    with watching(tmp_path, monkeypatch, capfd) as found:
        yield found


async def _posts(pat: Visitor, path: str, **body: Any) -> str:
    answer = await pat.client.post(
        f"/playground/{path}",
        content=json.dumps({**pat.place, "after": "0", "key": "key-12345678", "token": "t" * 20, **body}),
        headers={"Origin": HERE, TOKEN: pat.token, "Content-Type": "application/json"},
    )
    return answer.text


async def _sends(pat: Visitor, text: str) -> Any:
    await pat.says("quantum chromodynamics")
    form = await pat.presses("Ask the secretariat")
    return [
        (await pat.sends(form, question=text)).told,
        (await pat.sends(form, question=text, not_about_a_family="colleague")).told,
        (await pat.sends(form, question="Who?", not_about_a_family=text)).told,
        (await pat.sends(form, question="Who?", elsewhere=text)).told,
    ]


async def _reads_again(pat: Visitor, text: str) -> Any:
    await pat.says(text)
    return [(await pat.looks()).told, await pat.opens()]


DOORS: dict[str, Callable[[Visitor, str], Awaitable[Any]]] = {
    "typed words": lambda pat, text: pat.says(text),
    "typed words when the page is loaded again": _reads_again,
    "a form": _sends,
    "the value of a button": lambda pat, text: _posts(pat, "press", action="ask.topic", value=text, entry="0"),
    "the name of a button": lambda pat, text: _posts(pat, "press", action=text, value="", entry="0"),
    "what a form is about": lambda pat, text: _posts(pat, "send", action="ask.send", about=text, fields={}),
    "the name of a form": lambda pat, text: _posts(pat, "send", action=text, about="", fields={"question": text}),
    "the name of a box": lambda pat, text: _posts(pat, "send", action="ask.send", about="", fields={text: "x"}),
    "who somebody is": lambda pat, text: _posts(pat, "say", text="neglect", **{"as": text}),
    "where somebody is": lambda pat, text: _posts(pat, "say", text="neglect", **{"in": text}),
    "a key": lambda pat, text: _posts(pat, "say", text="neglect", key=text),
    "a link to a file": lambda pat, text: pat.client.get(f"/files/{quote(text)}"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("room", ["direct", "forum"])
async def test_nothing_of_what_is_refused_is_kept_or_sent_back(
    left: Left,
    sqlite_engine: Engine,
    dispatcher: Dispatcher,
    outbox: Outbox,
    enters: Enters,
    door: Callable[[Visitor, str], Awaitable[Any]],
    room: str,
) -> None:
    pat = await enters("practitioner", room)

    async def types(text: str) -> object:
        answer = await door(pat, text)
        dispatcher.settled()
        await outbox.run_once()
        left.everything_talks()
        return getattr(answer, "text", None) or answer

    await leaves_nothing(left, sqlite_engine, types)
    assert "sqlalchemy.engine.Engine" in left.talked


async def test_where_to_speak_up_is_shown_once_and_stands_in_no_conversation(enters: Enters, left: Left) -> None:
    pat = await enters("practitioner")
    await pat.says("escalate")
    left.everything_talks()

    shown = await pat.presses("Speak up about wrongdoing")

    assert "Nothing is stored" in shown.words
    assert "escalation.speak" not in repr(left.log.written)
    pat.last = 0
    assert "Nothing is stored. I keep" not in (await pat.looks()).words
    assert "NSPCC" not in await pat.opens()
