"""Several places of one person, joined by a code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import people, registry
from db.joining import JoiningCode
from db.people import Identity, IdentityRow, Role
from handlers import joining
from handlers.context import House, Knowledge
from handlers.messages import Card, Errors
from tests import fakes
from tests.fakes import STRANGER, Bot, Clock, said

TEAMS = Identity("teams", "29-teams-pat")
WORK = "pat.practitioner@towerhamlets.gov.uk"


@pytest.fixture
def bot(engine: Engine, knowledge: Knowledge, clock: Clock) -> Iterator[Bot]:
    """Give a bot that can also send e-mail."""
    house = House(public_url="https://bot.example", reached=frozenset({"test", "email"}))
    with fakes.talking(Bot(engine, knowledge, house, clock)) as bot:
        yield bot


@pytest.fixture
def pat(bot: Bot) -> Identity:
    return bot.enrol(Role.CHAIR, name="Pat Practitioner")


def code(card: Card) -> str:
    found = re.search(r"link ([a-z]{5}-[a-z]{5})", said(card))
    assert found, said(card)
    return found[1]


def owner(bot: Bot, who: Identity) -> int | None:
    with Session(bot.engine) as session:
        return registry.owner(session, who)


SPELLINGS = {
    "as it was shown": lambda text: text,
    "in capitals": str.upper,
    "without the hyphen": lambda text: text.replace("-", ""),
    "with a space": lambda text: text.replace("-", " "),
}


@pytest.mark.parametrize("spelt", SPELLINGS.values(), ids=SPELLINGS)
def test_a_code_typed_in_the_other_place_makes_it_the_same_person(bot: Bot, pat: Identity, spelt: object) -> None:
    assert callable(spelt)
    shown = code(bot.types("link", who=pat))

    assert bot.types(f"link {spelt(shown)}", who=TEAMS).title == "Joined"

    assert owner(bot, TEAMS) == owner(bot, pat)
    with Session(bot.engine) as session:
        assert people.find(session, TEAMS, on=bot.clock.now.date()).roles == {Role.CHAIR}


def test_the_person_is_told_where_they_were_before(bot: Bot, pat: Identity) -> None:
    bot.types(f"link {code(bot.types('link', who=pat))}", who=TEAMS)

    [queued] = bot.queued()
    assert (queued.to.platform, queued.to.address) == (pat.platform, pat.user_id)
    assert "If that was not you, tell the secretariat" in said(queued.card)


def test_a_code_works_once(bot: Bot, pat: Identity) -> None:
    shown = code(bot.types("link", who=pat))
    bot.types(f"link {shown}", who=TEAMS)

    card = bot.types(f"link {shown}", who=Identity("teams", "somebody-else"))

    assert card.title == "That code is not valid, or not any more."
    assert owner(bot, Identity("teams", "somebody-else")) is None


@pytest.mark.parametrize(("seconds", "joins"), [(599, True), (600, False)], ids=["in ten minutes", "later"])
def test_a_code_works_for_ten_minutes(bot: Bot, pat: Identity, seconds: int, joins: bool) -> None:
    shown = code(bot.types("link", who=pat))
    bot.clock.pass_(seconds=seconds)

    bot.types(f"link {shown}", who=TEAMS)

    assert (owner(bot, TEAMS) is not None) is joins


def test_a_newer_code_is_the_only_one(bot: Bot, pat: Identity) -> None:
    older, newer = code(bot.types("link", who=pat)), code(bot.types("link", who=pat))

    assert bot.types(f"link {older}", who=TEAMS).title == "That code is not valid, or not any more."
    assert bot.types(f"link {newer}", who=TEAMS).title == "Joined"


def test_a_code_typed_where_it_was_shown_stays_valid(bot: Bot, pat: Identity) -> None:
    shown = code(bot.types("link", who=pat))

    assert bot.types(f"link {shown}", who=pat).title == "You typed the code where you got it."

    assert bot.types(f"link {shown}", who=TEAMS).title == "Joined"


def test_a_place_of_somebody_else_is_not_joined_and_the_code_stays_valid(bot: Bot, pat: Identity) -> None:
    other = bot.enrol(Role.MEMBER, name="Sam Other")
    shown = code(bot.types("link", who=pat))

    assert bot.types(f"link {shown}", who=other).title == "Somebody is or was enrolled from this place already."

    assert owner(bot, other) != owner(bot, pat)
    assert bot.types(f"link {shown}", who=TEAMS).title == "Joined"


def test_a_code_of_somebody_who_left_meanwhile_joins_nothing(bot: Bot, pat: Identity) -> None:
    shown = code(bot.types("link", who=pat))
    number = owner(bot, pat)
    assert number is not None
    bot.dispatcher.within(lambda context: registry.leave(context.session, number, on=context.today))

    assert bot.types(f"link {shown}", who=TEAMS).title == "That code is not valid, or not any more."


def test_only_a_hash_of_a_code_is_kept_and_only_until_it_expires(bot: Bot, pat: Identity) -> None:
    shown = code(bot.types("link", who=pat))

    with Session(bot.engine) as session:
        [kept] = session.query(JoiningCode)
    assert shown not in kept.code_hash
    assert len(kept.code_hash) == 64
    bot.clock.now += joining.VALID_FOR + timedelta(seconds=1)
    assert bot.dispatcher.within(joining.forget) == 1
    assert bot.counted(JoiningCode) == 0


def test_three_places_are_one_person(bot: Bot, pat: Identity) -> None:
    for place in (TEAMS, Identity("slack", "U0PATABCD")):
        bot.types(f"link {code(bot.types('link', who=pat))}", who=place)

    assert bot.counted(IdentityRow) == 3
    assert "Teams, Slack" in said(bot.types("link", who=TEAMS))


QUESTIONS = {
    "a question": "link between neglect and poverty",
    "half a code": "link bcdfg",
    "vowels": "link aeiou-aeiou",
}


@pytest.mark.parametrize("text", QUESTIONS.values(), ids=QUESTIONS)
def test_other_words_after_link_are_a_question(bot: Bot, text: str) -> None:
    assert bot.types(text).title == "I don't know that one"


# --- e-mail ----------------------------------------------------------------------------------------------------


def asks(bot: Bot, who: Identity, address: str) -> Card | Errors:
    return bot.sends(bot.opens(bot.types("link", who=who), "Add an e-mail address", who=who), who=who, address=address)


def test_an_address_is_joined_by_the_code_that_was_sent_to_it(bot: Bot, pat: Identity) -> None:
    card = asks(bot, pat, f" {WORK.upper()} ")
    assert isinstance(card, Card)
    [mail] = [queued for queued in bot.queued() if queued.to.platform == "email"]
    assert mail.to.address == WORK
    assert WORK not in said(card)

    assert bot.types(f"link {code(mail.card)}", who=pat).title == "Joined"

    assert owner(bot, Identity("email", WORK)) == owner(bot, pat)


def test_the_code_of_an_address_is_worth_nothing_to_anybody_else(bot: Bot, pat: Identity) -> None:
    asks(bot, pat, WORK)
    [mail] = [queued for queued in bot.queued() if queued.to.platform == "email"]

    for who in (STRANGER, bot.enrol(Role.MEMBER)):
        assert bot.types(f"link {code(mail.card)}", who=who).title == "That code is for somebody else."

    assert owner(bot, Identity("email", WORK)) is None
    assert owner(bot, STRANGER) is None
    assert bot.types(f"link {code(mail.card)}", who=pat).title == "Joined"


def test_an_address_of_somebody_else_is_never_joined(bot: Bot, pat: Identity) -> None:
    other = bot.enrol(Role.MEMBER)
    number = owner(bot, other)
    assert number is not None
    bot.dispatcher.within(lambda context: registry.add_place(context.session, number, Identity("email", WORK)))
    card = asks(bot, pat, WORK)
    assert isinstance(card, Card)
    mail = bot.queued()[-1]

    assert bot.types(f"link {code(mail.card)}", who=pat).title == "Somebody is enrolled with that address."

    assert owner(bot, Identity("email", WORK)) == number


NOT_SENT = {
    "no address": ("pat", "should look like"),
    "two": (f"{WORK},{WORK}", "should look like"),
    "a private address": ("pat@mail.example", "Nothing was saved"),
    "nothing": (" ", "should look like"),
}


@pytest.mark.parametrize(("address", "problem"), NOT_SENT.values(), ids=NOT_SENT)
def test_only_a_work_address_is_written_to(bot: Bot, pat: Identity, address: str, problem: str) -> None:
    errors = asks(bot, pat, address)

    assert isinstance(errors, Errors)
    assert problem in errors.by_field["address"]
    assert bot.queued() == []
