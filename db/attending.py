"""Who says that they come to a meeting, who was there, by seat, and seats that were empty twice in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.groups import Group
from db.meetings import Meeting, MeetingState
from db.people import Agency, Deputy, Person, here

MAX_NOTE = 500
HELD = (MeetingState.HELD.value, MeetingState.DRAFT.value, MeetingState.AGREED.value)


class Answer(StrEnum):
    """What somebody says when they are asked whether they come."""

    ATTENDS = "attends"
    DEPUTY = "deputy"
    APOLOGIES = "apologies"


class Mark(StrEnum):
    """Who sat on a seat at a meeting: its member, their deputy, nobody with apologies, or nobody."""

    PRESENT = "present"
    DEPUTY = "deputy"
    APOLOGIES = "apologies"
    ABSENT = "absent"


class Outcome(StrEnum):
    """What came of looking at an absence with the member."""

    RESOLVED = "resolved"
    NEW_MEMBER = "new-member"
    PROPOSE_RISK = "propose-risk"
    TAKEN_BACK = "taken-back"  # the attendance was put right, and the seat was not empty twice


class Rsvp(Base):
    """What one member said last about one meeting, for the day `on`: when it moves, they are asked anew."""

    __tablename__ = "rsvps"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    answer: Mapped[str]
    on: Mapped[date]
    at: Mapped[datetime]


class Attendance(Base):
    """Who was there for one member of a seat at a meeting that was held. `seat` and `agency` are as they were then."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "seat", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    seat: Mapped[str]
    agency: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    mark: Mapped[str]
    checked_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class AbsenceReview(Base):
    """A private task of the strategy manager: to look with a member at why their seat was empty twice in a row.

    `meeting_id` is the second of the two meetings. `risk_ref` is set when a risk was proposed after it.
    """

    __tablename__ = "absence_reviews"
    __table_args__ = (UniqueConstraint("meeting_id", "seat", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    seat: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    opened_at: Mapped[datetime]
    outcome: Mapped[str]
    note: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    risk_ref: Mapped[str]


# --- answers -----------------------------------------------------------------------------------------------


def answer(session: Session, meeting: Meeting, person_id: int, said: Answer, *, at: datetime) -> None:
    """Keep what somebody says about a meeting, for the day that it has; the last one counts."""
    fresh = {"answer": said.value, "on": meeting.on, "at": at}
    row = insert(session, Rsvp).values(meeting_id=meeting.id, person_id=person_id, **fresh)
    session.execute(row.on_conflict_do_update(index_elements=["meeting_id", "person_id"], set_=fresh))


def answers(session: Session, rows: Iterable[Meeting]) -> dict[int, dict[int, str]]:
    """Return for each meeting what people answered for the day that it has now."""
    found: dict[int, dict[int, str]] = {row.id: {} for row in rows}
    wanted = (
        select(Rsvp.meeting_id, Rsvp.person_id, Rsvp.answer)
        .join(Meeting, Meeting.id == Rsvp.meeting_id)
        .where(Rsvp.meeting_id.in_(list(found)), Rsvp.on == Meeting.on)
    )
    for meeting_id, person_id, said in session.execute(wanted):
        found[meeting_id][person_id] = said
    return found


def answered_ever(session: Session, meeting_id: int) -> set[int]:
    """Return who ever answered about a meeting, for whichever of its days."""
    return set(session.scalars(select(Rsvp.person_id).where(Rsvp.meeting_id == meeting_id)))


def forget(session: Session, meeting_id: int, person_ids: Collection[int]) -> None:
    """Forget what these people answered about a meeting."""
    session.execute(delete(Rsvp).where(Rsvp.meeting_id == meeting_id, Rsvp.person_id.in_(list(person_ids))))


def stand_ins(session: Session, person_ids: Iterable[int], *, on: date) -> dict[int, list[int]]:
    """Return who stands in for these people on that day, in whichever role, and has not left."""
    wanted = (
        select(Deputy.for_person_id, Deputy.person_id)
        .join(Person, Person.id == Deputy.person_id)
        .where(Deputy.for_person_id.in_(list(person_ids)), Deputy.in_force(on), here(on))
        .order_by(Deputy.person_id)
        .distinct()
    )
    found: dict[int, list[int]] = {}
    for for_person_id, person_id in session.execute(wanted):
        found.setdefault(for_person_id, []).append(person_id)
    return found


def agencies(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these people's agencies, for those who have one."""
    wanted = select(Person.id, Agency.name).join(Agency, Agency.id == Person.agency_id)
    return {row.id: row.name for row in session.execute(wanted.where(Person.id.in_(list(person_ids))))}


# --- who was there -----------------------------------------------------------------------------------------


def mark(
    session: Session, meeting_id: int, person_id: int, *, seat: str, agency: str, said: Mark, by: int | None,
    at: datetime,
) -> None:  # fmt: skip
    """Keep who was there for a member of a seat; what was kept before is put right."""
    fresh = {"mark": said.value, "checked_by_person_id": by, "at": at}
    row = insert(session, Attendance).values(
        meeting_id=meeting_id, person_id=person_id, seat=seat, agency=agency, **fresh
    )
    session.execute(row.on_conflict_do_update(index_elements=["meeting_id", "seat", "person_id"], set_=fresh))


def marks(session: Session, meeting_id: int) -> list[Attendance]:
    """Return who was there at a meeting, by seat."""
    wanted = select(Attendance).where(Attendance.meeting_id == meeting_id)
    found = wanted.order_by(Attendance.seat, Attendance.id).execution_options(populate_existing=True)
    return list(session.scalars(found))


def beside(session: Session, meeting: Meeting, *, later: bool) -> Meeting | None:
    """Return the nearest meeting of the same group, earlier or later, that was held and whose attendance is kept."""
    kept = select(Attendance.id).where(Attendance.meeting_id == Meeting.id).exists()
    wanted = select(Meeting).where(Meeting.group_id == meeting.group_id, Meeting.state.in_(HELD), kept)
    if later:
        return session.scalar(wanted.where(Meeting.on > meeting.on).order_by(Meeting.on).limit(1))
    return session.scalar(wanted.where(Meeting.on < meeting.on).order_by(Meeting.on.desc()).limit(1))


def came_of(session: Session, group_id: int, person_id: int) -> Mapping[str, int]:
    """Count how often somebody was there themselves, by a deputy, with apologies or not, in the meetings of a group."""
    wanted = (
        select(Attendance.mark)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(Meeting.group_id == group_id, Meeting.state.in_(HELD), Attendance.person_id == person_id)
    )
    return Counter(session.scalars(wanted))


# --- seats that were empty ---------------------------------------------------------------------------------


def review(session: Session, review_id: int) -> AbsenceReview | None:
    """Return one review, held for a change."""
    return session.get(AbsenceReview, review_id, with_for_update=True, populate_existing=True)


def reviews_of(session: Session, meeting_id: int) -> list[AbsenceReview]:
    """Return every review because of a meeting, held for a change."""
    wanted = select(AbsenceReview).where(AbsenceReview.meeting_id == meeting_id).order_by(AbsenceReview.id)
    return list(session.scalars(wanted.with_for_update()))


def open_reviews(session: Session, *, limit: int) -> list[tuple[AbsenceReview, str, str]]:
    """Return the reviews that nobody finished, oldest first, each with the group and the name of the member."""
    wanted = (
        select(AbsenceReview, Group.name, Person.name)
        .join(Group, Group.id == AbsenceReview.group_id)
        .join(Person, Person.id == AbsenceReview.person_id)
        .where(AbsenceReview.closed_at.is_(None))
        .order_by(AbsenceReview.opened_at, AbsenceReview.id)
        .limit(limit)
    )
    return [(row, group, name) for row, group, name in session.execute(wanted)]


def waits(session: Session, *, group_id: int, seat: str, person_id: int) -> bool:
    """Say whether a review of this member's seat is open already."""
    wanted = select(AbsenceReview.id).where(
        AbsenceReview.group_id == group_id, AbsenceReview.seat == seat, AbsenceReview.person_id == person_id,
        AbsenceReview.closed_at.is_(None),
    )  # fmt: skip
    return session.scalar(wanted.limit(1)) is not None


def open_review(session: Session, meeting: Meeting, *, seat: str, person_id: int, at: datetime) -> AbsenceReview:
    """Open a review, also one of the same meeting that was taken back, and return it."""
    which = {"meeting_id": meeting.id, "seat": seat, "person_id": person_id}
    found = session.scalar(select(AbsenceReview).filter_by(**which))
    if found is None:
        found = AbsenceReview(**which, group_id=meeting.group_id, note="", risk_ref="")
        session.add(found)
    found.opened_at, found.outcome, found.closed_at, found.closed_by_person_id = at, "", None, None
    session.flush()
    return found


def awaits_risk(session: Session, review_id: int) -> bool:
    """Say whether a review proposed a risk that is not raised yet; it is held for a change."""
    found = review(session, review_id)
    return found is not None and found.outcome == Outcome.PROPOSE_RISK and not found.risk_ref


def proposed(session: Session, review_id: int, risk_ref: str) -> bool:
    """Keep which risk was raised after a review that proposed one; False where none did, or one is kept already."""
    if not awaits_risk(session, review_id):
        return False
    session.get_one(AbsenceReview, review_id).risk_ref = risk_ref
    session.flush()
    return True
