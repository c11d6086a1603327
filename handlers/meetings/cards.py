"""Meetings as people see them: a list of what comes and what was, and one meeting with what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db import attending, meetings
from db.attending import Answer, Attendance, Mark
from db.meetings import AHEAD, Meeting
from handlers import meeting_news, naming
from handlers.context import Context, Request, number
from handlers.meetings import records
from handlers.meetings.records import FLOW, WHOLE, Seen, Sitters
from handlers.messages import MAX_BUTTONS, Button, Card, Element, Facts, Note, Table, Text, Tone
from handlers.prose import escape
from knowledge import groups as shelf
from knowledge import quorum
from knowledge.quorum import Forecast
from knowledge.workflows import Refusal

_NAMES = sorted({word for one in shelf.shipped().values() for word in (one.name, *one.also)}, key=len, reverse=True)
TAKES_GROUP = re.compile(rf"(?:{'|'.join(map(re.escape, _NAMES))})?", re.IGNORECASE)
TAKES_REF = re.compile(r"(?:MTG-\d{4}-\d{3,6})?", re.IGNORECASE)
PAGE, DIRECT = 10, 4
STEPS = {  # what the button of a step says
    "confirm": "Confirm it",
    "open papers": "Open papers",
    "lock papers": "Lock papers",
    "send papers": "Papers are out",
    "hold": "It was held",
    "draft minutes": "Minutes are drafted",
    "agree minutes": "Minutes are agreed",
}
ANSWERS = {
    Answer.ATTENDS.value: "you come",
    Answer.DEPUTY.value: "your deputy comes",
    Answer.APOLOGIES.value: "you do not come",
}


# --- lists -------------------------------------------------------------------------------------------------


def show(context: Context, request: Request) -> Card:
    """Show the meetings that come, of every group or of one, or those that were; page by page."""
    records.me(context)
    which, _, page = request.value.partition("|") if request.value else (request.text.strip(), "", "0")
    past, group = which.startswith("past "), which.removeprefix("past ").strip()
    group = naming.group(context, group) if group else ""
    own = None if context.actor.roles & WHOLE else records.my_groups(context, context.today)
    rows = meetings.listed(
        context.session, context.today, group=group, group_ids=own, past=past, skip=number(page) * PAGE, limit=PAGE + 1
    )
    cells = tuple((one.ref, name, _when(context, one), FLOW.states[one.state].words) for name, one in rows[:PAGE])
    said = "No meeting is known here."
    body: Element = Table(("Meeting", "Group", "When", "State"), cells) if cells else Text(said)
    buttons = [Button(f"Open {one.ref}", "meetings.open", str(one.id)) for _, one in rows[:DIRECT]]
    if len(rows) > PAGE:
        buttons.append(Button("More of them", "meetings.show", f"{which}|{number(page) + 1}"))
    other = (
        Button("Coming", "meetings.show", f"{group}|0") if past else Button("Past", "meetings.show", f"past {group}|0")
    )
    title = "Meetings that were" if past else "Meetings to come"
    more = Note("Type meeting and a reference to open any of them.")
    return Card(f"{title}: {group}" if group else title, (body, more), (*buttons, other))


def open_one(context: Context, request: Request) -> Card:
    """Show one meeting, by its reference or from a button; without one, the list."""
    wanted = request.value or request.text.strip()
    return card(context, records.get(context, wanted)) if wanted else show(context, Request(request.identity))


# --- one meeting -------------------------------------------------------------------------------------------


def card(context: Context, seen: Seen, *, title: str = "", tone: Tone = Tone.PLAIN, replaces: bool = False) -> Card:
    """Return the card of one meeting, as far as the one who asks may look into it."""
    name = seen.row.title or f"{seen.group} meeting"
    body: list[Element] = [Facts(tuple(_facts(context, seen)))]
    if seen.inside and seen.row.link:
        body.append(Text(f"You can join online.\n\n[Join the meeting]({seen.row.link})"))
    if seen.keeps or (seen.whole and records.leads(context, seen)):
        body.extend(_who(context, seen))
    shown = _first(buttons(context, seen), seen.row)
    fallback = f"{seen.row.ref}: {name}"
    return Card(title or f"{seen.row.ref}: {name}", tuple(body), shown, tone, fallback, replaces)


def more(context: Context, request: Request) -> Card:
    """Show the buttons of a meeting for which its card has no place."""
    seen = records.get(context, request.value)
    rest = buttons(context, seen)[MAX_BUTTONS - 1 :]
    skip = number(request.value.partition("|")[2]) * (MAX_BUTTONS - 1)
    shown = rest[skip : skip + MAX_BUTTONS - 1]
    page = skip // (MAX_BUTTONS - 1) + 1
    if len(rest) > skip + MAX_BUTTONS - 1:
        shown.append(Button("More", "meetings.more", f"{seen.row.id}|{page}"))
    return Card(f"{seen.row.ref}: more", (Text(f"What else there is about this meeting of {escape(seen.group)}."),),
                tuple(shown))  # fmt: skip


def _first(found: list[Button], row: Meeting) -> tuple[Button, ...]:
    if len(found) <= MAX_BUTTONS:
        return tuple(found)
    return (*found[: MAX_BUTTONS - 1], Button("More", "meetings.more", f"{row.id}|0"))


def buttons(context: Context, seen: Seen) -> list[Button]:
    """Return everything that the one who asks can do about a meeting, the most likely first."""
    if not seen.whole:
        return []
    row, about = seen.row, str(seen.row.id)
    found = list(answer_buttons(context, seen))
    if seen.keeps:
        found += [
            Button(STEPS[do], "meetings.step", f"{row.id}|{do}", style="primary") for do in next_steps(context, row)
        ]
        if row.state in AHEAD and row.on < context.today:
            found.append(Button("It did not take place", "dates.choose", f"meeting:{row.id}", opens=True))
        if row.state in attending.HELD:
            found.append(Button("Attendance", "meetings.attendance", f"{row.id}|0", opens=True))
    found += [Button("Agenda", "agendas.show", about), Button("Papers", "agendas.papers", about)]
    if seen.keeps and FLOW.step(row.state, "change details"):
        found.append(Button("Details", "meetings.details", about, opens=True))
    found.append(Button("Decisions", "consulting.decisions", about))
    if row.state in AHEAD:
        found.append(Button("Add to calendar", "calendars.file", f"meeting:{row.id}"))
    if seen.keeps and row.state in AHEAD and row.on >= context.today:
        found.append(Button("Move it", "dates.move", f"meeting:{row.id}", opens=True))
        found.append(Button("Cancel it", "dates.choose", f"meeting:{row.id}", opens=True))
    if records.manages(context):
        found.append(Button("Absences", "meetings.reviews"))
    return found


def answer_buttons(context: Context, seen: Seen) -> Iterator[Button]:
    """Return the three answers for somebody who has a place at a meeting, or fewer for who only stands in."""
    sitting, who = records.sitters(context, seen.group, seen.row), records.me(context)
    place = sitting.place(who)
    if seen.row.state in AHEAD and seen.row.on >= context.today and (place or who in sitting.stand_ins):
        yield from three(seen.group, seen.row, seat=place.seat if place else "")


def three(group: str, row: Meeting, *, seat: str) -> Iterator[Button]:
    """Return the buttons with which somebody on a seat says whether they come; they hold for this day alone."""
    known = shelf.named(group)
    yield Button("I attend", "meetings.answer", f"{row.id}|{Answer.ATTENDS.value}|{row.on.isoformat()}", "primary")
    if known and seat in known.deputies:
        yield Button("My deputy attends", "meetings.answer", f"{row.id}|{Answer.DEPUTY.value}|{row.on.isoformat()}")
    yield Button("Apologies", "meetings.answer", f"{row.id}|{Answer.APOLOGIES.value}|{row.on.isoformat()}")


def next_steps(context: Context, row: Meeting) -> list[str]:
    """Return the steps that have a button and can be taken now."""
    facts = {"its day"} if row.on <= context.today else set()
    mine = {one.value for one in context.actor.roles}
    able = [do for do in FLOW.offered(row.state, mine) if do in STEPS]
    able = [do for do in able if not isinstance(FLOW.decide(row.state, do, mine, facts), Refusal)]
    return ["hold"] if "hold" in able else able[:1]


def _facts(context: Context, seen: Seen) -> Iterator[tuple[str, str]]:
    row = seen.row
    yield "Group", seen.group
    yield "When", _when(context, row)
    yield "State", FLOW.states[row.state].words
    if row.moved_from:
        yield "Moved from", day(row.moved_from)
    if row.state in AHEAD:
        yield "Items in by", day(row.cut_off_on)
        yield "Papers go out", day(row.pack_on)
    if not seen.whole:
        return
    yield "Length", f"{row.minutes} minutes"
    if row.place:
        yield "Place", row.place
    yield "Chair", records.chair(context, seen.group, row) or "not said yet"
    said = attending.answers(context.session, [row])[row.id].get(records.me(context))
    if said:
        yield "Your answer", ANSWERS[said]


def _who(context: Context, seen: Seen) -> Iterator[Element]:
    """Say who comes, or who came, and whether that is a quorum."""
    row = seen.row
    sitting = records.sitters(context, seen.group, row)
    if row.state in attending.HELD:
        marks = attending.marks(context.session, row.id)
        yield Text(in_words(was_quorate(seen.group, marks)) if marks else "Attendance is not marked yet.")
    elif row.state in AHEAD:
        yield Text(f"{tally(sitting)}\n\n{in_words(coming(seen.group, sitting))}")


def coming(group: str, sitting: Sitters) -> Forecast:
    """Return what is to be expected of the quorum of a meeting."""
    known = shelf.named(group)
    return quorum.forecast(known.quorum if known else (), sitting.places, sitting.answers)


def was_quorate(group: str, marks: list[Attendance]) -> Forecast:
    """Return whether a meeting was quorate, by who was there."""
    known = shelf.named(group)
    filled = {one.seat for one in marks if one.mark in (Mark.PRESENT.value, Mark.DEPUTY.value)}
    return quorum.met(known.quorum if known else (), filled)


def in_words(found: Forecast) -> str:
    """Say a forecast or a result, with what is missing."""
    return "\n".join([f"**Quorum:** {found.words}", "", *(f"- {escape(one)}" for one in found.missing)]).strip()


def tally(sitting: Sitters) -> str:
    """Say in one line who answered what."""
    came = sum(place.answer == quorum.ATTENDS for place in sitting.places)
    sent = sum(place.answer == quorum.APOLOGIES for place in sitting.places)
    quiet = sum(not place.answer for place in sitting.places)
    return (
        f"Of {len(sitting.places)} members, {came} will come, {len(sitting.comes_for)} will send a deputy, "
        f"{sent} sent apologies, and {quiet} {'has' if quiet == 1 else 'have'} not answered."
    )


def _when(context: Context, row: Meeting) -> str:
    return meeting_news.when(context, row).words


def day(on: object) -> str:
    """Say a day, such as `Thursday 3 December 2026`."""
    return f"{on:%A %-d %B %Y}"
