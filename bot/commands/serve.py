"""`thscp demo`, `thscp serve` and `thscp doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated

import typer


def demo(
    port: Annotated[int, typer.Option(help="The port of the web page.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Try it in the browser: no account, a database in memory, invented people."""
    from bot import app, logs
    from bot.findings import settings_or_error

    settings = settings_or_error()
    logs.configure("WARNING")
    address = f"http://{host}:{port}"
    server = app.demo(settings, address)
    _run(
        server.serve(
            host=host, port=port, ready=lambda: typer.echo(f"Open {address} in your browser. Ctrl+C stops it.")
        )
    )


def serve(
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Run for real: every platform that has credentials."""
    from bot import app, logs
    from bot.findings import Level, StartupError, examine, settings_or_error

    settings = settings_or_error()
    logs.configure(settings.log_level)
    for finding in examine(settings, datetime.now(UTC).date(), thorough=False):
        typer.echo(str(finding), err=True)
        if finding.level is Level.ERROR:
            raise StartupError(finding.id, finding.message, finding.hint)
    server = app.production(settings)
    _run(server.serve(host=host, port=port, ready=lambda: typer.echo(f"Ready on http://{host}:{port}", err=True)))


def doctor() -> None:
    """Look for what is missing or wrong, and say what to do; exit 1 when something keeps it from starting."""
    from bot.findings import Level, examine, settings_or_error

    found = examine(settings_or_error(), datetime.now(UTC).date())
    for finding in found:
        typer.echo(str(finding))
    if not found:
        typer.echo("Everything is in order.")
    if any(finding.level is Level.ERROR for finding in found):
        raise typer.Exit(1)


def _run(serving: Coroutine[None, None, None]) -> None:
    try:
        import uvloop
    except ImportError:  # no wheel for this system: slower, and otherwise the same
        asyncio.run(serving)
    else:
        uvloop.run(serving)
