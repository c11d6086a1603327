"""Questions asked: how each was answered, and the words of those that were not, for 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Index, Table, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base


class Outcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    OFFERED = "offered"
    DECLINED = "declined"


class Question(Base):
    """One question. `slug` is the article shown, or the nearest one when none was.

    `text` and `asker` stand only with an unanswered question, and only until they are forgotten.
    """

    __tablename__ = "questions"
    __table_args__ = (Index("ix_questions_outcome_asked_at", "outcome", "asked_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    outcome: Mapped[str]
    slug: Mapped[str | None]
    text: Mapped[str | None]
    asker: Mapped[str | None]


_INSERT = insert(cast("Table", Question.__table__))  # with every question: the plain table costs a third of the model


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that found no answer: its words and how often they were asked."""

    text: str
    times: int
    nearest: str | None


def record(
    session: Session,
    *,
    at: datetime,
    outcome: Outcome,
    slug: str | None,
    text: str | None = None,
    asker: str | None = None,
) -> int:
    """Count a question and return its number. Pass `text` only when the guard has let it through."""
    row = {"asked_at": at, "outcome": outcome.value, "slug": slug, "text": text, "asker": asker}
    key: Any = session.connection().execute(_INSERT, row).inserted_primary_key
    return int(key[0])


def shown(session: Session, question_id: int) -> str | None:
    """Return the article that answered a question, or None."""
    return session.scalar(
        select(Question.slug).where(Question.id == question_id, Question.outcome == Outcome.ANSWERED.value)
    )


def own_text(session: Session, question_id: int, *, asker: str) -> str | None:
    """Return the words of an unanswered question to the one who asked it, and to nobody else."""
    return session.scalar(select(Question.text).where(Question.id == question_id, Question.asker == asker))


def most_asked(session: Session, *, since: datetime, limit: int = 5) -> list[str]:
    """Return the articles shown most often since then, most asked first."""
    rows = session.execute(
        select(Question.slug)
        .where(Question.outcome == Outcome.ANSWERED.value, Question.asked_at >= since, Question.slug.is_not(None))
        .group_by(Question.slug)
        .order_by(func.count().desc(), Question.slug)
        .limit(limit)
    )
    return [slug for (slug,) in rows if slug]


def unanswered(session: Session, *, limit: int) -> list[Unanswered]:
    """Return the words that found no answer and are still kept, most asked first."""
    words = func.lower(Question.text)
    rows = session.execute(
        select(words, func.count(), func.max(Question.slug))
        .where(Question.outcome != Outcome.ANSWERED.value, Question.text.is_not(None))
        .group_by(words)
        .order_by(func.count().desc(), func.max(Question.asked_at).desc())
        .limit(limit)
    )
    return [Unanswered(text, times, nearest) for text, times, nearest in rows]


def unanswered_by_topic(session: Session) -> list[tuple[str | None, int]]:
    """Count unanswered questions by the nearest topic, forgotten ones included."""
    rows = session.execute(
        select(Question.slug, func.count())
        .where(Question.outcome != Outcome.ANSWERED.value)
        .group_by(Question.slug)
        .order_by(func.count().desc(), Question.slug)
    )
    return [(slug, times) for slug, times in rows]


def forget_words(session: Session, *, before: datetime) -> int:
    """Forget the words and the asker of every question asked before then; return how many there were."""
    kept = or_(Question.text.is_not(None), Question.asker.is_not(None))
    forgotten = session.scalars(
        update(Question).where(Question.asked_at < before, kept).values(text=None, asker=None).returning(Question.id)
    )
    return len(forgotten.all())
