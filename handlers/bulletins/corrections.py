"""What follows from a bulletin that was sent: a correction for everybody who got it, or the next one of its kind."""

from __future__ import annotations

from datetime import timedelta

from db import bulletin_issues, bulletins
from handlers.bulletins import board, drafts, records
from handlers.bulletins.states import Action
from handlers.context import Context, Request, UserError
from handlers.messages import Card

TWICE = timedelta(minutes=1)  # within which a second press means the first one


def correct(context: Context, request: Request) -> Card:
    """Begin a correction, which goes as an answer to everybody who got the bulletin. It needs approval as any other."""
    bulletin = records.access_written(context, request.value)
    root = bulletins.get(context.session, bulletin.correction_of) if bulletin.correction_of else bulletin
    if root is None or bulletin_issues.latest_sent(context.session, root.id) is None:
        raise UserError(f"Nobody got {bulletin.ref}.", hint="Change it, or write a new one from it.")
    records.move(context, bulletin, Action.CORRECT)
    begun = bulletins.untouched(context.session, author_id=records.me(context), correction_of=root.id)
    if begun is not None:
        return board.show(context, begun)
    correction = drafts.new(context, root.kind, root.title, dict(root.audience), correction_of=root.id)
    return board.show(context, correction)


def again(context: Context, request: Request) -> Card:
    """Begin a new draft with the sections and the readers of a bulletin."""
    old = records.access_written(context, request.value)
    begun = bulletins.untouched(context.session, author_id=records.me(context), like=old)
    if begun is not None and begun.created_at > context.now - TWICE:
        return board.show(context, begun)
    bulletin = drafts.new(
        context,
        old.kind,
        old.title,
        dict(old.audience),
        sections=dict(old.sections),
        image_url=old.image_url,
        image_alt=old.image_alt,
        needs_reading=old.needs_reading,
    )
    return board.show(context, bulletin)
