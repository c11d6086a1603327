"""`thscp bulletin`: bulletins that were written in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Bulletins that were written in a Markdown file.")
_File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The bulletin, as Markdown.")]


@app.callback()
def bulletin() -> None:
    """Bulletins that were written in a Markdown file."""


@app.command()
def check(file: _File) -> None:
    """Say what has to be put right in a bulletin before it can be approved. Nothing is stored."""
    from bot import app as wiring
    from bot import surfaces
    from handlers.bulletins import by_file, checks

    draft = by_file.read(file.read_bytes())
    knowledge = wiring.load_knowledge()
    found = checks.check(draft, knowledge, surfaces.every())
    for problem in found:
        typer.echo(f"{'Put right' if problem.must else 'Better'}, {problem.place}: {problem.message}")
    if not found:
        typer.echo("The checks found nothing to put right.")
    raise typer.Exit(any(problem.must for problem in found))


@app.command()
def draft(
    file: _File,
    by: Annotated[str, typer.Option(help="Who it is by: somebody of the secretariat, such as slack:U0123.")],
) -> None:
    """Keep a bulletin as a draft, which can then be changed and sent for approval in chat."""
    from bot import app as wiring
    from bot.findings import settings_or_error
    from bot.terminal.render import text
    from db.people import Identity
    from handlers import people, uploads
    from handlers.bulletins import by_file
    from handlers.context import UserError
    from handlers.files import UPLOADS

    try:
        author = Identity.parse(by)
    except ValueError:
        raise UserError("I cannot tell who it is by.", hint="Give a platform and an id, such as slack:U0123.") from None
    settings = settings_or_error()
    dispatcher = wiring.dispatcher(settings, wiring.open_database(settings, beside_server=True))
    purpose, content = UPLOADS["bulletin"], file.read_bytes()
    try:
        parts = uploads.pieces(purpose, file.name, content)
        if stopped := uploads.refusal(purpose, parts, dispatcher.screen_text, dispatcher.knowledge.contacts):
            typer.echo(text(stopped[0]))
            raise typer.Exit(1)
        dispatcher.within(lambda context: people.bootstrap(context, settings.secretariat))
        typer.echo(text(dispatcher.within(lambda context: by_file.bring(context, author, file.name, content))))
    finally:
        dispatcher.close()
