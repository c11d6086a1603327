"""Helpful or not: one vote per person and answer, which can be changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, case, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.questions import Question


class Feedback(Base):
    """What one person thought of one answer."""

    __tablename__ = "feedback"
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    asker: Mapped[str] = mapped_column(primary_key=True)
    helpful: Mapped[bool]
    at: Mapped[datetime]


def vote(session: Session, *, question_id: int, asker: str, helpful: bool, at: datetime) -> None:
    """Keep a vote, in place of this person's earlier one on the same answer."""
    session.execute(
        insert(session, Feedback)
        .values(question_id=question_id, asker=asker, helpful=helpful, at=at)
        .on_conflict_do_update(
            index_elements=[Feedback.question_id, Feedback.asker], set_={"helpful": helpful, "at": at}
        )
    )


def by_article(session: Session) -> list[tuple[str, int, int]]:
    """Return (article, helpful, not helpful) for every article with a vote, most unhelpful first."""
    up = func.sum(case((Feedback.helpful, 1), else_=0))
    down = func.sum(case((Feedback.helpful, 0), else_=1))
    rows = session.execute(
        select(Question.slug, up, down)
        .join(Question, Question.id == Feedback.question_id)
        .where(Question.slug.is_not(None))
        .group_by(Question.slug)
        .order_by(down.desc(), Question.slug)
    )
    return [(slug, int(yes), int(no)) for slug, yes, no in rows if slug]
