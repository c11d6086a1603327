"""Bringing a database to the tables of this version, safely when many processes start at once."""

from __future__ import annotations

import functools
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from db.tables import metadata

_LOCK = 7_283_561_904  # any number, the same in every process: PostgreSQL's advisory locks are named so


def _config(connection: Connection | None = None) -> Config:
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
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo migrations down to a revision."""
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def folder() -> Path:
    """Return the folder of the migrations."""
    return Path(__file__).parent / "migrations" / "versions"


def revisions() -> list[str]:
    """Return all revisions, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


@functools.cache
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
        return MigrationContext.configure(connection).get_current_revision()


def differences(engine: Engine) -> list[str]:
    """Say where the tables of the database differ from the models."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return [str(change) for change in compare_metadata(context, metadata)]
