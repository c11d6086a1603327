"""Links between any two records, by their references: what led to what, and what belongs together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, delete, literal, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert

FARTHEST = 5  # how many links are followed from what began to what changed because of it


class Kind(StrEnum):
    """What one record is to another, read from the first to the second."""

    LED_TO = "led to"
    ESCALATED_AS = "escalated as"
    CHALLENGED_BY = "challenged by"
    MERGED_INTO = "merged into"
    RELATES_TO = "relates to"


INVERSE = {
    Kind.LED_TO: "came from",
    Kind.ESCALATED_AS: "escalates",
    Kind.CHALLENGED_BY: "challenges",
    Kind.MERGED_INTO: "took in",
    Kind.RELATES_TO: "relates to",
}
CAUSES = (Kind.LED_TO, Kind.ESCALATED_AS, Kind.CHALLENGED_BY)  # the second is there because of the first


class Relation(Base):
    """That one record is something to another, since when and by whom."""

    __tablename__ = "relations"
    __table_args__ = (UniqueConstraint("ref_a", "kind", "ref_b"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ref_a: Mapped[str]
    kind: Mapped[str]
    ref_b: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it reads from one of its two records: `said` is such as "led to", `ref` the other record."""

    id: int
    said: str
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is there because of a record: `steps` links away, and by way of which record."""

    ref: str
    said: str
    because_of: str
    steps: int


def link(session: Session, ref_a: str, kind: Kind, ref_b: str, *, at: datetime, by: int | None) -> bool:
    """Link two records; return False when they were linked so already. Raises ValueError for a record with itself."""
    if ref_a == ref_b:
        raise ValueError("a record cannot be linked to itself")
    if kind is Kind.RELATES_TO:
        ref_a, ref_b = sorted((ref_a, ref_b))
    row = insert(session, Relation).values(ref_a=ref_a, kind=kind.value, ref_b=ref_b, at=at, by_person_id=by)
    return session.scalar(row.on_conflict_do_nothing().returning(Relation.id)) is not None


def unlink(session: Session, relation_id: int, *, ref: str) -> Relation | None:
    """Take a link of a record away, and return it; None when the record has none such."""
    row = session.get(Relation, relation_id)
    if row is None or ref not in (row.ref_a, row.ref_b):
        return None
    session.execute(delete(Relation).where(Relation.id == row.id))
    session.expunge(row)
    return row


def of(session: Session, ref: str) -> list[Link]:
    """Return the links of a record, oldest first, each read from it."""
    wanted = select(Relation).where(or_(Relation.ref_a == ref, Relation.ref_b == ref)).order_by(Relation.id)
    return [
        Link(row.id, row.kind, row.ref_b, row.at)
        if row.ref_a == ref
        else Link(row.id, INVERSE[Kind(row.kind)], row.ref_a, row.at)
        for row in session.scalars(wanted)
    ]


def because_of(session: Session, ref: str) -> list[Change]:
    """Return what is there because of a record, nearest first: what it led to, what that led to, and so on."""
    rows = _caused_by(session, ref)
    found: list[Change] = []
    known, last = {ref}, {ref}
    for steps in range(1, FARTHEST + 1):
        new = _each_once(row for row in rows if row.ref_a in last and row.ref_b not in known)
        found += [Change(row.ref_b, row.kind, row.ref_a, steps) for row in new]
        last = {row.ref_b for row in new}
        known |= last
    return found


def _caused_by(session: Session, ref: str) -> list[Relation]:
    """Return every link from a cause to what came of it that begins near enough, in one query."""
    causes = Relation.kind.in_([kind.value for kind in CAUSES])
    near = select(literal(ref).label("ref"), literal(0).label("steps")).cte("near", recursive=True)
    one_more = select(Relation.ref_b, near.c.steps + 1).join(near, Relation.ref_a == near.c.ref)
    near = near.union(one_more.where(causes, near.c.steps < FARTHEST - 1))
    wanted = select(Relation).where(causes, Relation.ref_a.in_(select(near.c.ref))).order_by(Relation.id)
    return list(session.scalars(wanted))


def _each_once(rows: Iterable[Relation]) -> list[Relation]:
    first: dict[str, Relation] = {}
    for row in rows:
        first.setdefault(row.ref_b, row)
    return list(first.values())
