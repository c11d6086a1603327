"""What people can type, press and send about decisions and consultations, and who may. It is part of the one table."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers.consulting import asking, cards, closing, decisions, lists, recording, replying
from handlers.routing import Kind, Route

ROUTES: tuple[Route, ...] = (
    Route(
        "decisions", decisions.show, Kind.VERB, help="See what a group decided, and who voted.", takes=decisions.TAKES
    ),
    Route("consult", asking.show, Kind.VERB, help="Ask a group one question between its meetings."),
    Route("consultations", cards.show, Kind.VERB, help="See what groups are asked, and reply."),
    Route(
        "consultation", cards.show_one, Kind.VERB, help="See one of them: consultation CON-2026-001.", takes=cards.TAKES
    ),
    Route("consulting.decisions", decisions.show, Kind.BUTTON),
    Route("consulting.decision", decisions.open_one, Kind.BUTTON),
    Route("consulting.record", recording.open_record, Kind.BUTTON),
    Route("consulting.between", recording.open_between, Kind.BUTTON),
    Route("consulting.decide", recording.decide, Kind.FORM, days=frozenset({"made_on"})),
    Route("consulting.correct", recording.open_correct, Kind.BUTTON),
    Route("consulting.corrected", recording.correct, Kind.FORM),
    Route("consulting.report", recording.open_report, Kind.BUTTON, SECRETARIAT),
    Route("consulting.reported", recording.report, Kind.FORM, SECRETARIAT),
    Route("consulting.choose", lists.choose, Kind.BUTTON),
    Route("consulting.chosen", lists.chosen, Kind.FORM),
    Route("consulting.list", cards.show, Kind.BUTTON),
    Route("consulting.show", cards.show_one, Kind.BUTTON),
    Route("consulting.new", asking.open_new, Kind.BUTTON),
    Route("consulting.ask", asking.ask, Kind.FORM, days=frozenset({"due_on"})),
    Route("consulting.join", asking.join, Kind.BUTTON, SECRETARIAT),
    Route("consulting.reply", replying.press, Kind.BUTTON),
    Route("consulting.comment", replying.open_comment, Kind.BUTTON),
    Route("consulting.said", replying.say, Kind.FORM),
    Route("consulting.replies", cards.show_replies, Kind.BUTTON),
    Route("consulting.close", closing.open_close, Kind.BUTTON, SECRETARIAT),
    Route("consulting.closed", closing.close, Kind.FORM, SECRETARIAT),
    Route("consulting.raise", closing.open_raise, Kind.BUTTON, SECRETARIAT),
    Route("consulting.raised", closing.raise_it, Kind.FORM, SECRETARIAT),
)
