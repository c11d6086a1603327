"""`thscp import`: take over what was kept elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Take over what was kept elsewhere.")


@app.callback()
def imports() -> None:
    """Take over what was kept elsewhere."""


@app.command()
def people(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV or .xlsx file.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Enrol and change the people of a list. All of it is taken, or nothing; taking it again changes nothing."""
    from bot import app as wiring
    from bot.findings import settings_or_error
    from bot.terminal.render import text
    from handlers import enrolment, uploads
    from handlers.files import UPLOADS

    settings = settings_or_error()
    dispatcher = wiring.dispatcher(settings, wiring.open_database(settings, beside_server=True))
    purpose, content = UPLOADS["people"], file.read_bytes()
    try:
        parts = uploads.pieces(purpose, file.name, content)
        if stopped := uploads.refusal(purpose, parts, dispatcher.screen_text, dispatcher.knowledge.contacts):
            typer.echo(text(stopped[0]))
            raise typer.Exit(1)
        done = dispatcher.within(lambda context: enrolment.bring(context, file.name, content, dry_run=dry_run))
        typer.echo(text(done))
    finally:
        dispatcher.close()
