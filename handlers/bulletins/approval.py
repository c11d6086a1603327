"""A second person reads a bulletin and approves it, or returns it with words. Never its author, on no path."""

from __future__ import annotations

from db import bulletins
from db.people import SECRETARIAT
from handlers.bulletins import agreeing, board, records, series
from handlers.bulletins.states import Action
from handlers.context import Context, Request, UserError
from handlers.messages import Card, Choice, Errors, Field, Form, Text, Tone
from handlers.prose import escape
from handlers.wording import words

MAX_WORDS = 1000


def approve(context: Context, request: Request) -> Card:
    """Approve the version that was read, and tell its author."""
    bulletin = records.access_for_approval(context, request.value)
    records.same_version(bulletin, request.value)
    if missing := agreeing.missing(context, bulletin):
        raise UserError(
            f"{bulletin.ref} needs something first: {missing[0].label}.",
            hint=f"It waits for {agreeing.by_whom(context, bulletin, missing[0])}.",
        )
    records.move(context, bulletin, Action.APPROVE)
    bulletins.agree(context.session, bulletin, name=records.APPROVAL, person_id=records.me(context), at=context.now)
    bulletin.changed_at = context.now
    series.finished(context, bulletin)
    told = Card(
        title=f"{bulletin.ref} is approved",
        body=(Text(words("bulletins_approved", bulletin=bulletin, by=context.actor.name)),),
        actions=(board.open_button(bulletin),),
        tone=Tone.GOOD,
    )
    records.tell(
        context, records.writers(context, bulletin), told, key=f"bulletin:{bulletin.ref}:v{bulletin.version}:approved"
    )
    return board.show(context, bulletin)


def open_return(context: Context, request: Request) -> Form:
    """Open the form in which an approver says what has to change."""
    bulletin = records.access_for_approval(context, request.value)
    return Form(
        title=f"Return {bulletin.ref}",
        action="bulletins.give-back",
        token=context.token,
        about=f"{bulletin.id}:{bulletin.version}",
        fields=(
            Field("words", "What has to change?", "longtext", hint="Its author reads this.", max_length=MAX_WORDS),
        ),
        submit="Return it",
    )


def give_back(context: Context, request: Request) -> Card | Errors:
    """Return a bulletin to its author with these words. It is then not approved."""
    bulletin = records.access_for_approval(context, request.value)
    records.same_version(bulletin, request.value)
    text = request.fields.get("words", "").strip()
    if not text or len(text) > MAX_WORDS:
        return Errors({"words": f"Please say what has to change, in at most {MAX_WORDS} characters."})
    records.move(context, bulletin, Action.RETURN)
    bulletin.returned_with, bulletin.changed_at, bulletin.scheduled_for = text, context.now, None
    told = Card(
        title=f"{bulletin.ref} came back to you",
        body=(Text(words("bulletins_returned", bulletin=bulletin, by=context.actor.name)), Text(escape(text))),
        actions=(board.open_button(bulletin),),
        tone=Tone.WARNING,
    )
    records.tell(
        context, records.writers(context, bulletin), told, key=f"bulletin:{bulletin.ref}:v{bulletin.version}:returned"
    )
    return board.show(context, bulletin)


def open_agreement(context: Context, request: Request) -> Form:
    """Open the form in which an agreement is given that this kind of bulletin needs beside the approval."""
    bulletin = agreeing.access(context, request.value)
    choices = tuple(Choice(one.name, one.label) for one in agreeing.mine(context, bulletin))
    return Form(
        title="Note an agreement",
        action="bulletins.agree",
        token=context.token,
        about=f"{bulletin.id}:{bulletin.version}",
        intro="It is kept with your name and today's date, for this version only.",
        fields=(Field("name", "What was agreed?", "choice", choices=choices, value=choices[0].value),),
        submit="Note it",
    )


def agree(context: Context, request: Request) -> Card | Errors:
    """Note that agreement to the version that was read."""
    bulletin = agreeing.access(context, request.value)
    records.same_version(bulletin, request.value)
    name = request.fields.get("name", "")
    if name not in {one.name for one in agreeing.mine(context, bulletin)}:
        return Errors({"name": "Please choose what was agreed."})
    bulletins.agree(context.session, bulletin, name=name, person_id=records.me(context), at=context.now)
    records.note(context, bulletin, f"agreed: {name}")
    if context.actor.roles & SECRETARIAT:
        return board.show(context, bulletin)
    thanks = f"Your agreement to {bulletin.ref} is kept with today's date. A change of its words needs a new one."
    return Card(f"{bulletin.ref}: thank you", (Text(thanks),), tone=Tone.GOOD)
