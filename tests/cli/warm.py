"""A Python that has everything imported already and forks for each command: that saves more than a second each time.

What it becomes is a process of its own with its own folder, environment and streams. Commands that are started as
people start them are in test_startup.py and test_server.py. One command at a time: a line of JSON says what to run, a
line with the exit code comes back.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_OURS = ("bot", "db", "handlers", "knowledge")
_SECONDS = 60


class Warm:
    """A process that waits to become a command. It is started with the first one, and ends with us."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, code: str, words: Sequence[str], *, folder: Path, environment: Mapping[str, str], streams: Path
    ) -> int:
        """Run a program with these words in a folder; `streams` has `in`, and gets `out` and `err`.

        Raises TimeoutError after a minute; the next command gets another process.
        """
        self._process = self._process or self._started()
        asked = {
            "code": code, "words": list(words), "folder": str(folder), "environment": dict(environment),
            "streams": str(streams),
        }  # fmt: skip
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(asked) + "\n")
        stdin.flush()
        answer = stdout.readline().strip()
        if not answer.lstrip("-").isdigit():
            self._process = None
            raise TimeoutError(f"thscp {' '.join(words)} took more than {_SECONDS} seconds")
        return int(answer)

    @staticmethod
    def _started() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.cli.warm"]
        root = Path(__file__).parents[2]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)


WARM = Warm()


def _import_everything() -> None:
    """Import every module of ours, and with them the libraries."""
    for package in map(importlib.import_module, _OURS):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                importlib.import_module(found.name)


def _become(asked: Mapping[str, Any]) -> None:
    """Take on the folder, the environment and the streams of the command."""
    streams = Path(asked["streams"])
    for number, (name, flags) in enumerate((("in", os.O_RDONLY), ("out", os.O_WRONLY), ("err", os.O_WRONLY))):
        os.dup2(os.open(streams / name, flags | os.O_CREAT, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(0, encoding="utf-8", closefd=False),  # noqa: SIM115
        open(1, "w", encoding="utf-8", closefd=False),  # noqa: SIM115
        open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1),  # noqa: SIM115
    )
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["-c", *asked["words"]]


def _wait(child: int) -> int | None:
    """Return how the child ended; None when it did not in time."""
    waiting = os.pidfd_open(child)
    try:
        if not select.select([waiting], [], [], _SECONDS)[0]:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return None
    finally:
        os.close(waiting)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _serve() -> str:
    """Fork for every line, and return the program in the child; an empty one when nobody asks any more."""
    _import_everything()
    gc.freeze()  # or every fork would copy all of it at the first look for what is not needed any more
    while line := sys.stdin.readline():
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _become(asked)
            return str(asked["code"])
        code = _wait(child)
        if code is None:
            break
        with contextlib.suppress(BrokenPipeError):
            print(code, flush=True)  # noqa: T201 - the answer to who asked
    return ""


if __name__ == "__main__":
    exec(_serve(), {"__name__": "__main__"})  # noqa: S102 - the command that a test runs
