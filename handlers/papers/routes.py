"""What people can type, press and send about papers and files of escalations and risks. It is part of the one table."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers.access import CLEARED, READERS
from handlers.imports import asking as imports
from handlers.papers import asking
from handlers.routing import Kind, Route

ROUTES = (
    Route("export", asking.show, Kind.VERB, READERS, help="Get the tracker or the register.", takes=asking.WORDS),
    Route("papers.show", asking.show, Kind.BUTTON, READERS),
    Route("papers.give", asking.give, Kind.BUTTON, READERS),
    Route("papers.annex", asking.annex, Kind.BUTTON, CLEARED),
    Route("papers.bring", asking.bring, Kind.BUTTON, SECRETARIAT),
    Route("imports.match", imports.open_match, Kind.BUTTON, SECRETARIAT),
    Route("imports.matched", imports.matched, Kind.FORM, SECRETARIAT),
    Route("imports.apply", imports.apply, Kind.BUTTON, SECRETARIAT),
    Route("imports.drop", imports.drop, Kind.BUTTON, SECRETARIAT),
)
