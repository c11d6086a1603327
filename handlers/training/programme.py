"""The programme of Safeguarding Month: everything in it by day, with its theme, what is over included."""

from __future__ import annotations

from db import training
from db.training import SHOWN, Listed, SessionState
from handlers import training_dates
from handlers.context import Context
from handlers.messages import Action, Button, Card, Element, Note, Table, Text
from handlers.training import records
from knowledge import courses

PAGE, OPENED = 25, 3
_STATES = (*SHOWN, SessionState.DONE.value)


def show(context: Context, words: str, page: int) -> Card:
    """Show everything that stands in that month: courses, conferences, learning events and the rest."""
    first, after = courses.search(words).span(context.today) or (context.today, context.today)
    since, until = (training_dates.midnight(context, day) for day in (first, after))
    found = training.coming(context.session, since=since, until=until, states=_STATES, skip=page * PAGE, limit=PAGE + 1)
    shown = found[:PAGE]
    nothing = Text("Nothing is known of it yet. Dates stand here when the secretariat has opened them.")
    body: Element = _table(context, shown) if shown else nothing
    to_come = [one for one in shown if one.session.starts_at > context.now]
    buttons: list[Action] = [records.open_button(context, one) for one in to_come[:OPENED]]
    if len(found) > PAGE:
        buttons.append(Button("Later in the month", "training.dates", f"{words}|page {page + 1}"))
    buttons.append(Button("All dates", "training.dates", "|0"))
    title = f"Safeguarding Month: {first:%B %Y}"
    notes = (Note("Times are London time. To open another one, type session and its reference."),) if shown else ()
    return Card(f"{title}, page {page + 1}" if page else title, (body, *notes), (*buttons, *records.elsewhere(context)))


def _table(context: Context, rows: list[Listed]) -> Table:
    zone, kinds = context.house.time_zone, courses.shipped().kinds
    cells = tuple(
        (
            f"{one.session.starts_at.astimezone(zone):%a %-d %b, %H:%M}",
            f"{one.course.title} ({one.session.ref})",
            kinds[one.course.kind].name if one.course.kind in kinds else one.course.kind,
            _theme(one.session.campaign),
        )
        for one in rows
    )
    return Table(("Day", "What", "Kind", "Theme"), cells)


def _theme(campaign: str) -> str:
    """Return what stands behind the colon, as in "Safeguarding Month 2026: neglect"; else all of it."""
    return campaign.partition(":")[2].strip() or campaign or "not said"
