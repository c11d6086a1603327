"""'This is not about a child or family': for names alone, with a reason, and on record without the words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from bot.terminal.chat import Chat
from db.audit import AuditEntry
from db.enquiries import Enquiry
from db.questions import Question
from db.screenings import Screening
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Form
from handlers.safety import NOT_FAMILY, REASONS, WHOSE_NAME
from tests.fakes import STRANGER, Bot, Clock, labels, said, script, talking

OVERRIDE = "It is not about a child or family"
NAMED = "Does Danny keep the list of chairs?"


@pytest.fixture
def bot(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot whose guard judges by a script."""
    with talking(Bot(engine, knowledge, house, clock, script())) as bot:
        yield bot


def form_of(bot: Bot) -> Form:
    return bot.opens(bot.types("bees"), "Ask the secretariat")


@pytest.mark.parametrize("reason", REASONS)
def test_a_form_with_names_alone_asks_whose_they_are_and_passes_with_a_reason(bot: Bot, reason: str) -> None:
    form = form_of(bot)

    asked = bot.sends(form, question=NAMED)
    taken = bot.sends(form, question=NAMED, not_about_a_family=reason)

    assert isinstance(asked, Errors)
    assert asked.also == WHOSE_NAME
    assert set(asked.by_field) == {"question", NOT_FAMILY}
    assert "Is it the name of a child or family?" in asked.by_field["question"]
    assert isinstance(taken, Card)
    assert bot.counted(Enquiry) == 1


def test_an_override_is_on_record_with_its_reason_and_without_the_words(bot: Bot) -> None:
    form = form_of(bot)
    bot.sends(form, question=NAMED, not_about_a_family="colleague")

    [row] = bot.screenings()
    [entry] = [entry for entry in bot.audited() if entry.action == "guard overridden"]
    assert (row.decision, row.overridden, row.door, row.rules) == ("overridden", "colleague", "enquiries.send", "name")
    assert (entry.actor, entry.subject, entry.detail) == (
        str(STRANGER), "enquiries.send", {"reason": "colleague", "kinds": "NAME", "rules": "name"},
    )  # fmt: skip


def test_an_override_that_is_sent_twice_is_counted_once(bot: Bot) -> None:
    form = form_of(bot)
    for _ in range(2):
        bot.sends(form, question=NAMED, not_about_a_family="colleague")

    assert (bot.counted(Screening), bot.counted(AuditEntry), bot.counted(Enquiry)) == (1, 2, 1)


def test_a_reason_where_nothing_was_found_is_not_counted(bot: Bot) -> None:
    assert isinstance(bot.sends(form_of(bot), question="Who keeps the list?", not_about_a_family="colleague"), Card)

    assert bot.screenings() == []


def test_a_form_with_another_mistake_is_not_yet_overridden(bot: Bot) -> None:
    reply = bot.sends(form_of(bot), question=f"Danny {'x' * 1000}", not_about_a_family="colleague")

    assert isinstance(reply, Errors)
    assert reply.also is None
    assert bot.screenings() == []


NEVER = {
    "a number": ("NHS 943 476 5919", "colleague"),
    "a name and a number": ("Danny, NHS 943 476 5919", "colleague"),
    "a date of birth": ("Danny, born 12/03/2015", "published"),
    "a school and a year": ("in Year 5 at Hill School", "published"),
    "danger": ("he is hitting Danny", "colleague"),
    "no reason": (NAMED, ""),
    "the reason that it is a child": (NAMED, "none"),
    "a reason that nobody offered": (NAMED, "because"),
    "details in the reason": ("Who keeps the list?", "his number is 943 476 5919"),
}


@pytest.mark.parametrize(("text", "reason"), NEVER.values(), ids=NEVER)
def test_what_cannot_be_overridden_is_not_kept_whatever_the_reason(bot: Bot, text: str, reason: str) -> None:
    form = form_of(bot)

    reply = bot.sends(form, question=text, not_about_a_family=reason)

    assert isinstance(reply, Errors)
    assert (bot.counted(Enquiry), bot.counted(AuditEntry)) == (0, 0)
    assert (reply.also is not None) is (text == NAMED)


def test_no_handler_sees_the_reason(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, route="enquiries.send", fields={NOT_FAMILY: "colleague"}))

    assert isinstance(reply, Errors)
    assert reply.by_field == {"question": "Please write your question here."}


def test_a_refused_message_opens_an_empty_box_with_the_reasons_and_is_then_answered(bot: Bot) -> None:
    refused = bot.types(NAMED)
    form = bot.opens(refused, OVERRIDE)
    answered = bot.sends(form, question="perhaps Danny", not_about_a_family="organisation")

    assert labels(refused)[0] == OVERRIDE
    assert [field.value for field in form.fields] == ["", ""]
    assert isinstance(answered, Card)
    assert answered.title == "Did you mean one of these?"
    assert {row.decision for row in bot.screenings()} == {"ask", "overridden"}


def test_a_message_with_more_than_names_opens_a_box_without_the_reasons(bot: Bot) -> None:
    refused = bot.types("my NHS number is 943 476 5919")

    form = bot.opens(refused, "Ask again without it")

    assert OVERRIDE not in labels(refused)
    assert [field.name for field in form.fields] == ["question"]
    assert bot.counted(Question) == 0


@pytest.fixture
def talks(bot: Bot) -> Callable[..., str]:
    """Let somebody type lines into a terminal, and give what it said."""

    def talk(*lines: str) -> str:
        shown: list[str] = []
        Chat(bot.dispatcher, "practitioner", shown.append).run(lines)
        return "\n".join(shown)

    return talk


def test_the_terminal_asks_whose_name_it_is_and_keeps_what_was_typed(bot: Bot, talks: Callable[..., str]) -> None:
    shown = talks("bees", "1", NAMED, "", "colleague")

    assert "colleague: A colleague or partner" in shown
    assert "passed to the secretariat" in shown
    assert bot.counted(Enquiry) == 1


def test_the_terminal_asks_again_after_a_refused_message(bot: Bot, talks: Callable[..., str]) -> None:
    shown = talks(NAMED, "1", "perhaps Danny", "organisation")

    assert "Did you mean one of these?" in shown
    assert {row.overridden for row in bot.screenings()} == {"", "organisation"}


def test_words_that_were_refused_stand_in_no_answer(bot: Bot) -> None:
    form = form_of(bot)

    assert "Danny" not in said(bot.types(NAMED))
    assert "Danny" not in said(bot.sends(form, question=NAMED))
