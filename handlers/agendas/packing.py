"""Asking for the pack of a meeting, and saying that it was sent."""

from __future__ import annotations

import re

from db import meetings, people
from db.meetings import Meeting, MeetingState
from db.people import SECRETARIAT
from handlers import files, telling
from handlers.agendas import items, pack, records
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Link, Text, Tone
from handlers.papers import making
from handlers.prose import escape
from handlers.wording import words
from knowledge import agendas as rules

TAKES = re.compile(rf"(?:{records.REF}|(?:{records.GROUPS})(?: (?:{rules.DAY}))?)?", re.IGNORECASE)
_BY_DAY = re.compile(rf"({records.GROUPS}) ({rules.DAY})", re.IGNORECASE)


def by_word(context: Context, request: Request) -> Card:
    """Give a link to the pack of a meeting: of a group and a day, of its next meeting, or by reference."""
    found = _BY_DAY.fullmatch(request.text.strip())
    if found is None:
        return card(context, records.meant(context, request.text))
    day = rules.read_day(found[2], today=context.today)
    if day is None:
        raise UserError(f"I cannot read the day '{found[2]}'.", hint="Type it like this: pack executive 3-dec.")
    return card(context, records.on_day(context, found[1], day))


def show(context: Context, request: Request) -> Card:
    """Give a link to the pack of the meeting that the button names."""
    return card(context, records.kept(context, request.value))


def card(context: Context, meeting: Meeting) -> Card:
    """Return a link to the pack of a meeting, a draft until its papers are locked."""
    about, final = str(meeting.id), pack.final(meeting)
    withheld = any(items.IN_ANNEX in one.title for one in items.agenda(context, meeting, public=True))
    said = words("agendas_pack", final=final, sent=meeting.state == MeetingState.SENT, pack_on=meeting.pack_on,
                 withheld=withheld)  # fmt: skip
    actions: list[Button | Link] = [files.link(context, "pack", about)]
    if meeting.state == MeetingState.LOCKED:
        actions.append(Button("It was sent", "agendas.sent", about, style="primary"))
    if making.withheld(context, "escalations"):
        actions.append(Button("The confidential annex", "papers.annex", "escalations docx"))
    actions += [Button("Agenda", "agendas.show", about), Button("Papers", "agendas.papers", about)]
    title = f"{'Pack' if final else 'DRAFT pack'}: {records.called(context, meeting)}"
    return Card(title, (Text(said),), tuple(actions))


def sent(context: Context, request: Request) -> Card:
    """Say that the pack went out, and tell the secretariat; pressing it again changes nothing."""
    meeting = records.kept(context, request.value)
    if not meetings.sent(context.session, meeting.id):
        if meeting.state != MeetingState.SENT:
            raise UserError("The papers of this meeting are not locked.", hint="Type pack to see where it stands.")
        return _sent(context, meeting)
    records.note(context, "sent a pack", meeting)
    others = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    told = Card(
        title=f"The pack was sent: {records.called(context, meeting)}",
        body=(Text(f"{escape(meeting.ref)}: nothing more has to be done with its papers."),),
        actions=(Button("Open the agenda", "agendas.show", str(meeting.id)),),
    )
    places = [one for one in others if one != context.identity]
    telling.tell(context, places, told, key=f"agenda:{meeting.ref}:sent:{meeting.sequence}", kind="notice about a pack")
    return _sent(context, meeting)


def _sent(context: Context, meeting: Meeting) -> Card:
    return Card(
        title="Sent",
        body=(Text(f"The pack of {escape(records.called(context, meeting))} was sent."),),
        actions=(Button("Agenda", "agendas.show", str(meeting.id)),),
        tone=Tone.GOOD,
    )
