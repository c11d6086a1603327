"""What the guard stops, and what the person is told in place of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from db.enquiries import Enquiry
from db.people import Identity, Role
from handlers.context import House, Request
from handlers.messages import Card, Errors, Note, Reply, Text, Tone
from handlers.prose import plain
from handlers.safety import masked
from knowledge.guard import Kind
from tests.bot.test_danger_first import stuck
from tests.fakes import STRANGER, Bot, Clock, Script, article, knowledge, labels, said, script, talking


@pytest.fixture
def guard() -> Script:
    """Give a guard that judges by a script."""
    return script()


@pytest.fixture
def bot(engine: Engine, house: House, clock: Clock, guard: Script) -> Iterator[Bot]:
    """Give a bot behind that guard, with an article about referrals."""
    known = knowledge(article("neglect"), article("danny"), article("mash-referral", title="Making a referral"))
    with talking(Bot(engine, known, house, clock, guard)) as bot:
        yield bot


# --- what was found, and how to say it without ---------------------------------------------------------------


FOUND = {
    "a name": ("why is Danny upset", "a name (word 3)", "write 'a child'"),
    "a name at the start": ("Danny is upset", "a name (word 1)", "write 'a child'"),
    "a date": ("born 12/03/2015 here", "a date of birth: 1*/**/****", "'a child of about 7'"),
    "a number": ("NHS 943 476 5919", "an NHS number: 9** *** ****", "leave the number out"),
    "an address": ("at 1 Invented Street", "an address: 1 ******** ******", "'in the borough'"),
    "an e-mail address": ("write to a.khan@example.org", "an e-mail address: a.****@*******.***", "'the parent'"),
    "a school and a year": ("Year 5 at Hill School", "one child's school with a year", "'a pupil at a primary school'"),
}


@pytest.mark.parametrize(("text", "shown", "instead"), FOUND.values(), ids=FOUND)
def test_a_refusal_says_what_was_found_where_and_how_to_say_it_without(
    bot: Bot, text: str, shown: str, instead: str
) -> None:
    card = bot.types(text)

    told = plain("\n".join(part.markdown for part in card.body if isinstance(part, Text)))
    assert shown in told
    assert instead in told
    assert "I have not kept your message" in told
    assert "Delete your message" in told
    assert "data-protection lead" in told
    assert "MAST" in told
    assert card.tone is Tone.WARNING


@pytest.mark.parametrize("text", [text for text, _, _ in FOUND.values()], ids=FOUND)
def test_a_refusal_repeats_nothing_of_what_was_found(bot: Bot, text: str) -> None:
    told = said(bot.types(text))

    assert not [word for word in ("Danny", "12/03", "476", "Invented", "khan", "Hill", "Year 5") if word in told]


def test_of_many_details_five_are_listed(bot: Bot) -> None:
    told = said(bot.types("Danny Aisha 12/03/2015 943 476 5919 a.khan@example.org 1 Invented Street"))

    assert "and more" in told
    assert "an address:" not in told


MASKED = {
    "a date": ("12/03/2015", "1*/**/****"),
    "letters and accents": ("Éloïse", "É*****"),
    "a joined emoji": ("a👩‍👧b", "a****"),
    "one character": ("x", "x"),
    "nothing": ("", ""),
    "something endless": ("9" * 200, "9" + "*" * 39 + "…"),
}


@pytest.mark.parametrize(("detail", "shown"), MASKED.values(), ids=MASKED)
def test_a_masked_detail_shows_its_first_character_and_its_shape(detail: str, shown: str) -> None:
    assert masked(detail) == shown


def test_a_name_that_may_be_anybodys_is_asked_about_and_a_childs_is_refused(bot: Bot) -> None:
    assert bot.types("why is Danny upset").title == "Is this the name of a child or family?"
    assert bot.types("why is Aisha upset").title == "That looks like personal details"


# --- danger ----------------------------------------------------------------------------------------------------


def test_the_danger_card_says_that_nobody_reads_it_and_that_nothing_was_kept(bot: Bot) -> None:
    card = bot.types("he is hitting her")

    told = said(card)
    for part in ("Nobody reads this here", "I have not kept your message", "999", "MAST", "Emergency Duty Team"):
        assert part in told
    assert "9am to 5pm" in told
    assert "LADO" not in told


STAFF = ["her teacher is hitting her", "the escort was hitting him", "Imam hitting pupils", "a volunteer hitting a boy"]


@pytest.mark.parametrize("text", STAFF)
def test_where_staff_are_concerned_the_danger_card_names_the_lado(bot: Bot, text: str) -> None:
    assert "LADO, the Local Authority Designated Officer" in said(bot.types(text))


CHILDREN = ["im 13 and he keeps hitting", "I'm 9 and there is hitting", "my dad is hitting us", "he keeps hitting me"]


@pytest.mark.parametrize("text", CHILDREN)
def test_a_child_who_writes_is_told_of_childline_in_plain_words(bot: Bot, text: str) -> None:
    told = said(bot.types(text))

    assert "You can also talk to Childline" in told
    assert "you did the right thing" in told


def test_a_practitioner_is_not_spoken_to_as_a_child(bot: Bot) -> None:
    assert "you did the right thing" not in said(bot.types("I am 100% sure that he is hitting her"))


# --- referrals and cases ---------------------------------------------------------------------------------------


def test_an_attempt_to_refer_is_told_first_that_nobody_received_a_referral_and_then_answered(bot: Bot) -> None:
    card = bot.types("I want to refer a child")

    first = card.body[0]
    assert isinstance(first, Text)
    assert "This chat is not a referral" in first.markdown
    assert "kb:mash-referral" in first.markdown
    assert card.title == "I don't know that one"


def test_an_attempt_to_refer_with_details_is_refused_with_the_way_to_refer(bot: Bot) -> None:
    card = bot.types("I want to refer Aisha")

    assert "This chat is not a referral" in said(card)
    assert "Read: Making a referral" in labels(card)


def test_words_like_one_childs_case_are_answered_with_one_line_more(bot: Bot) -> None:
    plain_answer, of_a_case = bot.types("bees"), bot.types("my pupil keeps bees")

    *rest, last = of_a_case.body
    assert tuple(rest) == plain_answer.body
    assert isinstance(last, Note)
    assert "one child's case" in last.markdown


# --- forms, field by field and as a whole ----------------------------------------------------------------------


def _sent(bot: Bot, who: Any = STRANGER, **fields: str) -> Reply | None:
    return bot.does(Request(who, route="enquiries.send", fields=fields, key="form:1"))


def test_what_only_two_fields_together_say_is_found_and_stands_at_the_one_that_says_it(bot: Bot) -> None:
    reply = _sent(bot, question="He goes to Hill School", more="and is in Year 5 there")

    assert isinstance(reply, Errors)
    assert list(reply.by_field) == ["more"]
    assert "one child's school" in reply.by_field["more"]
    assert bot.counted(Enquiry) == 0


def test_what_a_choice_says_together_with_a_text_stands_at_the_text(bot: Bot, guard: Script) -> None:
    guard.together = {("Hill School", "year-5"): Kind.SCHOOL_YEAR_COMBO}

    reply = _sent(bot, year="year-5", question="at Hill School")

    assert isinstance(reply, Errors)
    assert list(reply.by_field) == ["question"]


def test_a_kind_that_one_field_has_already_is_not_found_again_in_the_whole(bot: Bot) -> None:
    reply = _sent(bot, question="is 943 476 5919 a number?", more="it is quiet here")

    assert isinstance(reply, Errors)
    assert list(reply.by_field) == ["question"]


def test_danger_typed_beside_a_form_with_details_comes_first(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, "hitting", route="enquiries.send", fields={"question": "NHS 943 476 5919"}))

    assert isinstance(reply, Card)
    assert reply.tone is Tone.DANGER


def test_words_hidden_in_the_value_of_a_button_are_looked_at(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, route="ask.topic", value="Danny is upset"))

    assert isinstance(reply, Card)
    assert reply.title == "Is this the name of a child or family?"


def _answer_of(who: Identity) -> Request:
    return Request(who, route="enquiries.answer", value="1", fields={"answer": "If he is hitting her, call 999."})


def test_words_of_danger_in_a_form_of_the_secretariat_are_danger_unless_the_secretariat_sends_them(bot: Bot) -> None:
    _sent(bot, question="What if a child is hurt?")

    stranger = bot.does(_answer_of(STRANGER))
    secretariat = bot.does(_answer_of(bot.enrol(Role.COORDINATOR)))

    assert isinstance(stranger, Errors)
    assert "999" in stranger.by_field["answer"]
    assert isinstance(secretariat, Card)
    assert secretariat.title == "ASK-2026-001: your answer is on its way"


async def test_where_the_database_cannot_tell_who_sends_them_they_are_danger(bot: Bot, engine: Engine) -> None:
    who = bot.enrol(Role.COORDINATOR)

    with stuck(engine):
        reply = await bot.dispatcher.handle(_answer_of(who))

    assert isinstance(reply, Errors) or engine.dialect.name == "postgresql"  # there the tables of rights can be read
