"""The command line, `thscp`. Each command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from bot.commands import ask as ask_command
from bot.commands import audit as audit_command
from bot.commands import bulletins, database, exports, knowledge, platforms, serve
from bot.commands import mail as mail_command
from bot.commands import people as people_command
from bot.commands import screen as screen_command

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The assistant of a safeguarding children partnership.",
)
app.command("demo")(serve.demo)
app.command("serve")(serve.serve)
app.command("chat")(ask_command.chat)
app.command("ask")(ask_command.ask)
app.command("screen")(screen_command.screen)
app.command("doctor")(serve.doctor)
app.add_typer(knowledge.app, name="kb")
app.add_typer(database.app, name="db")
app.add_typer(platforms.app, name="manifest")
app.add_typer(mail_command.app, name="mail")
app.add_typer(people_command.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(bulletins.app, name="bulletin")
app.add_typer(audit_command.app, name="audit")


def main(run: Callable[[], None] = app) -> None:
    """Run a command; a mistake is explained in words, never as a stack trace."""
    from sqlalchemy import exc

    from bot.findings import UNREACHABLE, StartupError
    from db.engine import DatabaseError
    from handlers.context import UserError

    try:
        run()
    except StartupError as error:
        sys.exit(f"thscp cannot start.\n{error.finding}")
    except DatabaseError as error:
        sys.exit(f"{error}\n    {error.hint}")
    except UserError as error:
        sys.exit(f"{error}\n    {error.hint}")
    except exc.DatabaseError as error:
        if type(error) not in (exc.OperationalError, exc.DatabaseError):
            raise  # the others, such as a broken constraint, are mistakes of this program
        sys.exit(str(UNREACHABLE))
