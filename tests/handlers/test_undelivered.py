"""The secretariat decides about messages that did not arrive, or may not have, with buttons that are pressed once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import deliveries
from db import engine as database
from db.deliveries import Delivery, Destination, State
from db.people import Identity, Role
from handlers import undelivered
from handlers.context import Request
from handlers.messages import Card, Tone, card_to_json
from tests.fakes import Bot, labels, said

DOUBTFUL = ["It arrived", "Post it again", "Give up"]
FAILED = ["Post it again", "Give up"]


def fails(bot: Bot, *addresses: str, state: State = State.DEAD, key: str = "bulletin", error: str = "gone") -> None:
    """Let a message fail for some people."""
    bot.dispatcher.within(
        lambda context: deliveries.put(
            context.session, key=key, kind="bulletin", card=card_to_json(Card("Secret words")),
            destinations=[Destination("test", address) for address in addresses], now=context.now,
        )
    )  # fmt: skip
    with database.transaction(bot.engine) as session:
        asked = bot.clock.now if state is State.VERIFY else None
        session.execute(
            update(Delivery)
            .where(Delivery.address.in_(addresses), Delivery.state == "pending")
            .values(state=state.value, asked_at=asked, error=error)
        )


def tell(bot: Bot) -> int:
    return bot.dispatcher.within(undelivered.tell_of_all)


def states(bot: Bot, *addresses: str) -> list[str]:
    with Session(bot.engine) as session:
        found = select(Delivery.state).where(Delivery.address.in_(addresses)).order_by(Delivery.address)
        return list(session.scalars(found))


def notices(bot: Bot) -> list[Card]:
    return [queued.card for queued in bot.queued() if queued.kind == undelivered.KIND]


@pytest.fixture
def coordinator(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR)


CHOICES = {State.VERIFY: DOUBTFUL, State.DEAD: FAILED, State.EXPIRED: FAILED}


@pytest.mark.parametrize(("state", "choices"), CHOICES.items(), ids=CHOICES)
def test_a_notice_says_what_can_be_done(bot: Bot, coordinator: Identity, state: State, choices: list[str]) -> None:
    fails(bot, "anna", state=state)

    assert tell(bot) == 1

    [notice] = notices(bot)
    assert labels(notice)[: len(choices)] == choices
    assert "Secret words" not in said(notice)
    assert coordinator.user_id in {queued.to.address for queued in bot.queued()}


@pytest.mark.usefixtures("coordinator")
def test_nobody_is_told_twice(bot: Bot) -> None:
    fails(bot, "anna")

    assert [tell(bot), tell(bot)] == [1, 0]
    assert len(notices(bot)) == 1


def test_a_message_that_fails_again_after_it_was_posted_again_is_told_again(bot: Bot, coordinator: Identity) -> None:
    fails(bot, "anna")
    tell(bot)
    bot.presses(notices(bot)[0], "Post it again", who=coordinator)
    bot.clock.pass_(hours=1)
    with database.transaction(bot.engine) as session:
        session.execute(update(Delivery).where(Delivery.address == "anna").values(state="dead"))

    assert tell(bot) == 1
    assert len(notices(bot)) == 2


@pytest.mark.usefixtures("coordinator")
def test_a_reason_is_given_and_a_message_that_failed_for_many_makes_one_notice(bot: Bot) -> None:
    member = bot.enrol(Role.MEMBER, name="Mo Member")
    fails(bot, member.user_id, *(f"reader {number}" for number in range(40)), error="channel_not_found")

    tell(bot)

    [notice] = notices(bot)
    assert notice.title == "41 messages could not be sent"
    assert "Mo Member" in said(notice)
    assert "channel\\_not\\_found" in said(notice)


@pytest.mark.usefixtures("coordinator")
def test_failures_of_different_messages_have_a_notice_each(bot: Bot) -> None:
    fails(bot, "anna", key="one")
    fails(bot, "anna", key="two", state=State.EXPIRED)

    tell(bot)

    assert {notice.title for notice in notices(bot)} == {
        "A message could not be sent", "A message came too late to be sent"
    }  # fmt: skip


PRESSED = {
    "it arrived": ("It arrived", "sent", "found delivered"),
    "once more": ("Post it again", "pending", "posted again"),
    "no more": ("Give up", "cancelled", "gave up"),
}


@pytest.mark.parametrize(("label", "becomes", "deed"), PRESSED.values(), ids=PRESSED)
def test_what_is_pressed_is_done_once_and_written_down(
    bot: Bot, coordinator: Identity, label: str, becomes: str, deed: str
) -> None:
    other = bot.enrol(Role.STRATEGY_MANAGER)
    fails(bot, "anna", state=State.VERIFY)
    tell(bot)
    notice = notices(bot)[0]

    first = bot.presses(notice, label, who=coordinator)
    again = bot.presses(notice, label, who=other)

    assert isinstance(first, Card)
    assert isinstance(again, Card)
    assert (first.tone, first.replaces) == (Tone.GOOD, True)
    assert again.title == "That was decided already"
    assert states(bot, "anna") == [becomes]
    assert [entry.action for entry in bot.audited()] == [deed]


def test_what_arrived_meanwhile_is_not_posted_again(bot: Bot, coordinator: Identity) -> None:
    fails(bot, "anna", state=State.VERIFY)
    tell(bot)
    with database.transaction(bot.engine) as session:
        session.execute(update(Delivery).where(Delivery.address == "anna").values(state="sent"))

    card = bot.presses(notices(bot)[0], "Post it again", who=coordinator)

    assert isinstance(card, Card)
    assert (card.title, states(bot, "anna")) == ("That was decided already", ["sent"])


def test_what_is_posted_again_goes_out_although_its_time_is_over(bot: Bot, coordinator: Identity) -> None:
    fails(bot, "anna", state=State.EXPIRED)
    with database.transaction(bot.engine) as session:
        past = bot.clock.now - timedelta(hours=1)
        session.execute(update(Delivery).where(Delivery.address == "anna").values(expires_at=past))
    tell(bot)

    bot.presses(notices(bot)[0], "Post it again", who=coordinator)

    with Session(bot.engine) as session:
        row = session.scalars(select(Delivery).where(Delivery.address == "anna")).one()
        assert (row.state, row.expires_at, row.attempts) == ("pending", None, 0)


@pytest.mark.parametrize(("label", "becomes"), [("Post all again", "pending"), ("Give all up", "cancelled")])
def test_all_failures_of_one_message_are_decided_at_once(
    bot: Bot, coordinator: Identity, label: str, becomes: str
) -> None:
    fails(bot, "anna", "ben", "cem")
    fails(bot, "dora", key="another")
    tell(bot)
    notice = next(card for card in notices(bot) if card.title.startswith("3"))

    card = bot.presses(notice, label, who=coordinator)

    assert isinstance(card, Card)
    assert card.title.endswith(": 3 messages")
    assert states(bot, "anna", "ben", "cem", "dora") == [becomes] * 3 + ["dead"]
    assert labels(card) == ["1 more to decide"]


def test_the_verb_goes_through_what_waits_one_after_the_other(bot: Bot, coordinator: Identity) -> None:
    fails(bot, "anna", key="one")
    bot.clock.pass_(minutes=1)
    fails(bot, "ben", key="two", state=State.VERIFY)

    first = bot.types("undelivered", who=coordinator)
    second = bot.presses(first, "The next one", who=coordinator)
    assert isinstance(second, Card)
    third = bot.presses(second, "The next one", who=coordinator)

    assert (first.title, labels(first)) == ("A message could not be sent (1 of 2)", [*FAILED, "The next one"])
    assert (second.title, labels(second)) == (
        "A message may not have arrived (2 of 2)", [*DOUBTFUL, "The next one"]
    )  # fmt: skip
    assert third == first


def test_when_nothing_waits_the_verb_says_so(bot: Bot, coordinator: Identity) -> None:
    assert bot.types("undelivered", who=coordinator).title == "No message waits for you"


@pytest.mark.parametrize("value", ["", "1", "all-0", "all-x", "nonsense"])
@pytest.mark.parametrize("route", ["undelivered.arrived", "undelivered.again", "undelivered.drop"])
def test_a_button_that_names_nothing_does_nothing(bot: Bot, coordinator: Identity, route: str, value: str) -> None:
    fails(bot, "anna")

    reply = bot.does(Request(coordinator, route=route, value=value))

    assert isinstance(reply, Card)
    assert (states(bot, "anna"), bot.audited()) == (["dead"], [])
