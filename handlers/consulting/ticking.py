"""What the clock does: the secretariat is told once who has not replied to a consultation in time."""

from __future__ import annotations

from datetime import time

from db import consultations, deliveries
from db.consultations import Consultation
from handlers.consulting import records
from handlers.context import Context
from handlers.messages import Button, Card, Text
from handlers.prose import escape
from knowledge.calendar import instant, working_days_after

OPENS = time(9)  # of the working day after, when reminders are due as well


def tick(context: Context) -> int:
    """Tell the secretariat what is due; return how many consultations it was told of. Call it at any time."""
    rows = consultations.overdue(context.session, context.today)
    known = deliveries.known(context.session, map(_key, rows))
    return sum(_told(context, row) for row in rows if _key(row) not in known)


def _key(row: Consultation) -> str:
    return f"consultation:{row.ref}:silent"


def _told(context: Context, row: Consultation) -> bool:
    if context.now < instant(working_days_after(row.due_on, 1), OPENS, context.house.time_zone):
        return False
    silent = [one for one in records.all_asked(context, row) if not one.reply]
    names = "\n".join(f"- {escape(name)}" for name in records.seats_of(silent))
    said = "Replies were due. **Silence is not agreement.** It goes to the next meeting. These have not replied:"
    notice = Card(
        title=f"{row.ref}: replies are missing",
        body=(Text(f"**{escape(row.title)}**"), Text(f"{said}\n\n{names}")),
        actions=(
            Button("Who replied", "consulting.replies", f"{row.ref}|0"),
            Button("Open it", "consulting.show", row.ref),
        ),
    )
    return records.tell_secretariat(context, notice, key=_key(row))
