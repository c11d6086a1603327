"""When groups meet: the day, the day by which items must be in, and the day on which papers go out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import groups, records
from db.base import Base
from db.groups import Group

EXECUTIVE = "Executive"  # the group that escalations go to


PREFIX = "MTG"
USUAL_MINUTES = 120  # no source says how long meetings last
_DIGITS = 10  # a number with fewer is one that a database can hold


class MeetingState(StrEnum):
    """Where a meeting stands, in the order in which it goes on. `locked_at` says when its papers were locked."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    OPEN = "papers-open"
    LOCKED = "locked"
    SENT = "sent"
    HELD = "held"
    DRAFT = "minutes-draft"
    AGREED = "agreed"
    CANCELLED = "cancelled"


NOT_ON = (MeetingState.PROPOSED.value, MeetingState.CANCELLED.value)  # nobody is to go there
AHEAD = tuple(  # it is to come, and people are to go there
    state.value for state in (MeetingState.CONFIRMED, MeetingState.OPEN, MeetingState.LOCKED, MeetingState.SENT)
)


class Meeting(Base):
    """One meeting of a group. What comes after `cut_off_on` goes to the next one; papers go out on `pack_on`.

    `moved_from` is the day that it had before it was moved last. `sequence` counts the changes that a calendar has to
    know. `link` is for those who sit in the group, and `chair` says in words who leads it that day.
    """

    __tablename__ = "meetings"
    __table_args__ = (
        UniqueConstraint("group_id", "on"),
        Index("ix_meetings_state_on", "state", "on"),
        Index("ix_meetings_ref", "ref", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    title: Mapped[str] = mapped_column(default="")
    on: Mapped[date]
    starts_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(default=USUAL_MINUTES)
    place: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    chair: Mapped[str] = mapped_column(default="")
    cut_off_on: Mapped[date]
    pack_on: Mapped[date]
    locked_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default=MeetingState.CONFIRMED.value)
    moved_from: Mapped[date | None]
    sequence: Mapped[int] = mapped_column(default=0)


class Days(TypedDict):
    """When a meeting is, by when items must be in for it, and when its papers go out."""

    on: date
    cut_off_on: date
    pack_on: date
    starts_at: datetime | None


def add(
    session: Session, group: str, *, on: date, cut_off_on: date, pack_on: date, starts_at: datetime | None = None,
    state: MeetingState = MeetingState.CONFIRMED, title: str = "",
) -> Meeting | None:  # fmt: skip
    """Keep a day on which a group meets; None when it is there already.

    One that was cancelled takes place again, and one that was only proposed is confirmed, under the same reference.
    """
    known = groups.group_id(session, group)
    wanted = select(Meeting).where(Meeting.group_id == known, Meeting.on == on)
    found = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if found is None:
        ref = records.next_ref(session, PREFIX, on.year)  # others who would add the same day wait here
        found = session.scalar(wanted.execution_options(populate_existing=True))
    days = {"starts_at": starts_at, "cut_off_on": cut_off_on, "pack_on": pack_on, "locked_at": None}
    if found is None:
        found = Meeting(ref=ref, group_id=known, on=on, state=state.value, title=title, **days)
        session.add(found)
    elif found.state == MeetingState.CANCELLED.value or (found.state, state) == (
        MeetingState.PROPOSED.value, MeetingState.CONFIRMED,
    ):  # fmt: skip
        for name, value in {**days, "state": state.value, "sequence": found.sequence + 1}.items():
            setattr(found, name, value)
    else:
        return None
    session.flush()
    return found


def get(session: Session, meeting_id: int) -> Meeting | None:
    """Return one meeting."""
    return session.get(Meeting, meeting_id)


def by_ref(session: Session, ref: str) -> tuple[str, Meeting] | None:
    """Return the name of its group and a meeting, by its reference or its number in a button."""
    which = Meeting.id == int(ref) if ref.isdecimal() and len(ref) < _DIGITS else Meeting.ref == ref.upper()
    row = session.execute(_named().where(which)).one_or_none()
    return (row[0], row[1]) if row else None


def held_for_change(session: Session, meeting_id: int) -> Meeting | None:
    """Return a meeting as it is now, and keep others from changing it until the transaction ends."""
    return session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)


def near(session: Session, first: date, last: date) -> list[tuple[str, Meeting]]:
    """Return the meetings from one day to another that people are to go to, each with its group's name, in order.

    They are held for a change: nobody moves or cancels one while its members are told of it.
    """
    wanted = _named().where(Meeting.state.in_(AHEAD), Meeting.on.between(first, last))
    held = wanted.order_by(Meeting.on, Meeting.id).with_for_update(of=Meeting)
    return [(name, row) for name, row in session.execute(held.execution_options(populate_existing=True))]


def listed(
    session: Session, on: date, *, group: str = "", group_ids: Collection[int] | None = None, past: bool, skip: int,
    limit: int,
) -> list[tuple[str, Meeting]]:  # fmt: skip
    """Return meetings from a day on, or those before it, newest first; of one group, or of those one may look into."""
    wanted = _named().where(Meeting.on < on if past else Meeting.on >= on)
    if group:
        wanted = wanted.where(Group.name == group)
    if group_ids is not None:  # of other groups, one sees what is to come, and not what is only proposed or was
        others = [Meeting.state.in_(AHEAD)] if not past else [false()]
        wanted = wanted.where(or_(Meeting.group_id.in_(list(group_ids)), *others))
    order = Meeting.on.desc() if past else Meeting.on
    return [(name, row) for name, row in session.execute(wanted.order_by(order, Group.name).offset(skip).limit(limit))]


def chair_before(session: Session, meeting: Meeting) -> str:
    """Return who led the last meeting of the same group for which that is known; empty for none."""
    wanted = select(Meeting.chair).where(
        Meeting.group_id == meeting.group_id, Meeting.on < meeting.on, Meeting.chair != "", Meeting.state.not_in(NOT_ON)
    )
    return session.scalar(wanted.order_by(Meeting.on.desc()).limit(1)) or ""


def next_meeting(session: Session, group: str, after: date) -> Meeting | None:
    """Return the first meeting of a group after a day; a cancelled one is none."""
    return session.scalar(_planned(group).where(Meeting.on > after).limit(1))


def in_time(session: Session, group: str, on: date) -> Meeting | None:
    """Return the first meeting of a group for which an item that comes on that day is in time."""
    wanted = _planned(group).where(Meeting.on >= on, Meeting.cut_off_on >= on, Meeting.locked_at.is_(None))
    return session.scalar(wanted.limit(1))


def last_meeting(session: Session, group: str, before: date) -> Meeting | None:
    """Return the last meeting of a group before a day; a cancelled one is none."""
    wanted = _of(group).where(Meeting.on < before, Meeting.state.not_in(NOT_ON))
    return session.scalar(wanted.order_by(Meeting.on.desc()).limit(1))


def met(session: Session, group: str, on: date) -> bool:
    """Say whether a group meets on that day; a cancelled meeting is none."""
    return session.scalar(_of(group).where(Meeting.on == on, Meeting.state.not_in(NOT_ON))) is not None


def held(session: Session, group_ids: Iterable[int], on: date, *, since: date, limit: int) -> list[tuple[str, Meeting]]:
    """Return the meetings of these groups from a day until another, each with its group's name, the newest first."""
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.group_id.in_(list(group_ids)), Meeting.on.between(since, on))
        .where(Meeting.state.not_in(NOT_ON))
        .order_by(Meeting.on.desc(), Group.name)
        .limit(limit)
    )
    return [(name, row) for name, row in session.execute(wanted)]


def coming(session: Session, group: str, on: date, *, skip: int = 0, limit: int | None = None) -> list[Meeting]:
    """Return the meetings of a group on that day and later, in order; cancelled ones are not in it."""
    return list(session.scalars(_planned(group).where(Meeting.on >= on).offset(skip).limit(limit)))


def all_coming(session: Session, on: date, *, skip: int = 0, limit: int | None = None) -> list[tuple[str, Meeting]]:
    """Return the meetings of every group on that day and later, each with the group's name, in order."""
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.on >= on, Meeting.state.in_(AHEAD))
        .order_by(Meeting.on, Group.name)
    )
    return [(name, row) for name, row in session.execute(wanted.offset(skip).limit(limit))]


def to_lock(session: Session, on: date) -> list[Meeting]:
    """Return the meetings whose papers go out on that day or went before, and are not locked."""
    wanted = select(Meeting).where(Meeting.pack_on <= on, Meeting.locked_at.is_(None), Meeting.state.in_(AHEAD))
    return list(session.scalars(wanted.order_by(Meeting.on).with_for_update()))


def lock(session: Session, meeting: Meeting, *, at: datetime) -> bool:
    """Lock the papers of a meeting; return False when they were locked already."""
    fresh = select(Meeting).where(Meeting.id == meeting.id).with_for_update()
    found = session.scalars(fresh.execution_options(populate_existing=True)).one()
    if found.locked_at is not None:
        return False
    found.locked_at = at
    if found.state in (MeetingState.CONFIRMED.value, MeetingState.OPEN.value):
        found.state = MeetingState.LOCKED.value
    session.flush()
    return True


def planned(session: Session, meeting_id: int) -> Meeting | None:
    """Return a meeting that is planned, held for a change; None when there is none such."""
    found = session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.state in AHEAD else None


def taken(session: Session, meeting: Meeting, on: date) -> bool:
    """Say whether its group has a meeting on a day already, or had one that was cancelled."""
    same = select(Meeting.id).where(Meeting.group_id == meeting.group_id, Meeting.on == on)
    return session.scalar(same.limit(1)) is not None


def move(session: Session, meeting: Meeting, days: Days, *, today: date) -> bool:
    """Give a meeting that is held for it another day. Its papers are open again until they go out.

    Returns False when its group got a meeting on that day in the same moment.
    """
    more: dict[str, object] = {"moved_from": meeting.on, "sequence": meeting.sequence + 1}
    if days["pack_on"] > today:
        more |= {"locked_at": None, "state": MeetingState.CONFIRMED.value}
    return put_on(session, meeting, days, **more)


def put_on(session: Session, meeting: Meeting, days: Days, **more: object) -> bool:
    """Put a meeting that is held for it on a day; return False, and leave it, when its group has that day already."""
    try:
        with session.begin_nested():
            for name, value in {**days, **more}.items():
                setattr(meeting, name, value)
            session.flush()
    except IntegrityError:
        return False
    return True


def cancel(session: Session, meeting_id: int) -> Meeting | None:
    """Cancel a meeting that is planned, and return it; None when there is none such."""
    found = planned(session, meeting_id)
    if found is not None:
        found.state, found.sequence = MeetingState.CANCELLED.value, found.sequence + 1
        session.flush()
    return found


def _named() -> Select[str, Meeting]:
    return select(Group.name, Meeting).join(Group, Group.id == Meeting.group_id)


def sent(session: Session, meeting_id: int) -> bool:
    """Say that the papers of a meeting went out; return False when they are not locked, or went out before."""
    found = session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    if found is None or found.state != MeetingState.LOCKED.value:
        return False
    found.state = MeetingState.SENT.value
    session.flush()
    return True


def _of(group: str) -> Select[Meeting]:
    return select(Meeting).join(Group, Group.id == Meeting.group_id).where(Group.name == group)


def _planned(group: str) -> Select[Meeting]:
    return _of(group).where(Meeting.state.in_(AHEAD)).order_by(Meeting.on)
