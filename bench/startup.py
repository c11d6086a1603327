"""From the command to the first answer, and what the process then holds in memory."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from bench import everything

ROUNDS = 3
AIMS = {"demo with Slack": (2.0, 150), "everything on": (3.0, 220)}
_BARE = (
    "import uvicorn\nfrom starlette.applications import Starlette\nfrom starlette.responses import PlainTextResponse\n"
    "from starlette.routing import Route\n"
    "app = Starlette(routes=[Route('/health/ready', lambda request: PlainTextResponse('ready'))])\n"
    "uvicorn.run(app, port={port}, log_level='error')\n"
)
# As if Slack were on: only its connection to the outside is missing.
_DEMO = (
    "import asyncio\nimport bot.slack.adapter\nfrom bot import app\nfrom bot.settings import Settings\n"
    "server = app.demo(Settings(), 'http://127.0.0.1:{port}')\n"
    "asyncio.run(server.serve(host='127.0.0.1', port={port}, ready=lambda: None))\n"
)
_SERVE = "import sys\nfrom bot.cli import main\nsys.argv = ['thscp', 'serve', '--port', '{port}']\nmain()\n"


def run() -> None:
    """Print seconds to ready and resident memory, of this program and of an empty web server."""
    print(f"{'':24}{'ready, s':>10}{'resident, MB':>14}   (best of {ROUNDS})")
    with everything.reachable() as settings, tempfile.TemporaryDirectory() as folder:
        all_on = everything.environment({**settings, "database_url": f"sqlite:///{folder}/bench.db"})
        found = {
            "empty web server": min(_measured(_BARE, {}) for _ in range(ROUNDS)),
            "demo with Slack": min(_measured(_DEMO, {}) for _ in range(ROUNDS)),
            "everything on": min(_measured(_SERVE, all_on) for _ in range(ROUNDS)),
        }
    empty = found["empty web server"]
    for name, (seconds, megabytes) in found.items():
        print(f"{name:24}{seconds:10.2f}{megabytes:14.0f}")
        if name in AIMS:
            print(f"{'  ratio':24}{seconds / empty[0]:10.1f}{megabytes / empty[1]:14.1f}")
            print(f"{'  aim':24}{AIMS[name][0]:10.1f}{AIMS[name][1]:14}")


def _measured(program: str, settings: Mapping[str, str]) -> tuple[float, float]:
    port = _free_port()
    # modules are compiled when they are installed, whatever this shell says of writing them down
    own = ("THSCP_", "PYTHONDONTWRITEBYTECODE")
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", program.format(port=port)], env={**quiet, **settings},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _ready(port):
            if process.poll() is not None:
                raise RuntimeError("the server ended before it was ready")
            time.sleep(0.01)
        return time.perf_counter() - began, _resident(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(port: int) -> bool:
    with (
        contextlib.suppress(urllib.error.URLError, ConnectionError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer,
    ):
        return bool(answer.status == 200)  # noqa: PLR2004 - the status that means ready
    return False


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say how much memory a process holds")
