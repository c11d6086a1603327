"""What decisions and consultations share: who is known, whose seat it is, which meetings were held, telling people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from db import consultations, decisions, groups, history, meetings
from db.consultations import Consultation, Consulted
from db.decisions import Decision
from db.groups import Group, Sitting
from db.meetings import Meeting
from db.people import SECRETARIAT, Role
from handlers import access, telling
from handlers.context import Context, UserError
from handlers.messages import Button, Card, Choice

PAGE = 10
MOST_MEETINGS = 20
LOOKED_BACK = timedelta(days=366)
RECORDERS = SECRETARIAT | {Role.STATUTORY_PARTNER}  # of what is decided between meetings (arrangements-2019, s19)


def known(context: Context) -> int:
    """Return the person who asks. Raises UserError for somebody who is not enrolled."""
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    return context.actor.person_id


def keeps(context: Context) -> bool:
    """Say whether the one who asks is of the secretariat."""
    return bool(context.actor.roles & SECRETARIAT)


def reads_comments(context: Context, row: Consultation) -> bool:
    """Say whether the one who asks may read who replied what: the secretariat, the scrutineer, the group's chair."""
    if context.actor.roles & (SECRETARIAT | {Role.SCRUTINEER}):
        return True
    return access.chairs_group(context, row.group_id)


def group_name(context: Context, group_id: int) -> str:
    """Return the name of a group."""
    return context.session.get_one(Group, group_id).name


def day(on: date) -> str:
    """Say a day, such as `Thursday 19 November 2026`."""
    return f"{on:%A %-d %B %Y}"


def held(context: Context, group_id: int) -> list[tuple[str, Meeting]]:
    """Return the meetings of a group that took place within a year, newest first."""
    since = context.today - LOOKED_BACK
    return meetings.held(context.session, [group_id], context.today, since=since, limit=MOST_MEETINGS)


def meeting_choices(context: Context, group_id: int) -> tuple[Choice, ...]:
    """Return those meetings as choices of a box."""
    return tuple(Choice(str(one.id), f"{name}, {day(one.on)}") for name, one in held(context, group_id))


def seat_of(seat: str, agency: str) -> str:
    """Return how a seat is called; never who sits on it."""
    return f"{seat} ({agency})" if seat and agency else seat or agency or "A member without a seat"


def seats_of(rows: Iterable[Consulted]) -> list[str]:
    """Return how the seats of these are called, each once, with how many where there are several."""
    counted = Counter(seat_of(one.seat, one.agency) for one in rows)
    return [f"{name}, {number} people" if number > 1 else name for name, number in counted.items()]


def asked_of(sittings: Sequence[Sitting]) -> list[Sitting]:
    """Return who is asked in a group: everybody on a seat, and deputies where nobody holds theirs."""
    held_seats = {one.seat for one in sittings if not one.deputy}
    return [one for one in sittings if not one.deputy or one.seat not in held_seats]


def members(context: Context, group_id: int, on: date) -> list[Sitting]:
    """Return who sits in a group on a day."""
    return groups.members(context.session, group_name(context, group_id), on=on)


def sits(context: Context, row: Consultation) -> bool:
    """Say whether the one who asks sits in the group of a consultation today."""
    me = context.actor.person_id
    return any(one.person_id == me for one in members(context, row.group_id, context.today))


def note(context: Context, row: Decision | Consultation, action: str, *, fields: str = "", state: str = "") -> None:
    """Write into the history of a record what was done to it; never the words, nor who replied what."""
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=context.actor.person_id, action=action,
        after_state=state, detail={"fields": fields} if fields else None, version=row.version,
    )  # fmt: skip


def tell(context: Context, person_ids: Iterable[int], card: Card, *, key: str) -> bool:
    """Tell people privately, once for each key; return False when they were told, or nobody can be."""
    return telling.tell_people(context, person_ids, card, key=key, kind="notice about a consultation")


def tell_secretariat(context: Context, card: Card, *, key: str) -> bool:
    """Tell the secretariat privately, once for each key; return False when they were told, or nobody can be."""
    return telling.tell_secretariat(context, card, key=key, kind="notice about a consultation")


def list_buttons(name: str, which: str, page: int, refs: Sequence[str], *, more: bool) -> list[Button]:
    """Return the buttons that open what a page lists, and the next page."""
    routes = {
        "decisions": ("consulting.decision", "consulting.decisions", "Open a decision"),
        "asked": ("consulting.show", "consulting.list", "Open a consultation"),
    }
    one, many, label = routes[name]
    found = [Button(f"Open {ref}", one, ref) for ref in refs]
    if len(refs) > 2:  # noqa: PLR2004 - there is room for two buttons beside the others
        found = [Button(label, "consulting.choose", f"{name}|{which}|{page}", opens=True)]
    return [*found, Button("More", many, f"{which}|{page + 1}")] if more else found


def all_asked(context: Context, row: Consultation) -> list[Consulted]:
    """Return everybody who was asked, those who have not replied first."""
    return consultations.asked(context.session, row)


def votes_of(context: Context, row: Decision) -> dict[str, list[str]]:
    """Return the seats that voted, by their voices."""
    found: dict[str, list[str]] = {}
    for vote in decisions.votes(context.session, row):
        found.setdefault(vote.voice, []).append(vote.seat or "A member without a seat")
    return found
