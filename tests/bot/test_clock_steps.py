"""A server on a machine whose clock is set by an hour while it runs: it goes on as if nothing had happened."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import libfaketime
import pytest

from db import engine as database
from db import heartbeats
from db.heartbeats import Beat
from tests.serving import Running, started

LIBRARY = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
HOUR = 3600
PATIENCE = 120.0  # seconds until a server that does not beat counts as broken; no measure of speed


@dataclass(frozen=True)
class Machine:
    """A machine with a server on it: `machine.is_set(-3600)`, `machine.beats(10)`."""

    server: Running
    folder: Path

    def is_set(self, seconds: int) -> None:
        """Set its clock; the one that nobody can set goes on."""
        (self.folder / "time").write_text(f"{seconds:+d}")

    def last(self) -> Beat | None:
        """Return what the server last wrote."""
        engine = database.connect(f"sqlite:///{self.folder}/thscp.db", checkpoint=False)
        with database.transaction(engine) as session:
            found = heartbeats.attending(session)
        engine.dispose()
        return found[0] if found else None

    def beats(self, times: int) -> tuple[Beat, Beat]:
        """Wait until the server has beaten so often again; return its beats before and after."""
        deadline = time.monotonic() + PATIENCE
        before = None
        while time.monotonic() < deadline:
            beat = self.last()
            before = before or beat
            if beat and before and beat.beats >= before.beats + times:
                return before, beat
            time.sleep(0.5)
        raise AssertionError(f"it does not beat: {before}")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Give a machine with a server on it."""
    (tmp_path / "time").write_text("+0")
    around = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "time"),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with started(tmp_path, "serve", around=around, log_level="error") as server:
        yield Machine(server, tmp_path)


@pytest.mark.parametrize("seconds", [-HOUR, HOUR], ids=["an hour back", "an hour on"])
def test_a_step_of_the_clock_neither_stops_the_ticks_nor_moves_the_time(machine: Machine, seconds: int) -> None:
    machine.beats(2)

    machine.is_set(seconds)
    before, after = machine.beats(8)  # the library alone would not tick again for an hour

    status, ready = machine.server.get("/health/ready")
    assert after.beat_at - before.beat_at < timedelta(seconds=PATIENCE)
    assert after.trusted_since == before.trusted_since
    assert abs(after.clock_off - seconds) <= 1
    assert (status, json.loads(ready)["reasons"]) == (200, [])
