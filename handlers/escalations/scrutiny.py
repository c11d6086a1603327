"""The scrutineer comments at any time and asks for the Executive, and never changes a decision."""

from __future__ import annotations

from collections.abc import Mapping

from db.escalations import Escalation
from handlers.context import Context
from handlers.escalations import boxes
from handlers.escalations.records import Deed, Taken
from handlers.messages import Errors, Field


def comment(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Add a comment, which everybody reads who can open it."""
    return _added(context, row, fields, "comment")


def _added(context: Context, row: Escalation, fields: Mapping[str, str], name: str) -> Taken | Errors:
    if problem := boxes.too_long(fields, name):
        return Errors({name: problem})
    said = f"{context.today:%-d %B %Y}: {fields[name].strip()}"

    def write() -> None:
        row.scrutineer_comment = "\n\n".join(filter(None, (row.scrutineer_comment, said)))

    return Taken(write=write, fields=("scrutineer_comment",), says=fields[name].strip())


def ask(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Ask that it goes to the Executive. The reason stands among the comments."""
    return _added(context, row, fields, "reason")


def _box(name: str, label: str) -> tuple[Field, ...]:
    return (boxes.text(name, label),)


COMMENT = Deed(
    "comment", "Comment", "commented by the scrutineer", comment,
    lambda _context, _row: _box("comment", "Your comment"), free=True,
    intro="Everybody reads it who can open this escalation.",
)  # fmt: skip
ASK = Deed(
    "ask for the executive", "Ask for the Executive", "asked for by the scrutineer", ask,
    lambda _context, _row: _box("reason", "Why should it go to the Executive?"), free=True,
)  # fmt: skip
DEEDS = (COMMENT, ASK)
