"""The page on which a manager without an account agrees to a place: once, in time, by a button."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot import agreements
from handlers.context import House
from handlers.messages import Link
from tests import booking
from tests.booking import Desk
from tests.fakes import Bot, said

BOSS = "boss@example.gov.uk"


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: pages have nothing to do with storage."""
    return sqlite_engine


@pytest.fixture
def house(house: House) -> House:
    return replace(house, reached=frozenset({"test", "email"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


@pytest.fixture
def session(desk: Desk) -> int:
    return booking.session(desk.bot)


@pytest.fixture
async def browser(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser without scripts."""
    app = Starlette(routes=agreements.routes(bot.dispatcher))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://bot.example") as client:
        yield client


def links(desk: Desk) -> list[str]:
    """Return the addresses of the pages that were sent to the manager, oldest first."""
    cards = [one.card for one in desk.bot.queued() if one.to.address == BOSS]
    return [action.url for card in cards for action in card.actions if isinstance(action, Link)]


async def test_the_page_says_who_asks_and_looking_decides_nothing(
    desk: Desk, session: int, browser: httpx.AsyncClient
) -> None:
    desk.books("Ola Invented", session, address=BOSS)
    [url] = links(desk)

    pages = [await browser.get(url) for _ in range(3)]

    assert {page.status_code for page in pages} == {200}
    for words in ("Ola Invented", "Invented course", "10 December 2026, 10:00", "27 November 2026, 17:00"):
        assert words in pages[0].text
    assert "set-cookie" not in pages[0].headers
    assert pages[0].headers["Cache-Control"] == "no-store"
    assert "join.example" not in pages[0].text
    assert desk.states(session) == {"Ola Invented": "requested"}


@pytest.mark.parametrize(("answer", "state"), [("agree", "confirmed"), ("decline", "declined")])
async def test_a_button_of_the_page_works_once(
    desk: Desk, session: int, browser: httpx.AsyncClient, answer: str, state: str
) -> None:
    who = desk.books("Ola Invented", session, address=BOSS)
    [url] = links(desk)

    first = await browser.post(f"{url}/{answer}")
    again = [await browser.post(f"{url}/agree"), await browser.post(f"{url}/decline"), await browser.get(url)]

    assert (first.status_code, [page.status_code for page in again]) == (200, [410, 410, 410])
    assert desk.states(session) == {"Ola Invented": state}
    assert len(desk.told(who)) == 1


async def test_wrong_late_and_withdrawn_links_read_the_same(
    desk: Desk, session: int, browser: httpx.AsyncClient
) -> None:
    who = desk.books("Ola Invented", session, address=BOSS)
    [url] = links(desk)
    wrong = await browser.get("https://bot.example/agree/anything")
    desk.gives_up(who, session)
    withdrawn = await browser.get(url)
    desk.asks(who, session, address=BOSS)
    desk.bot.clock.now = datetime(2026, 11, 27, 17, tzinfo=UTC)
    late = await browser.post(f"{links(desk)[-1]}/agree")

    assert {page.status_code for page in (wrong, withdrawn, late)} == {410}
    assert wrong.text == withdrawn.text == late.text
    desk.ticks()
    assert desk.states(session) == {"Ola Invented": "lapsed"}


async def test_the_database_keeps_only_a_hash_beside_the_message(desk: Desk, session: int) -> None:
    card = desk.asks(desk.enrols("Ola Invented"), session, address=BOSS)
    token = links(desk)[0].rpartition("/")[2]

    assert "I have written to your manager" in said(card)
    with Session(desk.bot.engine) as kept:
        [hashed] = kept.scalars(text("SELECT token_hash FROM manager_links"))
        keys = list(kept.scalars(text("SELECT key FROM occurrences")))
    assert token not in hashed
    assert not any(token in key for key in keys)


async def test_somebody_who_waits_is_agreed_to_and_an_accepted_offer_brings_a_new_link(
    desk: Desk, session: int, browser: httpx.AsyncClient
) -> None:
    ola = desk.confirmed("Ola Invented", session)
    sam = desk.books("Sam Invented", session, address=BOSS)
    desk.gives_up(ola, session)
    desk.press("booking.accept", desk.of(sam, session), sam)
    old, new = links(desk)

    assert (await browser.post(f"{old}/agree")).status_code == 410
    assert (await browser.post(f"{new}/agree")).status_code == 200
    assert desk.states(session)["Sam Invented"] == "confirmed"
