"""Papers of a meeting: links to where the council keeps them, who owes them by when, and the reminders of that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from db import agendas, arising, meetings, reminders
from db.agendas import MAX_LINK, MAX_TITLE, Listed, Paper
from db.meetings import AHEAD, Meeting
from handlers import owners, persons
from handlers.agendas import items, records
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Table, Text, Tone
from handlers.prose import escape
from knowledge import clocks
from knowledge.calendar import working_days_before, working_days_between

LADDER = "papers"
NO_ITEM = "none"
SHOWN = 30
NOT_NEEDED = "not-needed"
_HTTPS = re.compile(r"https://\S+")


def show(context: Context, request: Request) -> Card:
    """Show the papers of a meeting: who owes each by when, and links to those that are there."""
    return _card(context, _meeting(context, request.value))


def of_owner(context: Context, ref: str) -> Card | None:
    """Return the papers that somebody owes who does not sit in the group that meets; None for everybody else."""
    meeting = arising.of_ref(context.session, ref)
    outside = meeting is not None and not records.sees(context, meeting)
    return _card(context, meeting) if meeting and outside and _seen(context, meeting) else None


def _meeting(context: Context, value: str) -> Meeting:
    """Return the meeting of a button to those who see its agenda, and to whoever owes a paper for it."""
    found = meetings.get(context.session, number(value))
    if found is None or not (records.sees(context, found) or _seen(context, found)):
        raise records.not_found()
    return found


def _seen(context: Context, meeting: Meeting) -> list[Listed]:
    """Return the papers that the one who asks may see: all with the agenda, and without it those that they owe."""
    rows, me = agendas.papers(context.session, meeting.id), context.actor.person_id
    if records.sees(context, meeting):
        return rows
    return [one for one in rows if me is not None and one.row.owner_person_id == me]


def _card(context: Context, meeting: Meeting, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    rows, about = _seen(context, meeting), str(meeting.id)
    body: tuple[Element, ...] = (Text("No paper is wanted for this meeting yet."),)
    if rows:
        shown = tuple((one.row.title, one.owner, records.day(one.row.due_on), _state(context, one)) for one in rows)
        more = f"And {len(rows) - SHOWN} more." if len(rows) > SHOWN else ""
        links = "\n".join(f"- [{escape(one.row.title)}]({one.row.link})" for one in rows if one.row.link)
        table = Table(("Paper", "Owner", "Due", "Received"), shown[:SHOWN], more)
        body = (table, Text(f"Links to those that are there:\n\n{links}")) if links else (table,)
    actions = []
    if _owed(context, rows):
        actions.append(Button("Give the link", "agendas.bring", about, style="primary", opens=True))
    if records.keeps(context):
        actions.append(Button("Add a paper", "agendas.paper", about, opens=True))
    if records.sees(context, meeting):
        actions.append(Button("Agenda", "agendas.show", about))
    return Card(title or f"Papers: {records.called(context, meeting)}", body, tuple(actions), tone)


def _state(context: Context, one: Listed) -> str:
    if one.row.received_on:
        return records.day(one.row.received_on)
    return "Not yet (overdue)" if one.row.due_on < context.today else "Not yet"


def _owed(context: Context, rows: Sequence[Listed]) -> list[Listed]:
    """Return the papers whose link the one who asks may give: their own, and for the secretariat all."""
    if records.keeps(context):
        return list(rows)
    return [one for one in rows if one.row.owner_person_id == context.actor.person_id]


# --- wanting one -----------------------------------------------------------------------------------------------


def open_new(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat asks for a paper."""
    meeting = _ahead(records.kept(context, request.value))
    on = items.agenda(context, meeting)[: items.MOST]
    choices = (Choice(NO_ITEM, "No item"), *(Choice(one.key, one.title[:75]) for one in on))
    return Form(
        "Add a paper",
        "agendas.paper-add",
        (
            Field("title", "What it is called", hint="In general terms: no child, no family.", max_length=MAX_TITLE),
            owners.box("owner", "Who brings it"),
            Field("due", "Due", "date", value=max(_usual(meeting), context.today).isoformat()),
            Field("item", "For which item", "choice", choices=choices, value=NO_ITEM),
            Field("link", "Link", hint="https only. Leave it empty if it is not there yet.", required=False,
                  max_length=MAX_LINK),
        ),
        context.token,
        str(meeting.id),
        "Add",
        "Its owner is told, and reminded when it is due. The paper itself stays where it is kept.",
    )  # fmt: skip


def add(context: Context, request: Request) -> Card | Errors:
    """Ask its owner for that paper; one whose link is given is there already."""
    meeting, fields = _ahead(records.kept(context, request.value)), request.fields
    title, link = " ".join(fields.get("title", "").split()), fields.get("link", "").strip()
    owner, due = owners.read(context, fields, "owner"), persons.read_day(context, fields.get("due", ""))
    if isinstance(owner, Errors):
        return owner
    wrong = {"title": _title_problem(title), "link": link_problem(link) if link else ""}
    wrong |= {"owner": "" if owner else "Please give a name.", "due": _due_problem(meeting, due)}
    chosen = fields.get("item", NO_ITEM)
    on = {one.key: one for one in items.agenda(context, meeting)}
    if chosen not in (NO_ITEM, "") and chosen not in on:
        wrong["item"] = "Please choose an item from the list."
    wrong = {name: said for name, said in wrong.items() if said}
    if wrong or owner is None or not isinstance(due, date):
        return Errors(wrong)
    item = on.get(chosen)
    row = agendas.add_paper(
        context.session, meeting_id=meeting.id, title=title, link=link, owner_person_id=owner, due_on=due,
        for_on=meeting.on, added_at=context.now, received_on=context.today if link else None,
        agenda_item_id=items.kept(context, meeting, item).id if item else None,
    )  # fmt: skip
    records.note(context, "asked for a paper", meeting, paper=row.id)
    if not link:
        said = f"{escape(title)}\n\nPlease give its link by {records.day(due)}."
        records.tell(
            context, owner, meeting, "A paper is wanted of you", said, key=f"paper:{row.id}",
            button=("Papers", "agendas.papers"),
        )  # fmt: skip
        remind(context, row, meeting)
    return _card(context, meeting, title="Added", tone=Tone.GOOD)


def _ahead(meeting: Meeting) -> Meeting:
    if meeting.state not in AHEAD:
        raise UserError("That meeting is over, or it does not take place.", hint="Type dates to see which are to come.")
    return meeting


def _usual(meeting: Meeting) -> date:
    return working_days_before(meeting.on, clocks.numbers(LADDER)["due"])


def _title_problem(title: str) -> str:
    if not title:
        return "Please say what it is called."
    return f"Please use at most {MAX_TITLE} characters." if len(title) > MAX_TITLE else ""


def _due_problem(meeting: Meeting, due: date | str | None) -> str:
    if not isinstance(due, date):
        return due or "Please give a day."
    return "Please give a day before the meeting." if due >= meeting.on else ""


def link_problem(link: str) -> str:
    """Say what is wrong with the address of a paper; empty when nothing is."""
    if not _HTTPS.fullmatch(link) or any(char in link for char in "()<>[]\\\"'`"):
        return "Please give an address that begins with https://, without spaces or brackets."
    try:
        parts = urlsplit(link)
    except ValueError:
        return "This address cannot be read."
    if not parts.hostname or "." not in parts.hostname or "@" in parts.netloc:
        return "This address cannot be read."
    return f"Please use at most {MAX_LINK} characters." if len(link) > MAX_LINK else ""


# --- bringing it -----------------------------------------------------------------------------------------------


def open_bring(context: Context, request: Request) -> Form:
    """Open the form in which the owner of a paper gives its link."""
    meeting = _meeting(context, request.value)
    rows = _owed(context, _seen(context, meeting))[: items.MOST]
    if not rows:
        raise UserError("No paper is wanted of you for this meeting.", hint="Open its papers to see whose they are.")
    first = next((one for one in rows if one.row.received_on is None), rows[0])
    choices = tuple(Choice(str(one.row.id), one.row.title[:75]) for one in rows)
    more: tuple[Field, ...] = ()
    if records.keeps(context):
        more = (Field(NOT_NEEDED, "It is not needed any more", "confirm", required=False),)
    link = Field("link", "Link", hint="https only: where the council keeps it.", required=not more,
                 max_length=MAX_LINK)  # fmt: skip
    which = Field("paper", "Which paper", "choice", choices=choices, value=str(first.row.id))
    return Form("Give the link", "agendas.brought", (which, link, *more), context.token, str(meeting.id), "Keep it")


def bring(context: Context, request: Request) -> Card | Errors:
    """Keep that link as received, or drop a paper that is not needed; its reminders end."""
    meeting = _meeting(context, request.value)
    mine = {one.row.id for one in _owed(context, _seen(context, meeting))}
    wanted, link = number(request.fields.get("paper", "")), request.fields.get("link", "").strip()
    row = agendas.paper(context.session, wanted) if wanted in mine else None
    if row is None:
        return Errors({"paper": "Please choose a paper from the list."})
    if records.keeps(context) and request.fields.get(NOT_NEEDED) == "yes":
        row.dropped_at, done = context.now, "dropped a paper"
    elif problem := link_problem(link):
        return Errors({"link": problem})
    else:
        row.link, row.received_on, done = link, context.today, "received a paper"
    context.session.flush()
    reminders.cancel(context.session, subject(row))
    records.note(context, done, meeting, paper=row.id)
    return _card(context, meeting, title="Kept", tone=Tone.GOOD)


# --- reminders -------------------------------------------------------------------------------------------------


def subject(row: Paper) -> str:
    """Return under which subject the reminders of a paper are planned."""
    return f"paper:{row.id}"


def remind(context: Context, row: Paper, meeting: Meeting) -> None:
    """Plan the reminders of a paper's owner: the group and the day alone, nothing of what is in the paper."""
    reminders.plan(
        context.session,
        subject=subject(row),
        ladder=LADDER,
        person_id=row.owner_person_id,
        title=records.called(context, meeting),
        anchor_on=row.due_on,
        now=context.now,
        body_markdown=f"Type **agenda {escape(meeting.ref)}** and press Papers to give its link.",
    )


def follow(context: Context, row: Paper, meeting: Meeting) -> None:
    """Let a paper follow its meeting: due as long before the new day; nothing comes of a cancelled one."""
    if meeting.state not in AHEAD:
        row.for_on = None
        reminders.cancel(context.session, subject(row))
        return
    before = working_days_between(row.due_on, row.for_on) if row.for_on else 0
    row.due_on = working_days_before(meeting.on, before) if before > 0 else _usual(meeting)
    row.for_on = meeting.on
    context.session.flush()
    remind(context, row, meeting)
