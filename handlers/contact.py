"""Whom to call: every service with its hours, where the number comes from and how far to trust it."""

from __future__ import annotations

import re

from handlers.calling import lines, one_line
from handlers.context import Context, Request
from handlers.messages import Button, Card

_WORDS = {
    "999": "emergency", "emergency": "emergency", "police": "police", "101": "police", "mast": "mast", "mash": "mast",
    "front door": "mast", "edt": "edt", "out of hours": "edt", "emergency duty team": "edt", "lado": "lado",
    "nspcc": "nspcc", "whistleblowing": "nspcc-whistleblowing", "childline": "childline", "adults": "adults",
    "town hall": "town-hall",
}  # fmt: skip
NAMES = re.compile("|".join(map(re.escape, ["", *_WORDS])), re.IGNORECASE)


def show(context: Context, request: Request) -> Card:
    """Show one service, or all of them."""
    wanted = _WORDS.get(request.text.lower().strip())
    contacts = context.knowledge.contacts
    keys = [wanted] if wanted else list(contacts)
    return Card(
        title=contacts[wanted].name if wanted else "Whom to call",
        body=tuple(lines(contacts, keys)),
        fallback=one_line(contacts, keys),
        actions=(Button("All contacts", "contact.show"),) if wanted else (),
    )
