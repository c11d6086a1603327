"""What the clock does: papers follow their meetings to another day, and an agenda is settled when papers lock."""

from __future__ import annotations

from db import agendas
from db.meetings import Meeting
from handlers.agendas import items, papers, records
from handlers.context import Context
from handlers.prose import escape


def tick(context: Context) -> int:
    """Do what is due; return how much it was. Call it at any time."""
    rows = agendas.out_of_step(context.session)
    for row, meeting in rows:
        papers.follow(context, row, meeting)
    return len(rows) + sum(_settle(context, one) for one in agendas.to_settle(context.session, context.today))


def _settle(context: Context, meeting: Meeting) -> int:
    """Let what records brought stay on an agenda whose papers are locked, and tell those whose items were not taken."""
    agendas.held(context.session, meeting.id)
    done = 0
    for one in items.listed(context, meeting, public=True):
        if one.waits and one.row:
            one.row.dropped_at = context.now
            said = f"{escape(one.title)}\n\nThe papers are locked now. You can ask for it again for the next meeting."
            key = f"{one.row.id}:locked"
            records.tell(context, one.row.added_by_person_id, meeting, "Your item was not taken", said, key=key)
            done += 1
        elif one.on and one.source != agendas.ASKED:
            items.kept(context, meeting, one).taken_at = context.now
            done += 1
    context.session.flush()
    return done
