"""What holds from one day until another, or for good: roles, seats, posts and deputies alike."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column


class Dated:
    """The days of a row: it holds on `from_on`, on `until_on` and on every day between."""

    from_on: Mapped[date]
    until_on: Mapped[date | None] = mapped_column(default=None)

    @classmethod
    def in_force(cls, on: date) -> ColumnElement[bool]:
        """Say that a row holds on that day."""
        return and_(cls.from_on <= on, or_(cls.until_on.is_(None), cls.until_on >= on))


def end(session: Session, table: type[Dated], *which: ColumnElement[bool], on: date) -> None:
    """Let rows hold no longer from that day on. Those that would have begun later never do."""
    still = or_(table.until_on.is_(None), table.until_on >= on)
    session.execute(delete(table).where(table.from_on >= on, *which))
    session.execute(update(table).where(still, *which).values(until_on=on - timedelta(days=1)))
