"""What a platform cannot do stands in one table, and is true: every row of it is tried here."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot import app
from bot.settings import Settings
from db.enquiries import Enquiry
from db.feedback import Feedback
from tests.cli.command import Command
from tests.contract.chat import LACKS, PLATFORMS, Able, Town, able
from tests.contract.test_conversations import QUESTION, asks_the_secretariat

rows = pytest.mark.parametrize(
    ("platform", "what"), list(LACKS), ids=[f"{platform}, {what.name.lower()}" for platform, what in LACKS]
)


async def _nobody_is_told(town: Town, _folder: Path) -> None:
    nico = await town.enters("coordinator")
    await asks_the_secretariat(nico)
    await nico.fills(question=QUESTION)
    assert nico.sees("passed to the secretariat")

    await nico.looks()

    assert not nico.came
    assert [one for one in PLATFORMS if find_spec(f"bot.{one}.sender")] == able(Able.OTHERS)


async def _the_form_is_gone(town: Town, _folder: Path) -> None:
    pat = await town.enters("practitioner")
    await asks_the_secretariat(pat)
    await pat.fills(question=QUESTION)

    await pat.says(QUESTION)

    assert pat.sees("I don't know that one")
    assert town.bot.counted(Enquiry) == 1


async def _the_number_has_gone_with_its_answer(town: Town, _folder: Path) -> None:
    pat = await town.enters("practitioner")
    await pat.says("neglect")
    assert pat.buttons()[0] == "This helped"

    await pat.says("contact")
    await pat.says("1")

    assert town.bot.counted(Feedback) == 0


async def _its_people_are_in_memory(town: Town, folder: Path) -> None:
    address = f"sqlite:///{folder / 'real.db'}"
    if town.platform == "terminal":
        ended = Command(folder)("chat", typed="link\n", database_url=address)
        assert (ended.code, "Your code for the other place" in ended.out) == (0, True)
    else:
        app.demo(Settings(_env_file=None, database_url=address), "http://127.0.0.1:1")
    assert not [name for name in os.listdir(folder) if name.startswith("real.db")]  # noqa: PTH208


PROOFS: dict[Able, Callable[[Town, Path], Awaitable[None]]] = {
    Able.OTHERS: _nobody_is_told,
    Able.AGAIN: _the_form_is_gone,
    Able.OLD_BUTTONS: _the_number_has_gone_with_its_answer,
    Able.JOINING: _its_people_are_in_memory,
}


@rows
async def test_what_the_table_says_a_platform_cannot_do_it_cannot_do(town: Town, what: Able, tmp_path: Path) -> None:
    assert LACKS[town.platform, what].endswith(".")
    await PROOFS[what](town, tmp_path)


@pytest.mark.parametrize("what", Able, ids=lambda what: what.name.lower())
def test_what_a_conversation_may_need_some_platform_has_and_another_lacks(what: Able) -> None:
    assert 0 < len(able(what)) < len(PLATFORMS)
