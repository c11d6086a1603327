"""What groups decided, in lists and one by one, and what of it is still to be reported to a meeting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement

from db import decisions, groups, meetings
from db.agendas import AgendaItem
from db.decisions import Decision, Voice
from db.meetings import EXECUTIVE, NOT_ON, Meeting
from handlers import access, naming
from handlers.access import Need, access_decision
from handlers.consulting import records
from handlers.context import Context, Request, number
from handlers.messages import Button, Card, Element, Facts, Table, Text, Tone
from handlers.prose import escape
from knowledge import groups as shelf
from knowledge import voting

_NAMES = sorted({word for one in shelf.shipped().values() for word in (one.name, *one.also)}, key=len, reverse=True)
TAKES = re.compile(rf"(?:{'|'.join(map(re.escape, _NAMES))}|DEC-\d{{4}}-\d{{3,6}})?", re.IGNORECASE)
NOT_YET = "Not yet reported to a meeting"
_SHORT = 120


def show(context: Context, request: Request) -> Card:
    """Show what groups decided, newest first: all that you may read, a group's, a meeting's, or one decision."""
    records.known(context)
    words = request.text.strip()
    if not request.value and access.plain(words).startswith("DEC-"):
        return card(context, access_decision(context, words))
    which, _, page = request.value.partition("|")
    if not request.value and words:
        which = naming.group(context, words)
    return _list(context, which, number(page))


def _list(context: Context, which: str, page: int) -> Card:
    found = listed(context, which, page)
    shown, more = found[: records.PAGE], len(found) > records.PAGE
    rows = tuple((row.ref, _short(row.text), f"{row.made_on:%-d %b %Y}", _where(row, name)) for row, name in shown)
    body: Element = Table(("Decision", "What", "Made", "Where"), rows) if rows else Text("There is nothing here.")
    buttons = records.list_buttons("decisions", which, page, [row.ref for row, _ in shown], more=more)
    return Card(_title(context, which), (body,), (*buttons, *_recording(context, which)))


def listed(context: Context, which: str, page: int) -> list[tuple[Decision, str]]:
    """Return one page of decisions and one more: of a meeting by its number, of a group by its name, or all."""
    wanted: list[ColumnElement[bool]] = [access.visible_decisions(context)]
    if which.isdecimal():
        wanted.append(Decision.meeting_id == number(which))
    elif which:
        wanted.append(Decision.group_id == groups.group_id(context.session, _named(context, which)))
    return decisions.listed(context.session, *wanted, skip=page * records.PAGE, limit=records.PAGE + 1)


def _named(context: Context, which: str) -> str:
    """Return the name of a group that a button carried, when there is such a group."""
    if which not in naming.group_names(context):
        raise access.not_found()
    return which


def _title(context: Context, which: str) -> str:
    meeting = _readable_meeting(context, which)
    if meeting:
        return f"Decisions of {records.group_name(context, meeting.group_id)}, {records.day(meeting.on)}"
    return f"Decisions of {which}" if which and not which.isdecimal() else "Decisions"


def _readable_meeting(context: Context, which: str) -> Meeting | None:
    """Return the meeting that a number names to those who are cleared or sit in its group."""
    meeting = meetings.get(context.session, number(which)) if which.isdecimal() else None
    if meeting is None or access.cleared(context):
        return meeting
    sits = {one.person_id for one in records.members(context, meeting.group_id, context.today)}
    return meeting if context.actor.person_id in sits else None


def _where(row: Decision, group: str) -> str:
    if row.meeting_id is not None:
        return group
    return f"{group}, between meetings{'' if row.reported_on else ', not yet reported'}"


def _recording(context: Context, which: str) -> Iterator[Button]:
    """Give the buttons with which a decision is recorded: of the meeting, of the last one, and between meetings."""
    group = "" if which.isdecimal() else which or EXECUTIVE
    meeting = meetings.get(context.session, number(which)) if which.isdecimal() else None
    if group:
        last = records.held(context, groups.group_id(context.session, group))
        meeting = last[0][1] if last else None
    if meeting and may_record(context, meeting):
        label = f"Record for {meeting.on:%-d %B %Y}"
        yield Button(label, "consulting.record", str(meeting.id), style="primary", opens=True)
    if group and context.actor.roles & records.RECORDERS:
        yield Button("Decided between meetings", "consulting.between", group, opens=True)


def may_record(context: Context, meeting: Meeting) -> bool:
    """Say whether the one who asks may record what a meeting decided: secretariat and chair, once it is held."""
    if meeting.on > context.today or meeting.state in NOT_ON:
        return False
    return records.keeps(context) or access.chairs_group(context, meeting.group_id)


def open_one(context: Context, request: Request) -> Card:
    """Show one decision with what can be done with it."""
    return card(context, access_decision(context, request.value.partition("|")[0]))


def card(context: Context, row: Decision, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of one decision for somebody who may read it."""
    body = (Text(escape(row.text)), Facts(tuple(_facts(context, row))))
    return Card(title or row.ref, body, tuple(_buttons(context, row)), tone, fallback=row.ref)


def _facts(context: Context, row: Decision) -> Iterator[tuple[str, str]]:
    yield "Group", records.group_name(context, row.group_id)
    yield "Made", f"{records.day(row.made_on)}{', at the meeting' if row.meeting_id else ', between meetings'}"
    yield "Made by", row.made_by
    item = context.session.get(AgendaItem, row.agenda_item_id) if row.agenda_item_id else None
    if item:
        yield "Agenda item", item_name(item)
    if row.meeting_id is None:
        yield "Reported", _reported(context, row)
    seats = records.votes_of(context, row)
    counts = {voice: len(seats.get(voice.value, ())) for voice in Voice}
    yield (
        "Votes",
        voting.result(for_it=counts[Voice.FOR], against=counts[Voice.AGAINST], abstain=counts[Voice.ABSTAINS]),
    )
    for voice, label in ((Voice.FOR, "For"), (Voice.AGAINST, "Against"), (Voice.ABSTAINS, "Abstained")):
        if voice.value in seats:
            yield label, ", ".join(seats[voice.value])


def item_name(item: AgendaItem) -> str:
    """Return what an item is called; of one that a record brought, nothing but the reference is kept."""
    return item.title or ("Attendance" if item.source == "attendance" else item.source_ref)


def _reported(context: Context, row: Decision) -> str:
    if row.reported_on is None:
        return NOT_YET
    meeting = meetings.get(context.session, row.reported_meeting_id) if row.reported_meeting_id else None
    return (
        f"To the meeting on {records.day(meeting.on)}" if meeting else f"In writing on {records.day(row.reported_on)}"
    )


def _buttons(context: Context, row: Decision) -> Iterator[Button]:
    keeps = records.keeps(context)
    if may_correct(context, row):
        yield Button("Correct it", "consulting.correct", access.about(row), opens=True)
    if keeps and row.meeting_id is None and row.reported_on is None:
        yield Button("It was reported", "consulting.report", access.about(row), style="primary", opens=True)
    if keeps or access.chairs_group(context, row.group_id):
        yield Button("Give it an action", "actions.new", row.ref, opens=True)
    group = records.group_name(context, row.group_id)
    yield Button("All of the group", "consulting.decisions", f"{group}|0")
    yield Button("Links", "linking.show", row.ref)
    yield Button("History", "audit.history", row.ref)


def may_correct(context: Context, row: Decision) -> bool:
    """Say whether the one who asks may correct a decision: the secretariat, the group's chair, or who recorded it."""
    if records.keeps(context) or access.chairs_group(context, row.group_id):
        return True
    return context.actor.person_id == row.recorded_by_person_id


def access_to_correct(context: Context, ref: str) -> Decision:
    """Return a decision to somebody who may correct it. Raises UserError for everybody else."""
    row = access_decision(context, ref, Need.READ)
    if not may_correct(context, row):
        raise access.not_found()
    return row


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1].rstrip()}…"
