"""Replying to a consultation: agree, agree with comments, disagree with the reason, or no view."""

from __future__ import annotations

from db import consultations, reminders
from db import records as versions
from db.consultations import MAX_COMMENT, Consultation, Consulted
from handlers import access
from handlers.access import access_consultation
from handlers.consulting import cards, records
from handlers.consulting.asking import still_open
from handlers.context import Context, Request, UserError
from handlers.messages import Card, Errors, Field, Form, Tone
from knowledge import replies

_ASKS = {replies.COMMENTS: "Your comments", replies.DISAGREE: "Why you disagree"}


def press(context: Context, request: Request) -> Card:
    """Keep a reply that needs no words; it can be changed until the consultation is closed."""
    row, mine, reply = _asked(context, request)
    if reply in cards.WITH_WORDS:
        raise access.not_found()
    return _keep(context, row, mine, reply, "")


def open_comment(context: Context, request: Request) -> Form:
    """Open the form for the words of a reply: comments, or the reason why one disagrees."""
    row, mine, reply = _asked(context, request)
    if reply not in cards.WITH_WORDS:
        raise access.not_found()
    hint = "Read by the secretariat, the scrutineer and the chair of the group. No child, no family."
    value = mine.comment if mine.reply == reply else ""
    return Form(
        title=replies.LABELS[reply],
        action="consulting.said",
        token=context.token,
        about=f"{row.ref}|{reply}",
        intro=row.title,
        fields=(Field("comment", _ASKS[reply], "longtext", hint=hint, max_length=MAX_COMMENT, value=value),),
        submit="Reply",
    )


def say(context: Context, request: Request) -> Card | Errors:
    """Keep a reply with its words."""
    row, mine, reply = _asked(context, request)
    if reply not in cards.WITH_WORDS:
        raise access.not_found()
    comment = request.fields.get("comment", "").strip()
    if not comment or len(comment) > MAX_COMMENT:
        return Errors({"comment": f"Please write at most {MAX_COMMENT} characters here."})
    return _keep(context, row, mine, reply, comment)


def _asked(context: Context, request: Request) -> tuple[Consultation, Consulted, str]:
    """Return an open consultation, what was asked of the one who replies, and the reply that a button carried."""
    ref, _, reply = request.value.partition("|")
    row = access_consultation(context, ref)
    mine = consultations.asked_of(context.session, row, records.known(context))
    if mine is None or reply not in replies.LABELS:
        raise access.not_found()
    still_open(row)
    if not records.sits(context, row):
        said = "You do not sit in this group any more, so that you cannot reply for it."
        raise UserError(said, hint="Whoever has your seat now can reply.", ref=row.ref)
    return row, mine, reply


def _keep(context: Context, row: Consultation, mine: Consulted, reply: str, comment: str) -> Card:
    """Keep a reply. Whoever is about to close the consultation is told of it by its new version."""
    row = consultations.held(context.session, row)
    still_open(row)
    if (mine.reply, mine.comment) != (reply, comment):
        versions.changed(context.session, row, expected=row.version)
        again = bool(mine.reply)
        mine.reply, mine.comment, mine.replied_at = reply, comment, context.now
        context.session.flush()
        records.note(context, row, "changed a reply" if again else "replied")
        reminders.cancel(context.session, row.ref, person_id=mine.person_id)
    return cards.card(context, row, title=f"{row.ref}: your reply is kept", tone=Tone.GOOD)
