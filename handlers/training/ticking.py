"""What the clock does: dates of training that are posted, and sessions that are over."""

from __future__ import annotations

from db import history, records, training
from db.training import SessionState
from handlers.context import Context
from handlers.training import posting

AT_ONCE = 50


def tick(context: Context) -> int:
    """Do what is due; return how much it was. Call it at any time."""
    return _end(context) + posting.post(context)


def _end(context: Context) -> int:
    """Let sessions be over whose attendance nobody keeps: the others are over when it is complete."""
    found = training.unattended(context.session, before=context.now, limit=AT_ONCE)
    for row in found:
        records.changed(context.session, row, expected=row.version)
        before, row.state = row.state, SessionState.DONE.value
        history.note(
            context.session, row.ref, at=context.now, actor_person_id=None, action="is over", before_state=before,
            after_state=row.state, detail={}, version=row.version,
        )  # fmt: skip
    return len(found)
