"""What the clock does: places whose time has run out, and places that came free."""

from __future__ import annotations

from db import booked
from handlers.booking import moving
from handlers.context import Context


def tick(context: Context) -> int:
    """Do what is due; return how much it was. Call it at any time."""
    done = 0
    for session_id in booked.due(context.session, now=context.now):
        session = booked.hold(context.session, session_id)
        if session is not None:
            done += moving.bring_up_to_date(context, session)
    return done
