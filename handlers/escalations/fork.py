"""The fork: three things are called escalation, and speaking up is a fourth. No words are asked for before it."""

from __future__ import annotations

from typing import Final

from handlers.calling import lines
from handlers.context import Context, Request
from handlers.messages import Button, Card, Note, Text
from handlers.wording import words
from knowledge import clocks as periods

DANGER: Final = ("emergency", "mast", "edt")


def show(_context: Context, _request: Request) -> Card:
    """Ask which of four things somebody means, before anything is written."""
    return Card(
        title="What do you want to escalate?",
        body=(Text(words("escalations_fork")),),
        actions=(
            Button("My group needs the Executive", "escalation.new", style="primary", opens=True),
            Button("We disagree about a child", "escalation.child"),
            Button("Statutory partners disagree", "escalation.partners"),
            Button("Speak up about wrongdoing", "escalation.speak"),
        ),
        fallback="What do you want to escalate?",
    )


def child(context: Context, _request: Request) -> Card:
    """Show how practitioners of two agencies settle a difference about a child, and by when."""
    contacts = context.knowledge.contacts
    settle = periods.shipped()["differences"]["settle"]
    return Card(
        title="You disagree with another agency about a child",
        body=(
            Text(words("escalations_child", days=settle.number)),
            *lines(contacts, DANGER),
            Note(words("escalations_child_source", source=settle.source, checked_on=settle.checked_on)),
        ),
        actions=(
            Button("Count it, without any details", "difference.open", opens=True),
            Button("Back", "escalation.fork"),
        ),
        fallback="Talk to them today, and ask your safeguarding lead. In danger, call 999.",
    )


def partners(context: Context, _request: Request) -> Card:
    """Show how statutory partners settle a dispute, and let them log it."""
    may = context.actor.roles & context.routes["dispute.open"].roles
    log = (Button("Log a dispute", "dispute.open", opens=True),) if may else ()
    return Card(
        title="Statutory partners disagree",
        body=(Text(words("escalations_partners")),),
        actions=(*log, Button("Back", "escalation.fork")),
    )


def speak(context: Context, _request: Request) -> Card:
    """Show where to speak up about wrongdoing. Nothing of it is kept anywhere, not even that it was opened."""
    contacts = context.knowledge.contacts
    return Card(
        title="Speak up about wrongdoing",
        body=(
            Text(words("escalations_speak")),
            *lines(contacts, ("nspcc-whistleblowing", "lado", "emergency", "mast")),
        ),
        fallback="Where to speak up about wrongdoing. Nothing is stored.",
    )
