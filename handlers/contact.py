"""Whom to call: every service with its hours, where the number comes from and how far to trust it."""

from __future__ import annotations

import re

from handlers.calling import lines, one_line
from handlers.context import Context, Request
from handlers.messages import Button, Card
from knowledge import contacts as book

_WORDS = [word for contact in book.shipped().values() for word in contact.words]
NAMES = re.compile("|".join(map(re.escape, ["", *_WORDS])), re.IGNORECASE)


def show(context: Context, request: Request) -> Card:
    """Show one service, or all of them."""
    contacts = context.knowledge.contacts
    wanted = book.called(contacts, request.text)
    keys = [wanted.key] if wanted else list(contacts)
    return Card(
        title=wanted.name if wanted else "Whom to call",
        body=tuple(lines(contacts, keys)),
        fallback=one_line(contacts, keys),
        actions=(Button("All contacts", "contact.show"),) if wanted else (),
    )
