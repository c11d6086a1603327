"""The agenda of a meeting as a card: its items in order, how long it takes, and what waits to be taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from db.meetings import Meeting
from handlers.agendas import items, papers, records
from handlers.agendas.items import Item
from handlers.context import Context, Request, number
from handlers.messages import Button, Card, Element, Heading, Note, Table, Text, Tone
from handlers.prose import escape
from handlers.wording import words

TAKES = re.compile(rf"(?:{records.REF}|{records.GROUPS})?", re.IGNORECASE)
PAGE = 20


def by_word(context: Context, request: Request) -> Card:
    """Show the agenda of a meeting by its reference, or of the next meeting of a group.

    Whoever does not sit in the group, and owes a paper, sees that.
    """
    if owed := papers.of_owner(context, request.text):
        return owed
    return card(context, records.meant(context, request.text))


def show(context: Context, request: Request) -> Card:
    """Show the agenda of the meeting that the button names."""
    which, _, page = request.value.partition("|")
    return card(context, records.get(context, which), page=number(page))


def card(context: Context, meeting: Meeting, *, page: int = 0, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the agenda of a meeting as the one who asks may see it."""
    every = items.listed(context, meeting)
    on = [one for one in every if one.on]
    total = sum(one.minutes for one in on)
    said = words("agendas_show", meeting=meeting, start=_start(context, meeting), total=total, count=len(on))
    body: list[Element] = [Text(said), *_table(on, page)]
    if total > meeting.minutes:
        body.append(
            Text(f"**Too long:** the items take {total} minutes, and the meeting has {meeting.minutes}. "
                 "Leave something out, or take less time.")
        )  # fmt: skip
    return Card(
        title=title or f"Agenda: {records.called(context, meeting)}",
        body=(*body, *_waiting(context, every)),
        actions=tuple(_buttons(context, meeting, every, page)),
        tone=tone,
    )


def _start(context: Context, meeting: Meeting) -> str:
    return f"{meeting.starts_at.astimezone(context.house.time_zone):%H:%M}" if meeting.starts_at else ""


def _table(on: Sequence[Item], page: int) -> Iterator[Element]:
    shown = on[page * PAGE : (page + 1) * PAGE]
    rows = tuple(
        (f"{place}. {one.title}", one.purpose.capitalize(), one.presenter, f"{one.minutes} min. {one.origin}")
        for place, one in enumerate(shown, page * PAGE + 1)
    )
    if rows:
        more = len(on) - page * PAGE - len(shown)
        yield Table(("Item", "To", "Presented by", "Time and source"), rows, f"And {more} more." if more else "")


def _waiting(context: Context, every: Sequence[Item]) -> Iterator[Element]:
    mine = context.actor.person_id
    waits = [one for one in every if one.waits and one.row]
    seen = [one for one in waits if records.keeps(context) or (one.row and one.row.added_by_person_id == mine)]
    if seen:
        yield Heading("Asked for, and not taken yet")
        yield Text("\n".join(f"- {escape(one.title)}, {one.minutes} minutes" for one in seen[:PAGE]))
    gone = sum(one.dropped for one in every) if records.keeps(context) else 0
    if gone:
        yield Note(f"Left out: {gone}. Arrange the agenda to put something back.")


def _buttons(context: Context, meeting: Meeting, every: Sequence[Item], page: int) -> Iterator[Button]:
    about = str(meeting.id)
    yield Button("Ask for an item", "agendas.ask", about, opens=True)
    if records.keeps(context) and every:
        yield Button("Arrange the agenda", "agendas.arrange", about, style="primary", opens=True)
    yield Button("Papers", "agendas.papers", about)
    if records.keeps(context):
        yield Button("The pack", "agendas.pack", about)
    if sum(one.on for one in every) > (page + 1) * PAGE:
        yield Button("More items", "agendas.show", f"{about}|{page + 1}")
