"""What escalations, risks, challenges and actions share: references without gaps, and versions that tell of a clash."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import history
from db.base import Base, insert


class RecordNumber(Base):
    """The last number that was given under a prefix in a year. It only grows: no reference ever means two records."""

    __tablename__ = "record_numbers"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Versioned:
    """A record under a reference, which knows how often it was changed. The first version is 1."""

    ref: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)


class Stale(Exception):  # noqa: N818 - it is no mistake of anybody's
    """A record was changed by somebody else since it was opened. `by` and `what` say so in words."""

    def __init__(self, ref: str, version: int, by: str, what: str) -> None:
        super().__init__(f"{by} changed {ref} meanwhile: {what}.")
        self.ref = ref
        self.version = version
        self.by = by
        self.what = what


def next_ref(session: Session, prefix: str, year: int) -> str:
    """Return the next reference of a year, such as "ESC-2026-017".

    Who asks for the same prefix and year waits until this transaction has ended, so ask late in it. One that is
    rolled back leaves no gap.
    """
    first = insert(session, RecordNumber).values(prefix=prefix, year=year, last=1)
    number = session.scalars(
        first.on_conflict_do_update(
            index_elements=[RecordNumber.prefix, RecordNumber.year], set_={"last": RecordNumber.last + 1}
        ).returning(RecordNumber.last)
    ).one()
    return f"{prefix}-{year}-{number:03d}"


def changed(session: Session, row: Versioned, *, expected: int) -> int:
    """Hold a record until the transaction ends, as it is now, and give it its next version, which is returned.

    Call it before anything of the record is changed: the row is read again. Raises Stale when it has another
    version than `expected`, the one that was on the form or the card.
    """
    kind = type(row)
    with session.no_autoflush:
        fresh = select(kind).where(kind.ref == row.ref).with_for_update().execution_options(populate_existing=True)
        session.scalars(fresh).one()
    if row.version != expected:
        raise _stale(session, row, expected)
    row.version += 1
    session.flush()
    return row.version


def _stale(session: Session, row: Versioned, expected: int) -> Stale:
    entries = history.of(session, row.ref)
    since = [entry for entry in entries if entry.version > expected] or entries[-1:]
    by = ", ".join(dict.fromkeys(history.actor_name(session, entry) for entry in since)) or "Somebody"
    what = "; ".join(dict.fromkeys(map(history.in_words, since))) or "it is not as it was"
    return Stale(row.ref, row.version, by, what)
