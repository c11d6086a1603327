"""Draft articles: fetched by a link, for one person, once, until it expires."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db import audit
from db import engine as database
from db.enquiries import Enquiry
from db.links import FileLink
from db.people import Identity, Role
from handlers import downloads
from handlers.context import House, Knowledge, Request, UserError
from handlers.files import File
from handlers.messages import Card, Link
from handlers.wording import words
from knowledge import articles
from tests.fakes import Bot, Clock, said


@pytest.fixture
def coordinator(bot: Bot) -> Identity:
    """Give a coordinator, who has answered one question."""
    who = bot.enrol(Role.COORDINATOR)
    form = bot.opens(bot.types("bees"), "Ask the secretariat")
    bot.sends(form, question='Who keeps "the list": ours?')
    bot.sends(bot.opens(bot.queued()[0].card, "Answer", who=who), who=who, answer="The coordinator.\n\nAsk them.")
    return who


def link(bot: Bot, who: Identity) -> Link:
    card = bot.does(Request(who, route="enquiries.draft", value="1"))
    assert isinstance(card, Card)
    [found] = card.actions
    assert isinstance(found, Link), said(card)
    return found


def token(bot: Bot, who: Identity) -> str:
    return link(bot, who).url.rpartition("/")[2]


def fetched(bot: Bot, which: str) -> File:
    return bot.dispatcher.within(lambda context: downloads.fetch(context, which))


def usable(bot: Bot, which: str) -> bool:
    try:
        return bool(bot.dispatcher.within(lambda context: downloads.shown(context, which)))
    except UserError:
        return False


def test_the_link_is_on_the_public_address_and_cannot_be_guessed(bot: Bot, coordinator: Identity) -> None:
    first, second = link(bot, coordinator), link(bot, coordinator)

    assert first.url.startswith("https://bot.example/files/")
    assert first.url != second.url
    assert len(first.url.rpartition("/")[2]) > 30


def test_the_database_holds_no_link_that_would_work(bot: Bot, coordinator: Identity) -> None:
    which = token(bot, coordinator)

    with Session(bot.engine) as session:
        [kept] = session.scalars(text("SELECT token_hash FROM file_links"))
    assert which not in kept


def test_the_draft_is_an_article_that_can_be_read(bot: Bot, coordinator: Identity) -> None:
    file = fetched(bot, token(bot, coordinator))

    assert (file.name, file.media_type) == ("ask-2026-001.md", "text/markdown; charset=utf-8")
    assert isinstance(file.content, str)
    draft = articles.parse("draft", file.content)
    assert draft.title == 'Who keeps "the list": ours?'
    assert draft.questions == ('Who keeps "the list": ours?',)
    assert draft.body == "The coordinator.\n\nAsk them."
    assert draft.status == "awaiting-approval"
    assert draft.checked_on == bot.clock.now.date() < draft.review_by


def test_the_draft_of_a_question_in_pictures_and_several_lines_can_be_read(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    form = bot.opens(bot.types("bees"), "Ask the secretariat")
    bot.sends(form, question="Who helps \U0001f476\U0001f3fd?\n\nÀ l'école,\tor at home? " + "And so on. " * 20)
    bot.sends(bot.opens(bot.queued()[0].card, "Answer", who=who), who=who, answer="Ask \U0001f64b.")

    file = fetched(bot, token(bot, who))

    assert isinstance(file.content, str)
    draft = articles.parse("draft", file.content)
    assert draft.questions[0].startswith("Who helps \U0001f476\U0001f3fd? À l'école, or at home? And so on.")
    assert draft.title == draft.questions[0][:80].rstrip()
    assert draft.body == "Ask \U0001f64b."
    assert "À l'école" in file.content.partition("sources:")[0]


anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(question=anything, answer=anything)
@example(question='---\n"\\\x85\u2028\ufeff\x7f\ufffe', answer="---\nx\n---\n{{ 1 }}")
def test_the_draft_of_any_question_can_be_read_and_holds_the_answer_as_it_is(question: str, answer: str) -> None:
    asked = Enquiry(year=2026, number=1, text=question, answer=answer)

    written = words("downloads_draft", enquiry=asked, today=date(2026, 11, 21), review_by=date(2027, 5, 22))

    draft = articles.parse("draft", written)
    assert draft.body == answer.strip()
    assert len(draft.title) <= 80
    assert [line.strip() for line in draft.questions[0].splitlines()] in ([], [draft.questions[0]])


def test_without_a_public_address_there_is_no_link_and_no_trace_of_one(
    bot: Bot, coordinator: Identity, engine: Engine, knowledge: Knowledge, clock: Clock
) -> None:
    nowhere = Bot(engine, knowledge, House(public_url=""), clock)

    card = nowhere.does(Request(coordinator, route="enquiries.draft", value="1"))
    nowhere.dispatcher.close()

    assert isinstance(card, Card)
    assert "does not know its own address" in card.title
    assert "THSCP_PUBLIC_URL" in said(card).replace("\\", "")
    assert [action for action in card.actions if isinstance(action, Link)] == []
    assert bot.counted(FileLink) == 0


def test_a_link_works_once_and_looking_at_it_does_not_count(bot: Bot, coordinator: Identity) -> None:
    which = token(bot, coordinator)
    assert [usable(bot, which), usable(bot, which)] == [True, True]

    fetched(bot, which)

    assert not usable(bot, which)
    with pytest.raises(UserError, match="used already"):
        fetched(bot, which)


def test_a_link_ends_after_an_hour(bot: Bot, coordinator: Identity) -> None:
    which = token(bot, coordinator)
    bot.clock.pass_(hours=1)

    assert not usable(bot, which)
    with pytest.raises(UserError, match="expired"):
        fetched(bot, which)


def test_a_link_that_nobody_gave_out_gives_nothing(bot: Bot) -> None:
    assert not usable(bot, "guessed")
    with pytest.raises(UserError):
        fetched(bot, "guessed")


def test_a_link_ends_with_the_role_of_the_one_it_is_for(bot: Bot, coordinator: Identity) -> None:
    which = token(bot, coordinator)
    with database.transaction(bot.engine) as session:
        session.execute(text("UPDATE people SET left_on = '2026-11-21'"))

    with pytest.raises(UserError):
        fetched(bot, which)


def test_a_question_without_an_answer_has_no_draft(bot: Bot, coordinator: Identity) -> None:
    bot.sends(bot.opens(bot.types("wasps"), "Ask the secretariat"), question="And wasps?")

    for value in ("2", "99", ""):
        card = bot.does(Request(coordinator, route="enquiries.draft", value=value))
        assert isinstance(card, Card)
        assert card.title == "There is no answer to make an article of."


def test_the_trail_says_who_fetched_what(bot: Bot, coordinator: Identity) -> None:
    fetched(bot, token(bot, coordinator))

    with Session(bot.engine) as session:
        newest = audit.latest(session, limit=1)[0]
    assert (newest.actor, newest.action, newest.subject) == ("person:1", "downloaded", "ASK-2026-001")
