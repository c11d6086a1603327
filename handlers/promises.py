"""What somebody owes is noted, told to them and reminded of, whichever feature gave them the action."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from db import actions, history, people, reminders
from db.actions import ActionItem
from db.challenges import Challenge
from db.escalations import Escalation
from db.risks import Risk
from handlers import access, telling
from handlers.context import Context
from handlers.messages import Button, Card, Note, Text
from handlers.prose import escape

LADDER = "deadline"
SENSITIVE_WORDS = "It belongs to something that is OFFICIAL-SENSITIVE: open it to read it."
_MARKED: Mapping[str, type[Escalation | Risk | Challenge]] = MappingProxyType(
    {"ESC": Escalation, "RSK": Risk, "CHA": Challenge}
)


def note_added(context: Context, row: ActionItem) -> None:
    """Write into the history of an action that it was added."""
    note(context, row, "added", after="open", fields="what, owner, due")


def promise(context: Context, row: ActionItem, *, told: bool = False) -> None:
    """Remind the owners of an action, and tell them of it unless they were `told` or gave it to themselves."""
    holders = actions.owner_ids(context.session, row, on=context.today)
    title = row.ref if _sensitive(context, row) else f"{row.ref}: {row.what}"  # a deputy reads it too
    for person_id in holders:
        reminders.plan(
            context.session, subject=subject(row), ladder=LADDER, person_id=person_id, title=title, now=context.now,
            anchor_on=row.due_on,
        )  # fmt: skip
    others = [] if told else [one for one in holders if one != context.actor.person_id]
    tell(context, row, others, f"An action for you: {row.ref}", "given")


def again(context: Context, of_ref: str) -> None:
    """Let the reminders of a record's actions say of them what may be said of them now."""
    for row in actions.of(context.session, of_ref):
        if row.done_on is None:
            promise(context, row, told=True)


def tell(context: Context, row: ActionItem, person_ids: list[int], title: str, event: str) -> None:
    """Tell people of an action, once for each event of a version."""
    due = Note(f"Due on {row.due_on:%A %-d %B %Y}.")
    what = SENSITIVE_WORDS if _sensitive(context, row) else escape(row.what)
    notice = Card(title, (Text(what), due), (Button("Open it", "actions.open", row.ref),))
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


def _sensitive(context: Context, row: ActionItem) -> bool:
    """Say whether an action belongs to a record that is OFFICIAL-SENSITIVE."""
    kind = _MARKED.get(row.of_ref.partition("-")[0])
    marking = context.session.scalar(select(kind.marking).where(kind.ref == row.of_ref)) if kind else None
    return marking == access.SENSITIVE


def subject(row: ActionItem) -> str:
    """Return what its reminders are about."""
    return f"action:{row.ref}"
