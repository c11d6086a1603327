"""The wiring, on one page: which parts there are and how they hold together.

Platforms are imported where they are switched on, so that a short command does not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot import surfaces
from bot.clock import Clock, wall
from bot.dispatcher import Dispatcher
from bot.findings import contacts_or_error
from bot.limits import Limits
from bot.settings import Settings
from db import engine as database
from db import migrate
from handlers import people
from handlers.context import Knowledge
from handlers.messages import Card, Form
from knowledge import articles
from knowledge.check import source_titles
from knowledge.search import Index

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from bot.playground.render import Sent
    from bot.sending import Sender
    from bot.server import Part, Server

THREADS = 4  # on PostgreSQL; SQLite always has one


def load_knowledge(contacts_file: str = "") -> Knowledge:
    """Read the articles and contacts and build the index; broken articles are left out and reported.

    Raises StartupError when the file with contacts cannot be used.
    """
    library = articles.load(articles.shipped())
    return Knowledge(library, contacts_or_error(contacts_file), source_titles(), Index(library.articles.values()))


def dispatcher(
    settings: Settings,
    engine: Engine,
    *,
    clock: Callable[[], datetime] = wall,
    dry: bool = False,
    limits: Limits | None = None,
    also_reached: frozenset[str] = frozenset(),
) -> Dispatcher:
    """Return the dispatcher over a database that is up to date."""
    known = load_knowledge(settings.contacts)
    house = replace(settings.house, reached=settings.reached | also_reached)
    found = Dispatcher(engine, known, house, clock=clock, dry=dry, surfaces=surfaces.every(), limits=limits)
    found.read_terms()
    return found


def open_database(settings: Settings, *, beside_server: bool = False) -> Engine:
    """Open the database of the settings and bring its tables up to date."""
    opened = database.connect(settings.database_url, threads=THREADS, checkpoint=not beside_server)
    migrate.upgrade(opened)
    return opened


def production(settings: Settings) -> Server:
    """Return the server with every platform that has credentials, over the database of the settings.

    Raises DatabaseError when another server holds the same SQLite file.
    """
    database.hold_alone(settings.database_url)
    clock = Clock()
    limits = Limits(asks=settings.asks_per_minute, sends=settings.sends_per_minute)
    found = dispatcher(settings, open_database(settings), clock=clock, limits=limits)
    found.within(clock.check)
    found.within(lambda context: people.bootstrap(context, settings.secretariat))
    return _server(found, settings, clock, [], [])


def demo(settings: Settings, address: str) -> Server:
    """Return the server with the playground, over a database in memory with a morning's questions in it."""
    from bot import demo as morning
    from bot.playground import web as playground
    from bot.playground.sender import PLATFORM
    from handlers import demo as personas

    local = settings.model_copy(update={"public_url": address})
    engine = database.connect("sqlite://")
    migrate.upgrade(engine)
    clock = Clock()
    found = dispatcher(local, engine, clock=clock, also_reached=frozenset({PLATFORM}))
    found.within(people.keep_groups)
    found.within(lambda context: personas.enrol(context, PLATFORM))
    morning.play(found, PLATFORM)
    page = playground.build(found, would_be_sent)
    return _server(found, local, clock, [page.sender], page.routes)


def would_be_sent(shown: Card | Form) -> list[Sent]:
    """Return what Slack and Microsoft Teams would be sent for a card or a form."""
    from bot.playground.render import Sent
    from bot.slack import render as slack
    from bot.teams import render as teams

    if isinstance(shown, Card):
        to_slack, to_teams = slack.message(shown), teams.message(shown)
    else:
        to_slack, to_teams = slack.modal(shown), teams.dialog(shown)
    return [Sent("Slack", to_slack), Sent("Microsoft Teams", to_teams, drawable=True)]


def _server(
    found: Dispatcher, settings: Settings, clock: Clock, senders: list[Sender], routes: list[BaseRoute]
) -> Server:
    from starlette.routing import Route

    from bot import agreements, calendars, downloads, pictures, previews, uploads
    from bot.attendance import Attendance
    from bot.outbox import Outbox
    from bot.scheduler import Scheduler
    from bot.server import Server
    from bot.trusting import Trusting
    from handlers.quiet import quiet

    parts: list[Part] = []
    if settings.slack_bot_token:
        from bot.slack import adapter as slack

        chat = slack.build(found, settings, clock=clock)
        parts = [chat]
        senders = [*senders, chat.sender]
        routes = [*routes, Route("/slack/events", chat.asgi, methods=["POST"])]
    if "teams" in settings.reached:
        from bot import teams

        office = teams.build(found, settings, clock=clock)
        parts += [office]
        senders = [*senders, office.sender]
        routes = [*routes, *office.routes]
    if settings.mails_by:
        from bot import email

        mails = email.build(found, settings)
        parts += mails.parts
        senders = [*senders, mails.sender]
        routes = [*routes, *mails.routes]
    attendance = Attendance(found, clock_off=clock.off)
    outbox = Outbox(found, senders, trusting=Trusting(attendance), quiet=quiet)
    scheduler = Scheduler(found, outbox, attendance, also={"clock": clock.check})
    parts += [attendance, outbox, scheduler]
    routes = [*routes, *downloads.routes(found), *uploads.routes(found), *previews.routes(found)]
    routes += pictures.routes(found)
    routes += [*calendars.routes(found), *agreements.routes(found)]
    return Server(found, parts, routes, watched=[scheduler.not_ready])
