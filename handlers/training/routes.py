"""What people can type, press and send about courses and sessions, and who may. It is part of the one table."""

from __future__ import annotations

import re

from db.people import SECRETARIAT
from handlers.routing import Kind, Route
from handlers.training import briefing, editing, keeping, posting, showing, taking
from knowledge import courses

_SESSION = re.compile(r"TRN-\d{4}-\d{1,6}", re.IGNORECASE)
_DAYS = frozenset({"on", "opens_on", "closes_on"})

ROUTES: tuple[Route, ...] = (
    Route(
        "training",
        showing.dates,
        Kind.VERB,
        help="See coming training: training november.",
        takes=courses.wanted(),
        open=True,
    ),
    Route(
        "course",
        showing.course,
        Kind.VERB,
        help="See one course: course CRS-2020-002.",
        takes=courses.titles(),
        open=True,
    ),
    Route("session", showing.session, Kind.VERB, help="See one session: session TRN-2026-001.", takes=_SESSION),
    Route(
        "briefing",
        briefing.show,
        Kind.VERB,
        help="Brief your team in seven minutes: briefing neglect.",
        takes=courses.TOPIC,
    ),
    Route("training.dates", showing.dates, Kind.BUTTON),
    Route("training.months", showing.months, Kind.BUTTON),
    Route("training.catalogue", showing.catalogue, Kind.BUTTON),
    Route("training.choose", showing.choose, Kind.BUTTON),
    Route("training.chosen", showing.chosen, Kind.FORM),
    Route("training.course", showing.course, Kind.BUTTON),
    Route("training.session", showing.session, Kind.BUTTON),
    Route("training.channel", posting.switch, Kind.BUTTON, SECRETARIAT),
    Route("training.new-course", editing.open_new, Kind.BUTTON, SECRETARIAT),
    Route("training.change-course", editing.open_change, Kind.BUTTON, SECRETARIAT),
    Route("training.keep-course", editing.keep, Kind.FORM, SECRETARIAT, procedural=True, days=frozenset({"review_on"})),
    Route("training.new-session", keeping.open_new, Kind.BUTTON, SECRETARIAT),
    Route("training.change-session", keeping.open_change, Kind.BUTTON, SECRETARIAT),
    Route("training.keep-session", keeping.keep, Kind.FORM, SECRETARIAT, procedural=True, days=_DAYS),
    Route("training.open", keeping.open_booking, Kind.BUTTON, SECRETARIAT),
    Route("training.close", keeping.close_booking, Kind.BUTTON, SECRETARIAT),
    Route("training.move", keeping.open_move, Kind.BUTTON, SECRETARIAT),
    Route("training.moved", keeping.move, Kind.FORM, SECRETARIAT, days=_DAYS),
    Route("training.choose-cancel", keeping.open_cancel, Kind.BUTTON, SECRETARIAT),
    Route("training.cancel", keeping.cancel, Kind.FORM, SECRETARIAT, procedural=True),
    Route("training.take-over", taking.apply, Kind.BUTTON, SECRETARIAT),
    Route("training.open-all", taking.open_all, Kind.BUTTON, SECRETARIAT),
)
