"""What the guard decided, counted: when, where, what kinds and by which rules. Never the words, a hash or a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
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

    @property
    def every_kind(self) -> list[str]:
        """Return the kinds of details that were found."""
        return self.kinds.split(_BETWEEN) if self.kinds else []

    @property
    def every_rule(self) -> list[str]:
        """Return the rules that found something."""
        return self.rules.split(_BETWEEN) if self.rules else []


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


def since(session: Session, *, at: datetime) -> list[Screening]:
    """Return every decision since a moment, oldest first."""
    return list(session.scalars(select(Screening).where(Screening.at >= at).order_by(Screening.id)))
