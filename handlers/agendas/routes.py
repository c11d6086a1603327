"""What people can type, press and send about agendas and papers, and who may. It is part of the one table."""

from __future__ import annotations

from db.people import SECRETARIAT
from handlers.agendas import asking, packing, papers, showing
from handlers.routing import Kind, Route

ROUTES: tuple[Route, ...] = (
    Route("agenda", showing.by_word, Kind.VERB, help="See what a meeting talks about.", takes=showing.TAKES),
    Route("pack", packing.by_word, Kind.VERB, SECRETARIAT, help="Get the pack of a meeting.", takes=packing.TAKES),
    Route("agendas.show", showing.show, Kind.BUTTON),
    Route("agendas.ask", asking.open_form, Kind.BUTTON),
    Route("agendas.add", asking.add, Kind.FORM),
    Route("agendas.arrange", asking.open_arrange, Kind.BUTTON, SECRETARIAT),
    Route("agendas.arranged", asking.arrange, Kind.FORM, SECRETARIAT),
    Route("agendas.papers", papers.show, Kind.BUTTON),
    Route("agendas.paper", papers.open_new, Kind.BUTTON, SECRETARIAT),
    Route("agendas.paper-add", papers.add, Kind.FORM, SECRETARIAT, names=frozenset({"owner"}), days=frozenset({"due"})),
    Route("agendas.bring", papers.open_bring, Kind.BUTTON),
    Route("agendas.brought", papers.bring, Kind.FORM),
    Route("agendas.pack", packing.show, Kind.BUTTON, SECRETARIAT),
    Route("agendas.sent", packing.sent, Kind.BUTTON, SECRETARIAT),
)
