"""A bulletin seen as its readers will see it, before anybody is sent it, by the secretariat alone."""

from __future__ import annotations

import pytest

from bot import surfaces
from bot.slack import render
from db import engine as database
from db.people import Identity, Person, Role
from handlers.bulletins import preview
from handlers.bulletins.preview import Preview
from handlers.context import House, Request, UserError
from handlers.messages import Card, Form, Link
from tests.fakes import STRANGER, Bot, labels, said
from tests.slack.blocks import lint_message


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def author(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR)


def written(bot: Bot, who: Identity, *, kind: str = "urgent", **sections: str) -> Card:
    """Write a bulletin and return its preview."""
    form = bot.opens(bot.types("bulletin", who=who), "Write a bulletin", who=who)
    bot.sends(form, who=who, kind=kind, title="The form has moved")
    for key, text in sections.items():
        section = bot.does(Request(who, route="bulletins.write", value=f"1:{key}"))
        assert isinstance(section, Form), section
        kept = bot.sends(section, who=who, text=text)
        assert isinstance(kept, Card), kept
    return previewed(bot, who)


def previewed(bot: Bot, who: Identity, value: str = "1") -> Card:
    card = bot.does(Request(who, route="bulletins.preview", value=value))
    assert isinstance(card, Card), card
    return card


def token(card: Card) -> str:
    (link,) = (action for action in card.actions if isinstance(action, Link))
    return link.url.removeprefix("https://bot.example/previews/")


def read(bot: Bot, which: str) -> Preview:
    return bot.dispatcher.within(lambda context: preview.read(context, which))


def test_the_preview_is_the_message_itself_with_what_the_checks_found(bot: Bot, author: Identity) -> None:
    card = written(bot, author, what="The form has moved. See [here](https://example.org/a).", do="- Use it.")

    assert card.title == "Preview: The form has moved"
    assert "Only you see this. To put right before approval: 1." in said(card)
    assert "If you are worried about a child" in said(card)
    assert labels(card) == ["Open it", "As a file", "See it for each platform"]


def test_what_can_be_pressed_under_the_message_cannot_be_pressed_in_its_preview(bot: Bot, author: Identity) -> None:
    written(bot, author, what="It moved.", do="- Use it.")
    form = bot.does(Request(author, route="bulletins.details", value="1"))
    assert isinstance(form, Form), form
    bot.sends(form, who=author, needs_reading="yes")

    card = previewed(bot, author)

    assert "Under it stands the button 'I have read this and briefed my team'." in said(card)
    assert "I have read this and briefed my team" not in labels(card)


def test_a_long_bulletin_is_seen_part_by_part_and_each_part_is_shown_whole(bot: Bot, author: Identity) -> None:
    text = "\n\n".join(["Read the guide with your team, and say what you need. " * 9] * 5)[:2_990]
    first = written(bot, author, kind="monthly", headline=text, procedures=text, learning=text, voice=text, links=text)

    second = previewed(bot, author, bot_value(first, "Next part"))

    assert (first.title, second.title) == (
        "Preview: The form has moved (Part 1 of 2)",
        "Preview: The form has moved (Part 2 of 2)",
    )
    assert "Next part" not in labels(second)
    assert [surfaces.every()["Slack"](card) for card in (first, second)] == [[], []]
    assert [lint_message(render.message(card)) for card in (first, second)] == [[], []]


def bot_value(card: Card, label: str) -> str:
    (value,) = (action.value for action in card.actions if action.label == label and not isinstance(action, Link))
    return value


def test_only_the_secretariat_sees_a_preview(bot: Bot, author: Identity) -> None:
    written(bot, author, what="It moved.", do="- Use it.")
    member = bot.enrol(Role.MEMBER, Role.STATUTORY_PARTNER)

    replies = [bot.does(Request(who, route="bulletins.preview", value="1")) for who in (member, STRANGER)]

    assert [said(reply) for reply in replies if isinstance(reply, Card) and "It moved" in said(reply)] == []


def test_the_page_shows_the_bulletin_as_often_as_one_looks_until_it_expires(bot: Bot, author: Identity) -> None:
    which = token(written(bot, author, what="It moved.", do="- Use it."))

    assert [read(bot, which).ref for _ in range(3)] == ["BUL-2026-001"] * 3
    bot.clock.pass_(minutes=61)
    with pytest.raises(UserError, match="has expired"):
        read(bot, which)


def test_a_link_that_was_never_given_shows_nothing(bot: Bot) -> None:
    with pytest.raises(UserError, match="has expired"):
        read(bot, "made-up")


def test_whoever_has_left_the_secretariat_sees_nothing_more(bot: Bot, author: Identity) -> None:
    which = token(written(bot, author, what="It moved.", do="- Use it."))
    with database.transaction(bot.engine) as session:
        session.get_one(Person, 1).left_on = bot.clock.now.date()

    with pytest.raises(UserError, match="has expired"):
        read(bot, which)


def test_without_a_public_address_there_is_a_preview_and_no_page(bot: Bot, author: Identity) -> None:
    bot.dispatcher.house = House(reached=frozenset({"test"}))

    card = written(bot, author, what="It moved.", do="- Use it.")

    assert labels(card) == ["Open it", "As a file"]
