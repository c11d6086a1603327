"""How often practitioners of two agencies disagreed: numbers by month, and nobody's words, name or time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert


class DifferenceCount(Base):
    """A number for each month and each way in which differences were alike. It holds no text that anybody typed."""

    __tablename__ = "difference_counts"
    __table_args__ = (UniqueConstraint("month", "raising", "receiving", "theme", "stage", "settled"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date]
    raising: Mapped[str]
    receiving: Mapped[str]
    theme: Mapped[str]
    stage: Mapped[str]
    settled: Mapped[bool]
    number: Mapped[int]


@dataclass(frozen=True, slots=True)
class Total:
    """How many differences had one thing in common; None for fewer than may be shown."""

    name: str
    number: int | None


def count(
    session: Session, *, month: date, raising: str, receiving: str, theme: str, stage: str, settled: bool
) -> None:
    """Count one more difference."""
    which = {
        "month": month.replace(day=1), "raising": raising, "receiving": receiving, "theme": theme, "stage": stage,
        "settled": settled,
    }  # fmt: skip
    session.execute(
        insert(session, DifferenceCount)
        .values(**which, number=1)
        .on_conflict_do_update(index_elements=list(which), set_={"number": DifferenceCount.number + 1})
    )


def totals(session: Session, what: str, *, since: date, until: date, hidden_below: int) -> list[Total]:
    """Return how many there were of each theme, stage or agency type in some months; small numbers are hidden."""
    column = {"theme": DifferenceCount.theme, "stage": DifferenceCount.stage, "raising": DifferenceCount.raising,
              "receiving": DifferenceCount.receiving}[what]  # fmt: skip
    rows = session.execute(
        select(column, func.sum(DifferenceCount.number))
        .where(DifferenceCount.month >= since, DifferenceCount.month < until)
        .group_by(column)
        .order_by(column)
    )
    return [Total(name, number if number >= hidden_below else None) for name, number in rows]


def total(session: Session, *, since: date, until: date, hidden_below: int) -> int | None:
    """Return how many there were in some months; None for fewer than may be shown."""
    months = (DifferenceCount.month >= since, DifferenceCount.month < until)
    number = session.scalar(select(func.sum(DifferenceCount.number)).where(*months)) or 0
    return number if number >= hidden_below or not number else None
