"""A meeting as agendas use it: found by what people type or press, under the right to it; and who is told what."""

from __future__ import annotations

import re
from datetime import date, timedelta

from db import arising, audit, meetings
from db.meetings import AHEAD, Meeting
from db.people import SECRETARIAT
from handlers import access, naming, telling
from handlers.context import Context, UserError, number
from handlers.messages import Button, Card, Text
from handlers.prose import escape
from knowledge import groups as shelf

_NAMES = sorted({word for one in shelf.shipped().values() for word in (one.name, *one.also)}, key=len, reverse=True)
GROUPS = "|".join(map(re.escape, _NAMES))
REF = r"MTG-\d{4}-\d{3,6}"
MOST = 25  # meetings to choose from
_DAY = timedelta(days=1)
_KIND, _OPEN = "notice about an agenda", ("Open the agenda", "agendas.show")
_REF = re.compile(REF, re.IGNORECASE)


def keeps(context: Context) -> bool:
    """Say whether the one who asks keeps agendas: the secretariat."""
    return bool(context.actor.roles & SECRETARIAT)


def get(context: Context, value: str) -> Meeting:
    """Return the meeting of a button to somebody who may see its agenda. Raises UserError for everybody else."""
    found = meetings.get(context.session, number(value))
    if found is None or not sees(context, found):
        raise not_found()
    return found


def get_for_file(context: Context, value: str) -> Meeting:
    """Return the meeting of a link; who may have its file was looked up by those who give files."""
    found = meetings.get(context.session, number(value))
    if found is None:
        raise not_found()
    return found


def on_day(context: Context, group: str, on: date) -> Meeting:
    """Return the meeting of a group on a day to somebody who may see it. Raises UserError when there is none."""
    name = naming.group(context, group)
    found = next((one for one in meetings.coming(context.session, name, on, limit=1) if one.on == on), None)
    past = found or meetings.last_meeting(context.session, name, on + _DAY)
    if past is None or past.on != on or not sees(context, past):
        raise UserError(f"I know no meeting of {name} on {day(on)}.", hint="Type dates to see when groups meet.")
    return past


def kept(context: Context, value: str) -> Meeting:
    """Return the meeting of a button to the secretariat. Raises UserError for everybody else."""
    found = get(context, value)
    if not keeps(context):
        raise not_found()
    return found


def meant(context: Context, text: str) -> Meeting:
    """Return the meeting with a reference, or the next one of a group; without words, the next one that one may see.

    Raises UserError when there is none, or it is not for the one who asks.
    """
    words = text.strip()
    if _REF.fullmatch(words):
        found = arising.of_ref(context.session, words)
    elif words:
        found = next(iter(meetings.coming(context.session, naming.group(context, words), context.today, limit=1)), None)
    else:
        found = next((row for _, row in coming(context)), None)
    if found is None or not sees(context, found):
        raise not_found()
    return found


def coming(context: Context) -> list[tuple[str, Meeting]]:
    """Return the next meetings whose agendas the one who asks may see, each with the name of its group."""
    me = context.actor.person_id
    if me is None:
        return []
    only = None if context.actor.roles & access.CLEARED else me
    return arising.coming(context.session, context.today, person_id=only, limit=MOST)


def takes_items(context: Context, meeting: Meeting) -> bool:
    """Say whether items can still be asked for: until the cut-off day, and until the papers are locked."""
    return meeting.state in AHEAD and meeting.locked_at is None and context.today <= meeting.cut_off_on


def not_found() -> UserError:
    """Return what is said about a meeting that is not there, or that is not for the one who asks."""
    return UserError("I cannot find that meeting.", hint="Type dates to see when groups meet.")


def sees(context: Context, meeting: Meeting) -> bool:
    """Say whether the one who asks may see the agenda of a meeting: who sits in its group, and who is cleared."""
    me = context.actor.person_id
    if me is None:
        return False
    cleared = bool(context.actor.roles & access.CLEARED)
    return cleared or arising.sits(context.session, me, meeting.group_id, on=context.today)


def name(context: Context, meeting: Meeting) -> str:
    """Return the name of the group that meets."""
    return arising.group_name(context.session, meeting)


def called(context: Context, meeting: Meeting) -> str:
    """Return what people call a meeting, such as `Executive, 3 December 2026`."""
    return f"{name(context, meeting)}, {day(meeting.on)}"


def day(on: date) -> str:
    """Say a day."""
    return f"{on:%-d %B %Y}"


def note(context: Context, action: str, meeting: Meeting, **detail: str | int) -> None:
    """Write into the audit trail who did what to which meeting; never the words."""
    by = f"person:{context.actor.person_id}"
    audit.add(context.session, at=context.now, actor=by, action=action, subject=meeting.ref, **detail)


def tell(
    context: Context, person_id: int | None, meeting: Meeting, title: str, markdown: str, *, key: str,
    button: tuple[str, str] = _OPEN,
) -> None:  # fmt: skip
    """Queue a private notice to one person about a meeting; none about what they did themselves."""
    if person_id is None or person_id == context.actor.person_id:
        return
    card = _notice(context, meeting, title, markdown, button)
    telling.tell_people(context, [person_id], card, key=f"agenda:{key}", kind=_KIND)


def tell_keepers(context: Context, meeting: Meeting, title: str, markdown: str, *, key: str) -> None:
    """Queue a private notice to the secretariat about a meeting."""
    card = _notice(context, meeting, title, markdown, _OPEN)
    telling.tell_secretariat(context, card, key=f"agenda:{key}", kind=_KIND)


def _notice(context: Context, meeting: Meeting, title: str, markdown: str, button: tuple[str, str]) -> Card:
    body = (Text(f"**{escape(called(context, meeting))}**"), Text(markdown))
    return Card(title, body, (Button(*button, str(meeting.id)),))
