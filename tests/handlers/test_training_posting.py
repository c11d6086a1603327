"""Coming dates are posted by the clock, each time once, and stand in the bulletins that begin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.people import Identity
from handlers.messages import Card, Table
from handlers.training import ticking
from tests import bulletins, training
from tests.fakes import CHANNEL, Bot, Queued, labels, said


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return training.keeper(bot)


def catalogue(bot: Bot, keeper: Identity) -> Card:
    first = bot.types("training", who=keeper, conversation=CHANNEL)
    card = bot.presses(first, "Catalogue", who=keeper, conversation=CHANNEL)
    assert isinstance(card, Card)
    return card


@pytest.fixture
def subscribed(bot: Bot, keeper: Identity) -> Card:
    listed = bot.types("channels", who=keeper, conversation=CHANNEL)
    form = bot.presses(listed, "Register this channel", who=keeper, conversation=CHANNEL)
    assert not isinstance(form, Card)
    bot.sends(form, who=keeper, name="Invented forum")
    card = bot.presses(catalogue(bot, keeper), "Post dates here", who=keeper, conversation=CHANNEL)
    assert isinstance(card, Card)
    return card


def ticks(bot: Bot, at: str) -> int:
    bot.clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return bot.dispatcher.within(ticking.tick)


def posted(bot: Bot) -> list[Queued]:
    return [one for one in bot.queued() if one.kind == "training dates"]


def test_dates_of_eight_weeks_are_posted_on_the_first_working_day_of_the_month_once(
    bot: Bot, keeper: Identity, subscribed: Card
) -> None:
    training.session(bot, keeper)
    training.session(bot, keeper, on="2027-03-04")  # too far ahead

    assert ticks(bot, "2026-12-01 08:59") == 0
    assert ticks(bot, "2026-12-01 09:00") == 1
    assert ticks(bot, "2026-12-01 09:01") == 0

    [one] = posted(bot)
    assert subscribed.title == "Dates are posted here"
    assert (one.key, one.to.address) == ("training-dates:2026-12-01", CHANNEL.address)
    [table] = (part for part in one.card.body if isinstance(part, Table))
    assert [row[0] for row in table.rows] == ["TRN-2026-001"]
    assert "3 Dec: Neglect" in labels(one.card)


def test_in_safeguarding_month_dates_are_posted_each_week(bot: Bot, keeper: Identity, subscribed: Card) -> None:
    del subscribed
    training.session(bot, keeper)
    days = [f"2026-11-{day} 10:00" for day in ("23", "24", "27", "30")]

    assert [ticks(bot, day) for day in days] == [1, 0, 0, 1]
    assert {one.key for one in posted(bot)} == {"training-dates:2026-11-23", "training-dates:2026-11-30"}


def test_after_an_outage_of_days_dates_are_posted_once_and_after_a_longer_one_not_at_all(
    bot: Bot, keeper: Identity, subscribed: Card
) -> None:
    del subscribed
    training.session(bot, keeper, on="2027-02-25")

    assert [ticks(bot, f"2027-01-{day} 08:00") for day in ("06", "07", "12")] == [1, 0, 0]
    assert ticks(bot, "2027-02-10 12:00") == 0
    assert [one.key for one in posted(bot)] == ["training-dates:2027-01-04"]


def test_nothing_is_posted_without_dates_or_without_channels(bot: Bot, keeper: Identity, subscribed: Card) -> None:
    del subscribed
    assert ticks(bot, "2026-12-01 10:00") == 0
    training.session(bot, keeper, on="2027-01-14")
    bot.presses(catalogue(bot, keeper), "Post no dates here", who=keeper, conversation=CHANNEL)

    assert ticks(bot, "2027-01-04 10:00") == 0
    assert posted(bot) == []


def test_a_channel_that_was_taken_out_gets_no_dates(bot: Bot, keeper: Identity, subscribed: Card) -> None:
    del subscribed
    training.session(bot, keeper)
    form = bot.opens(bot.types("channels", who=keeper), "Take one out", who=keeper)
    bot.sends(form, who=keeper, channel=form.fields[0].choices[0].value)

    assert ticks(bot, "2026-12-01 10:00") == 0


def test_a_bulletin_begins_with_the_coming_dates(bot: Bot) -> None:
    desk = bulletins.Desk(bot)
    training.session(bot, desk.author, link="https://example.org/secret")
    card = desk.begins(kind="monthly", title="December")
    ref = card.title.partition(":")[0]

    preview = said(desk.presses(bot.types(f"bulletin {ref}", who=desk.author), "Preview")).replace("\\", "")

    assert "Neglect: Thursday 3 December 2026, 10:00 to 12:30. 2 places left." in preview
    assert "secret" not in preview


def test_a_bulletin_without_room_for_dates_begins_without_them(bot: Bot) -> None:
    desk = bulletins.Desk(bot)
    training.session(bot, desk.author)

    assert "Neglect" not in said(desk.begins(kind="urgent", title="Read this"))
