"""How delivery goes: what has waited longest, how much left in time, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Float, SQLColumnExpression, and_, case, extract, func, or_, select
from sqlalchemy.orm import Session

from db.deliveries import Delivery, Lane, Queue, State

IN_TIME = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many posts left, and how many of them within 10 seconds of when they were due."""

    sent: int
    in_time: int

    @property
    def percent(self) -> str:
        """Return the share that left in time, never rounded up to all of them."""
        return f"{int(1000 * self.in_time / self.sent) / 10:g}%" if self.sent else ""


def punctuality(session: Session, *, since: datetime) -> Punctuality:
    """Count the posts that were to leave since then; replies are not posts.

    What was deferred, by quiet hours or by a person, is counted from the moment at which it was let go.
    """
    late = _seconds(session, Delivery.sent_at) - _seconds(session, _let_go())
    sent, in_time = session.execute(
        select(func.count(), func.count(case((late <= IN_TIME.total_seconds(), 1))))
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(Delivery.state == State.SENT.value, Delivery.not_before >= since, Lane.queue == Queue.POST.value)
    ).one()
    return Punctuality(sent, in_time)


def oldest_waiting(session: Session, *, now: datetime) -> datetime | None:
    """Return since when the oldest message waits that could leave, or is tried again; None when none waits."""
    return session.scalar(
        select(func.min(_let_go())).where(
            Delivery.state == State.PENDING.value,
            ~Delivery.held,
            Delivery.due_at <= now,
            or_(Delivery.not_before <= now, Delivery.attempts > 0),
        )
    )


def for_a_person(session: Session) -> int:
    """Count the messages of which a person has to say what becomes of them."""
    given_up = Delivery.state.in_((State.DEAD.value, State.EXPIRED.value))
    asked = and_(Delivery.state == State.VERIFY.value, Delivery.asked_at.is_not(None))
    return session.scalar(select(func.count()).select_from(Delivery).where(or_(given_up, asked))) or 0


def _let_go() -> ColumnElement[datetime | None]:
    """Return when a message was first free to leave: for one that was tried again, when it was due."""
    tried_again = Delivery.attempts > 1
    return case((or_(tried_again, Delivery.not_before < Delivery.due_at), Delivery.due_at), else_=Delivery.not_before)


def _seconds(session: Session, moment: SQLColumnExpression[datetime | None]) -> ColumnElement[float]:
    """Return a moment as seconds, which each database computes in its own way."""
    if session.get_bind().dialect.name == "postgresql":
        return extract("epoch", moment).cast(Float)
    return func.julianday(moment, type_=Float) * 86_400
