"""Whether everything works, for the secretariat: what waits, what could not be read, what the guard stopped."""

from __future__ import annotations

from db import deliveries
from db.deliveries import State
from handlers import tally
from handlers.context import Context, Request
from handlers.messages import Button, Card, Element, Facts, Heading, Text, Tone
from handlers.wording import words
from knowledge import contacts

_NAMES = {
    State.PENDING: "Messages waiting to be sent",
    State.SENDING: "Messages being sent",
    State.SENT: "Messages sent",
    State.VERIFY: "Messages that may or may not have arrived",
    State.DEAD: "Messages that could not be sent",
    State.EXPIRED: "Messages that came too late to send",
    State.CANCELLED: "Messages cancelled",
}


def show(context: Context, _request: Request) -> Card:
    """Show what was to be sent, whether everything could be read and is in date, and the guard's week."""
    counts = deliveries.counts(context.session)
    broken = len(context.knowledge.library.problems)
    old = contacts.overdue(context.knowledge.contacts, context.today)
    week = tally.of_week(context)
    pairs = [(name, str(counts.get(state.value, 0))) for state, name in _NAMES.items()]
    pairs += [("Articles that cannot be read", str(broken)), ("Contacts past their check date", str(len(old)))]
    unsent = counts.get(State.DEAD.value, 0) or counts.get(State.VERIFY.value, 0)
    trouble = bool(broken or old or unsent or week.failed)
    body: list[Element] = [Facts(tuple(pairs)), Text(words("status_advice", trouble=trouble, old=old))]
    body += [Heading("The guard in the last 7 days"), week.decisions, *week.rates]
    return Card(
        title="Status",
        body=tuple(body),
        actions=(Button("Gaps in the knowledge base", "gaps.show"), Button("The guard's week", "terms.show")),
        tone=Tone.WARNING if trouble else Tone.PLAIN,
    )
