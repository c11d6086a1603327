"""The command line, `thscp`."""

from __future__ import annotations

import typer

main = typer.Typer(no_args_is_help=True, add_completion=False)


@main.command()
def ask(question: str) -> None:
    """Ask one question and print the answer."""
    from bot import app
    from bot.settings import Settings
    from bot.terminal.render import wrapped
    from db.people import Identity
    from handlers.context import Request

    settings = Settings()
    found = app.dispatcher(settings, app.open_database(settings), dry=True)
    print(wrapped(found.run(Request(Identity("terminal", "you"), question))))


@main.command()
def x() -> None: ...
