"""The page behind a download link."""

from __future__ import annotations

import re

import httpx
import pytest

from bot.outbox import Outbox
from tests.fakes import Clock
from tests.playground.conftest import Enters
from tests.playground.visitor import words


@pytest.fixture
async def link(enters: Enters, outbox: Outbox) -> str:
    """Give a link to the draft made of an answer."""
    pat, nico = await enters("practitioner"), await enters("coordinator")
    await pat.says("zzzz")
    await pat.sends(await pat.presses("Ask the secretariat"), question="Who takes the minutes?")
    await outbox.run_once()
    await nico.looks()
    await nico.sends(await nico.presses("Answer"), answer="The coordinator takes them.")
    card = await nico.presses("Make it an article")
    found = re.search(r'href="([^"]*/files/[^"]*)"', card.fragments)
    assert found
    return found[1]


async def test_the_button_gives_the_file_once(client: httpx.AsyncClient, link: str) -> None:
    page = await client.get(link)

    first, again = await client.post(link), await client.post(link)

    assert 'method="post"' in page.text
    assert words(page.text).count("Download") == 3  # title, heading, button
    assert first.headers["content-disposition"] == 'attachment; filename="ask-2026-001.md"'
    assert "The coordinator takes them." in first.text
    assert again.status_code == 410
    assert "This link was used already, or it has expired." in words(again.text)


async def test_looking_at_the_page_uses_nothing_up(client: httpx.AsyncClient, link: str) -> None:
    for _ in range(3):
        await client.get(link)
        await client.head(link)

    assert (await client.post(link)).status_code == 200


async def test_after_an_hour_the_link_is_gone(client: httpx.AsyncClient, link: str, clock: Clock) -> None:
    clock.pass_(hours=1, seconds=1)

    assert (await client.get(link)).status_code == 410
    assert (await client.post(link)).status_code == 410


@pytest.mark.parametrize("token", ["x", "%3Cscript%3E", "0" * 5000, "%00"])
async def test_a_link_that_nobody_was_given_is_gone(client: httpx.AsyncClient, token: str) -> None:
    page = await client.get(f"/files/{token}")

    assert page.status_code == 410
    assert "<script>" not in page.text
