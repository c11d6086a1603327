"""The doors to an escalation: open it, press a step, send the form of a step. The table says who may do what."""

from __future__ import annotations

from dataclasses import replace

from db.escalations import Escalation
from db.records import Stale
from handlers import access
from handlers.context import Context, Request, UserError, number
from handlers.escalations import cards, closing, drafts, executive, fork, parties, records, scrutiny, triage
from handlers.escalations.records import DEEDS, FLOW, Deed
from handlers.messages import Card, Errors, Form, Tone
from knowledge.workflows import Refusal

DEEDS.update(
    {deed.do: deed for deed in (*drafts.DEEDS, *triage.DEEDS, *executive.DEEDS, *closing.DEEDS, *scrutiny.DEEDS)}
)

# What a form asks for, or what the step finds out when it is taken.
_BY_ITSELF = frozenset(
    {"complete", "reason", "changed or reason", "target meeting", "in pack", "response", "new date", "owner and date",
     "outcome"}
)  # fmt: skip


def show_typed(context: Context, request: Request) -> Card:
    """Show the escalation whose reference was typed; without one, ask which of four things is to be escalated."""
    return show(context, request) if request.text else fork.show(context, request)


def show(context: Context, request: Request) -> Card:
    """Show one escalation to those who may read it."""
    return cards.show(context, access.access_escalation(context, request.text or request.value.partition("|")[0]))


def more(context: Context, request: Request) -> Card:
    """Show one escalation with further steps under it."""
    ref, _, after = request.value.partition("|")
    return cards.show(context, access.access_escalation(context, ref), more=number(after))


def step(context: Context, request: Request) -> Card | Form:
    """Take a step that a button stands for, or open its form."""
    row, deed, version = _asked(context, request)
    known = records.facts(context, row) | _BY_ITSELF
    found = FLOW.decide(row.status, deed.do, parties.parts(context, row), known)
    if isinstance(found, Refusal):  # before anything is typed into a form
        raise records.refused(row, deed.label, found)
    boxes = deed.boxes(context, row) if deed.boxes else ()
    if boxes:
        return Form(
            title=deed.label,
            action="escalation.decide" if deed.decides else "escalation.take",
            fields=boxes,
            token=context.token,
            about=records.value(row, deed.do),
            submit=deed.label,
            intro=deed.intro,
        )
    taken = deed.take(context, row, {})
    if isinstance(taken, Errors):
        raise UserError(next(iter(taken.by_field.values())))
    try:
        records.perform(context, row, deed, taken, expected=version)
    except Stale as stale:
        raise access.overtaken(stale) from None
    return _done(context, row, deed, request)


def take(context: Context, request: Request) -> Card | Errors:
    """Take a step whose form was filled in. Who was overtaken by somebody else is told what changed."""
    row, deed, version = _asked(context, request)
    taken = deed.take(context, row, request.fields)
    if isinstance(taken, Errors):
        return taken
    try:
        records.perform(context, row, deed, taken, expected=version)
    except Stale as stale:
        return records.clashed(stale, deed.boxes(context, row) if deed.boxes else ())
    return _done(context, row, deed, request)


def decide(context: Context, request: Request) -> Card | Errors:
    """Take a step of the secretariat or the Executive whose form was filled in."""
    return take(context, request)


def _asked(context: Context, request: Request) -> tuple[Escalation, Deed, int]:
    ref, version, do = records.opened(request)
    row = access.access_escalation(context, ref)
    deed = DEEDS.get(do)
    if deed is None:
        raise UserError("That button is from an older version.", hint=f"Type escalation {row.ref} to open it again.")
    return row, deed, version


def _done(context: Context, row: Escalation, deed: Deed, request: Request) -> Card:
    said, where = f"{row.ref} was {deed.done}.", request.conversation
    alone = where is None or where.private  # in a channel, what stands there may be read by everybody
    replaces = alone or row.marking != access.SENSITIVE
    if deed.do == "submit":
        return replace(cards.sent(context, row), replaces=replaces)
    return replace(cards.show(context, row, note=said), tone=Tone.GOOD, fallback=said, replaces=replaces)
