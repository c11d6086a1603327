"""The address of a calendar as programmes fetch it: what is said besides the dates, and what never is."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot import calendars
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Facts
from tests.calendars.dates import Diary
from tests.calendars.readers import by_vobject
from tests.fakes import Bot


@pytest.fixture
async def client(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    """Give a programme that reads calendars."""
    asgi = Starlette(routes=calendars.routes(bot.dispatcher))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi)) as session:
        yield session


@pytest.fixture
def diary(bot: Bot) -> Diary:
    return Diary(bot)


@pytest.fixture
def member(bot: Bot, diary: Diary) -> Identity:
    who = bot.enrol(Role.MEMBER)
    diary.sits(who)
    diary.meets()
    return who


@pytest.fixture
def url(bot: Bot, member: Identity) -> str:
    card = bot.does(Request(member, route="calendars.give"))
    assert isinstance(card, Card)
    return next(part.pairs[0][1] for part in card.body if isinstance(part, Facts))


async def test_a_programme_gets_the_calendar_and_may_keep_it_for_its_owner_alone(
    client: httpx.AsyncClient, url: str
) -> None:
    page = await client.get(url)

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/calendar; charset=utf-8"
    assert page.headers["cache-control"] == "private, no-cache"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in page.headers
    assert [one.uid for one in by_vobject(page.content)] == ["MTG-2027-001@bot.example"]


async def test_what_has_not_changed_is_not_sent_again(
    client: httpx.AsyncClient, url: str, bot: Bot, diary: Diary
) -> None:
    tag = (await client.get(url)).headers["etag"]

    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get(url, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    bot.clock.pass_(days=1)
    assert (await client.get(url, headers={"If-None-Match": tag})).status_code == 304
    diary.cancels(1)
    changed = await client.get(url, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_only_looking_is_possible(client: httpx.AsyncClient, url: str) -> None:
    head = await client.head(url)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == (await client.get(url)).headers["etag"]
    for method in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND"):
        assert (await client.request(method, url)).status_code == 405


async def test_an_address_that_ended_reads_like_one_that_never_was(
    client: httpx.AsyncClient, url: str, bot: Bot, diary: Diary, member: Identity
) -> None:
    never = await client.get("https://bot.example/calendar/made-up.ics")
    bot.does(Request(member, route="calendars.revoke"))
    revoked = await client.get(url)
    card = bot.does(Request(member, route="calendars.give"))
    assert isinstance(card, Card)
    other = next(part.pairs[0][1] for part in card.body if isinstance(part, Facts))
    diary.leaves(member)
    left = await client.get(other)

    assert {one.status_code for one in (never, revoked, left)} == {404}
    assert len({(one.content, tuple(sorted(one.headers.items()))) for one in (never, revoked, left)}) == 1
    assert never.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("made_up", ["%00", "%3Cscript%3E", "0" * 5000, "..%2f..%2fetc", "%ff"])
async def test_what_nobody_was_given_is_not_there(client: httpx.AsyncClient, url: str, made_up: str) -> None:
    page = await client.get(f"https://bot.example/calendar/{made_up}.ics")

    assert url
    assert page.status_code == 404
    assert "script" not in page.text


async def test_no_address_is_logged(
    client: httpx.AsyncClient, url: str, logged: list[MutableMapping[str, Any]]
) -> None:
    await client.get(url)
    await client.get("https://bot.example/calendar/made-up.ics")

    assert "calendar/" not in repr(logged)
    assert url.rpartition("/")[2].removesuffix(".ics") not in repr(logged)
