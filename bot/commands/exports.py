"""`thscp export`: what is kept here, as files for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Write what is kept here into files for other programs.")


class Format(StrEnum):
    """What a list is written as."""

    XLSX = "xlsx"
    CSV = "csv"


@app.callback()
def exports() -> None:
    """Write what is kept here into files for other programs."""


@app.command()
def bulletin(
    ref: Annotated[str, typer.Argument(help="Its reference, such as BUL-2026-001.")],
    *,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, writable=True, help="The file to write.")],
    form: Annotated[Format, typer.Option("--format", help="As a spreadsheet or as CSV.")] = Format.XLSX,
) -> None:
    """Write the list of who got a bulletin, who could not, and who says that they have read it."""
    from bot import app as wiring
    from bot.findings import settings_or_error
    from handlers.bulletins import report

    settings = settings_or_error()
    dispatcher = wiring.dispatcher(settings, wiring.open_database(settings, beside_server=True))
    try:
        content = dispatcher.within(lambda context: report.of_ref(context, ref, form.value)).content
    finally:
        dispatcher.close()
    out.write_bytes(content if isinstance(content, bytes) else content.encode())
    typer.echo(f"The list was written to {out}. It names people: keep it where others are not.")
