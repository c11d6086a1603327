"""What the guard decided, counted: when, where, what kinds and by which rules. Never the words, a hash or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base

_BETWEEN = ","


class Screening(Base):
    """One message or form that was not simply passed.

    `decision` is urgent, block, ask, failed or overridden; `door` the name of the route; `kinds` and `rules` are
    joined by commas; `overridden` is the reason that was given, empty when nothing was overridden.
    """

    __tablename__ = "screenings"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    platform: Mapped[str]
    door: Mapped[str]
    decision: Mapped[str]
    kinds: Mapped[str]
    rules: Mapped[str]
    guard_version: Mapped[str]
    overridden: Mapped[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one decision was taken because of the same kinds and rules."""

    decision: str
    kinds: tuple[str, ...]
    rules: tuple[str, ...]
    times: int


def record(
    session: Session,
    *,
    at: datetime,
    platform: str,
    door: str,
    decision: str,
    kinds: tuple[str, ...],
    rules: tuple[str, ...],
    guard_version: str,
    overridden: str = "",
) -> None:
    """Count one decision."""
    session.add(
        Screening(
            at=at,
            platform=platform,
            door=door,
            decision=decision,
            kinds=_BETWEEN.join(kinds),
            rules=_BETWEEN.join(rules),
            guard_version=guard_version,
            overridden=overridden,
        )
    )


def counts(session: Session, *, since: datetime) -> list[Counted]:
    """Return how often each decision was taken since a moment, by the kinds and rules that led to it."""
    same = (Screening.decision, Screening.kinds, Screening.rules)
    rows = session.execute(select(*same, func.count()).where(Screening.at >= since).group_by(*same).order_by(*same))
    return [Counted(decision, _apart(kinds), _apart(rules), times) for decision, kinds, rules, times in rows]


def _apart(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(_BETWEEN)) if joined else ()
