"""The trail of who did what. Rows are only ever added: triggers in the database refuse anything else.

Each row has a link in a chain: the hash of what it says and of the link before. The links are made when a transaction
is about to end, so that transactions wait for each other only then, for a moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, event, func, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert

GENESIS = "0" * 64  # what the first link follows
MOST_PROBLEMS = 20  # that are said one by one
_HEAD = 1
_PENDING = "audit entries that are to be chained"
_AT_ONCE = 5000


class AuditEntry(Base):
    """One deed: who, with which role or door, what, to which record; never the words of a message."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]


class AuditLink(Base):
    """The place of one deed in the chain. Places are counted from 1, without gaps."""

    __tablename__ = "audit_chain"
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit.id"), unique=True)
    hash: Mapped[str]


class AuditHead(Base):
    """The last link, in the one row of this table: without it nobody could tell that the end was cut off."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int]
    hash: Mapped[str]


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends. Written down somewhere else, it shows later that nothing before it was changed."""

    place: int
    hash: str

    def __str__(self) -> str:
        return f"{self.place}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `place:hash`. Raises ValueError for anything else."""
        place, _, found = text.strip().lower().partition(":")
        if not place.isdecimal() or len(found) != len(GENESIS) or set(found) - set("0123456789abcdef"):
            raise ValueError("the end of a chain looks like 12:, followed by 64 digits and letters from a to f")
        return cls(int(place), found)


def add(session: Session, *, at: datetime, actor: str, action: str, subject: str, **detail: str | int | bool) -> None:
    """Write one deed into the trail. It is chained when the transaction ends."""
    entry = AuditEntry(at=at, actor=actor, action=action, subject=subject, detail=detail)
    session.add(entry)
    session.flush()
    session.info.setdefault(_PENDING, []).append(entry)


def latest(session: Session, *, limit: int, action: str = "", besides: str = "") -> list[AuditEntry]:
    """Return the newest deeds, newest first: all, or those of one kind, `besides` those about one subject."""
    wanted = select(AuditEntry).where(AuditEntry.subject != besides).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(wanted.where(AuditEntry.action == action) if action else wanted))


def listed(session: Session, *, skip: int, limit: int, subject: str = "") -> list[AuditEntry]:
    """Return deeds, newest first, page by page: all of them, or those to one record."""
    wanted = select(AuditEntry).order_by(AuditEntry.id.desc()).offset(skip).limit(limit)
    return list(session.scalars(wanted.where(AuditEntry.subject == subject) if subject else wanted))


# --- the chain ---------------------------------------------------------------------------------------------


def chained(before: str, place: int, deed: Any) -> str:
    """Return the hash of a deed at a place in the chain, after the hash before it."""
    says = [
        before, place, deed.id, deed.at.astimezone(UTC).isoformat(timespec="microseconds"),
        deed.actor, deed.action, deed.subject, deed.detail,
    ]  # fmt: skip
    text = json.dumps(says, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@event.listens_for(Session, "before_commit")
def _chain_what_was_added(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    session.flush()  # what still waits for a lock must wait before the chain is held
    pending: list[AuditEntry] = session.info.pop(_PENDING)
    kept = [entry for entry in pending if inspect(entry).persistent]  # not what was rolled back
    if not kept:
        return
    last = _held(session)
    rows = []
    for entry in kept:
        last = Head(last.place + 1, chained(last.hash, last.place + 1, entry))
        rows.append({"place": last.place, "entry_id": entry.id, "hash": last.hash})
    session.execute(insert(session, AuditLink), rows)
    session.execute(update(AuditHead).where(AuditHead.id == _HEAD).values(place=last.place, hash=last.hash))


def _held(session: Session) -> Head:
    """Return the last link, and let no other transaction make one until this one has ended."""
    wanted = select(AuditHead.place, AuditHead.hash).where(AuditHead.id == _HEAD).with_for_update()
    found = session.execute(wanted).one_or_none()
    if found is None:
        first = insert(session, AuditHead).values(id=_HEAD, place=0, hash=GENESIS)
        session.execute(first.on_conflict_do_nothing())
        found = session.execute(wanted).one()
    return Head(*found)


def head(session: Session) -> Head:
    """Return where the chain ends."""
    found = session.execute(select(AuditHead.place, AuditHead.hash).where(AuditHead.id == _HEAD)).one_or_none()
    return Head(*found) if found else Head(0, GENESIS)


def verify(session: Session, *, known: Head | None = None, between: Callable[[], object] = lambda: None) -> list[str]:
    """Return what is wrong with the trail, in words, at most so many; nothing when every deed is as it was written.

    `known` is an end of the chain that was written down before. Others may add to the trail at the same time;
    `between` is called after every few thousand deeds, so that a caller can let them.
    """
    found = list(_first(_problems(session, head(session), known, between)))
    return found if len(found) <= MOST_PROBLEMS else [*found[:MOST_PROBLEMS], "and more"]


def _first(problems: Iterator[str]) -> Iterator[str]:
    yield from (problem for problem, _ in zip(problems, range(MOST_PROBLEMS + 1), strict=False))


def _problems(session: Session, ends: Head, known: Head | None, between: Callable[[], object]) -> Iterator[str]:
    place, before = 0, GENESIS
    awaited = {one.place: one.hash for one in (known, ends) if one and one.place}
    for row in _walked(session, between):
        if row.place != place + 1:
            yield f"Between {place} and {row.place}, {row.place - place - 1} links of the chain are missing."
        if row.id is None:
            yield f"At {row.place}, deed {row.entry_id} is missing."
        elif chained(before, row.place, row) != row.hash:
            yield f"At {row.place}, deed {row.entry_id} or the chain before it is not as it was written."
        if known and row.place == known.place and row.hash != known.hash:
            yield f"At {row.place}, the chain is not the one that was written down."
        place, before = row.place, row.hash
        awaited.pop(place, None)
    for missing in sorted(awaited):
        yield f"The chain ends at {place}, but once reached {missing}."
    now = head(session)
    if (place, before) != (now.place, now.hash) and now == ends:
        yield f"The chain ends at {place} with another hash than its last one, which is kept apart."
    yield from _unchained(session)


def _walked(session: Session, between: Callable[[], object]) -> Iterator[Any]:
    """Give every link with its deed, or with None for the deed's number, in the order of the chain."""
    deed = (AuditEntry.id, AuditEntry.at, AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
    every = (
        select(AuditLink.place, AuditLink.hash, AuditLink.entry_id, *deed)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        .order_by(AuditLink.place)
        .limit(_AT_ONCE)
    )
    rows = session.execute(every).all()
    while rows:
        yield from rows
        between()
        rows = session.execute(every.where(AuditLink.place > rows[-1].place)).all()


def _unchained(session: Session) -> Iterator[str]:
    links = select(AuditLink.entry_id).where(AuditLink.entry_id == AuditEntry.id)
    for entry_id in session.scalars(select(AuditEntry.id).where(~links.exists()).order_by(AuditEntry.id)):
        yield f"Deed {entry_id} is not in the chain: it was not written by this program."


def count(session: Session, *, subject: str = "") -> int:
    """Count the deeds: all of them, or those to one record."""
    wanted = select(func.count()).select_from(AuditEntry)
    return session.scalar(wanted.where(AuditEntry.subject == subject) if subject else wanted) or 0
