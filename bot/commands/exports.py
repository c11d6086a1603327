"""`thscp export`: what is kept here, as files for other programs and for people."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from handlers.context import Context, UserError

app = typer.Typer(no_args_is_help=True, help="Write what is kept here into files for people and other programs.")


class Format(StrEnum):
    """What a list is written as."""

    XLSX = "xlsx"
    CSV = "csv"


class Paper(StrEnum):
    """What a tracker or a register is written as: the paper for Word, or everything for another program."""

    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


class Rows(StrEnum):
    """What a list without a paper is written as."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


Out = Annotated[Path, typer.Option("--out", dir_okay=False, writable=True, help="The file to write.")]
Form = Annotated[Paper, typer.Option("--format", help="docx is the paper for a meeting; the others hold everything.")]
Annex = Annotated[bool, typer.Option("--annex", help="Only what is OFFICIAL-SENSITIVE, in full. Keep it apart.")]


@app.callback()
def exports() -> None:
    """Write what is kept here into files for people and other programs."""


@app.command()
def escalations(*, out: Out, form: Form = Paper.DOCX, annex: Annex = False) -> None:
    """Write the escalation tracker. Without escalations it is an empty paper."""
    _write("escalations", form.value, out, annex=annex)


@app.command()
def risks(*, out: Out, form: Form = Paper.DOCX, annex: Annex = False) -> None:
    """Write the risk register. Without risks it is an empty paper."""
    _write("risks", form.value, out, annex=annex)


@app.command()
def audit(
    *, out: Out, form: Annotated[Rows, typer.Option("--format", help="As a spreadsheet, CSV or JSON.")] = Rows.XLSX
) -> None:
    """Write the whole audit trail: who did what to which record, with the hashes that chain it."""
    from handlers.papers import lists

    count = _within(out, lambda context, to: lists.write_audit(context, form.value, to))
    typer.echo(f"{count} entries were written to {out}.")


@app.command()
def person(
    ref: Annotated[str, typer.Argument(help="One of their places, such as slack:U0123ABCD, or their number.")],
    *,
    out: Out,
    form: Annotated[Rows, typer.Option("--format", help="As a spreadsheet, CSV or JSON.")] = Rows.JSON,
) -> None:
    """Write everything that is kept about one person, for a request to see it."""
    from handlers.papers import lists

    count = _within(out, lambda context, to: lists.write_person(context, ref, form.value, to))
    typer.echo(f"{count} rows about one person were written to {out}. Keep it where others are not.")


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
    try:
        out.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise _unwritable(out, error) from error
    typer.echo(f"The list was written to {out}. It names people: keep it where others are not.")


def _write(kind: str, form: str, out: Path, *, annex: bool) -> None:
    from handlers.papers import making
    from handlers.papers.making import Order

    order, hidden = Order(kind, form, annex=annex), 0

    def write(context: Context, to: IO[bytes]) -> int:
        nonlocal hidden
        hidden = making.withheld(context, kind)
        return making.write(context, order, to, by="command line")

    count = _within(out, write)
    typer.echo(f"{count} {kind[:-1] if count == 1 else kind} {'was' if count == 1 else 'were'} written to {out}.")
    if annex:
        typer.echo("The file is OFFICIAL-SENSITIVE: give it only to the Executive, the scrutineer and the secretariat.")
    elif hidden:
        typer.echo(f"The words of {hidden} that are OFFICIAL-SENSITIVE are not in it. Write them with --annex.")


def _within(out: Path, write: Callable[[Context, IO[bytes]], int]) -> int:
    """Write a file beside its place, and put it there when it is whole: nobody finds half a paper."""
    from bot import app as wiring
    from bot.findings import settings_or_error

    settings = settings_or_error()
    dispatcher = wiring.dispatcher(settings, wiring.open_database(settings, beside_server=True))
    half = out.with_name(f".{out.name}.part")
    try:
        with half.open("wb") as to:
            count = dispatcher.within(lambda context: write(context, to))
        half.replace(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        dispatcher.close()
    return count


def _unwritable(out: Path, error: OSError) -> UserError:
    from handlers.context import UserError

    return UserError(f"{out} cannot be written: {error.strerror}.", hint="Name a file in a folder that is there.")
