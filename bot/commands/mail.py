"""`thscp mail`: what a mail server hands over, and the keys of the links in e-mails."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Take in what came back, and change the keys of links.")


@app.command()
def bounce() -> None:
    """Read one message from standard input, as a mail server pipes it; keep it where it says that an e-mail came back.

    It always exits 0 unless the database fails, so that the mail server answers no notification with another one.
    """
    from bot import app as wiring
    from bot.email import bounces
    from bot.findings import settings_or_error
    from handlers import mailing

    found = bounces.read(sys.stdin.buffer.read())
    if found is None:
        typer.echo("Not a notification about an e-mail of ours that failed. Nothing was changed.")
        return
    settings = settings_or_error()
    known = wiring.dispatcher(settings, wiring.open_database(settings, beside_server=True)).within(
        lambda context: mailing.returned(context, found.delivery_id, final=found.final, status=found.status)
    )
    typer.echo("Kept." if known else "The e-mail is not known any more. Nothing was changed.")


@app.command()
def rotate(
    *,
    at_once: Annotated[bool, typer.Option("--at-once", help="Make the links that were sent stop working.")] = False,
) -> None:
    """Make a new key for the links in e-mails. Links that were sent go on working, unless --at-once."""
    from datetime import UTC, datetime

    from bot import app as wiring
    from bot.findings import settings_or_error
    from db import keys
    from db.engine import transaction

    with transaction(wiring.open_database(settings_or_error(), beside_server=True)) as session:
        keys.rotate(session, now=datetime.now(UTC), at_once=at_once)
    typer.echo("There is a new key." + (" Links that were sent before do not work any more." if at_once else ""))
