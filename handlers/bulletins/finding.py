"""What was sent, looked up by words that somebody remembers of it."""

from __future__ import annotations

from textwrap import shorten

from db import bulletin_archive
from db.bulletin_archive import Sent
from handlers.context import Context
from handlers.messages import Button, Card, Text
from handlers.prose import escape
from knowledge import archive
from knowledge.archive import Match

MAX_LABEL = 75  # characters on a button
MOST = 5  # bulletins on one card, each with its button


def find(context: Context, wanted: str) -> Card:
    """Show the bulletins that speak of some words, the nearest first."""
    sent = bulletin_archive.sent(context.session)
    parts = [part for row in sent for part in archive.passages(row.of, row.title, row.kind, row.sections)]
    found = archive.found(wanted, parts)[:MOST]
    every = Button("All bulletins", "bulletins.archive", "0")
    if not found:
        ask = "Try other words. Or ask it as a question, without the word bulletins before it."
        return Card("No bulletin speaks of that", (Text(ask),), (every,))
    shown = [(match, _original(sent, match)) for match in found]
    lines = [
        f"- **{escape(row.title)}**, {context.day(row.sent_at):%-d %B %Y}, under {escape(match.passage.heading)}"
        for match, row in shown
    ]
    read = [Button(_label(context, row), "bulletins.whole", str(row.of)) for _, row in shown]
    return Card("Bulletins that speak of that", (Text("\n".join(lines)),), (*read, every))


def _label(context: Context, row: Sent) -> str:
    return shorten(f"{context.day(row.sent_at):%-d %B %Y}: {row.title}", MAX_LABEL, placeholder=" …")


def _original(sent: list[Sent], match: Match) -> Sent:
    """Return the bulletin in which it stands, and not its correction: that one is shown with it."""
    issues = [row for row in sent if row.of == match.passage.of]
    return next((row for row in issues if not row.corrects), issues[-1])
