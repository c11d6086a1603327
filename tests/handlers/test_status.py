"""Whether everything works, for the secretariat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from db import engine as database
from db import screenings
from db.deliveries import Delivery, Destination, State, Unsent
from db.people import Role
from handlers import undelivered
from handlers.context import House, Knowledge
from handlers.messages import Card, Facts, Table, Tone
from knowledge import contacts
from knowledge.articles import Problem
from tests.fakes import Bot, Clock, said


def counts(card: Card) -> dict[str, str]:
    return dict(pair for element in card.body if isinstance(element, Facts) for pair in element.pairs)


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


def decided(bot: Bot, decision: str, *kinds: str, rules: tuple[str, ...] = ()) -> None:
    with database.transaction(bot.engine) as session:
        screenings.record(
            session, at=bot.clock.now, platform="test", door="ask", decision=decision, kinds=kinds, rules=rules,
            guard_version="1",
        )  # fmt: skip


def test_the_guards_week_is_shown_with_the_rate_of_each_rule(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    for decision in ("ask", "overridden", "overridden"):
        decided(bot, decision, "NAME", rules=("name",))

    card = bot.types("status", who=who)

    [table] = [element for element in card.body if isinstance(element, Table)]
    assert (counts(card)["Asked whose name it is"], counts(card)["Let through with a reason"]) == ("1", "2")
    assert table.rows == (("name", "1", "2", "67%"),)
    assert card.tone is Tone.PLAIN
    assert bot.presses(card, "The guard's week", who=who).title == "What the guard did this week"


def test_a_guard_that_could_not_look_needs_a_person_for_a_week(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    decided(bot, "failed")

    now = bot.types("status", who=who)
    bot.clock.pass_(days=7, seconds=1)
    later = bot.types("status", who=who)

    assert (now.tone, later.tone) == (Tone.WARNING, Tone.PLAIN)
    assert counts(now)["Could not be checked"] == "1"


def test_contacts_past_their_date_need_a_person_and_are_named(
    engine: Engine, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    yesterday, today = clock.now.date() - timedelta(days=1), clock.now.date()
    shipped = contacts.shipped()
    dated = {"mast": replace(shipped["mast"], review_by=yesterday), "edt": replace(shipped["edt"], review_by=today)}
    bot = Bot(engine, replace(knowledge, contacts={**shipped, **dated}), house, clock)

    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert (card.tone, counts(card)["Contacts past their check date"]) == (Tone.WARNING, "1")
    assert "**MAST, the Multi\\-Agency Support Team" in said(card)
    assert "was to be checked by 20 November 2026" in said(card)
    assert "Emergency Duty Team" not in said(card)
    bot.dispatcher.close()
