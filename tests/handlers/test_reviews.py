"""What is due for review: a digest a month for each owner of articles, one of contacts; and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from db import claims, outcomes
from db.claims import Wanted
from db.deliveries import Destination, Queue
from db.outcomes import End, Outcome
from db.people import Role
from db.questions import Question
from db.requests import HandledRequest
from handlers import reviews
from handlers.context import Context, House, Request
from knowledge import contacts
from tests import fakes
from tests.fakes import STRANGER, Bot, Clock, article, labels, said


@pytest.fixture
def bot(engine: Engine, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot with articles of two owners: late, due this month, and due much later."""
    shelf = (
        article("late", owner="Manager", review_by=date(2026, 10, 1)),
        article("due", owner="Manager", review_by=date(2026, 12, 2)),
        article("later", owner="Manager", review_by=date(2026, 12, 3)),
        article("other", owner="Nobody's post", review_by=date(2026, 11, 30)),
    )
    talking = Bot(engine, fakes.knowledge(*shelf), house, clock)
    yield talking
    talking.dispatcher.close()


def queue(bot: Bot) -> int:
    return bot.dispatcher.within(reviews.queue_digests)


def test_each_owner_gets_one_digest_of_what_is_due(bot: Bot) -> None:
    manager = bot.enrol(Role.MEMBER, post="Manager")

    assert queue(bot) == 1

    [queued] = bot.queued()
    assert (queued.to.address, queued.card.title) == (manager.user_id, "Articles to review: 2")
    told = said(queued.card)
    assert "**Late**: was due on 1 October 2026" in told
    assert "**Due**: due on 2 December 2026" in told
    assert "Later" not in told


def test_articles_whose_owner_holds_no_post_go_to_the_secretariat(bot: Bot) -> None:
    bot.enrol(Role.MEMBER, post="Manager")
    coordinator = bot.enrol(Role.COORDINATOR)

    queue(bot)

    assert {(queued.to.address, queued.card.title) for queued in bot.queued()} == {
        ("person-1", "Articles to review: 2"), (coordinator.user_id, "Articles to review: 1")
    }  # fmt: skip


def test_looking_again_in_the_same_month_sends_nothing_more(bot: Bot) -> None:
    bot.enrol(Role.MEMBER, post="Manager")

    queue(bot)
    bot.clock.pass_(days=9)

    assert queue(bot) == 0
    assert len(bot.queued()) == 1


def test_the_next_month_has_a_digest_of_its_own(bot: Bot) -> None:
    bot.enrol(Role.MEMBER, post="Manager")
    queue(bot)
    bot.clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)

    assert queue(bot) == 1
    assert bot.queued()[-1].card.title == "Articles to review: 3"


DUE = {
    "a minute before nine in winter": (datetime(2026, 12, 1, 8, 59, tzinfo=UTC), 0),
    "nine in winter": (datetime(2026, 12, 1, 9, tzinfo=UTC), 1),
    "a minute before nine in summer": (datetime(2027, 7, 1, 7, 59, tzinfo=UTC), 0),
    "nine in summer": (datetime(2027, 7, 1, 8, tzinfo=UTC), 1),
    "midnight in London, still the month before in UTC": (datetime(2027, 6, 30, 23, 30, tzinfo=UTC), 0),
    "weeks later": (datetime(2026, 12, 30, tzinfo=UTC), 1),
}


@pytest.mark.parametrize(("now", "queued"), DUE.values(), ids=DUE)
def test_digests_are_due_at_nine_in_london_on_the_first_or_as_soon_as_possible_after(
    bot: Bot, now: datetime, queued: int
) -> None:
    bot.clock.now = now
    bot.enrol(Role.MEMBER, post="Manager")

    assert queue(bot) == queued


# --- contacts --------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(engine: Engine, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot with two contacts that were last good on 14 December and on 2 January."""
    rows = contacts.parse(
        """
        desk: {name: Front desk, when: Now, source: invented, checked_on: 2026-11-01, verified: true,
          review_by: 2026-12-14}
        yard: {name: The yard, when: Now, source: invented, checked_on: 2026-10-02, verified: true}
        """
    )
    talking = Bot(engine, replace(fakes.knowledge(article("later")), contacts=rows), house, clock)
    yield talking
    talking.dispatcher.close()


CONTACTS_DUE = {
    "on the last day that is good": (datetime(2026, 12, 14, 12, tzinfo=UTC), []),
    "before nine on the day after": (datetime(2026, 12, 15, 8, 59, tzinfo=UTC), []),
    "at nine on the day after": (datetime(2026, 12, 15, 9, tzinfo=UTC), ["Contacts to check: 1"]),
    "as soon as possible after": (datetime(2026, 12, 30, 23, tzinfo=UTC), ["Contacts to check: 1"]),
    "when both are past": (datetime(2027, 1, 3, 9, tzinfo=UTC), ["Contacts to check: 2"]),
}


@pytest.mark.parametrize(("now", "titles"), CONTACTS_DUE.values(), ids=CONTACTS_DUE)
def test_the_secretariat_is_told_of_contacts_past_their_date_from_nine_in_london_on_the_first_such_day(
    dated: Bot, now: datetime, titles: list[str]
) -> None:
    coordinator = dated.enrol(Role.COORDINATOR)
    dated.enrol(Role.MEMBER)
    dated.clock.now = now

    queue(dated)

    assert [queued.card.title for queued in dated.queued()] == titles
    assert {queued.to.address for queued in dated.queued()} <= {coordinator.user_id}


def test_the_digest_of_contacts_names_them_with_their_date_and_comes_once_a_month(dated: Bot) -> None:
    dated.enrol(Role.COORDINATOR)
    for now in (datetime(2026, 12, 15, 9, tzinfo=UTC), datetime(2026, 12, 31, 9, tzinfo=UTC)):
        dated.clock.now = now
        queue(dated)
    [told] = dated.queued()
    dated.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)

    assert queue(dated) == 1
    assert "**Front desk**: was to be checked by 14 December 2026" in said(told.card)
    assert "yard" not in said(told.card)
    assert labels(told.card) == ["All contacts"]


# --- what is forgotten -----------------------------------------------------------------------------------------


def test_words_are_forgotten_after_thirty_days_and_keys_after_two(bot: Bot) -> None:
    bot.types("bees", key="event-1")
    bot.clock.pass_(days=30)
    assert bot.dispatcher.within(reviews.forget) == 0
    assert bot.counted(HandledRequest) == 0

    bot.clock.pass_(seconds=1)
    assert bot.dispatcher.within(reviews.forget) == 1
    assert bot.counted(Question) == 1


def test_a_reply_that_arrived_is_forgotten_after_two_days_and_one_that_waits_is_kept(bot: Bot) -> None:
    def deliver(context: Context) -> None:
        wanted = [Wanted("test", Queue.REPLY, 1, timedelta(seconds=60))]
        [held] = claims.claim(context.session, owner="worker", wanted=wanted, now=context.now).claimed
        outcomes.record(context.session, [Outcome(held, End.ARRIVED, message_id="1")], now=context.now)

    anna = Destination("test", "anna")
    bot.does(Request(STRANGER, "bees", key="event-1", reply_to=anna))
    bot.dispatcher.within(deliver)
    bot.does(Request(STRANGER, "wasps", key="event-2", reply_to=anna))

    bot.clock.pass_(days=2)
    bot.dispatcher.within(reviews.forget)
    assert len(bot.queued()) == 2
    bot.clock.pass_(seconds=1)
    bot.dispatcher.within(reviews.forget)

    assert [queued.key for queued in bot.queued()] == ["reply:event-2"]
