"""`thscp manifest`: what a chat platform needs to know of this app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Print the app manifest of a chat platform.")


@app.callback()
def platforms() -> None:
    """Print the app manifest of a chat platform."""


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
