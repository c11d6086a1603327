"""A meeting as the feature uses it: fetched under the right to it, with who sits there, and what was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from db import attending, audit, groups, meetings
from db.groups import Membership
from db.meetings import AHEAD, Meeting
from db.people import SECRETARIAT, Role
from handlers import access
from handlers.context import Context, UserError
from knowledge import groups as shelf
from knowledge import quorum, workflows
from knowledge.quorum import Place

FLOW = workflows.meetings()
WHOLE = SECRETARIAT | {Role.SCRUTINEER, Role.STATUTORY_PARTNER}  # who look into the meetings of every group


@dataclass(frozen=True, slots=True)
class Seen:
    """A meeting as far as somebody may look into it: `whole` for more than that it is, `inside` for the link too."""

    group: str
    row: Meeting
    whole: bool
    inside: bool
    keeps: bool


@dataclass(frozen=True, slots=True)
class Sitters:
    """Who has a place at a meeting, by seat, what they are called, and who comes as whose deputy."""

    places: tuple[Place, ...]
    names: dict[int, str]
    answers: dict[int, str]
    comes_for: dict[int, int]

    def place(self, person_id: int) -> Place | None:
        """Return the place of a member; None for somebody who only stands in, or does not sit there."""
        return next((one for one in self.places if one.holder == person_id), None)

    @property
    def asked(self) -> list[int]:
        """Return the members and whoever comes for one of them."""
        return [*(one.holder for one in self.places), *self.comes_for.values()]

    @property
    def stand_ins(self) -> set[int]:
        """Return who may stand in for a member."""
        return {one for place in self.places for one in place.deputies}


def me(context: Context) -> int:
    """Return the person who asks. Raises UserError for somebody who is not enrolled."""
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    return context.actor.person_id


def keeps(context: Context) -> bool:
    """Say whether the one who asks looks after meetings."""
    return bool(context.actor.roles & SECRETARIAT)


def manages(context: Context) -> bool:
    """Say whether the one who asks looks at absences."""
    return Role.STRATEGY_MANAGER in context.actor.roles


def get(context: Context, value: str) -> Seen:
    """Return a meeting by its reference, or by the number in a button, to somebody who may know of it."""
    who = me(context)
    found = meetings.by_ref(context.session, value.partition("|")[0].strip())
    if found is None:
        raise not_found()
    group, row = found
    inside = keeps(context) or row.group_id in my_groups(context, row.on) or _stands_in(context, group, row, who)
    whole = inside or bool(context.actor.roles & WHOLE)
    if not whole and row.state not in AHEAD:
        raise not_found()
    return Seen(group, row, whole, inside, keeps(context))


def kept(context: Context, value: str) -> Seen:
    """Return a meeting, held for a change, to the secretariat."""
    seen = get(context, value)
    if not seen.keeps:
        raise not_found()
    meetings.held_for_change(context.session, seen.row.id)
    return seen


def not_found() -> UserError:
    """Return what is said of a meeting that is not there, or not for the one who asks."""
    return UserError("I cannot find that meeting.", hint="Type meetings to see those that you may open.")


def my_groups(context: Context, on: date) -> set[int]:
    """Return the groups in which the one who asks sits today, or will on that day."""
    days = {context.today, max(on, context.today)}
    sits = select(Membership.group_id).where(Membership.person_id == me(context))
    return {one for day in days for one in context.session.scalars(sits.where(Membership.in_force(day)))}


def _stands_in(context: Context, group: str, row: Meeting, who: int) -> bool:
    known = shelf.named(group)
    return bool(known and known.deputies) and who in sitters(context, group, row).comes_for.values()


def sitters(context: Context, group: str, row: Meeting) -> Sitters:
    """Return who sits in the group on the day of the meeting, with their deputies and answers."""
    return of_all(context, [(group, row)])[row.id]


def of_all(context: Context, rows: list[tuple[str, Meeting]]) -> dict[int, Sitters]:
    """Return that for several meetings: a group that meets twice on other days is asked for twice."""
    answers = attending.answers(context.session, [row for _, row in rows])
    return {row.id: _sitters(context, group, row.on, answers[row.id]) for group, row in rows}


def _sitters(context: Context, group: str, on: date, answers: dict[int, str]) -> Sitters:
    sitting = groups.members(context.session, group, on=on)
    known = shelf.named(group)
    may_send = known.deputies if known else ()
    holders = {one.person_id: one for one in reversed(sitting) if not one.deputy}
    able = [person_id for person_id, one in holders.items() if one.seat in may_send]
    named = attending.stand_ins(context.session, able, on=on) if able else {}
    places = []
    for person_id, one in sorted(holders.items(), key=lambda item: (item[1].seat, item[1].name, item[0])):
        beside = [other.person_id for other in sitting if other.deputy and other.seat == one.seat]
        deputies = tuple(dict.fromkeys([*beside, *named.get(person_id, ())])) if person_id in able else ()
        places.append(Place(one.seat, person_id, deputies, answers.get(person_id, "")))
    names = {one.person_id: one.name for one in sitting}
    return Sitters(tuple(places), names, answers, quorum.stand_ins(places, answers))


def leads(context: Context, seen: Seen) -> bool:
    """Say whether the one who asks leads this meeting: as the chair of the group, or on the seat whose turn it is."""
    if access.chairs_group(context, seen.row.group_id):
        return True
    turn = chair(context, seen.group, seen.row)
    place = sitters(context, seen.group, seen.row).place(me(context)) if turn else None
    return place is not None and place.seat == turn


def chair(context: Context, group: str, row: Meeting) -> str:
    """Return who leads a meeting: as it was written down, or the seat whose turn it is."""
    known = shelf.named(group)
    if row.chair or known is None:
        return row.chair
    return quorum.chair_of_day(known.rotation, meetings.chair_before(context.session, row))


def note(context: Context, action: str, row: Meeting, *, clock: bool = False, **detail: str | int | bool) -> None:
    """Write into the audit trail what was done to a meeting; no names."""
    actor = "clock" if clock else f"person:{context.actor.person_id}"
    subject = f"meeting {row.id}"
    audit.add(context.session, at=context.now, actor=actor, action=action, subject=subject, **detail)
