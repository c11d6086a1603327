"""An escalation as its readers see it, with the steps that they can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from db import actions, escalations, relations, reminders
from db.escalations import Escalation
from db.people import SECRETARIAT, Role
from handlers import titles
from handlers.context import Context
from handlers.escalations import boxes, clocks, parties, records
from handlers.escalations.records import FLOW, PARTNERS, URGENT
from handlers.messages import MAX_BUTTONS, Button, Card, Element, Facts, Heading, Note, Table, Text, Tone
from handlers.prose import escape
from handlers.wording import words

SHOWN_ACTIONS, SHOWN_LINKS = 5, 10
_DECIDING = SECRETARIAT | {Role.STATUTORY_PARTNER, Role.SCRUTINEER}
_WAITS = ("accepted", "with-executive", "deferred")  # for the Executive; one that was opened again has an answer too
_ORDER = (  # what is offered first
    "submit", "hand over", "edit", "accept", "return", "send", "answer", "respond", "defer", "discuss", "wait", "want",
    "start", "propose closing", "agree to close", "close", "feed back", "reopen", "mark urgent", "comment", "claim",
    "release", "ask for the executive", "add action", "correct", "withdraw",
)  # fmt: skip


def show(context: Context, row: Escalation, *, note: str = "", more: int = 0) -> Card:
    """Show one escalation: where it stands, what it says, what was decided, and what can be done next."""
    state = FLOW.states[row.status]
    body = [
        *([Note(escape(said))] if (said := note or _lacks(row)) else []),
        Facts(tuple(_facts(context, row))),
        *_texts(row),
        *_answers(context, row),
        *_actions(context, row),
    ]
    links = relations.of(context.session, row.ref)
    called = titles.seen(context, [link.ref for link in links])
    if lines := [f"- {link.said} {link.ref}: {escape(called[link.ref])}" for link in links if link.ref in called]:
        body += [Heading("Linked records"), Text("\n".join(lines[:SHOWN_LINKS]))]
    tone = Tone.WARNING if _late(context, row) or (row.urgency == URGENT and state.open) else Tone.PLAIN
    return Card(
        title=f"{row.ref}: {row.title}",
        body=tuple(body),
        actions=tuple(_buttons(context, row, called, more)),
        tone=tone,
        fallback=f"{row.ref} is {state.words}.",
    )


def kept(context: Context, row: Escalation) -> Card:
    """Say that a draft is kept, and what it still needs."""
    return show(context, row, note=f"It is kept as a draft. {_lacks(row)}".strip())


def _lacks(row: Escalation) -> str:
    lacking = boxes.missing(row) if row.status == "draft" else []
    return f"Before it can be sent, write: {' '.join(lacking)}" if lacking else ""


def sent(context: Context, row: Escalation) -> Card:
    """Say to the one who sent it who looks at it by when, and which meeting it can reach."""
    due = clocks.triage_due(row.clocks)
    pack = clocks.pack_words(records.next_executive(context), records.in_time(context), context.today)
    text = words(
        "escalations_sent", row=row, due=clocks.day(due) if due else "", pack=pack, urgent=row.urgency == URGENT
    )
    shown = show(context, row)
    return Card(
        title=f"{row.ref} received",
        body=(Text(text), *shown.body),
        actions=shown.actions,
        tone=Tone.GOOD,
        fallback=f"{row.ref} received.",
    )


def _facts(context: Context, row: Escalation) -> Iterator[tuple[str, str]]:
    state = FLOW.states[row.status].words
    yield "Status", state[0].upper() + state[1:]  # and no other letter: it may be with the Executive
    yield "Group", records.group(context, row)
    if row.agency:
        yield "Agency", row.agency
    if row.type:
        yield "About", boxes.TYPES.get(row.type, row.type)
    yield "How soon", boxes.URGENCIES.get(row.urgency, row.urgency)
    yield "Marking", row.marking
    if row.raised_at:
        raised = context.day(row.raised_at)
        until = context.day(row.closed_at) if row.closed_at else context.today
        old = clocks.is_old(raised, until, row.clocks) and row.status != "closed"
        yield (
            "Raised",
            f"{raised:%-d %B %Y}, {clocks.open_for(raised, until)}{' (red: too long)' if old else ''}",
        )
    yield from _meetings(context, row)
    if row.response_due and row.status in _WAITS:
        late = " (overdue)" if _late(context, row) else ""
        yield "Response due", f"{row.response_due:%-d %B %Y}{late}"
    if row.deferrals:
        yield "Deferred", f"{row.deferrals} times" if row.deferrals > 1 else "once"
    if row.urgency == URGENT and row.status == "with-executive":
        found = escalations.answers(context.session, row)
        agencies = ", ".join(one.agency for one in found)
        yield "Partners", f"{min(len(found), PARTNERS)} of {PARTNERS} have answered{agencies and f': {agencies}'}"
    if row.decided_at and row.executive_response:
        decision = boxes.DECISIONS.get(row.decision_type, row.decision_type)
        how = {"meeting": "at a meeting"}.get(row.decided_how, row.decided_how)
        yield "Decision", f"{decision}, {context.day(row.decided_at):%-d %B %Y}, {how}"
    if row.claimed_by:
        yield "Dealt with by", reminders.name_of(context.session, row.claimed_by)


def _meetings(context: Context, row: Escalation) -> Iterator[tuple[str, str]]:
    if agreed := records.origin(context, row):
        yield "Agreed by the group on", f"{agreed.on:%-d %B %Y}"
    if target := records.target(context, row):
        yield "Meeting", clocks.day(target.on)


def _late(context: Context, row: Escalation) -> bool:
    waits = row.status in ("accepted", "with-executive")
    return waits and row.response_due is not None and row.response_due < context.today


def _texts(row: Escalation) -> Iterator[Element]:
    parts = (
        ("The issue", row.issue),
        ("What it means for children", row.impact_on_children),
        ("Already tried", row.already_tried),
        ("The ask", row.ask),
        ("Why it is urgent", row.urgency_reason if row.urgency == URGENT else ""),
        ("Note of the secretariat", row.triage_note),
        ("Reason", row.status_reason),
        ("The Executive's response", row.executive_response),
        ("The scrutineer's comments", row.scrutineer_comment),
        ("Outcome", row.outcome),
        ("Lessons", row.lessons),
    )
    for heading, text in parts:
        if text:
            yield Heading(heading)
            yield Text(escape(text))


def _answers(context: Context, row: Escalation) -> Iterator[Element]:
    """Give what partners have answered so far, to those who decide and to those who watch over it."""
    waits = row.urgency == URGENT and row.status == "with-executive"
    if waits and context.actor.roles & _DECIDING and (found := escalations.answers(context.session, row)):
        yield Heading("Answers so far")
        for one in found:
            yield Text(f"**{escape(one.agency)}: {boxes.DECISIONS[one.decision_type]}.** {escape(one.text)}")


def _actions(context: Context, row: Escalation) -> Iterator[Element]:
    found = actions.of(context.session, row.ref)
    if found:
        names = actions.owner_names(context.session, found[:SHOWN_ACTIONS])
        lines = tuple(
            (
                one.ref,
                one.what,
                names[one.id],
                f"Done {one.done_on:%-d %B %Y}" if one.done_on else f"Due {one.due_on:%-d %B %Y}",
            )
            for one in found[:SHOWN_ACTIONS]
        )
        left = len(found) - SHOWN_ACTIONS
        yield Table(("Action", "What", "Who", "When"), lines, f"and {left} more" if left > 0 else "")


def _buttons(context: Context, row: Escalation, linked: Iterable[str], more: int) -> list[Button]:
    offered = FLOW.offered(row.status, parties.parts(context, row))
    mine = [_button(context, row, do) for do in _ORDER if do in offered and _sensible(context, row, do)]
    mine += [Button(f"Open {ref}", "risks.open", ref) for ref in linked if ref == row.linked_risk_id]
    mine += [Button("Links", "linking.show", row.ref), Button("History", "audit.history", row.ref)]
    room = MAX_BUTTONS - 1
    shown = mine if len(mine) <= MAX_BUTTONS and not more else mine[more : more + room]
    if len(shown) == len(mine):
        return shown
    after = more + room if more + room < len(mine) else 0
    return [*shown, Button("More", "escalation.more", f"{row.ref}|{after}")]


def _sensible(context: Context, row: Escalation, do: str) -> bool:
    """Leave out what the table allows and would come to nothing now."""
    me, urgent, known = context.actor.person_id, row.urgency == URGENT, records.facts(context, row)
    left_out = {
        "submit": bool(_lacks(row)),
        "hand over": bool(_lacks(row)) or "group chair" in parties.parts(context, row),
        "answer": not urgent,
        "discuss": not urgent,
        "wait": not urgent,
        "respond": "meeting held" not in known,
        "mark urgent": urgent,
        "claim": row.claimed_by is not None,
        "release": row.claimed_by != me,
        "feed back": row.feedback_to_group_at is not None,
        "agree to close": not row.outcome or row.closing_agreed_by is not None,
        "want": row.still_wanted_at is not None,
        "close": "somebody else" not in known or (row.status != "reopened" and "chair agrees" not in known),
    }
    return not left_out.get(do)


def _button(context: Context, row: Escalation, do: str) -> Button:
    deed = records.DEEDS[do]
    opens = bool(deed.boxes and deed.boxes(context, row))
    style = "primary" if do == "edit" and _lacks(row) else deed.style
    return Button(deed.label, "escalation.step", records.value(row, do), style=style, opens=opens)
