"""What reminders are due when, and for whom: plans are laid out by their ladders, and what is due is queued once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from db import audiences, deliveries, people, reminders, subscriptions
from db.audiences import Audience
from db.base import take_turns
from db.deliveries import Destination
from db.people import SECRETARIAT
from db.reminders import Entry, Plan, PlanState, Reminder, State
from handlers.context import Context
from handlers.messages import Card, Text, Tone, card_to_json
from handlers.prose import escape
from knowledge import ladders
from knowledge.calendar import CalendarError
from knowledge.ladders import Ladder, Reader, Step

KIND, STATUTORY = "reminder", "statutory-reminder"  # kinds of subscription: the second cannot be switched off
HORIZON = timedelta(minutes=15)  # how long before it is due a message is queued, so that a big morning leaves on time
PLANS_AT_ONCE = 500
MESSAGES_AT_ONCE = 300  # about a second, in which a server on SQLite answers nobody
MAX_LINES = 20
_SAID = (State.SENT.value, State.DONE.value)

One = Callable[[Context, Entry, str], Card]
Many = Callable[[Context, Iterable[tuple[Entry, str]]], Card]


@dataclass(frozen=True, slots=True)
class _Call:
    """One reminder to be said. `preface` says whom it was for, when that is somebody else."""

    entry: Entry
    preface: str = ""


@dataclass(frozen=True, slots=True)
class _Message:
    """What one person is told at one moment."""

    person_id: int
    to: Destination
    due_at: datetime
    calls: tuple[_Call, ...]

    @property
    def own(self) -> bool:
        """Say whether nobody else is to be told any of it."""
        return all(call.entry.reminder.person_id == self.person_id for call in self.calls)


def said(context: Context, entry: Entry) -> str:
    """Return what a reminder says, in the small Markdown."""
    plan, row = entry.plan, entry.reminder
    at = f" at {plan.anchor_at.astimezone(context.house.time_zone):%H:%M}" if plan.anchor_at else ""
    return ladders.said(
        row.text,
        title=f"**{escape(plan.title)}**",
        day=f"{plan.anchor_on:%-d %B %Y}",
        time=at,
        due=f"{context.day(row.due_at):%-d %B %Y}",
        name=escape(reminders.name_of(context.session, plan.person_id)) if "{name}" in row.text else "",
    )


def queue_due(context: Context, one: One, many: Many) -> int:
    """Take back, lay out and queue what is due soon; return how many messages. Workers take turns."""
    take_turns(context.session, "reminders")
    _take_back(context)
    _lay_out(context)
    entries = reminders.due(context.session, until=context.now + HORIZON)
    late = [entry for entry in entries if entry.reminder.expires_at and entry.reminder.expires_at <= context.now]
    _expire(context, late)
    useful = [entry for entry in entries if entry.reminder.state != State.EXPIRED.value]
    messages = _messages(context, useful) if useful else []
    for message in messages:
        _queue(context, message, one, many)
    return len(messages)


def _messages(context: Context, entries: Iterable[Entry]) -> list[_Message]:
    """Return what is to be said now: the rest is said with the next tick, a big morning begins early enough.

    What has several readers is never left half said.
    """
    calls = _Calls(context)
    for entry in entries:
        calls.add(entry)
    found = [
        _Message(person_id, calls.places[person_id], due_at, tuple(rows))
        for (person_id, due_at), rows in calls.by_person.items()
    ]
    found.sort(key=lambda message: message.own)
    return found[: max(MESSAGES_AT_ONCE, sum(not message.own for message in found))]


# --- laying out ------------------------------------------------------------------------------------------------


def _lay_out(context: Context) -> None:
    for plan in reminders.new_plans(context.session, limit=PLANS_AT_ONCE):
        ladder = ladders.shipped().get(plan.ladder)
        problem = f"There is no ladder {plan.ladder}." if ladder is None else ""
        try:
            reminders.add(context.session, _steps(context, plan, ladder) if ladder else [])
        except CalendarError as error:
            problem = str(error)
        plan.state = (PlanState.BROKEN if problem else PlanState.LAID_OUT).value
        if problem:
            told = f"**{escape(plan.title)}**, for {plan.anchor_on:%-d %B %Y}: {escape(problem)}"
            _tell(context, f"reminder-broken:{plan.id}:{plan.anchor}", "Reminders that could not be planned", [told])


def _steps(context: Context, plan: Plan, ladder: Ladder) -> list[Reminder]:
    """Return the reminders of a plan that are still to come: no step that is past, and none that was said."""
    known = reminders.steps_of(context.session, plan.id)
    zone = context.house.time_zone
    found: dict[tuple[datetime, Reader, str], Reminder] = {}
    for step in ladder.steps:
        due_at = ladders.due(step, plan.anchor_on, plan.anchor_at, zone)
        if due_at < plan.planned_at or _said_before(step, plan, known):
            continue
        found[due_at, step.to, step.text] = Reminder(
            plan_id=plan.id,
            step=step.name,
            task=step.task,
            reader=step.to.value,
            person_id=plan.person_id if step.to is Reader.PERSON else None,
            text=step.text,
            anchor=plan.anchor,
            due_at=due_at,
            expires_at=ladders.passed(plan.anchor_on, plan.anchor_at, zone) if step.ahead else None,
            state=State.PLANNED.value,
            moved=max((row.moved + 1 for row in known if row.step == step.name), default=0),
        )
    return list(found.values())


def _said_before(step: Step, plan: Plan, known: Iterable[Reminder]) -> bool:
    own = [row for row in known if row.step == step.name]
    if any(row.anchor == plan.anchor and row.state in (*_SAID, State.EXPIRED.value) for row in own):
        return True
    return not step.again and any(row.state in _SAID for row in own)


# --- taking back -----------------------------------------------------------------------------------------------


def _take_back(context: Context) -> None:
    """Call back messages about what was cancelled or has moved, while they wait; the rest of them is queued anew."""
    for row in reminders.withdrawn(context.session):
        if row.withdrawn and row.message and _waits(context, row.message):
            deliveries.cancel(context.session, row.message, now=context.now)
            for other in reminders.said_in(context.session, row.message):
                gone = other.withdrawn
                other.state = State.CANCELLED.value if gone else State.PLANNED.value
                other.moved, other.message, other.withdrawn = other.moved + 1, "", False
        row.withdrawn = False
    context.session.flush()


def _waits(context: Context, message: str) -> bool:
    posted = deliveries.report(context.session, message)
    return all(one.state == deliveries.State.PENDING for one in posted)


# --- queueing --------------------------------------------------------------------------------------------------


class _Calls:
    """Finds out who is to be reminded of what. It lives as long as one look at what is due."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.by_person: dict[tuple[int, datetime], list[_Call]] = {}
        everybody = audiences.readers(
            context.session, Audience(), on=context.today, reached=context.house.reached
        )  # fmt: skip
        self.places = {reader.person_id: reader.destination for reader in everybody if reader.person_id}
        self._unwilling = subscriptions.declined(context.session, KIND)
        secretariat = audiences.readers(
            context.session,
            Audience(roles=tuple(role.value for role in SECRETARIAT)),
            on=context.today,
            reached=context.house.reached,
        )
        self._secretariat = [reader.person_id for reader in secretariat if reader.person_id]

    def add(self, entry: Entry) -> None:
        """Find the readers of a reminder; where nobody can be reached it stays planned, to be looked at again."""
        readers, preface = self._readers(entry)
        asked = not (entry.plan.statutory or preface)  # what nobody else can be told is no matter of choice
        willing = [one for one in readers if not asked or one not in self._unwilling]
        row = entry.reminder
        if readers and not willing:
            row.state = State.CANCELLED.value
        for person_id in willing:
            self.by_person.setdefault((person_id, row.due_at), []).append(_Call(entry, preface))

    def _readers(self, entry: Entry) -> tuple[list[int], str]:
        wanted = [one for one in self._wanted(entry) if one in self.places]
        if wanted:
            return wanted, ""
        name = reminders.name_of(self._context.session, entry.reminder.person_id or entry.plan.person_id)
        who = {Reader.DEPUTY.value: f"the deputy of {name}", Reader.CHAIR.value: f"the chair of a group of {name}"}
        return self._secretariat, f"For {who.get(entry.reminder.reader, name)}, whom I cannot reach:"

    def _wanted(self, entry: Entry) -> list[int]:
        session, on, row = self._context.session, self._context.today, entry.reminder
        if row.person_id is not None:
            return [row.person_id]
        match Reader(row.reader):
            case Reader.PERSON:
                return [entry.plan.person_id]
            case Reader.DEPUTY:
                return reminders.deputies(session, entry.plan.person_id, on=on)
            case Reader.CHAIR:
                return reminders.chairs(session, entry.plan.person_id, on=on)
            case Reader.SECRETARIAT:
                return self._secretariat


def _queue(context: Context, message: _Message, one: One, many: Many) -> None:
    """Queue what one person is told, and keep what was said in it."""
    told = sorted(f"{call.entry.plan.subject}|{_which(call.entry)}" for call in message.calls)
    slot = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    key = f"reminder:{message.person_id}:{context.day(message.due_at).isoformat()}:{slot}"
    own = [(_own(context, call.entry, message.person_id), call.preface) for call in message.calls]
    for entry, _ in own:
        entry.reminder.state, entry.reminder.message = State.SENT.value, key
    ends = [entry.reminder.expires_at for entry, _ in own]
    deliveries.put(
        context.session,
        key=key,
        kind=STATUTORY if any(entry.plan.statutory for entry, _ in own) else KIND,
        card=card_to_json(one(context, *own[0]) if len(own) == 1 else many(context, own)),
        destinations=[message.to],
        now=context.now,
        due_at=message.due_at,
        expires_at=max(end for end in ends if end) if all(ends) else None,
    )


def _which(entry: Entry) -> str:
    row = entry.reminder
    return "|".join((entry.plan.ladder, str(entry.plan.person_id), row.step, row.anchor, str(row.moved)))


def _own(context: Context, entry: Entry, person_id: int) -> Entry:
    """Return a reminder as the reader's own, so that each of several readers can put off theirs."""
    row = entry.reminder
    if row.person_id == person_id:
        return entry
    row.state = State.SENT.value
    same = ("plan_id", "step", "task", "reader", "text", "anchor", "due_at", "expires_at", "moved")
    copy = Reminder(**{name: getattr(row, name) for name in same}, person_id=person_id, state=State.SENT.value)
    reminders.add(context.session, [copy])
    return Entry(copy, entry.plan)


# --- what cannot be said any more ------------------------------------------------------------------------------


def _expire(context: Context, late: Iterable[Entry]) -> None:
    """Give up what is of no use any more, and tell the secretariat: one line for each."""
    lines, ids = [], []
    for entry in late:
        entry.reminder.state = State.EXPIRED.value
        name = reminders.name_of(context.session, entry.reminder.person_id or entry.plan.person_id)
        lines.append(f"For {escape(name)}: {said(context, entry)}")
        ids.append(f"{entry.plan.subject}|{_which(entry)}")
    if lines:
        slot = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
        _tell(context, f"reminder-late:{slot}", "Reminders that came too late to be sent", lines)


def _tell(context: Context, key: str, title: str, lines: list[str]) -> None:
    readers = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    shown = "\n".join(f"- {line}" for line in lines[:MAX_LINES])
    more = f"\n\nAnd {len(lines) - MAX_LINES} more." if len(lines) > MAX_LINES else ""
    deliveries.put(
        context.session,
        key=key,
        kind="reminders that were not sent",
        card=card_to_json(Card(title=title, body=(Text(shown + more),), tone=Tone.WARNING)),
        destinations=[Destination(to.platform, to.user_id) for to in readers],
        now=context.now,
    )
