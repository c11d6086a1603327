"""My learning: the sessions that somebody attended, what they are asked about them, and their certificates."""

from __future__ import annotations

import re

from db import evaluations, learning
from db.learning import Place
from db.people import SECRETARIAT
from handlers.context import Context, Request, UserError, number
from handlers.learning import answers, places, report
from handlers.messages import Button, Card, Table, Text

TAKES = re.compile(r"(?:report(?: \d{4})?)?", re.IGNORECASE)
PAGE = 3  # each may have a button, and three more lead on


def show(context: Context, request: Request) -> Card:
    """Show the sessions that you attended and what is to be done about them; or the report, for those who read it."""
    if request.text.lower().startswith("report") and not request.value:
        return report.show(context, request)
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    page = number(request.value)
    found = learning.attended(context.session, context.actor.person_id, skip=page * PAGE, limit=PAGE + 1)
    rows, buttons = [], []
    for place in found[:PAGE]:
        what, button = _next(context, place)
        rows.append((place.course.title, places.day(context, place.session), what))
        buttons.append(button)
    if len(found) > PAGE:
        buttons.append(Button("Earlier sessions", "learning.show", str(page + 1)))
    if context.actor.roles & SECRETARIAT:
        buttons.append(Button("Attendance", "learning.sessions", "0"))
    if context.actor.roles & report.READERS:
        buttons.append(Button("Report by agency", "learning.report"))
    empty = Text("Sessions stand here when the secretariat has noted that you were there.")
    body = Table(("Session", "Day", "What is next"), tuple(rows)) if rows else empty
    return Card("My learning", (body,), tuple(buttons))


def _next(context: Context, place: Place) -> tuple[str, Button]:
    """Return what somebody can do about a session: say what they took from it, what came of it, or the certificate."""
    about, on = str(place.booking.id), places.day(context, place.session)
    said = evaluations.get(context.session, place.booking.id)
    if said is None or said.after is None:
        return "say what you took from it", Button(f"Say it: {on}", "learning.evaluate", about, "primary", opens=True)
    if said.later is None and answers.is_later(context, place):
        return "say what came of it", Button(f"Look back: {on}", "learning.look-back", about, "primary", opens=True)
    return "certificate", Button(f"Certificate: {on}", "learning.certificate", about)
