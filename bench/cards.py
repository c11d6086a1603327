"""How long lists and cards take through the dispatcher, and databases of each kind to ask them of."""

from __future__ import annotations

import gc
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from db import engine as database
from db import migrate
from db.people import Identity
from db.tables import metadata
from handlers.context import House, Request
from handlers.messages import Card
from knowledge import guard
from tests import databases, fakes
from tests.fakes import Bot, Clock

AIM_MS = 50
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
NOBODY = Identity("bench", "nobody")
_AT_ONCE = 2000
_REFUSED = re.compile("cannot|do not know|don't know|Sorry")  # what takes no time because nothing is shown

Asked = Mapping[str, Sequence[Request]]


@contextmanager
def urls() -> Iterator[tuple[Path, dict[str, str]]]:
    """Give a folder, and the address of an empty database of each kind that this machine has."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="thscp-bench-")))
        found = {"sqlite": f"sqlite:///{folder}/records.db"}
        if programs := databases.binaries():
            cluster = stack.enter_context(databases.cluster(programs, sorted(metadata.tables)))
            cluster.create("records")
            found["postgresql"] = cluster.url("records")
        yield folder, found


def fill(engine: Engine, rows: Callable[[Session], None]) -> None:
    """Make every table, put rows into them, and let the database look at what it has."""
    migrate.upgrade(engine)
    with database.transaction(engine) as session:
        rows(session)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def put(session: Session, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows, some thousands at a time."""
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            session.execute(insert(table), part)
            part = []
    if part:
        session.execute(insert(table), part)


def print_times(engine: Engine, title: str, asked: Asked, roles: Sequence[str], times: int) -> None:
    """Print how long each card takes for whom, and whether the aim is met."""
    clock = Clock()
    clock.now = NOW
    with fakes.talking(Bot(engine, fakes.knowledge(), House(), clock, guard.scan)) as bot:
        plain = statistics.median(_times(bot, NOBODY, [Request(NOBODY, "contact")], times)[0])
        print(f"\n{title}, in milliseconds, and beside a card that reads no rows ({plain:.1f})")
        print(f"  {'card':36} {'as':10} {'p50':>7} {'p95':>7} {'worst':>7} {'own p95':>7} {'ratio':>7}")
        missed = 0
        for name, requests in asked.items():
            for role in roles:
                took, own = _times(bot, Identity("bench", role), requests, times)
                p95 = _p95(took)
                missed += p95 > AIM_MS
                flag = "" if p95 <= AIM_MS else "   NOT met"
                middle = statistics.median(took)
                print(
                    f"  {name:36} {role:10} {middle:7.1f} {p95:7.1f} {max(took):7.1f} {_p95(own):7.1f}"
                    f" {middle / plain:7.1f}{flag}"
                )
        print(f"  p95 of every card within {AIM_MS} ms: {'met' if not missed else f'NOT met by {missed}'}")


def _times(bot: Bot, who: Identity, requests: Sequence[Request], times: int) -> tuple[Sequence[float], Sequence[float]]:
    """Ask each a few times, through the dispatcher; return the milliseconds that each took, and of its own thread.

    What a thread worked is less than what passed where other programs run, or the database is another process.
    """
    took, own = [], []
    gc.collect()
    for number in range(times + 2):
        one = requests[number % len(requests)]
        request = Request(who, one.text, one.route, one.value)
        began, worked = time.perf_counter(), time.thread_time()
        reply = bot.does(request)
        assert isinstance(reply, Card), reply
        assert not _REFUSED.search(reply.title), reply.title
        if number > 1:  # the first ones compile statements and open connections
            took.append((time.perf_counter() - began) * 1000)
            own.append((time.thread_time() - worked) * 1000)
    return took, own


def _p95(figures: Sequence[float]) -> float:
    return statistics.quantiles(figures, n=20, method="inclusive")[18]
