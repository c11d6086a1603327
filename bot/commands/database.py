"""`thscp db`: bring the database up to date, and say whether it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Bring the database up to date, check it, copy it and put a copy back.")
File = Annotated[Path, typer.Argument(help="The file of the backup.")]


@app.command()
def upgrade() -> None:
    """Bring the tables to this version. 'thscp serve' does so by itself."""
    from bot import app as wiring
    from bot.findings import settings_or_error
    from db import migrate

    engine = wiring.open_database(settings_or_error(), beside_server=True)
    typer.echo(f"The database is at {migrate.current(engine)}.")


@app.command()
def check() -> None:
    """Say whether the tables are those of this version; exit 1 if not."""
    from bot.findings import settings_or_error
    from db import engine as database
    from db import migrate

    engine = database.existing(settings_or_error().database_url)
    at, newest = migrate.current(engine) if engine else None, migrate.revisions()[-1]
    if engine is None or at != newest:
        typer.echo(f"The database is at {at or 'nothing'}; this version needs {newest}. Run 'thscp db upgrade'.")
        raise typer.Exit(1)
    if found := migrate.differences(engine):
        typer.echo("\n".join(["The tables differ from this version:", *found]))
        raise typer.Exit(1)
    typer.echo(f"The database is up to date, at {at}.")


@app.command()
def backup(file: File) -> None:
    """Make a complete copy of the database, while the server runs."""
    from bot.clock import wall
    from bot.findings import settings_or_error
    from db import backup as copies

    copies.backup(settings_or_error().database_url, file, now=wall())
    typer.echo(f"The database was copied to {file}.")


@app.command()
def restore(file: File) -> None:
    """Put a copy in the place of the database, while no server runs. The old database is kept beside it."""
    from bot.clock import wall
    from bot.findings import settings_or_error
    from db import backup as copies

    kept = copies.restore(settings_or_error().database_url, file, now=wall())
    typer.echo(f"{file} is in the place of the database.")
    if kept:
        typer.echo(f"The old database is kept: {kept}.")
    typer.echo("At the next start, what may have been sent since the backup is looked for before it is sent.")
