"""`thscp audit`: whether the trail of who did what is as it was written."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Check the trail of who did what.")


@app.callback()
def trail() -> None:
    """Check the trail of who did what."""


@app.command()
def verify(
    *,
    end: Annotated[
        str, typer.Option("--end", help="An end of the trail that you wrote down before: it must still be part of it.")
    ] = "",
) -> None:
    """Read the whole trail, and say whether anything was changed, deleted or put in; exit 1 if so.

    Write the end down that is shown, in another place: with --end it proves later that nothing before was rewritten.
    """
    from sqlalchemy.orm import Session

    from bot.findings import settings_or_error
    from db import audit
    from db import engine as database
    from db.engine import DatabaseError

    try:
        known = audit.Head.parse(end) if end else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--end") from None
    engine = database.existing(settings_or_error().database_url)
    if engine is None:
        raise DatabaseError("There is no database yet.", "Look at THSCP_DATABASE_URL.")
    with Session(engine) as session:
        found, ends = audit.verify(session, known=known, between=session.rollback), audit.head(session)
    engine.dispose()
    if found:
        typer.echo("\n".join(["The audit trail is not as it was written:", *found]))
        raise typer.Exit(1)
    typer.echo(f"The audit trail is as it was written: {ends.place} deeds.\nIts end: {ends}")
