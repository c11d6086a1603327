"""Speaking up about wrongdoing: nobody can tell afterwards that somebody opened it, not even by counting."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import prometheus_client
import pytest
from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from db.deliveries import Destination
from db.people import Identity, Role
from db.tables import metadata
from handlers.context import House, Knowledge, Request
from handlers.messages import Card
from tests.fakes import Bot, Clock, said

WHO = Identity("test", "U0SENTINEL")
PLACE = Destination("test", "U0SENTINEL")


def speaks(key: str, *, reply_to: Destination | None = None) -> Request:
    return Request(WHO, route="escalation.speak", key=f"trigger:U0SENTINEL:{key}", reply_to=reply_to)


def stored(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: connection.execute(table.select()).all() for table in metadata.sorted_tables}  # type: ignore[misc]


def figures() -> bytes:
    return prometheus_client.generate_latest()


def thscp(text: bytes) -> list[str]:
    return [line for line in text.decode().splitlines() if line.startswith("thscp_")]


@pytest.mark.parametrize("reply_to", [None, PLACE], ids=["answered at once", "answered later"])
def test_speaking_up_leaves_one_opaque_key_and_nothing_else(
    bot: Bot, engine: Engine, logged: list[MutableMapping[str, Any]], reply_to: Destination | None
) -> None:
    bot.enrol(Role.MEMBER)
    before, counted = stored(engine), thscp(figures())

    card = bot.does(speaks("one", reply_to=reply_to))

    assert isinstance(card, Card)
    assert "Nothing is stored" in said(card)
    assert "NSPCC" in said(card)
    after = stored(engine)
    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    assert {name for name, rows in new.items() if rows} == {"handled_requests"}
    [(key, at, reply)] = new["handled_requests"]
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    assert reply is None
    assert (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)  # the day, as of every other request
    assert thscp(figures()) == counted
    assert logged == []


def test_its_key_looks_like_that_of_any_other_request(bot: Bot, engine: Engine) -> None:
    bot.does(speaks("one"))
    bot.does(Request(WHO, route="contact.show", key="trigger:U0SENTINEL:two"))

    keys = [row[0] for row in stored(engine)["handled_requests"]]
    assert [len(key) for key in keys] == [64, 64]
    assert "SENTINEL" not in repr(keys)


def test_the_same_press_that_comes_twice_is_answered_once(bot: Bot) -> None:
    assert isinstance(bot.does(speaks("one")), Card)
    assert bot.does(speaks("one")) is None


def test_when_it_breaks_nothing_says_what_broke(
    engine: Engine, knowledge: Knowledge, house: House, clock: Clock, logged: list[MutableMapping[str, Any]]
) -> None:
    broken = Dispatcher(engine, replace(knowledge, contacts=None), house, clock=clock)  # type: ignore[arg-type]
    counted = thscp(figures())

    card = broken.run(speaks("one"))
    broken.close()

    assert isinstance(card, Card)
    assert "Something went wrong" in card.title
    assert [set(entry) for entry in logged] == [{"event", "reference", "log_level"}]
    assert thscp(figures()) == counted


def test_the_same_goes_for_a_platform_that_waits(bot: Bot, engine: Engine) -> None:
    before = stored(engine)
    bot.types("escalate", who=WHO)
    between = stored(engine)
    bot.presses(bot.types("escalate", who=WHO), "Speak up about wrongdoing", who=WHO)

    assert stored(engine) == between == before
