"""The page that shows a bulletin as each platform will: what is on it, who gets it, and who can use it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine
from starlette.applications import Starlette

from bot import downloads, playground, previews
from bot.attendance import Attendance
from bot.dispatcher import Dispatcher
from bot.outbox import Outbox
from bot.scheduler import Scheduler
from bot.server import Server
from db.people import Identity
from handlers import demo
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Form, Link
from tests.playground import served
from tests.playground.screen import sticks_out, violations

TEXT = "- The **guide** is new.\n- See [here](https://example.org/a?b=1&c=2).\n\n<script>alert(1)</script>"
LOOKS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 320), "dark phone": ("dark", 390)}


def link(dispatcher: Dispatcher) -> str:
    """Write a bulletin as a coordinator, and return the address of its preview."""
    who = Identity(playground.PLATFORM, "coordinator")
    fields = {"kind": "schools", "title": "New <guide>"}
    dispatcher.run(Request(who, route="bulletins.begin", fields=fields, key="1"))
    section = dispatcher.run(Request(who, route="bulletins.write", value="1:actions"))
    assert isinstance(section, Form), section
    dispatcher.run(Request(who, route="bulletins.keep", value=section.about, fields={"text": TEXT}, key="2"))
    picture = {"url": "https://example.org/park.png", "alt": "A park"}
    dispatcher.run(Request(who, route="bulletins.illustrate", value="1", fields=picture, key="3"))
    card = dispatcher.run(Request(who, route="bulletins.preview", value="1"))
    assert isinstance(card, Card), card
    (found,) = (action.url for action in card.actions if isinstance(action, Link))
    return found


@pytest.fixture
async def client(dispatcher: Dispatcher) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser without scripts."""
    asgi = Starlette(routes=previews.routes(dispatcher))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi)) as session:
        yield session


async def test_the_page_shows_slack_teams_the_e_mail_and_its_plain_text_beside_the_checks(
    client: httpx.AsyncClient, dispatcher: Dispatcher
) -> None:
    page = await client.get(link(dispatcher))

    assert page.status_code == 200
    for heading in ("Checks", "In Slack", "In Microsoft Teams", "As an e-mail", "As an e-mail in plain text"):
        assert f">{heading}</h2>" in page.text
    assert "<strong>Put right, Actions for designated safeguarding leads:</strong>" in page.text
    assert "<strong>guide</strong>" in page.text
    assert "&lt;strong&gt;guide&lt;/strong&gt;" in page.text


async def test_what_was_written_is_shown_and_never_run(client: httpx.AsyncClient, dispatcher: Dispatcher) -> None:
    page = await client.get(link(dispatcher))

    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/look/preview.js" type="module">']
    assert 'sandbox=""' in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


async def test_a_link_that_was_never_given_shows_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("https://bot.example/previews/made-up")

    assert page.status_code == 410
    assert "Press &#39;Preview&#39; again" in page.text


@pytest.fixture
def preview(sqlite_engine: Engine, knowledge: Knowledge) -> Iterator[str]:
    """Give the address of a preview that a real browser can open."""
    listening, url = served.free_socket()
    dispatcher = Dispatcher(sqlite_engine, knowledge, House(public_url=url))
    dispatcher.within(lambda context: demo.enrol(context, playground.PLATFORM))
    outbox = Outbox(dispatcher, [])
    routes = [*previews.routes(dispatcher), *downloads.routes(dispatcher)]
    server = Server(dispatcher, [outbox, Scheduler(dispatcher, outbox, Attendance(dispatcher))], routes)
    with served.serving(server, listening):
        yield link(dispatcher)


@pytest.mark.browser
def test_axe_finds_nothing_and_nothing_sticks_out_on_any_screen(chromium: Browser, preview: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(preview)
    drawn = page.get_by_role("region", name="In Microsoft Teams").get_by_role("group", name="A drawing")
    expect(drawn).to_contain_text("The guide is new.")
    expect(drawn).to_contain_text("<script>alert(1)</script>")

    found = {}
    for look, (scheme, width) in LOOKS.items():
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        found[look] = [*violations(page), *sticks_out(page)]
    context.close()

    assert found == {look: [] for look in LOOKS}
    assert trouble == []
