"""The boxes of forms about escalations, and what is wrong with what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from db import escalations, groups, meetings
from db.escalations import Escalation
from db.meetings import EXECUTIVE, Meeting
from handlers import access, naming
from handlers.context import Context, number
from handlers.escalations import clocks
from handlers.messages import Choice, Field

LIMITS: Mapping[str, int] = MappingProxyType(
    {"title": 100, "issue": 1000, "impact_on_children": 500, "already_tried": 500, "ask": 300, "urgency_reason": 300}
)
NO_MEETING, MOST_MEETINGS = "none", 20
_MEETING = "meeting-"  # before its number: a number by itself, beside other boxes, reads like one of a house
AGREED_WITHIN = timedelta(days=120)
MAX_REASON = 500
MAX_RESPONSE = 1000
TYPES = {
    "decision": "A decision",
    "resource": "People or money",
    "blocked-partner-action": "A partner's action that is stuck",
    "system-risk": "A risk to the whole system",
    "policy": "A policy",
    "information": "Information for the Executive",
}
URGENCIES = {"routine": "Routine", "before-next-meeting": "Before the next meeting", "urgent": "Urgent"}
MARKINGS = {access.OFFICIAL: access.OFFICIAL, access.SENSITIVE: access.SENSITIVE}
DECISIONS = {
    "agreed": "Agreed",
    "agreed with changes": "Agreed with changes",
    "declined": "Declined",
    "deferred": "Deferred",
    "referred elsewhere": "Referred elsewhere",
    "more information": "More information is needed",
}
RESPONSES = {name: label for name, label in DECISIONS.items() if name != "deferred"}  # deferring is a step of its own
_LABELS = {
    "title": "Title",
    "issue": "What is the issue?",
    "impact_on_children": "What does it mean for children?",
    "already_tried": "What have you tried already?",
    "ask": "What do you ask the Executive to do?",
    "urgency_reason": "If it is urgent: why?",
}
_HINTS = {
    "issue": "Needed before it is sent. Strategic wording only: no child, no family, no named member of staff.",
    "impact_on_children": "Needed before it is sent. In general terms: so what?",
    "already_tried": "Needed before it is sent: what was done to settle it lower down.",
    "ask": "Needed before it is sent. One sentence.",
}


def text(name: str, label: str, value: str = "", *, most: int = MAX_REASON, required: bool = True) -> Field:
    """Return a box for a few sentences."""
    return Field(name, label, "longtext", required=required, max_length=most, value=value)


def choice(name: str, label: str, options: Mapping[str, str], value: str = "") -> Field:
    """Return a box in which one thing is chosen."""
    choices = tuple(Choice(key, said) for key, said in options.items())
    return Field(name, label, "choice", choices=choices, value=value or choices[0].value)


def draft(context: Context, row: Escalation | None) -> tuple[Field, ...]:
    """Return the boxes in which an escalation is written."""

    def words(name: str) -> Field:
        kind = "text" if name in ("title", "ask") else "longtext"
        hint, most = _HINTS.get(name, ""), LIMITS[name]
        present = str(getattr(row, name)) if row else ""
        needed = name == "title"
        return Field(name, _LABELS[name], kind, hint, needed, most, value=present)  # type: ignore[arg-type]

    of_group = () if row else (choice("group", "For which group?", {one: one for one in _groups(context)}),)
    return (
        *of_group,
        words("title"),
        choice("type", "What is it about?", TYPES, row.type if row else ""),
        words("issue"),
        words("impact_on_children"),
        words("already_tried"),
        words("ask"),
        choice("urgency", "How soon?", URGENCIES, row.urgency if row else ""),
        words("urgency_reason"),
        choice("marking", "Marking", MARKINGS, row.marking if row else ""),
        *_origin(context, row),
    )


def _origin(context: Context, row: Escalation | None) -> tuple[Field, ...]:
    """Return the box in which the group says at which meeting it agreed this; none while no such meeting is known."""
    known = _met(context, row.group_id if row else None)
    if not known:
        return ()
    options = {NO_MEETING: "At no meeting"} | {
        f"{_MEETING}{one.id}": f"{name}, {one.on:%-d %B %Y}" for name, one in known
    }
    value = f"{_MEETING}{row.origin_meeting_id}" if row else ""
    return (choice("origin", "At which meeting was it agreed?", options, value if value in options else ""),)


def origin(
    context: Context, fields: Mapping[str, str], group_id: int, *, before: int | None = None
) -> int | str | None:
    """Return the meeting at which a group agreed this, None for none, or what is wrong with what was chosen."""
    wanted = fields.get("origin", "")
    if not wanted:  # the form had no such box
        return before
    known = {one.id for _, one in _met(context, group_id)}
    chosen = number(wanted.removeprefix(_MEETING))
    if wanted == NO_MEETING or chosen in known:
        return chosen or None
    return "Please choose a meeting of this group."


def _met(context: Context, group_id: int | None) -> list[tuple[str, Meeting]]:
    ids = [group_id] if group_id else [groups.group_id(context.session, name) for name in _groups(context)]
    since = context.today - AGREED_WITHIN
    return meetings.held(context.session, ids, context.today, since=since, limit=MOST_MEETINGS)


def wrong(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with what was written of an escalation. What is still missing is not wrong yet."""
    found = {
        name: f"Please use at most {most} characters. You have {len(fields.get(name, ''))}."
        for name, most in LIMITS.items()
        if len(fields.get(name, "").strip()) > most
    }
    if not fields.get("title", "").strip():
        found["title"] = "Please give it a title."
    options = {"type": TYPES, "urgency": URGENCIES, "marking": MARKINGS}
    found |= {name: "Please choose one." for name, known in options.items() if fields.get(name, "") not in known}
    if fields.get("urgency") == "urgent" and not fields.get("urgency_reason", "").strip():
        found["urgency_reason"] = "Please say why it cannot wait."
    return found


def missing(row: Escalation) -> list[str]:
    """Return what has to be written before an escalation can be sent."""
    needed = ("issue", "impact_on_children", "already_tried", "ask")
    return [_LABELS[name] for name in needed if not str(getattr(row, name)).strip()]


def _groups(context: Context) -> list[str]:
    """Return the groups for which somebody can write: their own; for who sits in none, all of them."""
    me = context.actor.person_id
    mine = [name for _, name in escalations.groups_of(context.session, me, on=context.today)] if me else []
    return mine or naming.group_names(context)


def group_id(context: Context, name: str) -> int | None:
    """Return the number of the group that was chosen; None for one that was not offered."""
    return groups.group_id(context.session, name) if name in _groups(context) else None


def too_long(fields: Mapping[str, str], name: str, most: int = MAX_REASON) -> str:
    """Say what is wrong with a box that has to be filled; empty when nothing is."""
    words = fields.get(name, "").strip()
    if not words:
        return "Please write this."
    return f"Please use at most {most} characters. You have {len(words)}." if len(words) > most else ""


def meeting(context: Context, label: str, *, after: date | None = None) -> Field:
    """Return the box in which a meeting of the Executive is chosen; preset is the first whose pack is still open."""
    found = coming(context, after)
    options = {str(one.id): f"{clocks.day(one.on)} ({_pack(context, one)})" for one in found}
    reached = next((str(one.id) for one in found if one.cut_off_on >= context.today), "")
    return choice("meeting", label, options or {NO_MEETING: "No date is known: add one with dates"}, reached)


def _pack(context: Context, meeting: Meeting) -> str:
    closes = "closes" if meeting.cut_off_on >= context.today else "closed"
    return f"pack {closes} {meeting.cut_off_on:%-d %B}"


def coming(context: Context, after: date | None = None) -> list[Meeting]:
    """Return the next meetings of the Executive, or those after a day."""
    found = meetings.coming(context.session, EXECUTIVE, context.today, limit=20)
    return [one for one in found if after is None or one.on > after]


def chosen(context: Context, fields: Mapping[str, str], *, after: date | None = None) -> Meeting | None:
    """Return the meeting that was chosen; None for one that was not offered."""
    wanted = number(fields.get("meeting", ""))
    return next((one for one in coming(context, after) if one.id == wanted), None)
