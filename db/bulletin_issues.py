"""Bulletins as they go out: what was sent to whom, what became of it, and who says that they have read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from db import deliveries
from db.base import insert
from db.bulletins import Bulletin, BulletinIssue, BulletinReading, BulletinRecipient, State
from db.deliveries import Delivery, Destination, Occurrence
from db.people import Agency, Person, here


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a version is for. `destination` is None for somebody who cannot be reached."""

    person_id: int | None
    name: str
    agency: str
    destination: Destination | None


# --- sending -----------------------------------------------------------------------------------------------


def due(session: Session, *, until: datetime) -> list[Bulletin]:
    """Return the scheduled bulletins whose time comes by then; other replicas pass over them until this one ends."""
    rows = select(Bulletin).where(Bulletin.state == State.SCHEDULED.value, Bulletin.scheduled_for <= until)
    return list(session.scalars(rows.order_by(Bulletin.scheduled_for, Bulletin.id).with_for_update(skip_locked=True)))


def begin(
    session: Session,
    bulletin: Bulletin,
    *,
    content: Mapping[str, Any],
    parts: int,
    due_at: datetime,
    recipients: Iterable[Recipient],
) -> BulletinIssue | None:
    """Keep the present version as it goes out, and whom it is for; None when this version went out before."""
    issue_id = session.scalar(
        insert(session, BulletinIssue)
        .values(
            bulletin_id=bulletin.id, version=bulletin.version, title=bulletin.title, content=dict(content),
            parts=parts, due_at=due_at,
        )
        .on_conflict_do_nothing()
        .returning(BulletinIssue.id)
    )  # fmt: skip
    if issue_id is None:
        return None
    nowhere = Destination("", "")
    rows = [
        {
            "issue_id": issue_id, "person_id": one.person_id, "name": one.name, "agency": one.agency,
            "platform": to.platform, "address": to.address, "thread": to.thread,
        }
        for one in recipients
        for to in [one.destination or nowhere]
    ]  # fmt: skip
    session.execute(insert(session, BulletinRecipient), rows)
    return session.get(BulletinIssue, issue_id)


def keys(bulletin: Bulletin, version: int, parts: int) -> list[str]:
    """Return the natural keys of the messages of one version."""
    whole = f"bulletin:{bulletin.ref}:v{version}"
    return [whole] if parts == 1 else [f"{whole}:part-{number}" for number in range(1, parts + 1)]


def latest(session: Session, bulletin_id: int) -> BulletinIssue | None:
    """Return the newest version that went out, or is going out."""
    rows = select(BulletinIssue).where(BulletinIssue.bulletin_id == bulletin_id)
    return session.scalar(rows.order_by(BulletinIssue.version.desc()).limit(1))


def latest_sent(session: Session, bulletin_id: int) -> BulletinIssue | None:
    """Return the newest version that anybody got."""
    rows = select(BulletinIssue).where(BulletinIssue.bulletin_id == bulletin_id, BulletinIssue.sent_at.is_not(None))
    return session.scalar(rows.order_by(BulletinIssue.version.desc()).limit(1))


def arrived(session: Session, bulletin: Bulletin) -> BulletinIssue | None:
    """Return the newest version that somebody has, or may have: people are quicker than whoever keeps count."""
    for issue in session.scalars(
        select(BulletinIssue).where(BulletinIssue.bulletin_id == bulletin.id).order_by(BulletinIssue.version.desc())
    ):
        counted = states_of(session, keys(bulletin, issue.version, issue.parts))
        if issue.sent_at or not _ON_THEIR_WAY.isdisjoint(counted):
            return issue
    return None


_ON_THEIR_WAY = {deliveries.State.SENDING.value, deliveries.State.VERIFY.value, deliveries.State.SENT.value}


def got(session: Session, bulletin_id: int, *, on: date) -> list[Recipient]:
    """Return everybody who got the newest version that was sent and has not left, each with the message as thread."""
    issue, bulletin = latest_sent(session, bulletin_id), session.get(Bulletin, bulletin_id)
    if issue is None or bulletin is None:
        return []
    rows = session.execute(
        select(BulletinRecipient, Delivery.message_id)
        .join(Delivery, and_(*_delivered_to()))
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .outerjoin(Person, Person.id == BulletinRecipient.person_id)
        .where(BulletinRecipient.issue_id == issue.id, Delivery.state == deliveries.State.SENT.value)
        .where(Occurrence.key == keys(bulletin, issue.version, issue.parts)[0])
        .where(or_(Person.id.is_(None), here(on)))
        .order_by(BulletinRecipient.id)
    )
    return [
        Recipient(row.person_id, row.name, row.agency, Destination(row.platform, row.address, _thread(message_id)))
        for row, message_id in rows
    ]


def _delivered_to() -> list[ColumnElement[bool]]:
    """Say that a delivery is the one for a recipient."""
    return [getattr(Delivery, name) == getattr(BulletinRecipient, name) for name in ("platform", "address", "thread")]


def _thread(message_id: str) -> str:
    """Return what an answer to a message is addressed to: the message's own id, without the conversation's."""
    return message_id.rpartition(":")[2]


def open_issues(session: Session) -> list[tuple[BulletinIssue, Bulletin]]:
    """Return what is going out, with its bulletin; other replicas pass over it until this one ends."""
    rows = session.execute(
        select(BulletinIssue, Bulletin)
        .join(Bulletin, Bulletin.id == BulletinIssue.bulletin_id)
        .where(BulletinIssue.ended_at.is_(None))
        .order_by(BulletinIssue.id)
        .with_for_update(skip_locked=True)
    )
    return [(row[0], row[1]) for row in rows]


def sent_before(session: Session, *, before: datetime) -> list[Bulletin]:
    """Return the bulletins that are not in the archive yet and of which nothing was left to be sent by then."""
    ended = select(BulletinIssue.bulletin_id).group_by(BulletinIssue.bulletin_id)
    ended = ended.having(func.max(BulletinIssue.ended_at) < before)
    rows = select(Bulletin).where(Bulletin.state == State.SENT.value, Bulletin.id.in_(ended))
    return list(session.scalars(rows.with_for_update(skip_locked=True)))


def read_until(session: Session, *, before: date) -> list[Bulletin]:
    """Return the sent bulletins of which nobody is to be reminded any more, as the day for it is over."""
    rows = select(Bulletin).where(Bulletin.state == State.SENT.value, Bulletin.read_by < before)
    return list(session.scalars(rows))


def to_be_read(session: Session) -> list[tuple[Bulletin, BulletinIssue]]:
    """Return the bulletins of this month whose readers are asked to brief their teams, with what they got."""
    rows = session.execute(_sent().where(Bulletin.state == State.SENT.value, Bulletin.needs_reading))
    return [(row[0], row[1]) for row in rows]


def states_of(session: Session, occurrence_keys: Collection[str]) -> dict[str, tuple[int, datetime | None]]:
    """Count the deliveries of some occurrences by state, each with when the first of them was sent."""
    rows = session.execute(
        select(Delivery.state, func.count(), func.min(Delivery.sent_at))
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Occurrence.key.in_(occurrence_keys))
        .group_by(Delivery.state)
    )
    return {state: (number, first) for state, number, first in rows}


def sent(session: Session, *, skip: int, limit: int) -> list[tuple[Bulletin, BulletinIssue]]:
    """Return what people got, newest first: each bulletin with its newest version that was sent; no corrections."""
    rows = _sent().where(Bulletin.correction_of.is_(None)).order_by(BulletinIssue.sent_at.desc(), Bulletin.id.desc())
    return [(row[0], row[1]) for row in session.execute(rows.offset(skip).limit(limit))]


def corrections(session: Session, bulletin_id: int) -> list[tuple[Bulletin, BulletinIssue]]:
    """Return the corrections of a bulletin that people got, oldest first."""
    rows = _sent().where(Bulletin.correction_of == bulletin_id).order_by(BulletinIssue.sent_at, Bulletin.id)
    return [(row[0], row[1]) for row in session.execute(rows)]


def _sent() -> Select[Bulletin, BulletinIssue]:
    newest = (
        select(BulletinIssue.bulletin_id, func.max(BulletinIssue.version).label("version"))
        .where(BulletinIssue.sent_at.is_not(None))
        .group_by(BulletinIssue.bulletin_id)
        .subquery()
    )
    here_and_now = and_(newest.c.bulletin_id == BulletinIssue.bulletin_id, newest.c.version == BulletinIssue.version)
    return (
        select(Bulletin, BulletinIssue)
        .join(BulletinIssue, BulletinIssue.bulletin_id == Bulletin.id)
        .join(newest, here_and_now)
    )


# --- reading -----------------------------------------------------------------------------------------------


def note_reading(session: Session, bulletin_id: int, *, person_id: int, at: datetime) -> bool:
    """Keep that a person has read a bulletin and briefed their team; return False when that was kept before."""
    kept = session.scalar(
        insert(session, BulletinReading)
        .values(bulletin_id=bulletin_id, person_id=person_id, at=at)
        .on_conflict_do_nothing()
        .returning(BulletinReading.person_id)
    )
    return kept is not None


def readings(session: Session, bulletin_id: int) -> dict[int, datetime]:
    """Return who has read a bulletin and briefed their team, and when they said so."""
    rows = session.execute(
        select(BulletinReading.person_id, BulletinReading.at).where(BulletinReading.bulletin_id == bulletin_id)
    )
    return {row.person_id: row.at for row in rows}


@dataclass(frozen=True, slots=True)
class Reading:
    """That somebody says that they have read a bulletin; where they belong is where they belong today."""

    person_id: int
    name: str
    agency: str
    at: datetime


def readers_of(session: Session, bulletin_id: int) -> list[Reading]:
    """Return who has read a bulletin and briefed their team, by agency and name, whichever way it came to them."""
    rows = session.execute(
        select(Person.id, Person.name, Agency.name, BulletinReading.at)
        .join(BulletinReading, BulletinReading.person_id == Person.id)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .where(BulletinReading.bulletin_id == bulletin_id)
        .order_by(Agency.name, Person.name, Person.id)
    )
    return [Reading(person_id, name, agency or "", at) for person_id, name, agency, at in rows]


def agency_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    """Return the numbers of agencies by their names."""
    return {row.name: row.id for row in session.scalars(select(Agency).where(Agency.name.in_(names)))}


# --- what became of it --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a version for one reader: the worst state of its parts, and when the last of them arrived.

    `state` is empty for somebody who could not be reached at all.
    """

    person_id: int | None
    name: str
    agency: str
    platform: str
    state: str
    sent_at: datetime | None
    error: str


# the first of these that any part is in is what became of the whole
_WORST = ("dead", "expired", "cancelled", "verify", "sending", "pending", "sent")


def outcomes(session: Session, issue: BulletinIssue, bulletin: Bulletin) -> list[Outcome]:
    """Return what became of a version for each of its readers, in the order in which they were listed."""
    whose = select(BulletinRecipient).where(BulletinRecipient.issue_id == issue.id).order_by(BulletinRecipient.id)
    parts: dict[tuple[str, str, str], list[Delivery]] = {}
    posted = (
        select(Delivery)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Occurrence.key.in_(keys(bulletin, issue.version, issue.parts)))
        .execution_options(populate_existing=True)
    )
    for row in session.scalars(posted):
        parts.setdefault((row.platform, row.address, row.thread), []).append(row)
    return [_outcome(one, parts.get((one.platform, one.address, one.thread), [])) for one in session.scalars(whose)]


def _outcome(one: BulletinRecipient, parts: list[Delivery]) -> Outcome:
    worst = min(parts, key=lambda row: _WORST.index(row.state), default=None)
    return Outcome(
        person_id=one.person_id,
        name=one.name,
        agency=one.agency,
        platform=one.platform,
        state=worst.state if worst else "",
        sent_at=max((row.sent_at for row in parts if row.sent_at), default=None),
        error=worst.error if worst else "",
    )
