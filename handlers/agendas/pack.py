"""The pack of a meeting as one Word document: agenda, tracker, risks that moved, what happened between, and papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from db import agendas, arising, audit, meetings, papers
from db import records as references
from db.escalations import Escalation
from db.meetings import EXECUTIVE, Meeting
from db.papers import Tracked
from db.risks import Risk
from handlers.agendas import items, records
from handlers.agendas.items import Item
from handlers.context import Context
from handlers.files import File
from handlers.papers import docx, register, saying, tracker
from handlers.papers.making import WITHOUT_MEETING
from handlers.papers.paper import Cell, Column, Grid, Heading, Linked, Paper, Paragraph, Part, Turn
from handlers.papers.register import Register
from handlers.papers.saying import Made
from knowledge import agendas as rules
from knowledge import workflows
from knowledge.calendar import instant

_AGENDA = (
    Column("No.", 0.7), Column("Time", 1.2), Column("Item", 5.5), Column("To", 1.5), Column("Presented by", 2.6),
    Column("Minutes", 1.4),
)  # fmt: skip
_BETWEEN = (Column("Ref", 2), Column("Decision", 6), Column("By", 2.4), Column("On", 1.8))
_REPLIES = (Column("Ref", 2), Column("Consultation", 5), Column("No reply yet", 5))
_PAPERS = (Column("Paper", 4.5), Column("For", 4), Column("Owner", 2.4), Column("Due", 1.8), Column("Received", 1.8))


def make(context: Context, about: str, person_id: int) -> File:
    """Return the pack of the meeting that a link names."""
    meeting = records.get_for_file(context, about)
    version = references.next_ref(context.session, "PCK", context.today.year).partition("-")[2]
    audit.add(
        context.session, at=context.now, actor=f"person:{person_id}", action="exported", subject=meeting.ref,
        format="docx", version=version,
    )  # fmt: skip
    paper = write(context, meeting, version=version)
    return File(file_name(context, meeting), docx.write(paper, at=context.now), docx.DOCX)


def final(meeting: Meeting) -> bool:
    """Say whether the papers of a meeting are locked, so that its pack is no draft."""
    return meeting.locked_at is not None


def file_name(context: Context, meeting: Meeting) -> str:
    """Return what the file is called, such as `pack-executive-2026-12-03.docx`."""
    group = "-".join("".join(c if c.isalnum() else " " for c in records.name(context, meeting)).lower().split())
    return f"{'' if final(meeting) else 'DRAFT-'}pack-{group}-{meeting.on.isoformat()}.docx"


def write(context: Context, meeting: Meeting, *, version: str) -> Paper:
    """Return the pack of a meeting; what is OFFICIAL-SENSITIVE stands in it as a reference alone."""
    group, made = records.name(context, meeting), _made(context, meeting, version)
    on = items.agenda(context, meeting, public=True)
    parts = [
        *_opening(meeting),
        *_agenda(context, meeting, on),
        *_papers(context, meeting, on),
        *_between(context, meeting),
        *_replies(context, meeting),
        *_moved(context, meeting, made),
        *_tracker(context, meeting, made),
    ]
    title = f"{'Pack' if final(meeting) else 'DRAFT pack'} of the {group}, {saying.long_day(meeting.on)}"
    subtitle = ". ".join(filter(None, (meeting.ref, _when(context, meeting), meeting.place, meeting.chair)))
    house = context.house.partnership
    return Paper(title, subtitle, house, made.marking, made.made_words, version, parts)


def _made(context: Context, meeting: Meeting, version: str) -> Made:
    """Return what the pack is, and how far it looks back: what came after the last papers was in none yet."""
    group = records.name(context, meeting)
    last = meetings.last_meeting(context.session, group, meeting.on)
    since = min(last.pack_on if last else context.today - WITHOUT_MEETING, context.today)
    words = f"the papers for the {group} on {saying.long_day(last.on)}" if last else saying.long_day(since)
    zone = context.house.time_zone
    return Made(
        now=context.now, zone=zone, partnership=context.house.partnership,
        since=instant(since, saying.MIDNIGHT, zone), since_words=words, version=version, meeting_on=meeting.on,
    )  # fmt: skip


def _when(context: Context, meeting: Meeting) -> str:
    if meeting.starts_at is None:
        return "The time is not fixed yet"
    return f"It begins at {_clock(context, meeting.starts_at)}"


def _clock(context: Context, moment: datetime | None) -> str:
    return f"{moment.astimezone(context.house.time_zone):%H:%M}" if moment else ""


def _opening(meeting: Meeting) -> Iterator[Part]:
    if not final(meeting):
        yield Paragraph("DRAFT. The papers are not locked yet, so that this can still change.", strong=True)


def _agenda(context: Context, meeting: Meeting, on: Sequence[Item]) -> Iterator[Part]:
    times = rules.begins(meeting.starts_at, [one.minutes for one in on])
    rows = [
        (str(place), _clock(context, at), one.title, one.purpose.capitalize(), one.presenter, str(one.minutes))
        for place, (at, one) in enumerate(zip(times, on, strict=True), 1)
    ]
    total = sum(one.minutes for one in on)
    yield Heading("Agenda")
    yield Grid("Agenda", _AGENDA, rows, "Nothing is on the agenda yet.")
    long = total > meeting.minutes
    yield Paragraph(f"The items take {total} of {meeting.minutes} minutes.{' That is too long.' * long}", strong=long)


def _papers(context: Context, meeting: Meeting, on: Sequence[Item]) -> Iterator[Part]:
    titles = {one.row.id: one.title for one in on if one.row}
    rows: list[tuple[Cell, ...]] = [
        (
            Linked(one.row.title, one.row.link) if one.row.link else one.row.title,
            titles.get(one.row.agenda_item_id or 0, ""),
            one.owner,
            saying.day(one.row.due_on),
            saying.day(one.row.received_on) or "Not yet",
        )
        for one in agendas.papers(context.session, meeting.id)
    ]
    yield Heading("Papers")
    yield Grid("Papers", _PAPERS, rows, "No paper is wanted for this meeting.")


def _between(context: Context, meeting: Meeting) -> Iterator[Part]:
    first = arising.is_next(context.session, meeting, context.today)
    stay = items.stays(context, meeting)
    rows = [
        (one.ref, one.text, one.made_by, saying.day(one.made_on))
        for one in arising.decisions(context.session, meeting, first=first, kept=stay["decision"])
    ]
    rows += [
        (
            row.ref,
            saying.WITHHELD if row.marking == papers.SENSITIVE else f"{row.title}: {row.decision_type}",
            "Executive",
            saying.day(context.day(row.decided_at)) if row.decided_at else "",
        )
        for row, _ in arising.reported(context.session, meeting, kept=stay["reported"])
    ]
    yield Heading("Decisions between meetings")
    yield Grid("Decisions between meetings", _BETWEEN, rows, "Nothing was decided between meetings.")


def _replies(context: Context, meeting: Meeting) -> Iterator[Part]:
    first = arising.is_next(context.session, meeting, context.today)
    stay = items.stays(context, meeting)["consultation"]
    silent = arising.unanswered(context.session, meeting, context.today, first=first, kept=stay)
    rows = [(asked.ref, asked.title, ", ".join(seats)) for asked, seats in silent if seats]
    yield Heading("Consultation replies that are outstanding")
    if rows:
        yield Paragraph("Silence is not agreement.")
    yield Grid("Consultation replies that are outstanding", _REPLIES, rows, "No reply is outstanding.")


def _moved(context: Context, meeting: Meeting, made: Made) -> Iterator[Part]:
    own = [] if records.name(context, meeting) == EXECUTIVE else [Risk.lead_group_id == meeting.group_id]
    risks = list(papers.risks(context.session, papers.live_or_ended(made.since), *own))
    kept = Register(risks, moved=papers.moved(context.session, made.since), floor=context.house.risk_floor)
    yield Heading("Risk movement")
    yield Paragraph(f"What happened since {made.since_words}.")
    yield register.movement(kept, made)


def _tracker(context: Context, meeting: Meeting, made: Made) -> Iterator[Part]:
    own = [] if records.name(context, meeting) == EXECUTIVE else [Escalation.group_id == meeting.group_id]
    live = papers.open_or_since(workflows.escalations().open_states(), made.since)
    rows: list[Tracked] = list(papers.escalations(context.session, live, *own))
    yield Turn(landscape=False)
    yield Heading(tracker.TITLE)
    for part in tracker.write(rows, made).parts:
        yield replace(part, level=2) if isinstance(part, Heading) else part
