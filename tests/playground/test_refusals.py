"""What the playground does not serve, and what people type to break it."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from bot.playground.door import COOKIE, MAX_BODY
from tests.playground.conftest import Enters
from tests.playground.visitor import HERE, TOKEN, Visitor, words

GOOD: dict[str, Any] = {"as": "practitioner", "in": "direct", "after": "0", "text": "neglect", "key": "key-12345678"}


async def _post(pat: Visitor, body: object, *, path: str = "say", **headers: str) -> httpx.Response:
    usual = {"Origin": HERE, TOKEN: pat.token, "Content-Type": "application/json"}
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return await pat.client.post(f"/playground/{path}", content=content, headers=usual | headers)


BODIES = {
    "not JSON": ("{", 400),
    "nothing": ("", 400),
    "a list": ([1, 2], 400),
    "JSON too deep to read": ("[" * 200_000, 400),
    "not UTF-8": (b"\xff\xfe", 400),
    "nobody's name": (GOOD | {"as": "nobody"}, 404),
    "a person who is a list": (GOOD | {"as": ["practitioner"]}, 400),
    "no such room": (GOOD | {"in": "kitchen"}, 404),
    "text that is a number": (GOOD | {"text": 7}, 400),
    "no key": ({name: value for name, value in GOOD.items() if name != "key"}, 400),
    "a key of spaces": (GOOD | {"key": "          "}, 400),
    "an endless key": (GOOD | {"key": "k" * 101}, 400),
    "a last message that is a word": (GOOD | {"after": "yesterday"}, 400),
    "a body without end": (GOOD | {"text": "x" * MAX_BODY}, 413),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
async def test_what_the_page_would_not_send_is_refused_in_plain_words(
    enters: Enters, body: object, status: int
) -> None:
    pat = await enters("practitioner")

    answer = await _post(pat, body)

    assert answer.status_code == status
    assert re.fullmatch(r"[A-Z'][^{}<>]+\.", answer.json()["problem"])


FORMS = {
    "no boxes": None,
    "boxes in a list": ["question"],
    "a box that holds a number": {"question": 7},
    "too many boxes": {str(number): "x" for number in range(51)},
}


@pytest.mark.parametrize("fields", FORMS.values(), ids=FORMS)
async def test_a_form_with_something_else_than_boxes_is_refused(enters: Enters, fields: object) -> None:
    pat = await enters("practitioner")

    answer = await _post(
        pat, GOOD | {"action": "enquiries.send", "about": "", "token": "t" * 20, "fields": fields}, path="send"
    )

    assert answer.status_code == 400
    assert "fields" in answer.json()["problem"] or "question" in answer.json()["problem"]


HEADERS = {
    "another site": ({"Origin": "https://elsewhere.example"}, 403),
    "a site whose name begins like ours": ({"Origin": f"{HERE}.elsewhere.example"}, 403),
    "no origin": ({"Origin": ""}, 403),
    "an opaque origin": ({"Origin": "null"}, 403),
    "a wrong token": ({TOKEN: "0" * 64}, 403),
    "no token": ({TOKEN: ""}, 403),
    "a form's content type": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "a simple content type": ({"Content-Type": "text/plain"}, 415),
    "another name for this machine": ({"Host": "elsewhere.example", "Origin": "http://elsewhere.example"}, 421),
    "a name that is none": ({"Host": "[::1", "Origin": "http://[::1"}, 421),
}


@pytest.mark.parametrize(("headers", "status"), HEADERS.values(), ids=HEADERS)
async def test_what_comes_from_elsewhere_is_refused_and_nothing_is_done(
    enters: Enters, headers: dict[str, str], status: int
) -> None:
    pat = await enters("practitioner")

    answer = await _post(pat, GOOD, **headers)

    assert answer.status_code == status
    assert answer.json()["problem"]
    assert (await pat.looks()).told["entries"] == []


async def test_the_token_of_another_session_is_refused(enters: Enters) -> None:
    pat = await enters("practitioner")
    pat.client.cookies.set(COOKIE, "another-session", domain="127.0.0.1")

    answer = await _post(pat, GOOD)

    assert answer.status_code == 403
    assert "load the page again" in answer.json()["problem"]


async def test_without_a_session_nothing_is_done(enters: Enters) -> None:
    pat = await enters("practitioner")
    pat.client.cookies.clear()

    assert (await _post(pat, GOOD)).status_code == 403


async def test_the_session_is_kept_from_scripts_and_from_other_sites(enters: Enters) -> None:
    pat = await enters("practitioner")

    answer = await pat.client.get("/")

    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert pat.token not in cookie


ADDRESSES = {
    "an unknown person": ("/?as=nobody", 404),
    "an unknown room": ("/?as=chair&in=kitchen", 404),
    "news of nobody": ("/playground/news?as=nobody&in=direct", 404),
    "news after a word": ("/playground/news?as=chair&in=direct&after=x", 400),
    "a page that does not exist": ("/playground/elsewhere", 404),
    "a file above the folder": ("/playground/static/../render.py", 404),
    "reading where one writes": ("/playground/say", 405),
}


@pytest.mark.parametrize(("address", "status"), ADDRESSES.values(), ids=ADDRESSES)
async def test_an_address_that_leads_nowhere_says_so(client: httpx.AsyncClient, address: str, status: int) -> None:
    answer = await client.get(address)

    assert answer.status_code == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("address", ["/", "/?as=nobody", "/playground/static/chat.js", "/look/look.css", "/files/none"])
async def test_every_page_allows_nothing_from_elsewhere(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(address)

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_no_page_carries_a_script_or_a_style_of_its_own(enters: Enters) -> None:
    pat = await enters("coordinator")
    await pat.says("gaps")

    page = await pat.opens()

    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


TYPED = {
    "a script": "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "an entity": "&lt;b&gt; &#x202e; &quot;",
    "a quotation mark that would end an attribute": '" autofocus onfocus="alert(1)',
    "template marks": "{{ 7 * 7 }} {% raw %}",
    "the small Markdown": "[neglect](javascript:alert(1)) **bold** _it_",
    "right to left": "\u202eabc ما هو الإهمال؟ שלום",
    "emoji": "🧸👨‍👩‍👧 what now 🏳️‍🌈",
    "control characters": "a\x00b\x07c\x1b[31md\x7f",
    "half a character": "\ud83d what",
    "nothing but space": " \n\t ",
    "one line of 100,000 characters": "x" * 100_000,
    "100,000 characters with markup": "<b>" * 33_334,
}


@pytest.mark.parametrize("text", TYPED.values(), ids=TYPED)
async def test_whatever_is_typed_is_shown_as_text_and_answered(enters: Enters, text: str) -> None:
    pat = await enters("practitioner")

    answer = await _post(pat, GOOD | {"text": text})

    fragments = "".join(answer.json()["entries"])
    assert answer.status_code == 200
    assert "<h3" in fragments
    assert re.findall(r"<script|<img|<b>|\son\w+=\"|=.javascript:|\x00|\x1b|\u202e", fragments) == []
    assert len(fragments) < 25_000  # what is sent to each platform stands below


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "ما هو الإهمال؟", "🧸 what now", "{{ 7 * 7 }}"])
async def test_a_persons_own_words_are_shown_as_they_were_typed(enters: Enters, text: str) -> None:
    answer = await (await enters("practitioner")).says(text)

    assert text in words(answer.fragments)


async def test_of_endless_words_the_page_repeats_the_beginning_and_says_so(enters: Enters) -> None:
    answer = await (await enters("practitioner")).says("word " * 20_000)

    assert "… (98,000 more characters)" in answer.words


async def test_markup_that_travels_through_a_form_stays_text(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("zzzz")

    form = await pat.presses("Ask the secretariat")
    await pat.sends(form, question="</textarea><script>alert(1)</script>")
    nico = await enters("coordinator")
    await nico.says("gaps")
    reply = await nico.presses("Answer ASK-2026-001")

    assert "<script>" not in reply.told["form"]
    assert "&lt;script&gt;" in reply.told["form"]


BUTTONS = {
    "an older version's": {"action": "ask.gone", "value": "7"},
    "none": {"action": "", "value": ""},
    "a form's, pressed": {"action": "enquiries.send", "value": ""},
    "an answer that never was": {"action": "ask.vote", "value": "999999:yes"},
    "a value of another shape": {"action": "ask.vote", "value": "'; drop table questions; --"},
    "the secretariat's": {"action": "enquiries.reply", "value": "1"},
}


@pytest.mark.parametrize("button", BUTTONS.values(), ids=BUTTONS)
async def test_a_button_that_nobody_was_given_is_explained(enters: Enters, button: dict[str, str]) -> None:
    pat = await enters("practitioner")

    answer = await _post(pat, GOOD | button, path="press")

    assert answer.status_code == 200
    told = answer.json()
    assert told.get("errors") or "<h3" in "".join(told["entries"])
