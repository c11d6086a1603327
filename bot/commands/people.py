"""`thscp import`: take over what was kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from handlers.context import Context
    from handlers.messages import Card

app = typer.Typer(no_args_is_help=True, help="Take over what was kept elsewhere.")


@app.callback()
def imports() -> None:
    """Take over what was kept elsewhere."""


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV or .xlsx file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="Which column is which, such as 'title=Name of the risk'; once for each."),
]
By = Annotated[str, typer.Option("--by", help="Who brings it, such as slack:U0123ABCD.")]


@app.command()
def people(file: File, *, dry_run: DryRun = False) -> None:
    """Enrol and change the people of a list. All of it is taken, or nothing; taking it again changes nothing."""
    from handlers import enrolment

    content = file.read_bytes()
    _take("people", file, content, lambda context: enrolment.bring(context, file.name, content, dry_run=dry_run))


@app.command()
def escalations(file: File, *, column: Columns = None, by: By = "", dry_run: DryRun = False) -> None:
    """Take over a tracker: one that was exported and changed, or one of your own. All of it, or nothing."""
    _records("escalations", file, column or [], by, dry_run=dry_run)


@app.command()
def risks(file: File, *, column: Columns = None, by: By = "", dry_run: DryRun = False) -> None:
    """Take over a risk register: one that was exported and changed, or one of your own. All of it, or nothing."""
    _records("risks", file, column or [], by, dry_run=dry_run)


def _records(kind: str, file: Path, columns: list[str], by: str, *, dry_run: bool) -> None:
    from handlers.imports import asking

    named = dict(one.split("=", 1) for one in columns if "=" in one)
    if len(named) < len(columns):
        raise typer.BadParameter("say each column as NAME=HEADING, such as 'title=Name of the risk'")
    content = file.read_bytes()

    def bring(context: Context) -> Card:
        who = asking.secretariat(context, by) if by else None
        return asking.bring(context, kind, (file.name, content), columns=named, by=who, dry_run=dry_run)

    _take(kind, file, content, bring)


def _take(purpose: str, file: Path, content: bytes, bring: Callable[[Context], Card]) -> None:
    """Look at the words of a file as at all that is brought, then take it; a refusal ends with 1."""
    from bot import app as wiring
    from bot.findings import settings_or_error
    from bot.terminal.render import text
    from handlers import uploads
    from handlers.files import UPLOADS

    settings = settings_or_error()
    dispatcher = wiring.dispatcher(settings, wiring.open_database(settings, beside_server=True))
    upload = UPLOADS[purpose]
    try:
        parts = uploads.pieces(upload, file.name, content)
        if stopped := uploads.refusal(upload, parts, dispatcher.screen_text, dispatcher.knowledge.contacts):
            typer.echo(text(stopped[0]))
            raise typer.Exit(1)
        typer.echo(text(dispatcher.within(bring)))
    finally:
        dispatcher.close()
