"""Questions and votes: what is counted, what is kept, and what is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import engine as database
from db import feedback, questions
from db.questions import Outcome, Question, Unanswered
from tests.fakes import Clock

ANNA, BEN = "test:anna", "test:ben"


def asked(
    engine: Engine, at: datetime, outcome: Outcome, slug: str | None, text: str | None = None, asker: str | None = None
) -> int:
    with database.transaction(engine) as session:
        return questions.record(session, at=at, outcome=outcome, slug=slug, text=text, asker=asker)


def votes(engine: Engine) -> list[tuple[str, int, int]]:
    with Session(engine) as session:
        return feedback.by_article(session)


def vote(engine: Engine, question: int, asker: str, *, helpful: bool, at: datetime) -> None:
    with database.transaction(engine) as session:
        feedback.vote(session, question_id=question, asker=asker, helpful=helpful, at=at)


def test_the_words_of_an_unanswered_question_are_given_only_to_who_asked(engine: Engine, clock: Clock) -> None:
    number = asked(engine, clock.now, Outcome.DECLINED, None, "what about bees", ANNA)

    with Session(engine) as session:
        assert questions.own_text(session, number, asker=ANNA) == "what about bees"
        assert questions.own_text(session, number, asker=BEN) is None


def test_only_an_answered_question_has_an_article_that_was_shown(engine: Engine, clock: Clock) -> None:
    answered = asked(engine, clock.now, Outcome.ANSWERED, "neglect")
    declined = asked(engine, clock.now, Outcome.DECLINED, "neglect", "bees", ANNA)

    with Session(engine) as session:
        assert questions.shown(session, answered) == "neglect"
        assert questions.shown(session, declined) is None
        assert questions.shown(session, 0) is None


def test_the_most_asked_articles_come_first_and_old_questions_do_not_count(engine: Engine, clock: Clock) -> None:
    asked(engine, clock.now - timedelta(days=99), Outcome.ANSWERED, "old")
    for slug in ("threshold", "neglect", "neglect"):
        asked(engine, clock.now, Outcome.ANSWERED, slug)
    asked(engine, clock.now, Outcome.DECLINED, "bees", "bees", ANNA)

    with Session(engine) as session:
        assert questions.most_asked(session, since=clock.now - timedelta(days=90)) == ["neglect", "threshold"]


def test_unanswered_words_are_counted_together_however_they_are_written(engine: Engine, clock: Clock) -> None:
    for text in ("Bees", "bees", "wasps"):
        asked(engine, clock.now, Outcome.DECLINED, "neglect", text, ANNA)

    with Session(engine) as session:
        assert questions.unanswered(session, limit=9) == [
            Unanswered("bees", 2, "neglect"), Unanswered("wasps", 1, "neglect")
        ]  # fmt: skip
        assert questions.unanswered(session, limit=1) == [Unanswered("bees", 2, "neglect")]


def test_after_thirty_days_the_words_and_the_asker_are_forgotten_and_the_counts_stay(
    engine: Engine, clock: Clock
) -> None:
    number = asked(engine, clock.now, Outcome.DECLINED, "neglect", "bees", ANNA)
    clock.pass_(days=30)
    asked(engine, clock.now, Outcome.OFFERED, "neglect", "wasps", BEN)
    clock.pass_(seconds=1)

    with database.transaction(engine) as session:
        forgotten = questions.forget_words(session, before=clock.now - timedelta(days=30))
        again = questions.forget_words(session, before=clock.now - timedelta(days=30))

    assert (forgotten, again) == (1, 0)
    with Session(engine) as session:
        assert questions.own_text(session, number, asker=ANNA) is None
        assert [row.text for row in questions.unanswered(session, limit=9)] == ["wasps"]
        assert questions.unanswered_by_topic(session) == [("neglect", 2)]
        kept = session.get(Question, number)
        assert kept
        assert (kept.text, kept.asker, kept.slug) == (None, None, "neglect")


def test_a_person_has_one_vote_on_an_answer_and_can_change_it(engine: Engine, clock: Clock) -> None:
    number = asked(engine, clock.now, Outcome.ANSWERED, "neglect")

    vote(engine, number, ANNA, helpful=True, at=clock.now)
    vote(engine, number, BEN, helpful=True, at=clock.now)
    assert votes(engine) == [("neglect", 2, 0)]
    vote(engine, number, ANNA, helpful=False, at=clock.now)
    assert votes(engine) == [("neglect", 1, 1)]


def test_the_least_helpful_article_comes_first(engine: Engine, clock: Clock) -> None:
    for slug, helpful in {"fine": True, "poor": False}.items():
        vote(engine, asked(engine, clock.now, Outcome.ANSWERED, slug), ANNA, helpful=helpful, at=clock.now)

    assert votes(engine) == [("poor", 0, 1), ("fine", 1, 0)]


def test_one_person_who_votes_twice_at_once_has_one_vote(engine: Engine, clock: Clock) -> None:
    number = asked(engine, clock.now, Outcome.ANSWERED, "neglect")

    with ThreadPoolExecutor(4) as clicks:
        list(clicks.map(lambda _: vote(engine, number, ANNA, helpful=True, at=clock.now), range(8)))

    assert votes(engine) == [("neglect", 1, 0)]


def test_an_instant_without_a_time_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(Exception, match="needs a time zone"):
        asked(engine, datetime(2026, 11, 21), Outcome.ANSWERED, "neglect")  # noqa: DTZ001 - that is the point
