"""What people can type, press and send about the plan of a year, and who may. It is part of the one table."""

from __future__ import annotations

import re

from db.people import SECRETARIAT
from handlers.routing import Kind, Route
from handlers.year_plan import bringing, clear_days, proposed, proposing

_DAYS = re.compile(r"days", re.IGNORECASE)
_WHEN = frozenset({"on", "first", "last"})

ROUTES: tuple[Route, ...] = (
    Route(
        "plan", proposing.show, Kind.VERB, SECRETARIAT, help="Type plan year to see the meetings of a year proposed.",
        takes=proposing.TAKES,
    ),
    Route(
        "clear", clear_days.show, Kind.VERB, SECRETARIAT, help="Type clear days to see what meetings keep clear of.",
        takes=_DAYS,
    ),
    Route("plan.show", proposing.show, Kind.BUTTON, SECRETARIAT),
    Route("plan.check", proposing.check, Kind.BUTTON, SECRETARIAT),
    Route("plan.keep", proposing.keep, Kind.BUTTON, SECRETARIAT),
    Route("plan.proposed", proposed.show, Kind.BUTTON, SECRETARIAT),
    Route("plan.sure", proposed.sure, Kind.BUTTON, SECRETARIAT),
    Route("plan.confirm", proposed.confirm, Kind.BUTTON, SECRETARIAT),
    Route("plan.drop", proposed.drop, Kind.BUTTON, SECRETARIAT),
    Route("plan.choose", proposed.choose, Kind.BUTTON, SECRETARIAT),
    Route("plan.change", proposed.change, Kind.FORM, SECRETARIAT, days=_WHEN),
    Route("clear.show", clear_days.show, Kind.BUTTON, SECRETARIAT),
    Route("clear.new", clear_days.open_new, Kind.BUTTON, SECRETARIAT),
    Route("clear.add", clear_days.add, Kind.FORM, SECRETARIAT, days=_WHEN),
    Route("clear.choose", clear_days.choose, Kind.BUTTON, SECRETARIAT),
    Route("clear.remove", clear_days.remove, Kind.FORM, SECRETARIAT),
    Route("clear.apply", bringing.apply, Kind.BUTTON, SECRETARIAT),
    Route("clear.drop", bringing.drop, Kind.BUTTON, SECRETARIAT),
)  # fmt: skip
