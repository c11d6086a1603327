"""How much one person may ask and send in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from bot.limits import Limits
from db.deliveries import Destination
from db.enquiries import Enquiry
from db.people import Identity
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Tone
from tests.fakes import Bot, Clock, said, talking

PAT, SAM = Identity("test", "pat"), Identity("test", "sam")


@pytest.fixture
def bot(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot that takes three questions and two forms a minute from each person."""
    with talking(Bot(engine, knowledge, house, clock)) as bot:
        bot.dispatcher.close()
        bot.dispatcher = Dispatcher(engine, knowledge, house, clock=clock, limits=Limits(asks=3, sends=2))
        yield bot


def held_up(card: Card) -> bool:
    return card.title.startswith("Please wait until")


def test_the_fourth_question_of_a_minute_is_not_answered_and_says_when_to_go_on(bot: Bot) -> None:
    cards = [bot.types("neglect", who=PAT) for _ in range(4)]

    assert [held_up(card) for card in cards] == [False, False, False, True]
    assert cards[-1].title == "Please wait until 09:31:01"
    assert "999" in said(cards[-1])


def test_it_is_counted_over_the_last_minute_and_not_from_the_full_one(bot: Bot) -> None:
    answered = []
    for _ in range(8):
        answered.append(not held_up(bot.types("neglect", who=PAT)))
        bot.clock.pass_(seconds=15)

    assert answered == [True, True, True, False, True, True, True, False]


def test_one_person_does_not_use_up_the_share_of_another(bot: Bot) -> None:
    for _ in range(5):
        bot.types("neglect", who=PAT)

    assert bot.types("neglect", who=SAM).title == "Neglect"


def test_buttons_count_as_questions_do(bot: Bot) -> None:
    card = bot.types("neglect", who=PAT)

    titles = [bot.presses(card, "This helped", who=PAT).title for _ in range(3)]

    assert titles[:2] == ["Thank you", "Thank you"]
    assert titles[2].startswith("Please wait")


ALWAYS = {
    "danger": ("he is hitting her right now", Tone.DANGER),
    "a detail": ("NHS number 999 787 7896", Tone.WARNING),
    "whom to call": ("contact", Tone.PLAIN),
}


@pytest.mark.parametrize(("text", "tone"), ALWAYS.values(), ids=ALWAYS)
def test_danger_refusals_and_whom_to_call_are_always_answered(bot: Bot, text: str, tone: Tone) -> None:
    for _ in range(6):
        bot.types("neglect", who=PAT)

    cards = [bot.types(text, who=PAT) for _ in range(6)]

    assert [held_up(card) for card in cards] == [False] * 6
    assert {card.tone for card in cards} == {tone}


def test_a_form_that_is_held_up_stays_open_and_is_sent_later(bot: Bot) -> None:
    forms = []
    for _ in range(3):
        forms.append(bot.opens(bot.types("quantum chromodynamics", who=PAT), "Ask the secretariat", who=PAT))
        bot.clock.pass_(minutes=1)
    replies = [bot.sends(form, who=PAT, question="Who keeps the list?") for form in forms]

    assert [type(reply) for reply in replies] == [Card, Card, Errors]
    assert isinstance(replies[2], Errors)
    assert "Nothing was saved. Please send it again after 09:34:01" in replies[2].by_field["question"]
    bot.clock.pass_(minutes=1)
    assert isinstance(bot.sends(forms[2], who=PAT, question="Who keeps the list?"), Card)
    assert bot.counted(Enquiry) == 3


def test_where_the_answer_is_a_message_of_its_own_it_is_said_once(bot: Bot) -> None:
    to = Destination("test", "pat")
    for number in range(7):
        assert bot.does(Request(PAT, "neglect", key=f"event-{number}", reply_to=to)) is None

    titles = [queued.card.title for queued in bot.queued()]
    assert titles == ["Neglect", "Neglect", "Neglect", "Please wait until 09:31:01"]
    bot.clock.pass_(minutes=1)
    bot.does(Request(PAT, "neglect", key="event-8", reply_to=to))
    assert bot.queued()[-1].card.title == "Neglect"


def test_what_is_held_up_is_kept_nowhere_and_the_log_names_nobody(bot: Bot, logged: list[dict[str, object]]) -> None:
    for _ in range(5):
        bot.types("quantum chromodynamics", who=Identity("test", "somebody-hidden"))

    assert "hidden" not in str(logged)
    assert "chromodynamics" not in str(logged)


def test_without_limits_nobody_is_held_up(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> None:
    with talking(Bot(engine, knowledge, house, clock)) as bot:
        assert not any(held_up(bot.types("neglect", who=PAT)) for _ in range(50))


# --- the counting ----------------------------------------------------------------------------------------------


NOON = datetime.fromisoformat("2026-11-21T12:00:00+00:00")


def test_whoever_was_quiet_longest_is_forgotten_first() -> None:
    limits = Limits(asks=1, most_people=100)
    people = [Identity("test", str(number)) for number in range(150)]
    for who in people:
        limits.wait(who, None, now=NOON)

    assert limits.wait(people[0], None, now=NOON) is None
    assert limits.wait(people[149], None, now=NOON) is not None


def test_a_clock_that_is_put_back_locks_nobody_out() -> None:
    limits = Limits(asks=1)
    limits.wait(PAT, None, now=NOON)

    assert limits.wait(PAT, None, now=NOON - timedelta(hours=1)) is None


def test_the_time_to_wait_is_never_more_than_a_minute() -> None:
    limits = Limits(asks=2)
    waits = [limits.wait(PAT, None, now=NOON + timedelta(seconds=second)) for second in range(0, 60, 5)]

    assert {wait.until - NOON for wait in waits if wait} == {timedelta(minutes=1)}
