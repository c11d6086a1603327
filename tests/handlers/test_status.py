"""Whether everything works, for the secretariat."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from db import engine as database
from db.deliveries import Delivery, Destination, State, Unsent
from db.people import Role
from handlers import undelivered
from handlers.context import House, Knowledge
from handlers.messages import Card, Facts, Tone
from knowledge.articles import Problem
from tests.fakes import Bot, Clock, said


def counts(card: Card) -> dict[str, str]:
    return dict(next(element for element in card.body if isinstance(element, Facts)).pairs)


def test_when_everything_works_nothing_is_asked_of_anybody(bot: Bot) -> None:
    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert (card.tone, set(counts(card).values())) == (Tone.PLAIN, {"0"})
    assert "Nothing needs you" in said(card)


TROUBLE = {State.PENDING: False, State.SENT: False, State.EXPIRED: False, State.DEAD: True, State.VERIFY: True}


@pytest.mark.parametrize(("state", "trouble"), TROUBLE.items(), ids=TROUBLE)
def test_messages_are_counted_and_those_that_failed_need_a_person(bot: Bot, state: State, trouble: bool) -> None:
    who = bot.enrol(Role.COORDINATOR)
    bot.sends(bot.opens(bot.types("bees"), "Ask the secretariat"), question="Who?")
    with database.transaction(bot.engine) as session:
        session.execute(update(Delivery).values(state=state.value))

    card = bot.types("status", who=who)

    assert list(counts(card).values()).count("1") == 1
    assert (card.tone is Tone.WARNING) is trouble
    assert ("Something needs a person" in said(card)) is trouble


def test_from_the_notice_of_an_undelivered_message_the_secretariat_sees_what_else_waits(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    lost = Unsent("1", "reply", Destination("test", "anna"), State.DEAD)
    bot.dispatcher.within(lambda context: undelivered.tell(context, [lost]))

    card = bot.presses(bot.queued()[-1].card, "What else waits", who=who)

    assert isinstance(card, Card)
    assert (card.title, counts(card)["Messages waiting to be sent"]) == ("Status", "1")


def test_an_article_that_cannot_be_read_needs_a_person(
    engine: Engine, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    broken = replace(knowledge, library=replace(knowledge.library, problems=(Problem("x", "broken"),)))
    bot = Bot(engine, broken, house, clock)

    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert card.tone is Tone.WARNING
    assert counts(card)["Articles that cannot be read"] == "1"
    bot.dispatcher.close()
