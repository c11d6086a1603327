"""Questions for the secretariat, from the form to the answer."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from db import audit
from db import engine as database
from db.people import Identity, Person, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Tone
from handlers.prose import escape
from tests.fakes import Bot, button_of, labels, said

ANNA, BEN = Identity("test", "anna"), Identity("test", "ben")
QUESTION = "Who keeps the list of *chairs*?"
ANSWER = "The coordinator keeps it. See <arrangements>."


def asks(bot: Bot, who: Identity = ANNA, text: str = QUESTION) -> Card:
    reply = bot.sends(bot.opens(bot.types("bees", who=who), "Ask the secretariat", who=who), who=who, question=text)
    assert isinstance(reply, Card), reply
    return reply


def reply_form(bot: Bot, who: Identity) -> Form:
    notice = bot.queued()[-1].card
    return bot.opens(notice, "Answer", who=who)


def test_a_question_gets_a_reference_and_goes_to_everybody_in_the_secretariat(bot: Bot) -> None:
    staff = [bot.enrol(Role.COORDINATOR), bot.enrol(Role.STRATEGY_MANAGER)]
    bot.enrol(Role.CHAIR)

    card = asks(bot)

    assert card.title == "ASK-2026-001: passed to the secretariat"
    assert card.tone is Tone.GOOD
    assert "The secretariat has been told" in said(card)
    assert [queued.to.address for queued in bot.queued()] == [who.user_id for who in staff]
    assert "ASK-2026-001" in bot.queued()[0].card.title
    assert r"\*chairs\*" in said(bot.queued()[0].card)


def test_without_a_secretariat_the_question_is_kept_and_that_nobody_was_told_is_said(bot: Bot) -> None:
    card = asks(bot)

    assert "nobody was told" in said(card)
    assert bot.queued() == []
    assert "ASK-2026-001" in said(bot.types("gaps", who=bot.enrol(Role.COORDINATOR)))


def test_the_form_holds_the_words_of_ones_own_question_and_nobody_elses(bot: Bot) -> None:
    card = bot.types("bees and wasps", who=ANNA)

    assert bot.opens(card, "Ask the secretariat", who=ANNA).fields[0].value == "bees and wasps"
    assert bot.opens(card, "Ask the secretariat", who=BEN).fields[0].value == ""


def test_every_form_has_a_token_of_its_own(bot: Bot) -> None:
    card = bot.types("bees")

    tokens = {bot.opens(card, "Ask the secretariat").token for _ in range(3)}

    assert len(tokens) == 3
    assert min(map(len, tokens)) > 20


PROBLEMS = {
    "nothing": ("", "Please write your question here."),
    "only spaces": ("   ", "Please write your question here."),
    "too long": ("x" * 1001, "Please use at most 1000 characters. You have 1001."),
}


@pytest.mark.parametrize(("text", "problem"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_question_that_cannot_be_passed_on_is_explained_at_its_field(bot: Bot, text: str, problem: str) -> None:
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    assert bot.sends(form, question=text) == Errors({"question": problem})


def test_an_answer_goes_back_to_the_one_who_asked_and_says_where_it_stands(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)

    done = bot.sends(reply_form(bot, coordinator), who=coordinator, answer=ANSWER)

    assert isinstance(done, Card)
    assert done.title == "ASK-2026-001: your answer is on its way"
    queued = bot.queued()[-1]
    assert (queued.to.platform, queued.to.address) == ("test", "anna")
    assert r"See \<arrangements\>" in said(queued.card)
    assert "not yet an approved article" in said(queued.card)
    assert isinstance(bot.presses(queued.card, "Ask a follow-up", who=ANNA), Form)


def test_the_form_for_the_answer_shows_the_question(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)

    form = reply_form(bot, coordinator)

    assert (form.title, QUESTION in form.intro) == ("Answer ASK-2026-001", True)


HARM = (
    "When a child has been hit by a parent, make a referral the same day.",
    "If he is hitting her right now, call 999 first, then MAST.",
    "A child who says that they want to die needs to be seen today.",
)


@pytest.mark.parametrize("text", HARM)
def test_the_secretariat_can_say_what_to_do_when_a_child_is_harmed(bot: Bot, text: str) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)

    done = bot.sends(reply_form(bot, coordinator), who=coordinator, answer=text)

    assert isinstance(done, Card)
    assert done.title == "ASK-2026-001: your answer is on its way"
    assert escape(text) in said(bot.queued()[-1].card)


def test_an_answer_of_the_secretariat_with_details_of_a_child_is_sent_back_for_these_alone(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)
    text = "He is hitting her right now: my pupil Amy, NHS number 943 476 5919"

    reply = bot.sends(reply_form(bot, coordinator), who=coordinator, answer=text)

    assert isinstance(reply, Errors)
    assert "Take the details out" in reply.by_field["answer"]
    assert "999" not in reply.by_field["answer"]


def test_danger_in_a_question_for_the_secretariat_still_stops_it(bot: Bot) -> None:
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    reply = bot.sends(form, question=HARM[1])

    assert isinstance(reply, Errors)
    assert "999" in reply.by_field["question"]


def test_a_question_is_answered_once(bot: Bot) -> None:
    first, second = bot.enrol(Role.COORDINATOR), bot.enrol(Role.STRATEGY_MANAGER)
    asks(bot)
    forms = {who: reply_form(bot, who) for who in (first, second)}

    bot.sends(forms[first], who=first, answer="The first answer.")
    late = bot.sends(forms[second], who=second, answer="The second answer.")

    assert isinstance(late, Card)
    assert late.title == "ASK-2026-001 has been answered already."
    assert "The first answer" in said(bot.queued()[-1].card)
    again = bot.does(Request(second, route="enquiries.reply", value="1"))
    assert isinstance(again, Card)
    assert again.title == "ASK-2026-001 has been answered already."


def test_an_empty_answer_is_sent_back(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)

    reply = bot.sends(reply_form(bot, coordinator), who=coordinator, answer=" ")

    assert reply == Errors({"answer": "Please write your answer here."})


def test_somebody_who_left_the_secretariat_meanwhile_cannot_answer(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)
    form = reply_form(bot, coordinator)
    with database.transaction(bot.engine) as session:
        session.execute(update(Person).values(left_on=bot.clock.now.date()))

    reply = bot.sends(form, who=coordinator, answer=ANSWER)

    assert isinstance(reply, Card)
    assert reply.title == "I cannot show you that."


def test_the_trail_says_who_asked_and_who_answered_without_their_words(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)
    bot.sends(reply_form(bot, coordinator), who=coordinator, answer=ANSWER)

    with Session(bot.engine) as session:
        trail = [(row.actor, row.action, row.subject, row.detail) for row in audit.latest(session, limit=9)]
    assert trail == [
        ("person:1", "answered", "ASK-2026-001", {}), ("test:anna", "asked", "ASK-2026-001", {})
    ]  # fmt: skip


def test_an_answer_leads_to_a_draft_article_and_to_the_other_gaps(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    asks(bot)

    done = bot.sends(reply_form(bot, coordinator), who=coordinator, answer=ANSWER)

    assert isinstance(done, Card)
    assert labels(done) == ["Make it an article", "Other gaps"]
    assert button_of(done, "Make it an article").value == "1"
