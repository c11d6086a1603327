"""What a signed `/thscp threshold` costs, beside a bare Bolt app that acknowledges one block.

Both are served by uvicorn with uvloop and httptools in a process of their own on this machine, in the same
run, one after the other. The bot writes its rows to a SQLite file. Run it alone: `python -m bench.slack`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SECRET, TOKEN = "invented-signing-secret", "xoxb-invented"
WARM_UP, ONE_BY_ONE, AT_ONCE, CLIENTS = 200, 1000, 1000, 20
PEOPLE = 2000  # who ask in turn: each may ask only so much in a minute
ROUNDS = 3
MAX_CPU_RATIO, MAX_P50_MS = 6.0, 4.0
_TICKS = os.sysconf("SC_CLK_TCK")
_unique = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server did in one round."""

    cpu_ms: float
    p50_ms: float
    p95_ms: float
    per_second: float


def run() -> None:
    """Measure both servers, turn by turn, and print the figures, their ratios and where the time goes."""
    found: dict[str, list[Figures]] = {"bare": [], "bot": []}
    for _ in range(ROUNDS):
        for name, rounds in found.items():
            with tempfile.TemporaryDirectory() as folder, _serving(name, Path(folder)) as (port, process):
                rounds.append(asyncio.run(_measured(port, process)))
    bare, bot = (_middle(found[name]) for name in ("bare", "bot"))
    print("Slack: a signed '/thscp threshold' over HTTP, rows written to SQLite, against a bare Bolt app")
    print(f"  {'':22}{'bare Bolt':>12}{'the bot':>12}{'ratio':>8}")
    for label, name, unit in (
        ("CPU per request", "cpu_ms", "ms"),
        ("p50, one client", "p50_ms", "ms"),
        ("p95, one client", "p95_ms", "ms"),
        (f"a second, {CLIENTS} clients", "per_second", ""),
    ):
        one, other = getattr(bare, name), getattr(bot, name)
        print(f"  {label:22}{one:>9.2f} {unit:2}{other:>9.2f} {unit:2}{other / one:>8.2f}")
    print(f"  Targets: CPU at most {MAX_CPU_RATIO:g} times: {_verdict(bot.cpu_ms / bare.cpu_ms <= MAX_CPU_RATIO)};")
    print(f"           p50 under {MAX_P50_MS:g} ms: {_verdict(bot.p50_ms < MAX_P50_MS)}.")
    _where_the_time_goes()


def _verdict(met: bool) -> str:  # noqa: FBT001 - it says one thing of one figure
    return "met" if met else "NOT met"


def _middle(rounds: list[Figures]) -> Figures:
    return Figures(*(statistics.median(getattr(one, name) for one in rounds) for name in Figures.__slots__))


# --- the servers -------------------------------------------------------------------------------------------


@contextmanager
def _serving(name: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Serve in a process of its own; give its port and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [sys.executable, "-m", "bench.slack", "--serve", name, "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(arguments)  # noqa: S603 - ourselves
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the server did not start")


def serve(name: str, port: int, folder: Path) -> None:
    """Be one of the two servers until told to stop."""
    import uvloop

    uvloop.run(_serve_bot(port, folder) if name == "bot" else _listen(_bare(), port))


async def _listen(app: Any, port: int) -> None:
    import uvicorn

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", http="httptools", lifespan="off")
    await uvicorn.Server(config).serve()


async def _serve_bot(port: int, folder: Path) -> None:
    from bot import app, logs, slack
    from bot.server import Server

    logs.configure("WARNING")
    with slack_that_knows_us() as address:
        settings = _settings(folder, slack_api_url=address)
        dispatcher = app.dispatcher(settings, app.open_database(settings))
        adapter = slack.build(dispatcher, settings)
        async with Server(dispatcher, [adapter], adapter.routes).running() as running:
            await _listen(running, port)


@contextmanager
def slack_that_knows_us() -> Iterator[str]:
    """Answer `auth.test`, which the adapter asks once."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _bare() -> Any:
    from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult

    async def authorize() -> Any:
        return me

    async def answer(ack: Any) -> None:
        await ack(blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "Threshold"}}], text="Threshold")

    me = AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="UBOT", bot_id="BBOT", bot_token=TOKEN)
    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    app.command("/thscp")(answer)
    return AsyncSlackRequestHandler(app)


def _settings(folder: Path, **more: Any) -> Any:
    from bot.settings import Settings

    own = {"database_url": f"sqlite:///{folder}/bench.db", "slack_bot_token": TOKEN, "slack_signing_secret": SECRET}
    return Settings(_env_file=None, **own | more)


# --- the clients -------------------------------------------------------------------------------------------


async def _measured(port: int, process: int) -> Figures:
    clients = [await _Client.connected(port) for _ in range(CLIENTS)]
    for _ in range(WARM_UP):
        await clients[0].ask()
    before = _cpu_seconds(process)
    times = sorted([await clients[0].ask() for _ in range(ONE_BY_ONE)])
    cpu = _cpu_seconds(process) - before
    started = time.perf_counter()
    await asyncio.gather(*(client.asks(AT_ONCE // CLIENTS) for client in clients))
    elapsed = time.perf_counter() - started
    for client in clients:
        client.close()
    return Figures(
        cpu_ms=cpu / ONE_BY_ONE * 1000,
        p50_ms=times[len(times) // 2] * 1000,
        p95_ms=times[len(times) * 95 // 100] * 1000,
        per_second=AT_ONCE / elapsed,
    )


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class _Client:
    """One connection that is kept open, and asks one thing after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connected(cls, port: int) -> _Client:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def asks(self, times: int) -> None:
        for _ in range(times):
            await self.ask()

    async def ask(self) -> float:
        """Send one slash command and return the seconds until the whole answer is there."""
        request = signed_command()
        started = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        taken = time.perf_counter() - started
        if not head.startswith(b"HTTP/1.1 200") or b"hreshold" not in body:
            raise RuntimeError(f"unexpected answer: {head[:40]!r} {body[:200]!r}")
        return taken

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


def signed_command() -> bytes:
    """Return one request for the slash command, signed now and never sent before."""
    number = next(_unique)
    body = urlencode(
        {
            "command": "/thscp", "text": "threshold", "user_id": f"U{number % PEOPLE}", "channel_id": "C1",
            "channel_name": "general",
            "team_id": "T1", "trigger_id": f"trigger-{os.getpid()}-{number}",
            "response_url": "http://127.0.0.1:9/",
        }
    )  # fmt: skip
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {timestamp}\r\nX-Slack-Signature: v0={digest}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


# --- where the time goes -----------------------------------------------------------------------------------


def _where_the_time_goes() -> None:
    """Time the steps of one request, each alone and without HTTP, and print them."""
    from bot import app
    from bot.slack import incoming, render
    from handlers import safety
    from handlers.messages import Card
    from knowledge import guard

    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        dispatcher = app.dispatcher(settings, app.open_database(settings))
        dry = app.dispatcher(settings, app.open_database(settings), dry=True)

        def asked() -> Any:
            command = {"user_id": "U1", "text": "threshold", "channel_id": "C1", "trigger_id": next(_unique)}
            return incoming.command(command)

        card = dry.run(asked())
        assert isinstance(card, Card)
        drawn = render.message(card)
        steps = {
            "screening the words": lambda: safety.screen(guard.scan, "threshold", {}),
            "search": lambda: dispatcher.knowledge.index.find("threshold"),
            "handler, rows and rollback": lambda: dry.run(asked()),
            "handler, rows and commit": lambda: dispatcher.run(asked()),
            "drawing the card": lambda: render.message(card),
            "JSON": lambda: json.dumps(drawn),
        }
        print("  Where the time goes, each step alone in one process (ms, median of 500):")
        for name, step in steps.items():
            print(f"    {name:28}{_median_ms(step):>8.3f}")
        dispatcher.close()
        dry.close()


def _median_ms(step: Any) -> float:
    times = []
    for _ in range(500):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", choices=["bare", "bot"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path())
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.port, chosen.folder)
    else:
        run()
