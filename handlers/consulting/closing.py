"""Closing a consultation with what came of it, and noting that its missing replies were raised at a meeting."""

from __future__ import annotations

from db import reminders
from db.consultations import MAX_OUTCOME, Consultation
from db.records import Stale
from handlers import access
from handlers.access import Need, access_consultation
from handlers.consulting import cards, records
from handlers.consulting.asking import still_open
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Facts, Field, Form, Text, Tone
from handlers.prose import escape
from knowledge import replies


def open_close(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat says what came of a consultation."""
    row = _mine(context, request)
    still_open(row)
    found = replies.tally(one.reply for one in records.all_asked(context, row))
    hint = "The numbers are shown beside it. No names of who said what."
    return Form(
        title="Close it",
        action="consulting.closed",
        token=context.token,
        about=access.about(row),
        intro=f"{replies.outcome(found)} After this nobody can reply any more.",
        fields=(Field("outcome", "What came of it", "longtext", hint=hint, max_length=MAX_OUTCOME),),
        submit="Close",
    )


def close(context: Context, request: Request) -> Card | Errors:
    """Close a consultation, and tell those who were asked what came of it."""
    row = _mine(context, request)
    outcome = request.fields.get("outcome", "").strip()
    if not outcome or len(outcome) > MAX_OUTCOME:
        return Errors({"outcome": f"Please say in at most {MAX_OUTCOME} characters what came of it."})
    still_open(row)
    try:
        access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, "outcome")
    still_open(row)
    row.closed_at, row.outcome = context.now, outcome
    context.session.flush()
    records.note(context, row, "closed", state="closed")
    reminders.cancel(context.session, row.ref)
    _tell(context, row)
    return cards.replies_card(context, row, title=f"{row.ref} is closed", tone=Tone.GOOD)


def _tell(context: Context, row: Consultation) -> None:
    asked = records.all_asked(context, row)
    found = replies.tally(one.reply for one in asked)
    notice = Card(
        title=f"{row.ref} is closed",
        body=(
            Text(f"**{escape(row.title)}**"),
            Text(f"**What came of it:** {escape(row.outcome)}"),
            Facts(replies.pairs(found)),
            Text(replies.outcome(found)),
        ),
        actions=(Button("Open it", "consulting.show", row.ref),),
    )
    others = [one.person_id for one in asked if one.person_id != context.actor.person_id]
    records.tell(context, others, notice, key=f"consultation:{row.ref}:closed")


def open_raise(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat says at which meeting the missing replies were raised."""
    row = _mine(context, request)
    choices = records.meeting_choices(context, row.group_id)
    if not choices:
        raise UserError("This group has not met within a year.", hint="Type dates to see when it meets.", ref=row.ref)
    box = Field("meeting", "At which meeting?", "choice", choices=choices, value=choices[0].value)
    return Form("Raised at the meeting", "consulting.raised", (box,), context.token, access.about(row), "Save")


def raise_it(context: Context, request: Request) -> Card | Errors:
    """Note that the missing replies were raised at a meeting."""
    row = _mine(context, request)
    held = {str(one.id): one for _, one in records.held(context, row.group_id)}
    chosen = held.get(request.fields.get("meeting", ""))
    if chosen is None:
        return Errors({"meeting": "Please choose from the list."})
    if chosen.on < context.day(row.opened_at):
        return Errors({"meeting": "This meeting was before the question was asked. Please choose a later one."})
    try:
        access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, "meeting")
    row.raised_meeting_id = chosen.id
    context.session.flush()
    records.note(context, row, "raised at a meeting")
    return cards.replies_card(context, row, title=f"{row.ref}: raised", tone=Tone.GOOD)


def _mine(context: Context, request: Request) -> Consultation:
    return access_consultation(context, access.opened(request)[0], Need.KEEP)
