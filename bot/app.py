"""The wiring, on one page: which parts there are and how they hold together.

Platforms are imported where they are switched on, so that a short command does not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from bot.findings import contacts_or_error
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
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    dry: bool = False,
) -> Dispatcher:
    """Return the dispatcher over a database that is up to date."""
    found = Dispatcher(engine, load_knowledge(settings.contacts), settings.house, clock=clock, dry=dry)
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
    found = dispatcher(settings, open_database(settings))
    found.within(lambda context: people.bootstrap(context, settings.secretariat))
    return _server(found, settings, [], [])


def demo(settings: Settings, address: str) -> Server:
    """Return the server with the playground, over a database in memory with a morning's questions in it."""
    from bot import demo as morning
    from bot.playground import web as playground
    from bot.playground.sender import PLATFORM
    from handlers import demo as personas

    local = settings.model_copy(update={"public_url": address})
    engine = database.connect("sqlite://")
    migrate.upgrade(engine)
    found = dispatcher(local, engine)
    found.within(lambda context: personas.enrol(context, PLATFORM))
    morning.play(found, PLATFORM)
    page = playground.build(found, slack_preview)
    return _server(found, local, [page.sender], page.routes)


def slack_preview(shown: Card | Form) -> dict[str, Any]:
    """Return what Slack would be sent for a card or a form."""
    from bot.slack import render

    return render.message(shown) if isinstance(shown, Card) else render.modal(shown)


def _server(found: Dispatcher, settings: Settings, senders: list[Sender], routes: list[BaseRoute]) -> Server:
    from starlette.routing import Route

    from bot import downloads
    from bot.outbox import Outbox
    from bot.scheduler import Scheduler
    from bot.server import Server

    parts: list[Part] = []
    if settings.slack_bot_token:
        from bot.slack import adapter as slack

        chat = slack.build(found, settings)
        parts = [chat]
        senders = [*senders, chat.sender]
        routes = [*routes, Route("/slack/events", chat.asgi, methods=["POST"])]
    outbox = Outbox(found, senders)
    return Server(found, [*parts, outbox, Scheduler(found, outbox)], [*routes, *downloads.routes(found)])
