"""The heat map: the same in a picture and in words, and never more than one may read."""

from __future__ import annotations

import zlib

import httpx
import pytest
from starlette.applications import Starlette

from bot import pictures
from handlers.matrix_picture import HEIGHT, WIDTH, png
from handlers.messages import Card, Image, Table
from tests.fakes import STRANGER, Bot, said
from tests.risking import Register


@pytest.fixture
def desk(bot: Bot) -> Register:
    return Register(bot)


def image(card: Card) -> Image:
    return next(part for part in card.body if isinstance(part, Image))


def table(card: Card) -> Table:
    return next(part for part in card.body if isinstance(part, Table))


def test_the_table_says_what_the_picture_shows(desk: Register) -> None:
    desk.opened(current_l="5", current_i="3")
    desk.opened()
    desk.opened()

    card = desk.bot.types("heatmap", who=desk.member)

    assert "Red: 1, Amber: 2, Green: 0." in said(card)
    assert table(card).rows == (
        ("5 Almost certain", "3 Moderate", "15, Red", "1"),
        ("3 Possible", "4 Major", "12, Amber", "2"),
    )
    assert "likelihood 5 Almost certain, impact 3 Moderate: 1" in image(card).alt


def test_what_one_may_not_read_is_neither_shown_nor_counted(desk: Register) -> None:
    ref = desk.raises(ticks="sensitive").title.split()[0]
    desk.triaged(ref)

    assert "No risk is on the register" in said(desk.bot.types("heatmap", who=desk.other))
    assert "Amber: 1" in said(desk.bot.types("heatmap", who=desk.partner))


def test_an_alert_is_not_on_the_map_before_it_is_on_the_register(desk: Register) -> None:
    desk.raises()

    assert "No risk is on the register" in said(desk.bot.types("heatmap", who=desk.member))


def test_a_stranger_sees_no_map(desk: Register) -> None:
    desk.opened()

    assert "cannot find" in desk.bot.types("heatmap", who=STRANGER).title


async def fetched(desk: Register, url: str) -> tuple[int, bytes]:
    transport = httpx.ASGITransport(Starlette(routes=pictures.routes(desk.bot.dispatcher)))
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as browser:
        answer = await browser.get(url)
    return answer.status_code, answer.content


async def test_the_picture_is_fetched_by_its_address_until_it_expires(desk: Register) -> None:
    desk.opened()
    url = image(desk.bot.types("heatmap", who=desk.member)).url

    assert [await fetched(desk, url) for _ in range(2)] == [(200, png({(3, 4): 1}))] * 2

    desk.bot.clock.pass_(hours=1)
    assert (await fetched(desk, url))[0] == 410


@pytest.mark.parametrize("token", ["x", "1.aGVhdG1hcA.eA", "1..", "made-up"])
async def test_an_address_that_was_made_up_shows_nothing(desk: Register, token: str) -> None:
    assert (await fetched(desk, f"/pictures/{token}.png"))[0] == 410


def test_the_picture_is_a_png_of_the_matrix_that_any_programme_can_read() -> None:
    found = png({(5, 5): 12, (1, 1): 3})

    assert found.startswith(b"\x89PNG\r\n\x1a\n")
    start = found.index(b"IDAT") + 4
    length = int.from_bytes(found[start - 8 : start - 4])
    assert len(zlib.decompress(found[start : start + length])) == HEIGHT * (WIDTH + 1)
    assert found != png({(5, 5): 12, (1, 1): 4})
