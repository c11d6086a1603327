"""What people can type, press and send about attendance and evaluations, and who may. It is part of the one table."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers.learning import answers, certificate, marks, own, report
from handlers.routing import Kind, Route

ROUTES: tuple[Route, ...] = (
    Route(
        "learning", own.show, Kind.VERB, help="See the training you attended, and get certificates.", takes=own.TAKES
    ),
    Route("learning.show", own.show, Kind.BUTTON),
    Route("learning.evaluate", answers.open_after, Kind.BUTTON),
    Route("learning.evaluated", answers.after, Kind.FORM),
    Route("learning.look-back", answers.open_later, Kind.BUTTON),
    Route("learning.looked-back", answers.later, Kind.FORM),
    Route("learning.certificate", certificate.give, Kind.BUTTON),
    Route("learning.report", report.show, Kind.BUTTON),
    Route("learning.sessions", marks.sessions, Kind.BUTTON, SECRETARIAT),
    Route("learning.attendance", marks.show, Kind.BUTTON, SECRETARIAT),
    Route("learning.mark", marks.open_mark, Kind.BUTTON, SECRETARIAT),
    Route("learning.marked", marks.mark, Kind.FORM, SECRETARIAT),
    Route("learning.missed", marks.tell_missed, Kind.BUTTON, SECRETARIAT),
    Route("learning.replies", answers.replies, Kind.BUTTON, SECRETARIAT),
)
