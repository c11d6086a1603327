"""The processes of the proof: the chat server, and real `thscp serve` to kill, to pause and to show another time."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOKEN, SECRET = "xoxb-invented", "invented-signing-secret"
START_SECONDS, STOP_SECONDS = 300, 120  # far more than either takes, also on a machine with much else to do
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_FAKETIME = "vendor/libfaketime/src/libfaketime.so.1"  # in the package libfaketime
_READY = re.compile(r"Ready on http://127\.0\.0\.1:(\d+)")


class NotStartedError(Exception):
    """A process did not come up; the message is the end of what it printed."""


def wait_until(found: Callable[[], Any], *, seconds: float, every: float = 0.02) -> Any:
    """Ask until something is found, and return it; return what was found last when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < deadline:
        time.sleep(every)
    return answer


def end_with_us() -> None:
    """Ask the kernel to kill the process when this one is killed and can no longer do so itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _plain_environment() -> dict[str, str]:
    proxies = {"http_proxy", "https_proxy", "all_proxy"}
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("THSCP_") and name.lower() not in proxies
    }


def _faketime() -> Path:
    found = importlib.util.find_spec("libfaketime")
    if found is None or found.origin is None:
        raise NotStartedError("the package libfaketime is not installed")
    return Path(found.origin).parent / _FAKETIME


class ChatServer:
    """The chat server of `server.py`, as a process of its own. It lives until it is closed."""

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.server", *options],
            cwd=ROOT, env=_plain_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            preexec_fn=end_with_us,  # noqa: PLW1509 - this process has one thread
        )  # fmt: skip
        assert self._process.stdout
        port = self._process.stdout.readline().strip()
        if not port:
            raise NotStartedError("the chat server did not start")
        self.address = f"http://127.0.0.1:{port}"
        self.api_url, self.service_url = f"{self.address}/api/", f"{self.address}/teams/"

    def journal(self) -> Any:
        """Return what it accepted and what it made go wrong."""
        return self._asked("journal")

    def now(self) -> Mapping[str, int]:
        """Return how many calls of each kind are under way."""
        found: Mapping[str, int] = self._asked("now")
        return found

    def goes_wrong(self, rate: float) -> None:
        """Let things go wrong this many times as often from now on."""
        self._asked("rate", json.dumps({"rate": rate}).encode())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait(timeout=STOP_SECONDS)
        if self._process.stdout:
            self._process.stdout.close()

    def _asked(self, what: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self.address}/{what}", data=body, timeout=30) as answer:
            return json.load(answer)


@dataclass(frozen=True)
class Pace:
    """How quickly the bot's own waits go by. `program` runs before `thscp`; empty for the real times."""

    program: str = ""


@dataclass
class Bot:
    """One `thscp serve`. It lives from `start` until it is killed or stopped, and can be started again.

    `host_clock` is a file with the offset of the clock that it believes to be the machine's.
    """

    folder: Path
    name: str
    settings: Mapping[str, str]
    pace: Pace = field(default_factory=Pace)
    host_clock: Path | None = None
    _process: subprocess.Popen[bytes] | None = None
    _printed_before: int = 0  # bytes of its log

    @property
    def log(self) -> Path:
        """Return the file that it prints to."""
        return self.folder / f"{self.name}.log"

    @property
    def running(self) -> bool:
        """Say whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; `wait` until it is ready."""
        self._printed_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            program = f"{self.pace.program}\nfrom bot.cli import main; main()"
            self._process = subprocess.Popen(
                [sys.executable, "-c", program, "serve", "--port", "0"],
                cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=end_with_us,  # noqa: PLW1509 - this process has one thread
            )  # fmt: skip

    def wait(self) -> int:
        """Wait until it answers, and return the port. Raises NotStartedError."""
        found = wait_until(lambda: self.port, seconds=START_SECONDS)
        if not found:
            raise NotStartedError(f"{self.name} did not start in {START_SECONDS} s:\n{self.printed()[-3000:]}")
        return int(found)

    @property
    def port(self) -> int | None:
        """Return where it answers; None while it does not yet. Raises NotStartedError when it ended instead."""
        ended, found = not self.running, _READY.search(self.printed())
        if ended and not found:
            raise NotStartedError(f"{self.name} did not start:\n{self.printed()[-3000:]}")
        return int(found[1]) if found else None

    def printed(self) -> str:
        """Return what it printed since it was started."""
        return self.log.read_bytes()[self._printed_before :].decode(errors="replace")

    def kill(self) -> None:
        """Kill it with SIGKILL: nothing of it runs any more when this returns."""
        if self._process:
            self._process.kill()
            self._process.wait(timeout=STOP_SECONDS)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, as a supervisor does."""
        self.signal(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self._process
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end, and return how it ended: 0 when in good order."""
        assert self._process
        return self._process.wait(timeout=STOP_SECONDS)

    @property
    def pid(self) -> int:
        """Return its process id."""
        assert self._process
        return self._process.pid

    def _environment(self) -> dict[str, str]:
        faked = {
            "LD_PRELOAD": str(_faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(self.host_clock),
            "FAKETIME_CACHE_DURATION": "1",  # seconds: without it every call of a clock reads the file
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # with it threads wait for their turn ten times as long as without
            "NO_FAKE_STAT": "1",
        }
        own = {f"THSCP_{name.upper()}": value for name, value in self.settings.items()}
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        return {**_plain_environment(), "PYTHONPATH": paths, **own, **(faked if self.host_clock else {})}
