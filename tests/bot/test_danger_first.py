"""Danger and details of a child are answered at once: no slow database and no other request holds the card back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine

from db import engine as database
from db.deliveries import Destination
from db.requests import HandledRequest
from handlers.context import Request
from handlers.messages import Card, Errors, Reply, Tone
from tests.fakes import STRANGER, Bot

DANGER = "he is hitting her right now"
NAMES_A_CHILD = "my pupil Amy, NHS number 943 476 5919"


@contextmanager
def stuck(engine: Engine) -> Iterator[None]:
    """Keep everybody else waiting for the database."""
    other = database.connect(engine.url.render_as_string(hide_password=False))
    locks = {"sqlite": "SELECT 1", "postgresql": "LOCK TABLE handled_requests"}  # SQLite locks with every statement
    with database.transaction(other) as session:
        session.execute(sqlalchemy.text(locks[engine.dialect.name]))
        yield
    other.dispose()


PLACE = Destination("test", "channel-1", "", "stranger")
PUT_ASIDE: dict[str, dict[str, Any]] = {
    "danger": {"text": DANGER},
    "danger far down in a long text": {"text": f"{'and so on. ' * 400}{DANGER}"},
    "danger whose reply is queued": {"text": DANGER, "reply_to": PLACE},
    "danger in a form": {"route": "enquiries.send", "fields": {"question": DANGER}},
    "details": {"text": NAMES_A_CHILD},
    "details whose refusal is queued": {"text": NAMES_A_CHILD, "reply_to": PLACE},
}


@pytest.mark.parametrize("request_", PUT_ASIDE.values(), ids=PUT_ASIDE)
async def test_danger_and_details_are_answered_while_every_other_request_waits_for_the_database(
    bot: Bot, engine: Engine, request_: dict[str, Any]
) -> None:
    with stuck(engine):
        others = [
            asyncio.create_task(bot.dispatcher.handle(Request(STRANGER, "neglect", key=f"event-{number}")))
            for number in range(6)
        ]
        await asyncio.sleep(0.1)
        reply = await bot.dispatcher.handle(Request(STRANGER, key="event-9", **request_))
        assert not any(other.done() for other in others)
    answers = await asyncio.gather(*others)

    assert isinstance(reply, Errors) if "fields" in request_ else _card(reply).tone in (Tone.DANGER, Tone.WARNING)
    assert [_card(answer).title for answer in answers] == 6 * ["Neglect"]
    assert bot.queued() == []  # what was given back does not come a second time


def test_danger_is_answered_every_time_and_leaves_no_row(bot: Bot) -> None:
    replies = [bot.does(Request(STRANGER, DANGER, key="event-1")) for _ in range(2)]

    assert [_card(reply).tone for reply in replies] == 2 * [Tone.DANGER]
    assert bot.counted(HandledRequest) == 0


@pytest.mark.parametrize(
    ("text", "kind"), [(DANGER, "urgent reply"), (NAMES_A_CHILD, "reply")], ids=["danger", "details"]
)
async def test_danger_that_is_delivered_again_is_queued_once_and_as_urgent(bot: Bot, text: str, kind: str) -> None:
    woken: list[str] = []
    bot.dispatcher.wake_with(lambda: woken.append("now"))
    request = Request(STRANGER, text, key="event-1", reply_to=PLACE)

    assert [await bot.dispatcher.handle(request), bot.does(request)] == [None, None]
    assert [(queued.kind, queued.to) for queued in bot.queued()] == [(kind, PLACE)]
    assert woken == ["now"]


def _card(reply: Reply | None) -> Card:
    assert isinstance(reply, Card), reply
    return reply
