"""What was done to each record, one after the other. Rows are only ever added, and each goes into the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import audit
from db.base import Base
from db.people import Person

CLOCK = "clock"  # as the audit trail calls what nobody in particular did


class Entry(Base):
    """One deed to one record: who did what, and the state before and after; never the words of a message.

    `version` is the version that the deed made, 0 when it made none.
    """

    __tablename__ = "record_history"
    __table_args__ = (Index("ix_record_history_ref", "record_ref", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_ref: Mapped[str]
    at: Mapped[datetime]
    actor_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str]
    before_state: Mapped[str]
    after_state: Mapped[str]
    version: Mapped[int]
    detail: Mapped[dict[str, Any]]


def note(
    session: Session,
    record_ref: str,
    *,
    at: datetime,
    actor_person_id: int | None,
    action: str,
    before_state: str = "",
    after_state: str = "",
    detail: Mapping[str, str | int | bool] | None = None,
    version: int = 0,
) -> None:
    """Write one deed into a record's history, and into the audit trail: it needs no `audit.add` besides.

    `action` is a word or two in the past, such as "accepted". `detail` holds names of fields and codes, never what
    people wrote; under "fields" stand the names of what was changed, such as "title, owner". `version` is what
    `records.changed` returned. Without an `actor_person_id` it was the clock.
    """
    known = dict(detail or {})
    session.add(
        Entry(
            record_ref=record_ref,
            at=at,
            actor_person_id=actor_person_id,
            action=action,
            before_state=before_state,
            after_state=after_state,
            version=version,
            detail=known,
        )
    )
    actor = CLOCK if actor_person_id is None else f"person:{actor_person_id}"
    states = {"before": before_state, "after": after_state} if before_state or after_state else {}
    audit.add(session, at=at, actor=actor, action=action, subject=record_ref, **{**known, **states})


def of(session: Session, record_ref: str) -> list[Entry]:
    """Return every deed to a record, oldest first."""
    return list(session.scalars(select(Entry).where(Entry.record_ref == record_ref).order_by(Entry.id)))


def newest(session: Session, record_ref: str, *, skip: int, limit: int) -> list[Entry]:
    """Return the deeds to a record, newest first, page by page."""
    wanted = select(Entry).where(Entry.record_ref == record_ref).order_by(Entry.id.desc())
    return list(session.scalars(wanted.offset(skip).limit(limit)))


def names(session: Session, entries: Iterable[Entry]) -> dict[int, str]:
    """Return what the people are called who did these deeds, by their numbers."""
    ids = {entry.actor_person_id for entry in entries}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids - {None})))
    return {row.id: row.name for row in rows}


def actor_name(session: Session, entry: Entry) -> str:
    """Return what the person is called who did it."""
    return names(session, [entry]).get(entry.actor_person_id or 0, "The clock")


def in_words(entry: Entry, state: Callable[[str], str] = lambda name: name.replace("-", " ")) -> str:
    """Return one deed in words: "accepted (accepted for a meeting; title)". `state` says what a state is called."""
    states = state(entry.after_state) if entry.after_state and entry.before_state != entry.after_state else ""
    fields = ", ".join(map(_called, filter(None, str(entry.detail.get("fields", "")).split(", "))))
    more = "; ".join(filter(None, (f"now {states}" if states else "", fields)))
    return f"{entry.action} ({more})" if more else entry.action


def _called(field: str) -> str:
    """Return how people say the name of what was changed: "target meeting" for "target_meeting_id"."""
    return field.removesuffix("_id").replace("_", " ")
