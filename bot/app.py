"""The wiring, on one page: which parts there are and how they hold together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from bot.settings import Settings
from db import engine as database
from handlers.context import Knowledge
from knowledge import articles, contacts
from knowledge.check import source_titles
from knowledge.search import Index


def load_knowledge() -> Knowledge:
    """Read the shipped articles and contacts and build their index; broken articles are left out and reported."""
    library = articles.load(articles.shipped())
    return Knowledge(library, contacts.shipped(), source_titles(), Index(library.articles.values()))


def dispatcher(
    settings: Settings,
    engine: Engine,
    *,
    knowledge: Knowledge | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    dry: bool = False,
) -> Dispatcher:
    """Return the dispatcher over a database that is up to date."""
    return Dispatcher(engine, knowledge or load_knowledge(), settings.house, clock=clock, dry=dry)


def open_database(settings: Settings, *, beside_server: bool = False) -> Engine:
    """Open the database of the settings and bring its tables up to date."""
    from db import migrate  # noqa: PLC0415 - alembic takes 100 ms to import and the command line seldom needs it

    opened = database.connect(settings.database_url, threads=4, checkpoint=not beside_server)
    migrate.upgrade(opened)
    return opened
