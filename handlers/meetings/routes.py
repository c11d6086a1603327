"""What people can type, press and send about meetings, and who may. It is part of the one table."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers.meetings import absences, answering, attendance, cards, keeping
from handlers.routing import Kind, Route

ROUTES: tuple[Route, ...] = (
    Route(
        "meetings", cards.show, Kind.VERB, help="See the meetings that come, and those that were.",
        takes=cards.TAKES_GROUP,
    ),
    Route(
        "meeting", cards.open_one, Kind.VERB, help="See one meeting, and say whether you come: meeting MTG-2026-001.",
        takes=cards.TAKES_REF,
    ),
    Route("meetings.show", cards.show, Kind.BUTTON),
    Route("meetings.open", cards.open_one, Kind.BUTTON),
    Route("meetings.more", cards.more, Kind.BUTTON),
    Route("meetings.answer", answering.answer, Kind.BUTTON),
    Route("meetings.step", keeping.step, Kind.BUTTON, SECRETARIAT),
    Route("meetings.details", keeping.open_details, Kind.BUTTON, SECRETARIAT),
    Route("meetings.save", keeping.save, Kind.FORM, SECRETARIAT, names=frozenset({"chair"})),
    Route("meetings.attendance", attendance.open_marks, Kind.BUTTON, SECRETARIAT),
    Route("meetings.mark", attendance.mark, Kind.FORM, SECRETARIAT),
    Route("meetings.reviews", absences.show, Kind.BUTTON, SECRETARIAT),
    Route("meetings.review", absences.open_review, Kind.BUTTON, SECRETARIAT),
    Route("meetings.reviewed", absences.reviewed, Kind.FORM, SECRETARIAT),
)  # fmt: skip
