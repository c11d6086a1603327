"""What a meeting is to talk about, and the papers that its items need: links to them, who owes them, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.meetings import AHEAD, Meeting, MeetingState
from db.people import Person

ASKED = "asked"  # the source of an item that a person asked for
MAX_TITLE, MAX_PRESENTER, MAX_LINK = 150, 100, 500


class Purpose(StrEnum):
    """What a meeting is to do with an item."""

    DECIDE = "decide"
    DISCUSS = "discuss"
    NOTE = "note"
    ASSURE = "assure"


class AgendaItem(Base):
    """One item that a person or the bot put on the agenda of a meeting.

    `source` is what it came from and `source_ref` which one; items that people ask for have the key of their act
    there. `place` orders the agenda. `taken_at` is set when the secretariat has taken it, and for one that a record
    brought when the papers were locked; `dropped_at` when it will not be talked about.
    """

    __tablename__ = "agenda_items"
    __table_args__ = (UniqueConstraint("meeting_id", "source", "source_ref"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    place: Mapped[int]
    title: Mapped[str]
    purpose: Mapped[str]
    presenter: Mapped[str]
    minutes: Mapped[int]
    source: Mapped[str]
    source_ref: Mapped[str]
    added_at: Mapped[datetime]
    added_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    taken_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]


class Paper(Base):
    """One paper of a meeting: a link to where the council keeps it, never a file. `received_on` is empty until then.

    `for_on` is the day of the meeting from which `due_on` was counted; None while the meeting does not take place.
    """

    __tablename__ = "meeting_papers"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"))
    title: Mapped[str]
    link: Mapped[str]
    owner_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    due_on: Mapped[date]
    for_on: Mapped[date | None]
    received_on: Mapped[date | None]
    added_at: Mapped[datetime]
    dropped_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper with the name of who owes it."""

    row: Paper
    owner: str


# --- items -----------------------------------------------------------------------------------------------------


def items(session: Session, meeting_id: int) -> list[AgendaItem]:
    """Return every item that is kept for a meeting, also those that were dropped, in the order of asking."""
    return list(session.scalars(select(AgendaItem).where(AgendaItem.meeting_id == meeting_id).order_by(AgendaItem.id)))


def keep(
    session: Session, *, meeting_id: int, source: str, source_ref: str, at: datetime, **columns: object
) -> AgendaItem:
    """Return the one item of a meeting from this source, which is kept from now on; it may be there already."""
    which = {"meeting_id": meeting_id, "source": source, "source_ref": source_ref}
    blank = {"place": 0, "title": "", "purpose": "", "presenter": "", "minutes": 0, "added_at": at}
    session.execute(insert(session, AgendaItem).values(**{**blank, **columns, **which}).on_conflict_do_nothing())
    return session.scalars(select(AgendaItem).filter_by(**which)).one()


def held(session: Session, meeting_id: int) -> Meeting | None:
    """Return a meeting whose agenda nobody else changes until the transaction ends."""
    return session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)


def to_settle(session: Session, on: date) -> list[Meeting]:
    """Return the meetings from that day on whose papers are locked, and whose items were not settled since."""
    of_it = select(AgendaItem.id).where(AgendaItem.meeting_id == Meeting.id)
    settled = of_it.where(AgendaItem.source != ASKED, AgendaItem.taken_at >= Meeting.locked_at).exists()
    waits = of_it.where(
        AgendaItem.source == ASKED, AgendaItem.taken_at.is_(None), AgendaItem.dropped_at.is_(None)
    ).exists()
    wanted = select(Meeting).where(Meeting.on >= on, Meeting.state.in_(AHEAD), Meeting.locked_at.is_not(None))
    return list(session.scalars(wanted.where(or_(~settled, waits)).order_by(Meeting.on, Meeting.id)))


# --- papers ----------------------------------------------------------------------------------------------------


def papers(session: Session, meeting_id: int) -> list[Listed]:
    """Return the papers of a meeting that are wanted, the first that is due at the top."""
    rows = session.execute(
        select(Paper, Person.name)
        .join(Person, Person.id == Paper.owner_person_id)
        .where(Paper.meeting_id == meeting_id, Paper.dropped_at.is_(None))
        .order_by(Paper.due_on, Paper.id)
    )
    return [Listed(row, owner) for row, owner in rows]


def add_paper(session: Session, **columns: object) -> Paper:
    """Keep a new paper, and return it."""
    row = Paper(**columns)
    session.add(row)
    session.flush()
    return row


def paper(session: Session, paper_id: int) -> Paper | None:
    """Return a paper that is wanted, held for a change."""
    found = session.get(Paper, paper_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.dropped_at is None else None


def out_of_step(session: Session, *, limit: int = 500) -> list[tuple[Paper, Meeting]]:
    """Return the papers that are owed for a meeting which has another day by now, or is cancelled, with it."""
    moved = and_(Meeting.state.in_(AHEAD), Paper.for_on.is_distinct_from(Meeting.on))
    gone = and_(Meeting.state == MeetingState.CANCELLED.value, Paper.for_on.is_not(None))
    owed = (Paper.received_on.is_(None), Paper.dropped_at.is_(None))
    wanted = select(Paper, Meeting).join(Meeting, Meeting.id == Paper.meeting_id).where(*owed, or_(moved, gone))
    return [(row, meeting) for row, meeting in session.execute(wanted.order_by(Paper.id).limit(limit))]
