"""When groups meet: the day, the day by which items must be in, and the day on which papers go out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db import groups
from db.base import Base, insert
from db.groups import Group

EXECUTIVE = "Executive"  # the group that escalations go to


class MeetingState(StrEnum):
    """Where a meeting stands. Its papers are locked when `locked_at` is set."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Meeting(Base):
    """One meeting of a group. What comes after `cut_off_on` goes to the next one; papers go out on `pack_on`."""

    __tablename__ = "meetings"
    __table_args__ = (UniqueConstraint("group_id", "on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    on: Mapped[date]
    starts_at: Mapped[datetime | None]
    cut_off_on: Mapped[date]
    pack_on: Mapped[date]
    locked_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default=MeetingState.PLANNED.value)


class Days(TypedDict):
    """When a meeting is, by when items must be in for it, and when its papers go out."""

    on: date
    cut_off_on: date
    pack_on: date
    starts_at: datetime | None


def add(
    session: Session, group: str, *, on: date, cut_off_on: date, pack_on: date, starts_at: datetime | None = None
) -> Meeting | None:
    """Keep a day on which a group meets; None when it is there already. One that was cancelled is planned again."""
    known = groups.group_id(session, group)
    days = {"starts_at": starts_at, "cut_off_on": cut_off_on, "pack_on": pack_on}
    fresh = {**days, "locked_at": None, "state": MeetingState.PLANNED.value}
    row = insert(session, Meeting).values(group_id=known, on=on, **fresh)
    kept = session.scalar(
        row.on_conflict_do_update(
            index_elements=[Meeting.group_id, Meeting.on],
            set_=fresh,
            where=Meeting.state == MeetingState.CANCELLED.value,
        ).returning(Meeting.id)
    )
    return session.get(Meeting, kept, populate_existing=True) if kept else None


def get(session: Session, meeting_id: int) -> Meeting | None:
    """Return one meeting."""
    return session.get(Meeting, meeting_id)


def next_meeting(session: Session, group: str, after: date) -> Meeting | None:
    """Return the first meeting of a group after a day; a cancelled one is none."""
    return session.scalar(_planned(group).where(Meeting.on > after).limit(1))


def in_time(session: Session, group: str, on: date) -> Meeting | None:
    """Return the first meeting of a group for which an item that comes on that day is in time."""
    wanted = _planned(group).where(Meeting.on >= on, Meeting.cut_off_on >= on, Meeting.locked_at.is_(None))
    return session.scalar(wanted.limit(1))


def last_meeting(session: Session, group: str, before: date) -> Meeting | None:
    """Return the last meeting of a group before a day; a cancelled one is none."""
    wanted = _of(group).where(Meeting.on < before, Meeting.state != MeetingState.CANCELLED.value)
    return session.scalar(wanted.order_by(Meeting.on.desc()).limit(1))


def met(session: Session, group: str, on: date) -> bool:
    """Say whether a group meets on that day; a cancelled meeting is none."""
    return session.scalar(_of(group).where(Meeting.on == on, Meeting.state != MeetingState.CANCELLED.value)) is not None


def held(session: Session, group_ids: Iterable[int], on: date, *, since: date, limit: int) -> list[tuple[str, Meeting]]:
    """Return the meetings of these groups from a day until another, each with its group's name, the newest first."""
    wanted = (
        select(Group.name, Meeting)
        .join(Group, Group.id == Meeting.group_id)
        .where(Meeting.group_id.in_(list(group_ids)), Meeting.on.between(since, on))
        .where(Meeting.state != MeetingState.CANCELLED.value)
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
        .where(Meeting.on >= on, Meeting.state == MeetingState.PLANNED.value)
        .order_by(Meeting.on, Group.name)
    )
    return [(name, row) for name, row in session.execute(wanted.offset(skip).limit(limit))]


def to_lock(session: Session, on: date) -> list[Meeting]:
    """Return the meetings whose papers go out on that day or went before, and are not locked."""
    wanted = select(Meeting).where(
        Meeting.pack_on <= on, Meeting.locked_at.is_(None), Meeting.state == MeetingState.PLANNED.value
    )
    return list(session.scalars(wanted.order_by(Meeting.on).with_for_update()))


def lock(session: Session, meeting: Meeting, *, at: datetime) -> bool:
    """Lock the papers of a meeting; return False when they were locked already."""
    fresh = select(Meeting).where(Meeting.id == meeting.id).with_for_update()
    found = session.scalars(fresh.execution_options(populate_existing=True)).one()
    if found.locked_at is not None:
        return False
    found.locked_at = at
    session.flush()
    return True


def planned(session: Session, meeting_id: int) -> Meeting | None:
    """Return a meeting that is planned, held for a change; None when there is none such."""
    found = session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.state == MeetingState.PLANNED.value else None


def taken(session: Session, meeting: Meeting, on: date) -> bool:
    """Say whether its group has a meeting on a day already, or had one that was cancelled."""
    same = select(Meeting.id).where(Meeting.group_id == meeting.group_id, Meeting.on == on)
    return session.scalar(same.limit(1)) is not None


def move(session: Session, meeting: Meeting, days: Days, *, today: date) -> None:
    """Give a meeting that is held for it another day. Its papers are open again until they go out."""
    meeting.on, meeting.starts_at = days["on"], days["starts_at"]
    meeting.cut_off_on, meeting.pack_on = days["cut_off_on"], days["pack_on"]
    if meeting.pack_on > today:
        meeting.locked_at = None
    session.flush()


def cancel(session: Session, meeting_id: int) -> Meeting | None:
    """Cancel a meeting that is planned, and return it; None when there is none such."""
    found = planned(session, meeting_id)
    if found is not None:
        found.state = MeetingState.CANCELLED.value
        session.flush()
    return found


def _of(group: str) -> Select[Meeting]:
    return select(Meeting).join(Group, Group.id == Meeting.group_id).where(Group.name == group)


def _planned(group: str) -> Select[Meeting]:
    return _of(group).where(Meeting.state == MeetingState.PLANNED.value).order_by(Meeting.on)
