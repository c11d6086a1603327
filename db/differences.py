"""How often practitioners of two agencies disagreed: numbers by month, and nobody's words, name or time."""

from __future__ import annotations

from collections.abc import Mapping
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
    """How many differences had one thing in common; None where that may not be shown."""

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
    """Return how many there were of each theme, stage or agency type in some months.

    Small numbers are hidden, and as many of the next larger ones as it takes so that nobody can work them out from
    the total of another list: two at least, which together are no small number.
    """
    column = {"theme": DifferenceCount.theme, "stage": DifferenceCount.stage, "raising": DifferenceCount.raising,
              "receiving": DifferenceCount.receiving}[what]  # fmt: skip
    rows = session.execute(
        select(column, func.sum(DifferenceCount.number))
        .where(DifferenceCount.month >= since, DifferenceCount.month < until)
        .group_by(column)
        .order_by(column)
    )
    numbers: dict[str, int] = {name: number for name, number in rows}  # noqa: C416 - rows are no pairs to mypy
    hidden = _hidden(numbers, hidden_below)
    return [Total(name, None if name in hidden else number) for name, number in numbers.items()]


def _hidden(numbers: Mapping[str, int], below: int) -> set[str]:
    hidden, together = set[str](), 0
    for name, number in sorted(numbers.items(), key=lambda one: (one[1], one[0])):
        if number >= below and (not hidden or (len(hidden) > 1 and together >= below)):
            break
        hidden.add(name)
        together += number
    return hidden
