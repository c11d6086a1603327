"""Reminders: what is to be said to whom before or after a day, and what has been said of it already.

Features call `plan` and `cancel`; the steps of a ladder are laid out, sent and put off by `handlers/reminders.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.groups import Membership
from db.people import Deputy, Person, Role, held_roles


class PlanState(StrEnum):
    """Where a plan stands: new, its steps laid out, taken back, or one that cannot be read."""

    NEW = "new"
    LAID_OUT = "laid out"
    CANCELLED = "cancelled"
    BROKEN = "broken"


class State(StrEnum):
    """Where one reminder stands. `sent` means that its message is queued: what becomes of that, deliveries say."""

    PLANNED = "planned"
    SNOOZED = "snoozed"
    SENT = "sent"
    DONE = "done"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_OPEN = (State.PLANNED.value, State.SNOOZED.value)


class Plan(Base):
    """One ladder of reminders about one subject for one person. The anchor is the day that it counts from."""

    __tablename__ = "reminder_plans"
    __table_args__ = (UniqueConstraint("subject", "ladder", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    ladder: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    anchor_on: Mapped[date]
    anchor_at: Mapped[datetime | None]
    title: Mapped[str]
    body: Mapped[str]
    statutory: Mapped[bool]
    planned_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)

    @property
    def anchor(self) -> str:
        """Return the anchor as text, to tell one from another."""
        return (self.anchor_at or self.anchor_on).isoformat()


class Reminder(Base):
    """One step of a plan. Without a `person_id` it is for whoever the `reader` is when it is due.

    Steps with the same `task` ask for the same thing: when one is done, the others are.
    `moved` counts how often it was put off or planned anew. `message` is the natural key of what it was said in;
    `withdrawn`: that message should not leave any more.
    """

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_state_due_at", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("reminder_plans.id"), index=True)
    step: Mapped[str]
    task: Mapped[str]
    reader: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str]
    anchor: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    state: Mapped[str]
    moved: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="", index=True)
    withdrawn: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A reminder with the plan that it belongs to."""

    reminder: Reminder
    plan: Plan


def plan(
    session: Session,
    *,
    subject: str,
    ladder: str,
    person_id: int,
    title: str,
    now: datetime,
    anchor_on: date | None = None,
    anchor_at: datetime | None = None,
    body_markdown: str = "",
    statutory: bool = False,
) -> None:
    """Plan the reminders of a ladder about a subject, for one person. Say it again as often as you like.

    Give `anchor_on`, the local day that they count from, and `anchor_at` too where it has a time: with `anchor_at`
    alone the day is its day in UTC. When the anchor has moved, what was planned for the old one does not come, and
    what was said is not said again, but for steps whose ladder says so. `title` is plain text.
    """
    day = anchor_on or (anchor_at.date() if anchor_at else None)
    if day is None:
        raise ValueError("reminders count from a day: give anchor_on or anchor_at")
    words = {"title": title, "body": body_markdown, "statutory": statutory}
    which = {"subject": subject, "ladder": ladder, "person_id": person_id}
    fresh = {"anchor_on": day, "anchor_at": anchor_at, "planned_at": now, "state": PlanState.NEW.value}
    session.execute(insert(session, Plan).values(**which, **words, **fresh).on_conflict_do_nothing())
    found = session.scalars(
        select(Plan).filter_by(**which).with_for_update().execution_options(populate_existing=True)
    ).one()
    moved = (found.anchor_on, found.anchor_at) != (day, anchor_at)
    if moved:
        _withdraw(session, Reminder.plan_id == found.id)
    again = moved or found.state in (PlanState.CANCELLED.value, PlanState.BROKEN.value)
    for name, value in {**words, **(fresh if again else {})}.items():
        setattr(found, name, value)
    session.flush()


def plans_of(session: Session, subjects: Iterable[str]) -> list[Plan]:
    """Return what was ever planned about these subjects, cancelled plans too."""
    return list(session.scalars(select(Plan).where(Plan.subject.in_(list(subjects)))))


def reminded(session: Session, subject: str) -> set[int]:
    """Return who was reminded of a subject, or was about to be."""
    wanted = (
        select(Reminder.person_id)
        .join(Plan, Plan.id == Reminder.plan_id)
        .where(
            Plan.subject == subject, Reminder.state.in_((State.SENT.value, State.DONE.value)), Reminder.message != ""
        )
    )
    return {one for one in session.scalars(wanted) if one is not None}


def cancel(session: Session, subject: str, *, person_id: int | None = None) -> int:
    """Take back what is planned about a subject, for everybody or for one person; return how many plans it were.

    A message that was queued and has not left yet is taken back too, within a minute.
    """
    which = [Plan.subject == subject, Plan.state != PlanState.CANCELLED.value]
    if person_id is not None:
        which.append(Plan.person_id == person_id)
    ids = session.scalars(update(Plan).where(*which).values(state=PlanState.CANCELLED.value).returning(Plan.id)).all()
    if ids:
        _withdraw(session, Reminder.plan_id.in_(ids))
    return len(ids)


def hand_over(session: Session, subjects: str, to: set[int], *, now: datetime) -> int:
    """Let what is planned about these subjects be for these people, and return how many plans that changed.

    Who is not among them loses their plans; who is new gets the same as the others. `subjects` is a LIKE pattern.
    """
    live = (Plan.subject.like(subjects), Plan.state.in_((PlanState.NEW.value, PlanState.LAID_OUT.value)))
    if not to or set(session.scalars(select(Plan.person_id).where(*live).distinct())) in (set(), to):
        return 0
    by_subject: dict[str, list[Plan]] = {}
    for found in session.scalars(select(Plan).where(*live).order_by(Plan.id)):
        by_subject.setdefault(found.subject, []).append(found)
    changed = 0
    for subject, plans in by_subject.items():
        have, old = {one.person_id for one in plans}, plans[0]
        for person_id in sorted(to - have):
            plan(
                session, subject=subject, ladder=old.ladder, person_id=person_id, title=old.title, now=now,
                anchor_on=old.anchor_on, anchor_at=old.anchor_at, body_markdown=old.body, statutory=old.statutory,
            )  # fmt: skip
        changed += len(to - have) + sum(cancel(session, subject, person_id=one) for one in sorted(have - to))
    return changed


def _withdraw(session: Session, which: ColumnElement[bool]) -> None:
    still_open = update(Reminder).where(which, Reminder.state.in_(_OPEN))
    session.execute(still_open.values(state=State.CANCELLED.value))
    session.execute(update(Reminder).where(which, Reminder.state == State.SENT.value).values(withdrawn=True))


def new_plans(session: Session, *, limit: int) -> list[Plan]:
    """Return plans whose steps are not laid out yet, oldest first."""
    return list(session.scalars(select(Plan).where(Plan.state == PlanState.NEW.value).order_by(Plan.id).limit(limit)))


def steps_of(session: Session, plan_id: int) -> list[Reminder]:
    """Return every reminder that a plan ever had, oldest first."""
    return list(session.scalars(select(Reminder).where(Reminder.plan_id == plan_id).order_by(Reminder.id)))


def add(session: Session, rows: Iterable[Reminder]) -> None:
    """Keep new reminders."""
    session.add_all(rows)
    session.flush()


def due(session: Session, *, until: datetime) -> list[Entry]:
    """Return what is due by then and was not said yet, oldest first."""
    return _entries(session, Reminder.state.in_(_OPEN), Reminder.due_at <= until)


def coming(session: Session, person_id: int) -> list[Entry]:
    """Return what one person will be reminded of, soonest first."""
    return _entries(
        session,
        Plan.state.in_((PlanState.NEW.value, PlanState.LAID_OUT.value)),
        Reminder.person_id == person_id,
        Reminder.state.in_(_OPEN),
    )


def get(session: Session, reminder_id: int) -> Entry | None:
    """Return one reminder, and keep others from changing it until the transaction ends.

    Callers check that it is the reader's own.
    """
    session.get(Reminder, reminder_id, with_for_update=True, populate_existing=True)
    return next(iter(_entries(session, Reminder.id == reminder_id)), None)


def withdrawn(session: Session) -> list[Reminder]:
    """Return what was said in a message that should not leave any more, and was not looked at yet."""
    return list(session.scalars(select(Reminder).where(Reminder.withdrawn).order_by(Reminder.id)))


def said_in(session: Session, message: str) -> Sequence[Reminder]:
    """Return everything that one message says and that stands as said."""
    return session.scalars(
        select(Reminder).where(Reminder.message == message, Reminder.state == State.SENT.value).order_by(Reminder.id)
    ).all()


def finish(session: Session, entry: Entry) -> None:
    """Mark a reminder as done, and with it the others that ask its person for the same; statutory ones go on."""
    own, same = entry.reminder, Reminder.id == entry.reminder.id
    if not entry.plan.statutory:
        asked = and_(Reminder.plan_id == own.plan_id, Reminder.person_id == own.person_id, Reminder.task == own.task)
        same = or_(same, and_(asked, Reminder.state.in_((*_OPEN, State.SENT.value))))
    session.execute(update(Reminder).where(same).values(state=State.DONE.value))


def name_of(session: Session, person_id: int) -> str:
    """Return the name of a person, whether they are here or have left."""
    return session.scalars(select(Person.name).where(Person.id == person_id)).one()


def deputies(session: Session, person_id: int, *, on: date) -> list[int]:
    """Return who stands in for a person on that day, in whichever role."""
    return list(
        session.scalars(
            select(Deputy.person_id)
            .where(Deputy.for_person_id == person_id, Deputy.in_force(on))
            .order_by(Deputy.person_id)
            .distinct()
        )
    )


def chairs(session: Session, person_id: int, *, on: date) -> list[int]:
    """Return the chairs of the groups in which a person sits on that day."""
    own = select(Membership.group_id).where(Membership.person_id == person_id, Membership.in_force(on))
    sits = select(Membership.person_id).where(Membership.group_id.in_(own), Membership.in_force(on))
    held = held_roles(on).subquery()
    chair = select(held.c.person_id).where(held.c.role == Role.CHAIR.value, held.c.person_id.in_(sits))
    return sorted(set(session.scalars(chair)))


def _entries(session: Session, *which: ColumnElement[bool]) -> list[Entry]:
    rows = session.execute(
        select(Reminder, Plan)
        .join(Plan, Plan.id == Reminder.plan_id)
        .where(*which)
        .order_by(Reminder.due_at, Reminder.id)
    )
    return [Entry(reminder, found) for reminder, found in rows]
