"""What people can type, press and send about places in training, and who may. It is part of the one table."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers.booking import agreeing, asking, keeping, lists
from handlers.routing import Kind, Route

ROUTES: tuple[Route, ...] = (
    Route("places", lists.mine, Kind.VERB, help="See your places in training, and who waits for your agreement."),
    Route("booking.mine", lists.mine, Kind.BUTTON),
    Route("booking.one", lists.one, Kind.BUTTON),
    Route("booking.ask", asking.open_form, Kind.BUTTON),
    Route("booking.book", asking.book, Kind.FORM, names=frozenset({"manager"})),
    Route("booking.waiting", lists.waiting, Kind.BUTTON),
    Route("booking.agree", agreeing.agree, Kind.BUTTON),
    Route("booking.decline", agreeing.decline, Kind.BUTTON),
    Route("booking.accept", keeping.accept, Kind.BUTTON),
    Route("booking.cancel", keeping.cancel, Kind.BUTTON),
    Route("booking.substitute", keeping.open_substitute, Kind.BUTTON),
    Route("booking.substituted", keeping.substitute, Kind.FORM, names=frozenset({"name"})),
    Route("booking.list", lists.of_session, Kind.BUTTON, SECRETARIAT),
    Route("booking.decide", lists.open_decide, Kind.BUTTON, SECRETARIAT),
    Route("booking.decided", lists.decide, Kind.FORM, SECRETARIAT),
    Route("booking.choose-end", lists.open_end, Kind.BUTTON, SECRETARIAT),
    Route("booking.end", lists.end, Kind.FORM, SECRETARIAT),
)
