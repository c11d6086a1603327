"""Deliveries that did not arrive, or may not have: who was told of them, and what a person decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, tuple_, update
from sqlalchemy.orm import Session

from db import channels
from db.deliveries import Delivery, Destination, Occurrence, State, destination, failed, for_a_person, settle
from db.people import IdentityRow, Person


@dataclass(frozen=True, slots=True)
class Unsent:
    """A delivery that a person must know about: what kind of message did not arrive, or may not have, and where."""

    id: str
    kind: str
    destination: Destination
    state: State
    occurrence_id: int = 0
    fence: int = 0
    error: str = ""
    due_at: datetime | None = None


def untold(session: Session, *, limit: int) -> list[Unsent]:
    """Return what did not arrive, or may not have, and nobody was told of, oldest first."""
    return _unsent(session, limit, Delivery.told_at.is_(None))


def waiting_for_a_person(session: Session, *, limit: int, besides: str = "") -> list[Unsent]:
    """Return what a person has to decide about, oldest first; nothing of the kind `besides`."""
    return _unsent(session, limit, Occurrence.kind != besides)


def names(session: Session, unsent: Iterable[Unsent]) -> dict[str, str]:
    """Return by delivery the name of who should have got it, a person or a registered channel, where it is known."""
    places = {one.id: (one.destination.platform, one.destination.only_for or one.destination.address) for one in unsent}
    rows = session.execute(
        select(IdentityRow.platform, IdentityRow.user_id, Person.name)
        .join(Person, Person.id == IdentityRow.person_id)
        .where(tuple_(IdentityRow.platform, IdentityRow.user_id).in_(set(places.values())))
    )
    known = {(channel.platform, channel.address): channel.name for channel in channels.listed(session)}
    known |= {(row.platform, row.user_id): row.name for row in rows}
    return {delivery_id: known[place] for delivery_id, place in places.items() if place in known}


def failed_of(session: Session, occurrence_id: int, *, limit: int) -> list[Unsent]:
    """Return what did not arrive of one occurrence, or may not have."""
    return _unsent(session, limit, Delivery.occurrence_id == occurrence_id)


def known(session: Session, delivery_id: str) -> Unsent | None:
    """Return a delivery, whatever became of it."""
    found = _described(session, 1, Delivery.id == delivery_id)
    return found[0] if found else None


def told(session: Session, ids: Iterable[str], *, now: datetime) -> None:
    """Note that the secretariat is told of these."""
    session.execute(
        update(Delivery).where(Delivery.id.in_(list(ids))).values(told_at=now),
        execution_options={"synchronize_session": False},
    )


def told_since(session: Session, occurrence_ids: Iterable[int], *, since: datetime) -> set[int]:
    """Return of which of these occurrences the secretariat was told since then."""
    which = (Delivery.occurrence_id.in_(list(occurrence_ids)), Delivery.told_at > since)
    return set(session.scalars(select(Delivery.occurrence_id).where(*which)))


def _unsent(session: Session, limit: int, *which: ColumnElement[bool]) -> list[Unsent]:
    return _described(session, limit, failed(), *which)


def _described(session: Session, limit: int, *which: ColumnElement[bool]) -> list[Unsent]:
    rows = session.execute(
        select(Delivery, Occurrence.kind)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(*which)
        .order_by(Delivery.due_at, Delivery.occurrence_id, Delivery.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [
        Unsent(row.id, kind, destination(row), State(row.state), row.occurrence_id, row.fence, row.error, row.due_at)
        for row, kind in rows
    ]


def arrived(session: Session, delivery_id: str, *, now: datetime) -> bool:
    """Note that a person saw a message that was put to them; return False for anything else."""
    return settle(session, delivery_id, for_a_person(), now, state=State.SENT.value, sent_at=now, error="")


def drop(session: Session, delivery_id: str, *, now: datetime) -> bool:
    """Give up what died, expired or was put to a person; return False for anything else."""
    return settle(
        session, delivery_id, failed(), now,
        state=State.CANCELLED.value,
    )  # fmt: skip
