"""What somebody owes is noted, told to them and reminded of, whichever feature gave them the action."""

from __future__ import annotations

from db import actions, history, people, reminders
from db.actions import ActionItem
from handlers import telling
from handlers.context import Context
from handlers.messages import Button, Card, Note, Text
from handlers.prose import escape

LADDER = "deadline"


def note_added(context: Context, row: ActionItem) -> None:
    """Write into the history of an action that it was added."""
    note(context, row, "added", after="open", fields="what, owner, due")


def promise(context: Context, row: ActionItem, *, told: bool = False) -> None:
    """Remind the owners of an action, and tell them of it unless they were `told` or gave it to themselves."""
    holders = actions.owner_ids(context.session, row, on=context.today)
    for person_id in holders:
        reminders.plan(
            context.session, subject=subject(row), ladder=LADDER, person_id=person_id, title=f"{row.ref}: {row.what}",
            now=context.now, anchor_on=row.due_on,
        )  # fmt: skip
    others = [] if told else [one for one in holders if one != context.actor.person_id]
    tell(context, row, others, f"An action for you: {row.ref}", "given")


def tell(context: Context, row: ActionItem, person_ids: list[int], title: str, event: str) -> None:
    """Tell people of an action, once for each event of a version."""
    due = Note(f"Due on {row.due_on:%A %-d %B %Y}.")
    notice = Card(title, (Text(escape(row.what)), due), (Button("Open it", "actions.open", row.ref),))
    to = people.places(context.session, person_ids, on=context.today)
    telling.tell(context, to, notice, key=f"action:{row.ref}:{event}:{row.version}", kind="notice about an action")


def note(
    context: Context, row: ActionItem, action: str, *, before: str = "", after: str, fields: str = "", version: int = 1
) -> None:
    """Write into the history of an action what was done to it."""
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=context.actor.person_id, action=action,
        before_state=before, after_state=after, version=version, detail={"fields": fields} if fields else None,
    )  # fmt: skip


def subject(row: ActionItem) -> str:
    """Return what its reminders are about."""
    return f"action:{row.ref}"
