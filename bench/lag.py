"""How late the event loop of a running `thscp serve` comes to what is due: `import bench.lag` before it starts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path
from typing import Any

from bot.server import Server

FILE = "BENCH_LAG_FILE"  # the environment variable that says where the milliseconds are written in the end
EVERY_SECONDS = 0.005

_serve = Server.serve


async def _sample(found: list[float]) -> None:
    while True:
        due = time.perf_counter() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        found.append((time.perf_counter() - due) * 1000)


def _written(found: list[float]) -> None:
    Path(os.environ[FILE]).write_text("\n".join(f"{one:.3f}" for one in found), encoding="ascii")


async def _serve_and_sample(self: Server, **options: Any) -> None:
    found: list[float] = []
    sampling = asyncio.create_task(_sample(found))
    try:
        await _serve(self, **options)
    finally:
        sampling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sampling
        _written(found)


Server.serve = _serve_and_sample  # type: ignore[method-assign]
