"""What somebody is sent, where and when: chosen by themselves."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from db import registry, subscriptions
from db.people import Identity, Role
from db.subscriptions import KINDS, STATUTORY, Preferences
from handlers.context import Request
from handlers.messages import Card, Errors, Table
from tests.fakes import STRANGER, Bot, labels, said

OPTIONAL = sorted(set(KINDS) - STATUTORY)


@pytest.fixture
def pat(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Pat Practitioner")


def number(bot: Bot, who: Identity) -> int:
    with Session(bot.engine) as session:
        return registry.owner(session, who) or 0


def wanted(bot: Bot, who: Identity) -> list[str]:
    person_id = number(bot, who)
    with Session(bot.engine) as session:
        return sorted(kind for kind in KINDS if subscriptions.wants(session, person_id, kind))


def preferences(bot: Bot, who: Identity) -> Preferences:
    person_id = number(bot, who)
    with Session(bot.engine) as session:
        return subscriptions.preferences(session, person_id)


def opens_and_sends(bot: Bot, who: Identity, label: str, **fields: str) -> Card | Errors:
    return bot.sends(bot.opens(bot.types("subscribe", who=who), label, who=who), who=who, **fields)


def test_everything_is_sent_to_somebody_who_chose_nothing(bot: Bot, pat: Identity) -> None:
    card = bot.types("subscribe", who=pat)

    [table] = [element for element in card.body if isinstance(element, Table)]
    assert {row[1] for row in table.rows if not row[1].startswith("Always")} == {"Yes"}
    assert wanted(bot, pat) == sorted(KINDS)


def test_what_is_statutory_is_shown_as_always_sent_with_the_reason(bot: Bot, pat: Identity) -> None:
    told = said(bot.types("subscribe", who=pat))

    for name in STATUTORY:
        assert f"Always. {KINDS[name].always}" in told


def test_what_is_not_ticked_is_not_sent_and_what_is_statutory_still_is(bot: Bot, pat: Identity) -> None:
    opens_and_sends(bot, pat, "Choose what I am sent", kinds="schools,reminder")

    assert wanted(bot, pat) == sorted({"schools", "reminder"} | STATUTORY)

    opens_and_sends(bot, pat, "Choose what I am sent", kinds="schools,monthly")

    assert wanted(bot, pat) == sorted({"schools", "monthly"} | STATUTORY)


def test_one_persons_choice_is_not_anothers(bot: Bot, pat: Identity) -> None:
    other = bot.enrol(Role.MEMBER)

    opens_and_sends(bot, pat, "Choose what I am sent", kinds="")

    assert wanted(bot, other) == sorted(KINDS)


@pytest.mark.parametrize("kind", OPTIONAL)
def test_a_button_switches_one_kind_off_and_on(bot: Bot, pat: Identity, kind: str) -> None:
    bot.does(Request(pat, route="subscriptions.switch", value=f"{kind}:off"))
    assert set(KINDS) - set(wanted(bot, pat)) == {kind}

    bot.does(Request(pat, route="subscriptions.switch", value=f"{kind}:on"))
    assert wanted(bot, pat) == sorted(KINDS)


@pytest.mark.parametrize("kind", sorted(STATUTORY))
def test_what_is_statutory_cannot_be_switched_off(bot: Bot, pat: Identity, kind: str) -> None:
    card = bot.does(Request(pat, route="subscriptions.switch", value=f"{kind}:off"))

    assert isinstance(card, Card)
    assert card.title == f"{KINDS[kind].label} are always sent."
    assert KINDS[kind].always.rstrip(".") in said(card)
    assert kind in wanted(bot, pat)


def test_all_that_can_be_is_switched_off_and_on_again(bot: Bot, pat: Identity) -> None:
    card = bot.presses(bot.types("subscribe", who=pat), "Switch all off", who=pat)
    assert wanted(bot, pat) == sorted(STATUTORY)
    assert isinstance(card, Card)

    bot.presses(card, "Switch all on", who=pat)

    assert wanted(bot, pat) == sorted(KINDS)


@pytest.mark.parametrize("value", ["", "gossip:off", "monthly", "monthly:maybe"])
def test_a_button_of_another_version_switches_nothing(bot: Bot, pat: Identity, value: str) -> None:
    card = bot.does(Request(pat, route="subscriptions.switch", value=value))

    assert isinstance(card, Card)
    assert card.title == "I do not know what to switch."
    assert wanted(bot, pat) == sorted(KINDS)


# --- where -----------------------------------------------------------------------------------------------------


def test_somebody_chooses_among_their_own_places(bot: Bot, pat: Identity) -> None:
    person_id = number(bot, pat)
    bot.dispatcher.within(lambda context: registry.add_place(context.session, person_id, Identity("teams", "29-pat")))
    form = bot.opens(bot.types("subscribe", who=pat), "Choose where", who=pat)
    assert [choice.value for choice in form.fields[0].choices] == ["first", "test", "teams"]

    assert isinstance(bot.sends(form, who=pat, platform="test"), Card)
    assert preferences(bot, pat).platform == "test"
    bot.sends(form, who=pat, platform="test")  # sent twice, it runs once
    assert isinstance(opens_and_sends(bot, pat, "Choose where", platform="first"), Card)
    assert preferences(bot, pat).platform == ""


NOWHERE = {
    "a place that is not theirs": ("slack", "one of your own places"),
    "a place where nothing can be sent": ("teams", "cannot be sent there yet"),
    "nothing": ("", "one of your own places"),
}


@pytest.mark.parametrize(("platform", "problem"), NOWHERE.values(), ids=NOWHERE)
def test_nobody_is_reached_where_they_cannot_be(bot: Bot, pat: Identity, platform: str, problem: str) -> None:
    person_id = number(bot, pat)
    bot.dispatcher.within(lambda context: registry.add_place(context.session, person_id, Identity("teams", "29-pat")))

    errors = opens_and_sends(bot, pat, "Choose where", platform=platform)

    assert isinstance(errors, Errors)
    assert problem in errors.by_field["platform"]


# --- quiet hours -----------------------------------------------------------------------------------------------


HOURS = {
    "as asked for": ("21:00-07:00", "21:00-07:00"),
    "with spaces": (" 21:00 - 07:00 ", "21:00-07:00"),
    "with a dash": ("21:00\u201307:00", "21:00-07:00"),
    "in the day": ("12:30-13:15", "12:30-13:15"),
    "none": ("", ""),
}


@pytest.mark.parametrize(("typed", "kept"), HOURS.values(), ids=HOURS)
def test_quiet_hours_are_kept(bot: Bot, pat: Identity, typed: str, kept: str) -> None:
    card = opens_and_sends(bot, pat, "Quiet hours", hours=typed)

    assert isinstance(card, Card)
    assert preferences(bot, pat).quiet_hours == kept
    assert (kept or "none") in said(card)


@pytest.mark.parametrize("typed", ["9pm to 7am", "21:00", "25:00-07:00", "07:00-07:00", "21:60-07:00"])
def test_quiet_hours_that_cannot_be_read_are_refused_with_an_example(bot: Bot, pat: Identity, typed: str) -> None:
    errors = opens_and_sends(bot, pat, "Quiet hours", hours=typed)

    assert isinstance(errors, Errors)
    assert "21:00-07:00" in errors.by_field["hours"]
    assert preferences(bot, pat).quiet_hours == ""


# --- strangers -------------------------------------------------------------------------------------------------


def test_a_stranger_is_told_how_to_be_enrolled(bot: Bot) -> None:
    card = bot.types("subscribe")

    assert card.title == "You are not enrolled yet"
    assert labels(card) == ["Enrol me", "What can I do here?"]


@pytest.mark.parametrize("route", ["choose", "save", "where", "reach", "quiet", "hush", "switch"])
def test_a_stranger_changes_nothing(bot: Bot, route: str) -> None:
    reply = bot.does(Request(STRANGER, route=f"subscriptions.{route}", value="monthly:off"))

    assert isinstance(reply, Card)
    assert reply.title == "You are not enrolled here yet."
