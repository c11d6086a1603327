"""The short form of `make crash`: 150 deliveries and 5 kills on each kind of database, with waits that go by sooner."""

from __future__ import annotations

import faulthandler
from pathlib import Path

import pytest

from tests.crash.places import Teams
from tests.crash.runs import kill_all_the_way
from tests.crash.stage import Setup, stage_on
from tests.crash.timings import QUICK

ENOUGH_SECONDS = 180
DELIVERIES, KILLS = 150, 5


@pytest.fixture(autouse=True)
def _as_long_as_it_takes() -> None:
    """Lift the limit that holds for other tests: this one has limits of its own, and says what it saw."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def setup(database_url: str) -> Setup:
    """Give a run with quick waits, on one process with SQLite and on three with PostgreSQL, half of it in Teams."""
    shared = database_url.startswith("postgresql")
    return Setup(
        "short", DELIVERIES, postgresql=shared, processes=3 if shared else 1, seed=5, pace=QUICK,
        chat=("--slowness", "0.2"), teams=Teams.SEEN if shared else Teams.BLIND,
    )  # fmt: skip


def test_nothing_is_lost_and_nothing_sent_twice_when_bots_are_killed_while_they_send(
    setup: Setup, database_url: str, tmp_path: Path
) -> None:
    with stage_on(setup, tmp_path, database_url) as on:
        kill_all_the_way(on, kills=KILLS)
        on.settle(seconds=ENOUGH_SECONDS)
        report = on.finished()

    assert report.kills >= KILLS, "\n".join(report.lines())
    assert report.deliveries >= DELIVERIES
    assert report.wrong == [], "\n".join(report.lines())
