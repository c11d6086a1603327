"""What people can type, press and send to see lists and what is theirs, and who may. It is part of the one table."""

from __future__ import annotations

from handlers.lists import pages
from handlers.lists.kinds import CHALLENGES, ESCALATIONS, RISKS
from handlers.my import cards as my
from handlers.routing import Kind, Route

ROUTES = (
    Route("my", my.show, Kind.VERB, help="See what you owe and what you raised.", takes=my.TAKES),
    Route(
        "escalations", pages.show_escalations, Kind.VERB, help="See the escalations: open, mine, overdue and more.",
        takes=pages.takes(ESCALATIONS),
    ),
    Route(
        "risks", pages.show_risks, Kind.VERB, help="See the risk register: red, mine, overdue and more.",
        takes=pages.takes(RISKS),
    ),
    Route(
        "challenges", pages.show_challenges, Kind.VERB, help="See the challenge log: open, mine, overdue and more.",
        takes=pages.takes(CHALLENGES),
    ),
    Route("my.show", my.show, Kind.BUTTON),
    Route("my.choose", my.choose, Kind.BUTTON),
    Route("my.chosen", my.chosen, Kind.FORM),
    Route("lists.show", pages.show, Kind.BUTTON),
    Route("lists.choose", pages.choose, Kind.BUTTON),
    Route("lists.chosen", pages.chosen, Kind.FORM),
    Route("lists.other", pages.other, Kind.BUTTON),
    Route("lists.find", pages.find, Kind.FORM),
)  # fmt: skip
