"""Groups of the partnership, and who sits in them from when until when, on which seat, as holder or deputy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.dated import Dated, end
from db.people import Person, here


class Group(Base):
    """A group of the partnership, by the name that people use."""

    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Membership(Dated, Base):
    """That a person sits in a group. `seat` is what they sit for, such as an agency; empty for no named seat."""

    __tablename__ = "memberships"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    seat: Mapped[str] = mapped_column(default="")
    deputy: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One seat that somebody has: in which group, for what, and since when; `deputy` for its holder's deputy."""

    person_id: int
    name: str
    group: str
    seat: str
    deputy: bool
    from_on: date
    until_on: date | None


def group_id(session: Session, name: str) -> int:
    """Return the number of a group, which is there from now on."""
    wanted = select(Group.id).where(Group.name == name)
    known = session.scalar(wanted)
    if known is not None:
        return known
    session.execute(insert(session, Group).values(name=name).on_conflict_do_nothing())
    return session.scalars(wanted).one()


def names(session: Session) -> list[str]:
    """Return the names of every group that anybody or a channel was ever put in."""
    return list(session.scalars(select(Group.name).order_by(Group.name)))


def join(
    session: Session,
    person_id: int,
    group: str,
    *,
    on: date,
    until: date | None = None,
    seat: str = "",
    deputy: bool = False,
) -> None:
    """Let a person sit in a group from that day on; who sits there already moves to the seat that is named."""
    number = group_id(session, group)
    mine = select(Membership.id).where(Membership.person_id == person_id, Membership.group_id == number)
    if session.scalar(mine.limit(1)) is not None:
        leave(session, person_id, group, on=on)
    row = Membership(person_id=person_id, group_id=number, seat=seat, deputy=deputy, from_on=on, until_on=until)
    session.add(row)
    session.flush()


def leave(session: Session, person_id: int, group: str, *, on: date) -> None:
    """Let a person sit in a group no longer from that day on."""
    number = select(Group.id).where(Group.name == group).scalar_subquery()
    end(session, Membership, Membership.person_id == person_id, Membership.group_id == number, on=on)


def of_person(session: Session, person_id: int, *, on: date) -> list[Sitting]:
    """Return where somebody sits on that day."""
    return _sittings(session, on, person_id=person_id)


def members(session: Session, group: str, *, on: date) -> list[Sitting]:
    """Return who sits in a group on that day, by seat; leavers do not."""
    return _sittings(session, on, group=group)


def _sittings(session: Session, on: date, *, person_id: int | None = None, group: str | None = None) -> list[Sitting]:
    wanted = (
        select(Membership, Group.name.label("group"), Person.name)
        .join(Group, Group.id == Membership.group_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.in_force(on), here(on))
        .order_by(Group.name, Membership.seat, Membership.deputy, Person.name, Membership.id)
    )
    if person_id is not None:
        wanted = wanted.where(Membership.person_id == person_id)
    if group is not None:
        wanted = wanted.where(Group.name == group)
    return [
        Sitting(row.person_id, name, sits_in, row.seat, row.deputy, row.from_on, row.until_on)
        for row, sits_in, name in session.execute(wanted)
    ]
