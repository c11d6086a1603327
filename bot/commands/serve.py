"""`thscp demo`, `thscp serve` and `thscp doctor`."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.server import Server

WAITING = 2048  # connections that may wait to be taken; uvicorn's own number
Port = Annotated[int, typer.Option(help="The port to listen on; 0 takes one that is free.", min=0, max=65535)]
Host = Annotated[str, typer.Option(help="The address to listen on.")]


def demo(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Try it in the browser: no account, a database in memory, invented people."""
    from bot import app, logs
    from bot.findings import settings_or_error

    settings = settings_or_error()
    logs.configure("WARNING")
    with _bound(host, port, other="make demo PORT=8080") as listening:
        address = _address(host, listening)
        server = app.demo(settings, address)
        _run(server, listening, lambda: typer.echo(f"Open {address} in your browser. Ctrl+C stops it."))


def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Run for real: every platform that has credentials."""
    from bot import app, logs
    from bot.clock import wall
    from bot.findings import Level, StartupError, examine, settings_or_error

    settings = settings_or_error()
    logs.configure(settings.log_level)
    for finding in examine(settings, wall().date(), thorough=False):
        typer.echo(str(finding), err=True)
        if finding.level is Level.ERROR:
            raise StartupError(finding.id, finding.message, finding.hint)
    with _bound(host, port, other="thscp serve --port 8080") as listening:
        address = _address(host, listening)
        server = app.production(settings)
        _run(server, listening, lambda: typer.echo(f"Ready on {address}", err=True))


def doctor() -> None:
    """Look for what is missing or wrong, and say what to do; exit 1 when something keeps it from starting."""
    from bot.clock import wall
    from bot.findings import Level, examine, settings_or_error

    found = examine(settings_or_error(), wall().date())
    for finding in found:
        typer.echo(str(finding))
    if not found:
        typer.echo("Everything is in order.")
    if any(finding.level is Level.ERROR for finding in found):
        raise typer.Exit(1)


def _bound(host: str, port: int, *, other: str) -> socket.socket:
    """Take the port before anything else is begun. Raises StartupError."""
    from bot.findings import StartupError

    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(WAITING)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartupError(
                "port.in-use",
                f"Another program listens on port {port} already.",
                f"Stop it, perhaps another thscp, or take another port: {other}.",
            ) from None
        raise StartupError(
            "port.refused",
            f"This machine does not let it listen on {host}, port {port}: {error.strerror}.",
            f"Listen on an address of this machine, such as 127.0.0.1, and a port above 1023: {other}.",
        ) from None
    return listening


def _address(host: str, listening: socket.socket) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{listening.getsockname()[1]}"


def _run(server: Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    host, port = listening.getsockname()[:2]
    _until_it_ends(server.serve(host=host, port=port, ready=ready, sockets=[listening]))


def _until_it_ends(serving: Coroutine[None, None, None]) -> None:
    try:
        import uvloop
    except ImportError:  # no wheel for this system: slower, and otherwise the same
        asyncio.run(serving)
    else:
        uvloop.run(serving)
