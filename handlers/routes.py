"""The one table of what the bot does: from it come dispatch, roles, help, manifests, docs and tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from db.people import SECRETARIAT
from handlers import (
    ask,
    contact,
    downloads,
    enquiries,
    gaps,
    help,  # noqa: A004 - it is called so
    home,
    mailing,
    reminders,
    status,
    terms,
    undelivered,
    uploads,
)
from handlers.agendas.routes import ROUTES as AGENDAS
from handlers.booking.routes import ROUTES as BOOKING
from handlers.bulletins.routes import ROUTES as BULLETINS
from handlers.calendars.routes import ROUTES as CALENDARS
from handlers.consulting.routes import ROUTES as CONSULTING
from handlers.escalations.routes import ROUTES as ESCALATIONS
from handlers.learning.routes import ROUTES as LEARNING
from handlers.list_routes import ROUTES as LISTS
from handlers.meetings.routes import ROUTES as MEETINGS
from handlers.papers.routes import ROUTES as PAPERS
from handlers.people_routes import ROUTES as PEOPLE
from handlers.record_routes import ROUTES as RECORDS
from handlers.risks.routes import ROUTES as RISKS
from handlers.routing import Kind, Route
from handlers.training.routes import ROUTES as TRAINING
from handlers.year_plan.routes import ROUTES as YEAR_PLAN

ANYTHING = re.compile(r".*", re.DOTALL)
_ROUTES = (
    Route("ask", ask.answer, Kind.VERB, help="Ask a question in your own words.", takes=ANYTHING, open=True),
    Route("help", help.show, Kind.VERB, help="See what you can do here."),
    Route("contact", contact.show, Kind.VERB, help="See whom to call.", takes=contact.NAMES, open=True),
    Route("home", home.show, Kind.VERB, help="See the topics people ask about most."),
    Route("gaps", gaps.show, Kind.VERB, SECRETARIAT, help="See what people asked and did not find."),
    Route("status", status.show, Kind.VERB, SECRETARIAT, help="See whether everything works."),
    Route("terms", terms.show, Kind.VERB, SECRETARIAT, help="See what the guard did this week, and its terms."),
    Route("reminders", reminders.show, Kind.VERB, help="See what I will remind you of, and put it off."),
    Route("undelivered", undelivered.show, Kind.VERB, SECRETARIAT, help="Decide about messages that did not arrive."),
    Route("undelivered.show", undelivered.show, Kind.BUTTON, SECRETARIAT),
    Route("undelivered.arrived", undelivered.arrived, Kind.BUTTON, SECRETARIAT),
    Route("undelivered.again", undelivered.again, Kind.BUTTON, SECRETARIAT),
    Route("undelivered.drop", undelivered.drop, Kind.BUTTON, SECRETARIAT),
    Route("ask.again", ask.open_again, Kind.BUTTON),
    Route("ask.send", ask.send, Kind.FORM),
    Route("ask.topic", ask.show_topic, Kind.BUTTON),
    Route("ask.vote", ask.vote, Kind.BUTTON),
    Route("ask.share", ask.share, Kind.BUTTON),
    Route("contact.show", contact.show, Kind.BUTTON),
    Route("help.show", help.show, Kind.BUTTON),
    Route("gaps.show", gaps.show, Kind.BUTTON, SECRETARIAT),
    Route("status.show", status.show, Kind.BUTTON, SECRETARIAT),
    Route("enquiries.ask", enquiries.open_form, Kind.BUTTON),
    Route("enquiries.send", enquiries.send, Kind.FORM),
    Route("enquiries.reply", enquiries.open_reply, Kind.BUTTON, SECRETARIAT),
    Route("enquiries.answer", enquiries.answer, Kind.FORM, SECRETARIAT, procedural=True),
    Route("enquiries.draft", downloads.link, Kind.BUTTON, SECRETARIAT),
    Route("reminders.show", reminders.show, Kind.BUTTON),
    Route("reminders.one", reminders.one, Kind.BUTTON),
    Route("reminders.snooze", reminders.snooze, Kind.BUTTON),
    Route("reminders.done", reminders.done, Kind.BUTTON),
    Route("terms.show", terms.show, Kind.BUTTON, SECRETARIAT),
    Route("terms.new", terms.open_new, Kind.BUTTON, SECRETARIAT),
    Route("terms.add", terms.add, Kind.FORM, SECRETARIAT),
    Route("terms.choose", terms.choose, Kind.BUTTON, SECRETARIAT),
    Route("terms.remove", terms.remove, Kind.FORM, SECRETARIAT),
    Route("mailing.clear", mailing.clear, Kind.BUTTON, SECRETARIAT),
    *BULLETINS,
    *ESCALATIONS,
    *PEOPLE,
    *LISTS,
    *PAPERS,
    *RECORDS,
    *RISKS,
    *MEETINGS,
    *AGENDAS,
    *CONSULTING,
    *YEAR_PLAN,
    *CALENDARS,
    *TRAINING,
    *BOOKING,
    *LEARNING,
    Route("uploads.open", uploads.open_page, Kind.BUTTON, SECRETARIAT),
)
ROUTES: Mapping[str, Route] = MappingProxyType({route.name: route for route in _ROUTES})


def resolve(text: str) -> tuple[Route, str]:
    """Find what typed words ask for: a verb with what it takes, or else a question. Return route and words."""
    verb, _, rest = text.strip().partition(" ")
    route = ROUTES.get(verb.lower())
    if route and route.kind is Kind.VERB and route.takes.fullmatch(rest.strip()):
        return route, rest.strip()
    return ROUTES["ask"], text.strip()
