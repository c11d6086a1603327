"""Questions: answered from an article, offered a choice, or declined with somebody to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import feedback
from db.people import Identity
from db.questions import Question
from handlers import approvals
from handlers.context import Conversation, House, Request
from handlers.messages import Card, Errors, Tone
from knowledge.articles import Article
from tests import fakes
from tests.fakes import CHANNEL, STRANGER, Bot, Clock, article, labels, said

ANNA, BEN = Identity("test", "anna"), Identity("test", "ben")


@pytest.fixture
def bot_with(engine: Engine, clock: Clock, house: House) -> Iterator[Callable[..., Bot]]:
    """Give a bot that knows other articles: `bot_with(article("x"), withhold_unapproved=True)`."""
    made: list[Bot] = []

    def make(*articles: Article, **settings: bool) -> Bot:
        made.append(Bot(engine, fakes.knowledge(*articles), replace(house, **settings), clock))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for bot in made:
        bot.dispatcher.close()


CONVERSATION = {
    "neglect": "Neglect",
    "ask neglect": "Neglect",
    "Ask What is neglect?": "Neglect",
    "ask": "What would you like to know?",
    "perhaps neglect": "Did you mean one of these?",
    "bees": "I don't know that one",
}


@pytest.mark.parametrize(("typed", "title"), CONVERSATION.items(), ids=CONVERSATION)
def test_what_is_typed_finds_its_answer(bot: Bot, typed: str, title: str) -> None:
    assert bot.types(typed).title == title


def test_an_answer_shows_its_source_edition_dates_owner_and_contacts(bot: Bot) -> None:
    told = said(bot.types("neglect"))

    for part in ("first thing", "Arrangements 2019", "Section 3", "First edition", "1 November 2026", "1 May 2027"):
        assert part.replace(".", r"\.") in told
    assert "Strategy Manager" in told
    assert "MAST" in told
    assert "Not yet confirmed by the partnership" in told


def test_an_article_that_nobody_approved_says_so_and_an_approved_one_says_who(bot: Bot) -> None:
    assert "Not yet approved by the partnership" in said(bot.types("neglect"))

    bot.dispatcher.within(
        lambda context: approvals.approve(
            context.session, context.knowledge.library, ["neglect"], by="Executive Group", at=context.now
        )
    )

    told = said(bot.types("neglect"))
    assert "Approved by the Executive Group on 21 November 2026" in told
    assert "Not yet approved" not in told


def test_an_article_past_its_review_says_so(bot_with: Callable[..., Bot]) -> None:
    late = bot_with(article("old", review_by=date(2026, 11, 20)), article("new", review_by=date(2026, 11, 21)))

    assert "was due for review on 20 November 2026" in said(late.types("old"))
    assert "was due for review" not in said(late.types("new"))


def test_an_unapproved_article_can_be_withheld(bot_with: Callable[..., Bot]) -> None:
    strict = bot_with(article("neglect", body="The words of the article."), withhold_unapproved=True)

    for card in (strict.types("neglect"), strict.does(Request(STRANGER, route="ask.topic", value="neglect"))):
        assert isinstance(card, Card)
        assert card.title == "This answer waits for approval"
        assert "The words of the article" not in said(card)
        assert "MAST" in said(card)
        assert "Ask the secretariat" in labels(card)
    assert strict.counted(Question) == 0


def test_an_approved_article_is_not_withheld(bot_with: Callable[..., Bot]) -> None:
    strict = bot_with(article("neglect"), withhold_unapproved=True)
    strict.dispatcher.within(
        lambda context: approvals.approve(
            context.session, context.knowledge.library, ["neglect"], by="Executive Group", at=context.now
        )
    )

    assert strict.types("neglect").title == "Neglect"


def test_an_answer_leads_to_related_topics(bot: Bot) -> None:
    card = bot.types("neglect")

    assert labels(card)[-2:] == ["Threshold", "Private fostering"]
    assert bot.presses(card, "Threshold").title == "Threshold"


def test_a_related_topic_that_is_gone_is_left_out(bot_with: Callable[..., Bot]) -> None:
    card = bot_with(article("neglect", related=("gone",))).types("neglect")

    assert labels(card) == ["This helped", "It did not help", "Ask the secretariat"]


def test_an_offer_leads_to_each_topic(bot: Bot) -> None:
    card = bot.types("perhaps neglect")

    assert labels(card) == ["Neglect", "Threshold", "Private fostering", "Ask the secretariat", "Whom to call"]
    assert bot.presses(card, "Private fostering").title == "Private fostering"


def test_declining_says_so_and_offers_the_secretariat_and_whom_to_call(bot: Bot) -> None:
    card = bot.types("bees")

    assert labels(card) == ["Ask the secretariat", "Whom to call", "What can I do here?"]
    assert "999" in said(card)
    assert "30 days" in said(card)
    assert bot.presses(card, "Whom to call").title == "Whom to call"


def test_no_card_has_more_buttons_than_every_platform_shows(bot: Bot) -> None:
    for text in (*CONVERSATION, "home", "help", "contact"):
        assert len(bot.types(text, conversation=CHANNEL).actions) <= 6


def test_an_unanswered_question_is_kept_with_its_words_and_an_answered_one_without(bot: Bot) -> None:
    for text in ("neglect", "bees", "perhaps neglect"):
        bot.types(text, who=ANNA)

    with Session(bot.engine) as session:
        rows = {(row.outcome, row.text, row.asker) for row in session.query(Question)}
    assert rows == {
        ("answered", None, None), ("declined", "bees", "test:anna"), ("offered", "perhaps neglect", "test:anna")
    }  # fmt: skip


def test_only_the_beginning_of_a_very_long_question_is_kept(bot: Bot) -> None:
    bot.types("x" * 5000)

    with Session(bot.engine) as session:
        assert [len(row.text or "") for row in session.query(Question)] == [500]


def votes(bot: Bot) -> list[tuple[str, int, int]]:
    with Session(bot.engine) as session:
        return feedback.by_article(session)


def test_a_vote_is_kept_thanked_for_and_can_be_changed(bot: Bot) -> None:
    card = bot.types("neglect", who=ANNA)

    thanks = bot.presses(card, "This helped", who=ANNA)
    assert isinstance(thanks, Card)
    assert (thanks.tone, votes(bot)) == (Tone.GOOD, [("neglect", 1, 0)])
    sorry = bot.presses(thanks, "It did not help", who=ANNA)
    assert isinstance(sorry, Card)
    assert votes(bot) == [("neglect", 0, 1)]
    assert "Ask the secretariat" in labels(sorry)
    bot.presses(sorry, "It did help", who=ANNA)
    assert votes(bot) == [("neglect", 1, 0)]


def test_two_people_vote_on_one_shared_answer(bot: Bot) -> None:
    card = bot.types("neglect", who=ANNA)
    bot.presses(card, "This helped", who=ANNA)
    bot.presses(card, "It did not help", who=BEN)

    assert votes(bot) == [("neglect", 1, 1)]


STALE = {"no such answer": "99:yes", "no vote": "1:", "another vote": "1:maybe", "no number": "x:yes", "nothing": ""}


@pytest.mark.parametrize("value", STALE.values(), ids=STALE)
def test_a_vote_on_nothing_is_explained_and_not_kept(bot: Bot, value: str) -> None:
    bot.types("neglect")

    reply = bot.does(Request(ANNA, route="ask.vote", value=value))

    assert isinstance(reply, Card)
    assert reply.title == "I no longer have that answer."
    assert votes(bot) == []


def test_a_question_that_was_declined_cannot_be_voted_on(bot: Bot) -> None:
    bot.types("bees")

    reply = bot.does(Request(ANNA, route="ask.vote", value="1:yes"))

    assert isinstance(reply, Card)
    assert reply.title == "I no longer have that answer."


def test_an_answer_is_private_until_it_is_shown_to_everyone_once(bot: Bot) -> None:
    card = bot.types("neglect", who=ANNA, conversation=CHANNEL)
    assert bot.queued() == []

    for _ in range(2):
        shared = bot.presses(card, "Show everyone", who=ANNA, conversation=CHANNEL)
        assert shared.title == "Shown to everyone"

    [queued] = bot.queued()
    assert (queued.to.address, queued.card.title, queued.card.actions) == ("channel-1", "Neglect", ())
    assert "anna" not in said(queued.card)


def test_an_answer_that_lost_its_approval_is_not_shown_to_everyone(bot_with: Callable[..., Bot]) -> None:
    card = bot_with(article("neglect")).types("neglect", conversation=CHANNEL)
    strict = bot_with(article("neglect", body="The words of the article."), withhold_unapproved=True)

    reply = strict.presses(card, "Show everyone", conversation=CHANNEL)

    assert reply.title == "This answer waits for approval"
    assert strict.queued() == []


def test_in_private_there_is_nobody_to_show_an_answer_to(bot: Bot) -> None:
    private = Conversation("test", "dm-1", private=True)
    card = bot.types("neglect", conversation=private)
    assert "Show everyone" not in labels(card)

    reply = bot.does(Request(STRANGER, route="ask.share", value="1", conversation=private))

    assert isinstance(reply, Card)
    assert reply.title == "There is nobody else in this conversation."
    assert bot.queued() == []


def test_an_answer_that_is_gone_cannot_be_shared(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, route="ask.share", value="99", conversation=CHANNEL))

    assert isinstance(reply, Card)
    assert reply.title == "I no longer have that answer."


@pytest.fixture
def after_withdrawal(engine: Engine, clock: Clock, house: House) -> Iterator[Bot]:
    """Give the bot of the release after neglect was withdrawn, over the same database."""
    old = article("neglect", status="withdrawn", body="The words of the article.")
    shelf = fakes.knowledge(
        article("threshold", related=("neglect", "private-fostering")), article("private-fostering")
    )
    later = Bot(engine, replace(shelf, library=replace(shelf.library, withdrawn={"neglect": old})), house, clock)
    yield later
    later.dispatcher.close()


def test_a_button_for_a_withdrawn_topic_says_that_it_was_withdrawn(bot: Bot, after_withdrawal: Bot) -> None:
    reply = after_withdrawal.presses(bot.types("perhaps neglect"), "Neglect")

    assert reply.title == "'Neglect' was withdrawn."
    assert "The words of the article" not in said(reply)


def test_a_withdrawn_answer_is_not_shown_to_everyone(bot: Bot, after_withdrawal: Bot) -> None:
    card = bot.types("neglect", conversation=CHANNEL)

    reply = after_withdrawal.presses(card, "Show everyone", conversation=CHANNEL)

    assert reply.title == "'Neglect' was withdrawn."
    assert after_withdrawal.queued() == []


def test_no_answer_leads_to_a_withdrawn_topic(after_withdrawal: Bot) -> None:
    card = after_withdrawal.types("threshold")

    assert labels(card) == ["This helped", "It did not help", "Ask the secretariat", "Private fostering"]


def test_a_topic_that_is_gone_is_explained(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, route="ask.topic", value="gone"))

    assert isinstance(reply, Card)
    assert reply.title == "That topic is no longer here."


def test_a_box_to_ask_again_is_empty_and_answers_the_question_in_it(bot: Bot) -> None:
    form = bot.opens(bot.types("NHS 943 476 5919, what now"), "Ask again without it")

    answered = bot.sends(form, question="what is neglect")

    assert [field.value for field in form.fields] == [""]
    assert isinstance(answered, Card)
    assert answered.title == "Neglect"


@pytest.mark.parametrize("text", [" ", "x" * 501], ids=["nothing", "too much"])
def test_a_box_to_ask_again_says_what_is_wrong_with_the_question(bot: Bot, text: str) -> None:
    form = bot.opens(bot.types("NHS 943 476 5919, what now"), "Ask again without it")

    reply = bot.sends(form, question=text)

    assert isinstance(reply, Errors)
    assert list(reply.by_field) == ["question"]
