"""The routes that records share: actions, links, dates, and who did what."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers import actions, audit, dates, linking
from handlers.audit import AUDITORS
from handlers.routing import Kind, Route

_OWNER, _DUE, _ON = frozenset({"owner"}), frozenset({"due_on"}), frozenset(dates.DAYS)

ROUTES = (
    Route("actions", actions.show, Kind.VERB, help="See what you owe, and say that it is done.", takes=actions.TAKES),
    Route("links", linking.show, Kind.VERB, help="See what came of a record: links RSK-2026-009.", takes=linking.TAKES),
    Route(
        "dates", dates.show, Kind.VERB, help="See when groups meet, and by when items must be in.", takes=dates.TAKES
    ),
    Route("audit", audit.show, Kind.VERB, AUDITORS, help="See who did what.", takes=audit.TAKES),
    Route("actions.list", actions.show, Kind.BUTTON),
    Route("actions.choose", actions.choose, Kind.BUTTON),
    Route("actions.chosen", actions.chosen, Kind.FORM),
    Route("actions.open", actions.open_one, Kind.BUTTON),
    Route("actions.new", actions.open_new, Kind.BUTTON),
    Route("actions.add", actions.add, Kind.FORM, names=_OWNER, days=_DUE),
    Route("actions.change", actions.open_change, Kind.BUTTON, SECRETARIAT),
    Route("actions.save", actions.save, Kind.FORM, SECRETARIAT, names=_OWNER, days=_DUE),
    Route("actions.finish", actions.open_done, Kind.BUTTON),
    Route("actions.done", actions.done, Kind.FORM),
    Route("actions.again", actions.again, Kind.BUTTON, SECRETARIAT),
    Route("linking.show", linking.show, Kind.BUTTON),
    Route("linking.new", linking.open_new, Kind.BUTTON),
    Route("linking.link", linking.link, Kind.FORM),
    Route("linking.choose", linking.choose, Kind.BUTTON),
    Route("linking.remove", linking.remove, Kind.FORM),
    Route("dates.show", dates.show, Kind.BUTTON),
    Route("dates.new", dates.open_new, Kind.BUTTON, SECRETARIAT),
    Route("dates.add", dates.add, Kind.FORM, SECRETARIAT, days=_ON),
    Route("dates.move", dates.open_move, Kind.BUTTON, SECRETARIAT),
    Route("dates.moved", dates.move, Kind.FORM, SECRETARIAT, days=frozenset({"on"})),
    Route("dates.choose", dates.choose, Kind.BUTTON, SECRETARIAT),
    Route("dates.cancel", dates.cancel, Kind.FORM, SECRETARIAT),
    Route("audit.show", audit.show, Kind.BUTTON, AUDITORS),
    Route("audit.history", audit.of_record, Kind.BUTTON),
)
