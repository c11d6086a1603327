"""An escalation as its steps use it: fetched with the right to it, moved by the table, noted, and told to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from db import deliveries, escalations, history, meetings, records
from db.deliveries import Destination, Queue
from db.escalations import Escalation
from db.meetings import EXECUTIVE, Meeting
from db.records import Stale
from handlers import access
from handlers.context import Context, Request, UserError
from handlers.escalations import parties
from handlers.messages import Button, Card, Errors, Field, Text, card_to_json
from handlers.wording import words
from knowledge import workflows
from knowledge.workflows import CLOCK, Refusal, Step

FLOW = workflows.escalations()
PARTNERS = 3  # statutory partners of different agencies who decide between meetings
URGENT = "urgent"
AT_ONCE = ("hurry",)  # steps whose notices wait for nothing

Facts = frozenset[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What somebody wants to do, checked: what is so because of it, and how it is written into the record.

    `fields` are the names of what it changes. It is told with these words and buttons, and `then` comes after that.
    """

    facts: Facts = frozenset()
    write: Callable[[], None] = lambda: None
    fields: tuple[str, ...] = ()
    then: Callable[[], None] = lambda: None
    says: str = ""
    buttons: Callable[[], tuple[Button, ...]] = tuple


Write = Callable[[], None]
Box = Callable[[Context, Escalation], tuple[Field, ...]]
Take = Callable[[Context, Escalation, Mapping[str, str]], Taken | Errors]


@dataclass(frozen=True, slots=True)
class Deed:
    """A step as people take it: the label of its button, the boxes of its form, and what is made of them."""

    do: str
    label: str
    done: str  # as its history says it
    take: Take = lambda _context, _row, _fields: Taken()
    boxes: Box | None = None
    intro: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    decides: bool = False  # a form in which the Executive or the secretariat says what is to be done
    free: bool = False  # it stands beside what others do at the same time: no version is asked for, and none is made


DEEDS: dict[str, Deed] = {}  # every step by its name in the table; `steps.py` fills it


def value(row: Escalation, do: str) -> str:
    """Return what the button or the form of a step carries: one word, as ids are."""
    return f"{access.about(row)}|{do.replace(' ', '-')}"


def opened(request: Request) -> tuple[str, int, str]:
    """Return the reference, the version and the step that a button or a form carried."""
    ref, version, do = [*request.value.split("|"), "", ""][:3]
    ref, number = access.opened(replace(request, value=f"{ref}|{version}"))
    return ref, number, do.replace("-", " ")


def facts(context: Context, row: Escalation) -> set[str]:
    """Return what is so about an escalation, before anything is written."""
    target = meetings.get(context.session, row.target_meeting_id) if row.target_meeting_id else None
    held = target is not None and target.on <= context.today
    agreed = row.closing_agreed_by not in (None, context.actor.person_id)
    known = {
        "complete": all((row.issue, row.already_tried, row.impact_on_children, row.ask)),
        "target meeting": target is not None,
        "meeting held": held or row.urgency != URGENT,
        "still wanted": row.still_wanted_at is not None,
        "feedback": row.feedback_to_group_at is not None,
        "chair agrees": agreed or not parties.chairs(context, row),
        "somebody else": context.actor.person_id != row.raised_by,
        "urgent": row.urgency == URGENT and bool(row.urgency_reason),
    }
    return {name for name, so in known.items() if so}


def perform(context: Context, row: Escalation, deed: Deed, taken: Taken, *, expected: int) -> None:
    """Take a step for the one who asks. Raises Stale, and UserError when the table forbids it."""
    if deed.free:
        context.session.refresh(row, with_for_update=True)
        version = 0
    else:
        version = records.changed(context.session, row, expected=expected)
    found = FLOW.decide(row.status, deed.do, parties.parts(context, row), facts(context, row) | taken.facts)
    if isinstance(found, Refusal):
        raise refused(row, deed.label, found)
    _write(context, row, found, taken, done=deed.done, version=version, by=context.actor.person_id)


def by_clock(context: Context, row: Escalation, do: str, taken: Taken, *, done: str) -> bool:
    """Take a step that the bot takes by itself; return False when the table does not let it, yet."""
    found = FLOW.decide(row.status, do, {CLOCK}, facts(context, row) | taken.facts)
    if isinstance(found, Refusal):
        return False
    version = records.changed(context.session, row, expected=row.version)
    _write(context, row, found, taken, done=done, version=version, by=None)
    return True


def refused(row: Escalation, label: str, found: Refusal) -> UserError:
    """Return what somebody is told whose step the table forbids."""
    said = f'"{label}" cannot be done to {row.ref} now.'
    return UserError(said, hint=found.reason, ref=row.ref)


def _write(
    context: Context, row: Escalation, step: Step, taken: Taken, *, done: str, version: int, by: int | None
) -> None:
    taken.write()
    row.status = step.to
    context.session.flush()
    history.note(
        context.session,
        row.ref,
        at=context.now,
        actor_person_id=by,
        action=done,
        before_state=step.state,
        after_state=step.to,
        detail={"fields": ", ".join(taken.fields)} if taken.fields else {},
        version=version,
    )
    tell(context, row, step.tells, done=done, buttons=taken.buttons(), words_too=taken.says, urgent=step.do in AT_ONCE,
         besides=by)  # fmt: skip
    taken.then()


# --- meetings --------------------------------------------------------------------------------------------------


def target(context: Context, row: Escalation) -> Meeting | None:
    """Return the meeting of the Executive that an escalation goes to."""
    return meetings.get(context.session, row.target_meeting_id) if row.target_meeting_id else None


def origin(context: Context, row: Escalation) -> Meeting | None:
    """Return the meeting at which its group agreed it."""
    return meetings.get(context.session, row.origin_meeting_id) if row.origin_meeting_id else None


def meeting_after(context: Context, missed: Meeting) -> Meeting | None:
    """Return the meeting of the Executive after one that does not take place, or after one that is over."""
    yesterday = context.today - timedelta(days=1)
    later = meetings.next_meeting(context.session, EXECUTIVE, max(missed.on, yesterday))
    return later or next_executive(context)


def move(context: Context, row: Escalation, to: Meeting, *, why: str) -> None:
    """Let it wait for another meeting, or for its own on another day, and tell its group and the strategy manager."""
    version = records.changed(context.session, row, expected=row.version)
    row.target_meeting_id, row.response_due = to.id, to.on
    context.session.flush()
    done = "moved to another day"
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=None, action=done,
        before_state=row.status, after_state=row.status, detail={"fields": "target_meeting_id"}, version=version,
    )  # fmt: skip
    said = f"{why} It now waits for {to.on:%A %-d %B %Y}."
    tell(context, row, ("group chair", "strategy manager"), done=done, words_too=said)


def next_executive(context: Context) -> Meeting | None:
    """Return the next meeting of the Executive, today's counted."""
    return next(iter(meetings.coming(context.session, EXECUTIVE, context.today, limit=1)), None)


def in_time(context: Context) -> Meeting | None:
    """Return the first meeting of the Executive whose pack is still open today."""
    return meetings.in_time(context.session, EXECUTIVE, context.today)


# --- telling people --------------------------------------------------------------------------------------------


def tell(
    context: Context,
    row: Escalation,
    to: Iterable[str],
    *,
    done: str,
    buttons: tuple[Button, ...] = (),
    words_too: str = "",
    urgent: bool = False,
    besides: int | None = None,
) -> int:
    """Queue the notice of a step for each of these parties, and return how many places get it.

    Whoever did it themselves, `besides`, is not told. What is OFFICIAL-SENSITIVE stays in the record: its notices
    hold the reference and the step alone. The buttons are for the first of the parties; others could not use them.
    """
    first, *rest = [set(parties.told(context, row, party)) for party in to] or [set()]
    own = set(parties.at(context, besides))
    others = set[Destination]().union(*rest) - first - own
    first -= own
    if not buttons:
        first, others = first | others, set()
    for places, which, key in ((first, buttons, done), (others, (), f"{done}, besides")):
        if places:
            _put(context, row, places, which, done=done, key=key, words_too=words_too, urgent=urgent)
    return len(first | others)


def _put(
    context: Context, row: Escalation, places: set[Destination], buttons: tuple[Button, ...], *, done: str, key: str,
    words_too: str, urgent: bool,
) -> None:  # fmt: skip
    state = FLOW.states[row.status].words
    sensitive = row.marking == access.SENSITIVE
    body = words("escalations_told", row=row, done=done, state=state, sensitive=sensitive, more=words_too)
    card = Card(
        title=f"{row.ref}: {done}",
        body=(Text(body),),
        actions=(*buttons, Button(f"Open {row.ref}", "escalation.show", row.ref)),
        fallback=f"{row.ref}: {done}." if state == done else f"{row.ref}: {done}. It is now {state}.",
    )
    deliveries.put(
        context.session,
        key=f"escalation:{row.ref}:{key}:{row.version}:{context.now.isoformat()}",
        kind="urgent notice about an escalation" if urgent else "notice about an escalation",
        card=card_to_json(card),
        destinations=places,
        now=context.now,
        queue=Queue.URGENT if urgent else None,
    )


def clashed(stale: Stale, boxes: Iterable[Field]) -> Errors:
    """Return what the second of two who write at once is told, with what they typed kept."""
    first = next(iter(boxes), None)
    if first is None:
        raise access.overtaken(stale)
    return access.clash(stale, first.name)


def year(context: Context) -> int:
    """Return the year under which a new record is numbered."""
    return context.today.year


def group(context: Context, row: Escalation) -> str:
    """Return the name of the group that raised it."""
    return escalations.group_name(context.session, row.group_id)
