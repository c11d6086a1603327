"""Where a record stands, in the few words of a list."""

from __future__ import annotations

from datetime import date

from db.challenges import Challenge
from db.escalations import Escalation
from db.risks import Risk
from handlers import dues
from handlers.context import Context
from knowledge import risks as rules
from knowledge import scoring, workflows

SHORT = 80  # characters of a row's text


def of_escalation(context: Context, row: Escalation) -> str:
    """Say where an escalation stands, that it is urgent, and that it is red."""
    words = workflows.escalations().states[row.status].words
    said = [words[0].upper() + words[1:]]  # and no other letter: it may be with the Executive
    if row.urgency == "urgent" and row.status not in dues.FINISHED:
        said.append("urgent")
    if dues.is_old(context, row):
        said.append("red: open too long")
    return ", ".join(said)


def of_risk(context: Context, row: Risk) -> str:
    """Say where a risk stands, with its score and the colour of that as a word."""
    score = scoring.in_words(row.current_l, row.current_i, floor=context.house.risk_floor)
    return f"{score}; {rules.states()[row.status]}"


def of_challenge(row: Challenge) -> str:
    """Say where a challenge stands."""
    return row.status.replace("-", " ").capitalize()


def shortened(text: str, most: int = SHORT) -> str:
    """Return a text that fits into a row."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def when(context: Context, day: date | None) -> str:
    """Say by when something is due, and that it is overdue."""
    if day is None:
        return "nothing due"
    return f"{day:%-d %b %Y}{' (overdue)' if day < context.today else ''}"
