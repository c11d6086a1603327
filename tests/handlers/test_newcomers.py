"""Strangers who ask to be enrolled, and what the secretariat makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from db import directory, newcomers, people, registry
from db.directory import Details
from db.newcomers import Newcomer
from db.people import Identity, Role
from handlers import newcomers as feature
from handlers.context import Request
from handlers.messages import Card, Errors
from tests.fakes import STRANGER, Bot, labels, said

NAME = "Priya Newcomer"


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Coordinator")


def asks(bot: Bot, who: Identity = STRANGER, **fields: str) -> Card:
    """Type `enrol me`, fill in the form and send it."""
    opened = bot.opens(bot.types("enrol me", who=who), "Enrol me", who=who)
    given = {"name": NAME, "other": "Example Trust", "groups": "Executive", **fields}
    card = bot.sends(opened, who=who, **given)
    assert isinstance(card, Card), card
    return card


def asked(bot: Bot) -> Card:
    """Return the last card about a newcomer that the secretariat was sent."""
    return [queued.card for queued in bot.queued() if "asks " in queued.card.title][-1]


def told(bot: Bot, who: Identity = STRANGER) -> list[str]:
    return [queued.card.title for queued in bot.queued() if queued.to.address == who.user_id]


def record(bot: Bot, who: Identity = STRANGER) -> Details | None:
    with Session(bot.engine) as session:
        owner = registry.owner(session, who)
        return directory.details(session, owner, on=bot.clock.now.date()) if owner else None


def test_who_asks_is_enrolled_with_one_button_and_told(bot: Bot, keeper: Identity) -> None:
    assert asks(bot).title == "Passed to the secretariat"
    assert labels(asked(bot)) == ["Choose the roles", "Enrol as a member", "Do not enrol"]

    card = bot.presses(asked(bot), "Enrol as a member", who=keeper)

    assert card.title == f"Enrolled: {NAME}"
    found = record(bot)
    assert found is not None
    assert (found.name, found.agency, found.platforms) == (NAME, "Example Trust", ("test",))
    assert [role.name for role in found.roles] == ["member"]
    assert [sitting.group for sitting in found.sittings] == ["Executive"]
    assert told(bot) == ["You are enrolled"]


def test_the_secretariat_may_choose_other_roles(bot: Bot, keeper: Identity) -> None:
    asks(bot)
    opened = bot.opens(asked(bot), "Choose the roles", who=keeper)

    bot.sends(opened, who=keeper, roles="member,chair", groups="Delivery Group", post="Chair")

    found = record(bot)
    assert found is not None
    assert [role.name for role in found.roles] == ["chair", "member"]
    assert ([post.name for post in found.posts], found.sittings[0].group) == (["Chair"], "Delivery Group")


def test_who_is_not_enrolled_stays_a_stranger_and_hears_of_it(bot: Bot, keeper: Identity) -> None:
    asks(bot)

    bot.presses(asked(bot), "Do not enrol", who=keeper)

    assert record(bot) is None
    assert told(bot) == ["You have not been enrolled"]


@pytest.mark.parametrize("first", ["Enrol as a member", "Do not enrol"])
def test_a_request_is_decided_once(bot: Bot, keeper: Identity, first: str) -> None:
    other = bot.enrol(Role.STRATEGY_MANAGER)
    asks(bot)
    card = asked(bot)

    bot.presses(card, first, who=keeper)
    for label in ("Enrol as a member", "Do not enrol"):
        assert bot.presses(card, label, who=other).title == "That request has been decided already."

    assert len(told(bot)) == 1


def test_asking_again_takes_the_place_of_the_request_that_waits(bot: Bot, keeper: Identity) -> None:
    asks(bot, name="Priya Mistyped")
    asks(bot)

    with Session(bot.engine) as session:
        assert [one.name for one in newcomers.waiting(session, limit=9)] == [NAME]
    bot.presses(bot.types("people", who=keeper), "Who waits", who=keeper)
    assert bot.counted(Newcomer) == 1


def test_who_waits_is_listed_for_the_secretariat(bot: Bot, keeper: Identity) -> None:
    for number in range(7):
        asks(bot, Identity("test", f"stranger-{number}"), name=f"Priya {chr(ord('A') + number)}")

    card = bot.presses(bot.types("people", who=keeper), "Who waits", who=keeper)

    assert isinstance(card, Card)
    assert labels(card) == [*(f"Priya {letter}" for letter in "ABCDE"), "Everybody"]
    assert bot.presses(card, "Priya B", who=keeper).title == "Priya B asks to be enrolled"


def test_when_nobody_waits_that_is_said(bot: Bot, keeper: Identity) -> None:
    card = bot.does(Request(keeper, route="newcomers.show"))

    assert isinstance(card, Card)
    assert card.title == "Nobody waits to be enrolled"


def test_without_a_secretariat_the_request_is_kept_and_that_is_said(bot: Bot) -> None:
    assert "nobody was told" in said(asks(bot))
    assert bot.counted(Newcomer) == 1


MISTAKES = {
    "no name": ({"name": ""}, "name"),
    "a sentence for a name": ({"name": "is Yusuf Abdi allowed home"}, "name"),
    "a group that there is not": ({"groups": "The Club"}, "groups"),
    "an agency without its name": ({"agency": "another", "other": ""}, "other"),
}


@pytest.mark.parametrize(("fields", "box"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_at_its_box_and_nobody_is_told(bot: Bot, fields: dict[str, str], box: str) -> None:
    opened = bot.opens(bot.types("enrol me"), "Enrol me")

    given = {"name": NAME, **fields}
    errors = bot.sends(opened, who=STRANGER, **given)

    assert isinstance(errors, Errors)
    assert box in errors.by_field
    assert bot.queued() == []


def test_a_leaver_who_asks_comes_back_as_the_same_person_without_the_old_roles(bot: Bot, keeper: Identity) -> None:
    leaver = bot.enrol(Role.STRATEGY_MANAGER, name="Lee Leaver")
    before = record(bot, leaver)
    assert before is not None
    bot.dispatcher.within(lambda context: registry.leave(context.session, before.id, on=context.today))
    asks(bot, leaver, name="Lee Leaver")

    bot.presses(asked(bot), "Enrol as a member", who=keeper)

    after = record(bot, leaver)
    assert after is not None
    assert (after.id, [role.name for role in after.roles], after.left_on) == (before.id, ["member"], None)


def test_somebody_enrolled_asks_for_a_change_and_keeps_their_roles(bot: Bot, keeper: Identity) -> None:
    chair = bot.enrol(Role.CHAIR, name="Charlie Chair")
    card = bot.types("enrol", who=chair)
    assert card.title == "You are enrolled, Charlie Chair"
    opened = bot.opens(card, "Ask for a change", who=chair)
    bot.sends(opened, who=chair, name="Charlie Chairperson", other="Example Council")

    bot.presses(asked(bot), "Change it so", who=keeper)

    found = record(bot, chair)
    assert found is not None
    assert (found.name, found.agency) == ("Charlie Chairperson", "Example Council")
    assert [role.name for role in found.roles] == ["chair"]


def test_nobody_decides_their_own_request(bot: Bot, keeper: Identity) -> None:
    opened = bot.opens(bot.types("enrol", who=keeper), "Ask for a change", who=keeper)
    bot.sends(opened, who=keeper, groups="Executive")

    card = bot.presses(asked(bot), "Change it so", who=keeper)

    assert card.title == "You cannot change your own roles, deputies or groups."
    found = record(bot, keeper)
    assert found is not None
    assert found.sittings == ()


def test_a_stranger_is_told_how_to_be_enrolled_wherever_that_matters(bot: Bot) -> None:
    for verb in ("subscribe", "link"):
        card = bot.types(verb)
        assert "enrolled" in said(card)
    assert "link" in said(bot.types("enrol me"))


def test_what_was_decided_long_ago_is_forgotten_and_what_waits_is_not(bot: Bot, keeper: Identity) -> None:
    asks(bot)
    bot.presses(asked(bot), "Do not enrol", who=keeper)
    asks(bot, Identity("test", "stranger-2"))

    bot.clock.pass_(days=feature.KEPT.days, minutes=-1)
    assert bot.dispatcher.within(feature.forget) == 0
    bot.clock.now += timedelta(minutes=2)
    assert bot.dispatcher.within(feature.forget) == 1

    assert bot.counted(Newcomer) == 1


def test_the_words_enrol_me_inside_a_question_are_a_question(bot: Bot) -> None:
    assert bot.types("enrol me in the training").title == "I don't know that one"


def test_a_member_cannot_decide(bot: Bot) -> None:
    member = bot.enrol(Role.MEMBER)
    bot.enrol(Role.COORDINATOR)
    asks(bot)

    assert bot.presses(asked(bot), "Enrol as a member", who=member).title == "I cannot show you that."
    with Session(bot.engine) as session:
        assert people.find(session, STRANGER, on=bot.clock.now.date()).person_id is None
