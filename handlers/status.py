"""Whether everything works, for the secretariat: what waits to be sent, what could not be read."""

from __future__ import annotations

from db import deliveries
from db.deliveries import State
from handlers.context import Context, Request
from handlers.messages import Button, Card, Facts, Text, Tone
from handlers.wording import words

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
    """Show the state of what was to be sent, and whether every article could be read."""
    counts = deliveries.counts(context.session)
    broken = len(context.knowledge.library.problems)
    pairs = [(name, str(counts.get(state.value, 0))) for state, name in _NAMES.items()]
    pairs.append(("Articles that cannot be read", str(broken)))
    trouble = broken or counts.get(State.DEAD.value, 0) or counts.get(State.VERIFY.value, 0)
    return Card(
        title="Status",
        body=(Facts(tuple(pairs)), Text(words("status_advice", trouble=bool(trouble)))),
        actions=(Button("Gaps in the knowledge base", "gaps.show"),),
        tone=Tone.WARNING if trouble else Tone.PLAIN,
    )
