"""Everything of one kind, row by row: the audit trail, and whatever any table keeps about one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, or_, select
from sqlalchemy.orm import Session

from db.audit import AuditEntry, AuditLink
from db.base import Base
from db.bookings import Booking
from db.deliveries import Delivery
from db.evaluations import Evaluation
from db.people import IdentityRow, Person

AT_ONCE = 1000
_SECRET = ("_hash", "token", "code")  # how the names of columns end that open something


@dataclass(frozen=True, slots=True)
class Kept:
    """One row of a table that is about a person, and by which of its columns it is."""

    table: str
    because: str
    values: dict[str, Any]


def trail(session: Session) -> Iterator[tuple[AuditEntry, int, str]]:
    """Give the whole audit trail, oldest first, each with its place in the chain and its hash."""
    last = 0
    wanted = select(AuditEntry, AuditLink.place, AuditLink.hash).outerjoin(
        AuditLink, AuditLink.entry_id == AuditEntry.id
    )
    while rows := session.execute(wanted.where(AuditEntry.id > last).order_by(AuditEntry.id).limit(AT_ONCE)).all():
        for entry, place, chained in rows:
            yield entry, place or 0, chained or ""
        last = rows[-1][0].id


def about_person(session: Session, person_id: int) -> Iterator[Kept]:
    """Give every row of every table that names a person: found by the tables' own references."""
    for table in Base.metadata.sorted_tables:
        for column in _naming(table):
            for row in session.execute(select(table).where(column == person_id)).mappings():
                yield Kept(table.name, column.name, _open(row))
    said = select(Evaluation.__table__).join(Booking, Booking.id == Evaluation.booking_id)
    for row in session.execute(said.where(Booking.person_id == person_id)).mappings():
        yield Kept("evaluations", "booking_id", _open(row))
    deeds = select(AuditEntry.__table__).where(AuditEntry.actor == f"person:{person_id}")
    for row in session.execute(deeds.order_by(AuditEntry.id)).mappings():
        yield Kept("audit", "actor", _open(row))
    places = session.execute(
        select(IdentityRow.platform, IdentityRow.user_id).where(IdentityRow.person_id == person_id)
    ).all()
    for platform, user_id in places:
        sent = select(Delivery.__table__).where(
            Delivery.platform == platform, or_(Delivery.address == user_id, Delivery.only_for == user_id)
        )
        for row in session.execute(sent).mappings():
            yield Kept("deliveries", "address", _open(row))


def _naming(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that name a person."""
    people = Person.__tablename__
    own = [column for column in table.columns if table.name == people and column.name == "id"]
    return own + [one for one in table.columns if any(key.column.table.name == people for key in one.foreign_keys)]


def _open(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.endswith(_SECRET)}
