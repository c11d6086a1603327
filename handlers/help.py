"""What somebody can do here, for the roles they have: read off the table of routes."""

from __future__ import annotations

from handlers.context import Context, Request
from handlers.messages import Button, Card, Text
from handlers.prose import escape
from handlers.routing import Kind
from handlers.wording import words

_LISTS = (
    Button("Yours", "my.show", style="primary"),
    Button("Escalations", "lists.show", "escalations|open|0|"),
    Button("Risks", "lists.show", "risks|open|0|"),
    Button("Meetings", "meetings.show", "|0"),
)
_ALWAYS = (Button("Training", "training.dates", "|0"), Button("Whom to call", "contact.show"))


def show(context: Context, _request: Request) -> Card:
    """List what this person may type, with one line each."""
    mine = [
        (escape(route.name), escape(route.help))
        for route in context.routes.values()
        if route.kind is Kind.VERB and route.help and route.admits(context.actor.roles)
    ]
    return Card(
        title="What you can do here",
        body=(Text(words("help_verbs", verbs=mine, house=context.house)),),
        actions=(*(_LISTS if context.actor.person_id else ()), *_ALWAYS),
        fallback="Ask a question in your own words.",
    )
