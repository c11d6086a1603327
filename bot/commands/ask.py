"""`thscp ask` and `thscp chat`: the bot in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.dispatcher import Dispatcher


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.", show_default=False)] = "",
    batch: Annotated[
        Path | None,
        typer.Option(help='Answer every line {"q": ...} of this file with one line of JSON; - reads standard input.'),
    ] = None,
) -> None:
    """Ask a question and read the answer. Nothing is stored."""
    from bot.commands import lines
    from bot.terminal import batch as answers
    from bot.terminal.render import wrapped
    from db.people import Identity
    from handlers.context import Request

    with _dry() as dispatcher:
        if batch is None:
            reply = dispatcher.run(Request(Identity("terminal", "you"), question))
            typer.echo(wrapped(reply) if reply else "")
            return
        for _, question_asked in lines.values(batch, "q", "your question"):
            row = json.dumps(answers.answered(dispatcher, str(question_asked)), ensure_ascii=False)
            typer.echo(row.encode("utf-8", "backslashreplace"))  # half a character stays valid JSON


def chat(
    as_role: Annotated[
        str, typer.Option("--as", help="The role to speak as, such as practitioner or coordinator.")
    ] = "practitioner",
) -> None:
    """Talk to the bot in the terminal: type a question, or the number of a button."""
    from bot.terminal.chat import Chat

    with _dry(keep=True) as dispatcher:
        Chat(dispatcher, as_role, typer.echo).run(sys.stdin)


@contextmanager
def _dry(*, keep: bool = False) -> Iterator[Dispatcher]:
    """Give a dispatcher that leaves no trace: over the real database where it can be used, else over one in memory."""
    from bot import app, logs
    from bot.findings import settings_or_error
    from db import engine as database
    from db import migrate

    settings = settings_or_error()
    logs.configure("WARNING")
    engine = None if keep else _usable(settings.database_url)
    if engine is None:
        engine = database.connect("sqlite://")
        migrate.upgrade(engine)
    dispatcher = app.dispatcher(settings, engine, dry=not keep)
    try:
        yield dispatcher
    finally:
        dispatcher.close()
        engine.dispose()


def _usable(url: str) -> Engine | None:
    """Open the real database when its tables are those of this version; where it is there and they are not, say so."""
    from sqlalchemy.exc import DBAPIError

    from db import engine as database
    from db import migrate

    engine = database.existing(url)
    if engine is None:
        return None
    try:
        if migrate.current(engine) == migrate.revisions()[-1]:
            return engine
        reason = "The database does not have the tables of this version: run 'thscp db upgrade'."
    except DBAPIError:
        reason = "The database does not answer: run 'thscp doctor'."
    engine.dispose()
    typer.echo(f"{reason} Until then this does not know which articles are approved.", err=True)
    return None
