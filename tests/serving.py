"""Servers of the tests that run in a process of their own."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.command import Command

PATIENCE = 30.0  # seconds until a server that does not answer counts as broken; no measure of speed


@dataclass(frozen=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                self.get("/health/live")
                return
            time.sleep(0.05)
        raise AssertionError(f"it does not answer: {self.process.communicate(timeout=5)}")


@contextmanager
def started(folder: Path, *words: str, around: Mapping[str, str] | None = None, **settings: str) -> Iterator[Running]:
    """Run `thscp serve` or `thscp demo` until the test is done with it; `around` is added to its environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main()", *words, "--port", str(port)],
        cwd=folder,
        env=Command(folder).environment(**settings) | dict(around or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Running(process, f"http://127.0.0.1:{port}")
    try:
        running.wait()
        yield running
    finally:
        process.kill()
        process.communicate()
