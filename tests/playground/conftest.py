"""The playground for tests: over HTTP without a browser, and in a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from starlette.applications import Starlette

from bot import app, downloads, playground, uploads
from bot.attendance import Attendance
from bot.dispatcher import Dispatcher
from bot.outbox import Outbox
from bot.scheduler import Scheduler
from bot.server import Server
from handlers import demo, safety
from handlers.context import House, Knowledge
from knowledge import guard
from tests.fakes import Clock
from tests.playground import served
from tests.playground.visitor import HERE, Visitor

CHROMIUM = Path("/usr/bin/chromium")
NO_CHROMIUM = "Chromium is not installed. On Debian: apt-get install chromium libatomic1"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

TIMEOUT = 10_000  # milliseconds

Enters = Callable[..., Awaitable[Visitor]]
Opens = Callable[..., Page]


@pytest.fixture
def scan() -> safety.Scan:
    """Give the guard that judges what is typed."""
    return guard.scan


@pytest.fixture
def dispatcher(sqlite_engine: Engine, knowledge: Knowledge, clock: Clock, scan: safety.Scan) -> Iterator[Dispatcher]:
    """Give the dispatcher of a demonstration, with the invented people enrolled."""
    found = Dispatcher(sqlite_engine, knowledge, House(public_url=HERE), clock=clock, scan=scan)
    found.within(lambda context: demo.enrol(context, playground.PLATFORM))
    yield found
    found.close()


@pytest.fixture
def site(dispatcher: Dispatcher, clock: Clock) -> playground.Playground:
    """Give the playground itself: its routes and its sender."""
    return playground.build(dispatcher, app.would_be_sent, clock=clock)


@pytest.fixture
def outbox(dispatcher: Dispatcher, site: playground.Playground) -> Outbox:
    """Give the worker that delivers what is queued, when a test says so."""
    return Outbox(dispatcher, [site.sender])


@pytest.fixture
async def client(dispatcher: Dispatcher, site: playground.Playground) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser's session without a browser."""
    asgi = Starlette(routes=[*site.routes, *downloads.routes(dispatcher), *uploads.routes(dispatcher)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=HERE) as session:
        yield session


@pytest.fixture
def enters(client: httpx.AsyncClient) -> Enters:
    """Let a person open the page, named by the key of a persona."""

    async def enter(person: str, room: str = "direct") -> Visitor:
        visitor = Visitor(client, person, room)
        await visitor.opens()
        return visitor

    return enter


@pytest.fixture(scope="session")
def shipped() -> Knowledge:
    """Give the articles as they are shipped, with their real search."""
    return app.load_knowledge()


@pytest.fixture
def address(sqlite_engine: Engine, shipped: Knowledge, scan: safety.Scan) -> Iterator[str]:
    """Give the address of a playground of its own, with the shipped articles and nobody's words in it."""
    listening, url = served.free_socket()
    dispatcher = Dispatcher(sqlite_engine, shipped, House(public_url=url), scan=scan)
    dispatcher.within(lambda context: demo.enrol(context, playground.PLATFORM))
    site = playground.build(dispatcher, app.would_be_sent)
    outbox = Outbox(dispatcher, [site.sender])
    routes = [*site.routes, *downloads.routes(dispatcher), *uploads.routes(dispatcher)]
    server = Server(dispatcher, [outbox, Scheduler(dispatcher, outbox, Attendance(dispatcher))], routes)
    with served.serving(server, listening):
        yield url


# One for each module: while it runs, its loop would stop the asynchronous tests of other modules.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give a headless Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opens(chromium: Browser, address: str) -> Iterator[Opens]:
    """Open the playground as a person, named by the key of a persona, on a screen of some size.

    In the end no page may have logged a problem, but `expected` ones, or asked for anything of another origin.
    """
    trouble: list[str] = []
    contexts = []

    def open_page(
        person: str, *, room: str = "direct", width: int = 1280, height: int = 900, expected: str = "", **more: Any
    ) -> Page:
        def note(kind: str, text: str) -> None:
            if not expected or expected not in text:
                trouble.append(f"{kind}: {text}")

        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("console", lambda message: note("console", message.text))
        page.on("pageerror", lambda error: note("script", str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(address) else note("request", asked.url))
        page.goto(f"{address}/?as={person}&in={room}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
