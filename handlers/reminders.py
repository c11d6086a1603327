"""Reminders: steps of ladders become one message for each person and morning; people put them off or finish them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from db import audit, reminders
from db.reminders import Entry, State
from handlers import planning
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Element, Note, Text, Tone
from handlers.prose import escape
from handlers.wording import words
from knowledge import ladders
from knowledge.calendar import instant, working_days_after, working_days_before

PAGE = 5  # and the sixth button shows more
MAX_LABEL = 40
_SNOOZES = {"tomorrow": "Tomorrow", "three": "In 3 working days", "week": "In a week"}
_CLOSED = (State.DONE.value, State.CANCELLED.value, State.EXPIRED.value)


def show(context: Context, request: Request) -> Card:
    """Show what the person will be reminded of, soonest first, each with a button to put it off."""
    person_id = context.actor.person_id
    rows = reminders.coming(context.session, person_id) if person_id else []
    start = min(number(request.value), max(len(rows) - 1, 0) // PAGE * PAGE)
    shown = rows[start : start + PAGE]
    lines = [_line(context, row) for row in shown]
    body: list[Element] = [Text(words("reminders_list", rows=lines, start=start, known=person_id))]
    if len(rows) > PAGE:
        body.append(Note(f"{start + 1} to {start + len(shown)} of {len(rows)}."))
    more = [Button("More", "reminders.show", str(start + PAGE))] if start + PAGE < len(rows) else []
    return Card(title="My reminders", body=tuple(body), actions=(*choosing(shown, start), *more))


def one(context: Context, request: Request) -> Card:
    """Show one reminder, with what can be done with it."""
    return card(context, _access_own(context, request.value))


def snooze(context: Context, request: Request) -> Card:
    """Put a reminder off, never beyond the moment at which it would be of no use."""
    which, _, how = request.value.partition(" ")
    entry = _access_own(context, which)
    if how not in _SNOOZES:
        raise UserError("I do not know until when.", hint="Type reminders and press one of the buttons.")
    row = entry.reminder
    row.due_at = _until(context, entry, how)
    row.state, row.moved, row.message, row.withdrawn = State.SNOOZED.value, row.moved + 1, "", False
    return Card(
        title=f"I will remind you on {context.day(row.due_at):%A %-d %B}",
        body=(Text(escape(entry.plan.title)),),
        actions=(Button("My reminders", "reminders.show"),),
        tone=Tone.GOOD,
        replaces=True,
    )


def done(context: Context, request: Request) -> Card:
    """Mark what a reminder asks for as done, so that it does not come again."""
    entry = _access_own(context, request.value)
    reminders.finish(context.session, entry)
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{context.actor.person_id}",
        action="reminder done",
        subject=entry.plan.subject,
        step=entry.reminder.step,
    )
    return Card(
        title="Done: I will not remind you of this again",
        body=(Text(words("reminders_done", title=entry.plan.title, statutory=entry.plan.statutory)),),
        actions=(Button("My reminders", "reminders.show"),),
        tone=Tone.GOOD,
        replaces=True,
    )


def queue_due(context: Context) -> int:
    """Queue what is due soon, one message for each person and moment; return how many. Call it at any time."""
    return planning.queue_due(context, card, digest)


def card(context: Context, entry: Entry, preface: str = "") -> Card:
    """Return one reminder as a message, with what can be done with it."""
    plan, own = entry.plan, str(entry.reminder.id)
    body: list[Element] = [Text(" ".join(filter(None, (escape(preface), planning.said(context, entry)))))]
    if plan.body:
        body.append(Text(plan.body))
    body.append(Note(words("reminders_why", statutory=plan.statutory)))
    later = _SNOOZES.items() if _can_wait(context, entry) else ()
    buttons = [Button(label, "reminders.snooze", f"{own} {how}") for how, label in later]
    finish = Button("Done", "reminders.done", own, style="primary")
    return Card(title=f"Reminder: {plan.title}", body=tuple(body), actions=(*_answer(entry), finish, *buttons))


def _answer(entry: Entry) -> Iterable[Button]:
    """Return the button that opens what the reminder asks for, to the one whom it asks."""
    plan, row = entry.plan, entry.reminder
    ladder = ladders.shipped().get(plan.ladder)
    action = next((step.press for step in ladder.steps if step.name == row.step), "") if ladder else ""
    if action and row.person_id == plan.person_id:
        yield Button("Answer", action, plan.subject.partition(":")[2], style="primary", opens=True)


def digest(context: Context, entries: Iterable[tuple[Entry, str]]) -> Card:
    """Return several reminders of one morning as one message."""
    rows = list(entries)
    lines = [{**_line(context, entry), "preface": preface} for entry, preface in rows]
    buttons = [*choosing([entry for entry, _ in rows][:PAGE]), Button("My reminders", "reminders.show")]
    statutory = any(entry.plan.statutory for entry, _ in rows)
    return Card(
        title=f"Reminders: {len(rows)}",
        body=(Text(words("reminders_digest", rows=lines)), Note(words("reminders_why", statutory=statutory))),
        actions=tuple(buttons),
    )


def choosing(entries: Iterable[Entry], start: int = 0) -> list[Button]:
    """Return a button for each reminder, under its number in the list, which opens what can be done with it."""
    return [
        Button(f"Later or done: {place}, {_short(entry.plan.title)}", "reminders.one", str(entry.reminder.id))
        for place, entry in enumerate(entries, start + 1)
    ]


def _short(title: str) -> str:
    return title if len(title) <= MAX_LABEL else f"{title[: MAX_LABEL - 1].rstrip()}…"


def _line(context: Context, entry: Entry) -> dict[str, object]:
    return {
        "on": context.day(entry.reminder.due_at),
        "said": planning.said(context, entry),
        "body": entry.plan.body,
        "statutory": entry.plan.statutory,
    }


def _access_own(context: Context, value: str) -> Entry:
    """Return a reminder of the person who asks; one of somebody else reads like one that is not there."""
    entry = reminders.get(context.session, number(value))
    mine = entry is not None and context.actor.person_id is not None
    if entry is None or not mine or entry.reminder.person_id != context.actor.person_id:
        raise UserError("I cannot find that reminder.", hint="Type reminders to see yours.")
    if entry.reminder.state in _CLOSED:
        raise UserError("That reminder is closed already.", hint="Type reminders to see what is still to come.")
    return entry


def _until(context: Context, entry: Entry, how: str) -> datetime:
    """Return the new moment: from today or from when it was due, whichever is later, and in time to be of use."""
    zone = context.house.time_zone
    base = max(context.today, context.day(entry.reminder.due_at))
    limit = _limit(context, entry)
    days = {
        "tomorrow": working_days_after(base, 1),
        "three": working_days_after(base, 3),
        "week": working_days_before(base + timedelta(days=7), 0),
    }
    wanted = instant(days[how], ladders.OPENS, zone)
    if limit is None or wanted < limit:
        return wanted
    last = instant(working_days_before(context.day(limit), 0), ladders.OPENS, zone)
    if last >= limit:
        last = instant(working_days_before(context.day(limit), 1), ladders.OPENS, zone)
    if last <= max(context.now, entry.reminder.due_at):
        raise UserError(
            f"This cannot wait any longer: it is due on {entry.plan.anchor_on:%-d %B}.",
            hint="Press Done when you have done it, or tell the secretariat if you cannot.",
        )
    return last


def _limit(context: Context, entry: Entry) -> datetime | None:
    plan, zone = entry.plan, context.house.time_zone
    deadline = ladders.passed(plan.anchor_on, plan.anchor_at, zone) if plan.statutory else None
    return entry.reminder.expires_at or deadline


def _can_wait(context: Context, entry: Entry) -> bool:
    limit = _limit(context, entry)
    return limit is None or limit > context.now
