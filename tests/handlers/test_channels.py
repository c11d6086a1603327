"""Channels that bulletins can go to."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from db import channels
from db.channels import Registered
from db.people import Identity, Role
from handlers.context import Conversation, Request
from handlers.messages import Button, Card, Errors, Form
from tests.fakes import CHANNEL, Bot, labels, said

OTHER = Conversation("test", "channel-2", private=False)


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR)


def opened(bot: Bot, keeper: Identity, place: Conversation = CHANNEL, verb: str = "channels") -> Form:
    """Type the verb in a channel and press its first button."""
    card = bot.types(verb, who=keeper, conversation=place)
    form = bot.presses(card, labels(card)[0], who=keeper, conversation=place)
    assert isinstance(form, Form)
    return form


def listed(bot: Bot) -> list[Registered]:
    with Session(bot.engine) as session:
        return channels.listed(session)


@pytest.mark.parametrize("verb", ["channel", "channels"])
def test_the_channel_in_which_it_is_typed_is_registered(bot: Bot, keeper: Identity, verb: str) -> None:
    card = bot.sends(opened(bot, keeper, verb=verb), who=keeper, name="Executive", group="Executive")

    assert isinstance(card, Card)
    assert card.title == "Registered: Executive"
    assert [(one.platform, one.address, one.name, one.group) for one in listed(bot)] == [
        ("test", "channel-1", "Executive", "Executive")
    ]


def test_a_known_channel_gets_another_name_and_group_and_keeps_its_number(bot: Bot, keeper: Identity) -> None:
    bot.sends(opened(bot, keeper), who=keeper, name="Executive", group="Executive")
    [before] = listed(bot)
    card = bot.types("channels", who=keeper, conversation=CHANNEL)
    assert "registered as **Executive**" in said(card)
    assert labels(card) == ["Change this channel", "Take one out"]

    bot.sends(opened(bot, keeper), who=keeper, name="Everybody", group="none")

    assert listed(bot) == [Registered(before.id, "test", "channel-1", "Everybody", "")]


def test_a_channel_that_is_taken_out_and_comes_back_keeps_its_number(bot: Bot, keeper: Identity) -> None:
    bot.sends(opened(bot, keeper), who=keeper, name="Executive")
    [before] = listed(bot)
    form = bot.opens(bot.types("channels", who=keeper), "Take one out", who=keeper)
    bot.sends(form, who=keeper, channel=form.fields[0].choices[0].value)
    assert listed(bot) == []

    bot.sends(opened(bot, keeper, OTHER), who=keeper, name="Another")
    bot.sends(opened(bot, keeper), who=keeper, name="Executive")

    assert {one.name: one.id for one in listed(bot)}["Executive"] == before.id


def test_in_a_private_conversation_it_is_said_where_to_type(bot: Bot, keeper: Identity) -> None:
    for place in (None, Conversation("test", "private-1")):
        card = bot.types("channels", who=keeper, conversation=place)
        assert labels(card) == []
        assert "type **channels** there" in said(card)


def test_a_form_opens_only_for_a_channel(bot: Bot, keeper: Identity) -> None:
    card = bot.does(Request(keeper, route="channels.open", value="channel-9"))

    assert isinstance(card, Card)
    assert card.title == "This is no channel."


MISTAKES = {
    "no name": ({"name": " "}, "name", "Please write a name"),
    "a long name": ({"name": "c" * 61}, "name", "at most 60"),
    "the name of another channel": ({"name": "EXECUTIVE"}, "name", "Another channel is called so"),
    "a group that there is not": ({"name": "Club", "group": "The Club"}, "group", "choose from the list"),
}


@pytest.mark.parametrize(("fields", "box", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_at_its_box(
    bot: Bot, keeper: Identity, fields: dict[str, str], box: str, problem: str
) -> None:
    bot.sends(opened(bot, keeper, OTHER), who=keeper, name="Executive")

    errors = bot.sends(opened(bot, keeper), who=keeper, **fields)

    assert isinstance(errors, Errors)
    assert problem in errors.by_field[box]
    assert len(listed(bot)) == 1


@pytest.mark.parametrize("address", ["", "two words", "x" * 121])
def test_an_address_that_no_channel_has_is_refused(bot: Bot, keeper: Identity, address: str) -> None:
    reply = bot.does(
        Request(keeper, route="channels.register", value=address, fields={"name": "Executive", "group": "none"})
    )

    assert isinstance(reply, Errors)
    assert listed(bot) == []


def test_what_is_taken_out_twice_is_said_to_be_gone(bot: Bot, keeper: Identity) -> None:
    bot.sends(opened(bot, keeper), who=keeper, name="Executive")
    forms = [bot.opens(bot.types("channels", who=keeper), "Take one out", who=keeper) for _ in range(2)]

    cards = [bot.sends(form, who=keeper, channel=form.fields[0].choices[0].value) for form in forms]

    assert [card.title for card in cards if isinstance(card, Card)] == [
        "Taken out: Executive", "That channel is not registered any more.",
    ]  # fmt: skip
    assert [entry.action for entry in bot.audited()] == ["registered a channel", "took out a channel"]


def test_the_list_names_no_address(bot: Bot, keeper: Identity) -> None:
    bot.sends(opened(bot, keeper), who=keeper, name="Executive", group="Executive")

    card = bot.types("channels", who=keeper)

    assert "channel-1" not in said(card)
    assert all(isinstance(action, Button) for action in card.actions)
