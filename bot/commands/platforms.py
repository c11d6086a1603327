"""`thscp manifest`: what a chat platform needs to know of this app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Make what a chat platform needs to know of this app.")


@app.callback()
def platforms() -> None:
    """Make what a chat platform needs to know of this app."""


@app.command()
def slack(out: Annotated[Path | None, typer.Option(help="Write it to this file.", show_default=False)] = None) -> None:
    """Print Slack's app manifest: paste it into 'Create an app, from a manifest'."""
    from bot.findings import settings_or_error
    from bot.slack.manifest import manifest
    from handlers.routes import ROUTES

    text = json.dumps(manifest(ROUTES, settings_or_error()), indent=2)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        typer.echo(f"Written to {out}.")


@app.command()
def teams(
    out: Annotated[Path, typer.Option(help="Write the app package, a zip, to this file.", show_default=False)],
    version: Annotated[str, typer.Option(help="Give a higher one each time that you upload it again.")] = "1.0.0",
    about: Annotated[
        str, typer.Option(help="A page of yours about this service: https://...", show_default="the public address")
    ] = "",
) -> None:
    """Write the app package of Microsoft Teams: upload it in the Teams admin center."""
    from bot.findings import settings_or_error
    from bot.teams.manifest import package
    from handlers.routes import ROUTES

    out.write_bytes(package(ROUTES, settings_or_error(), version=version, about=about))
    typer.echo(f"Written to {out}.")
