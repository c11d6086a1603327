"""Bringing a database to the tables of this version, safely when many processes start at once.

Alembic is imported where there is something to migrate: a start on a database that is up to date does not pay for it.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from db.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_283_561_904  # any number, the same in every process: PostgreSQL's advisory locks are named so


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing. Of several starters one works and the others wait for it."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if revision == "head" and _at(connection) == newest():
            return
        from alembic import command  # noqa: PLC0415 - see above

        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo migrations down to a revision."""
    from alembic import command  # noqa: PLC0415 - see above

    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def folder() -> Path:
    """Return the folder of the migrations."""
    return Path(__file__).parent / "migrations" / "versions"


@functools.cache
def revisions() -> list[str]:
    """Return all revisions, oldest first: the files are named by them."""
    return sorted(file.stem for file in folder().glob("[0-9]*.py"))


def newest() -> str:
    """Return the revision of this version."""
    return revisions()[-1]


def behind(engine: Engine) -> bool:
    """Say whether the database lacks tables of this version. One that a newer version has changed does not."""
    at = current(engine)
    return at != newest() and (at is None or at in revisions())


def current(engine: Engine) -> str | None:
    """Return the revision that the database is at, or None when it is empty."""
    with engine.connect() as connection:
        return _at(connection)


def _at(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def differences(engine: Engine) -> list[str]:
    """Say where the tables of the database differ from the models."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - see above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see above

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return [str(change) for change in compare_metadata(context, metadata)]
