"""What taking the next messages costs beside a short and a long backlog, and how the database finds them."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.dialects import postgresql, sqlite

from db import claims, deliveries
from db import engine as database
from db.claims import Wanted
from db.deliveries import Destination, Queue

SHORT, CHANNELS, TIMES, AT_ONCE = 100, 500, 30, 40
CARD: dict[str, Any] = {}  # nobody reads it here


def print_claims(url: str, many: int) -> None:
    """Print the time of a claim beside `SHORT` and beside `many` waiting deliveries, and the plan of the long one."""
    engine = database.connect(url)
    kind = engine.dialect.name
    _queue(engine, SHORT)
    short = _milliseconds(engine)
    _queue(engine, many - SHORT)
    long = _milliseconds(engine)
    print(f"\nTaking up to {AT_ONCE} messages, {kind}: {short:.1f} ms beside {SHORT} that wait, ", end="")
    print(f"{long:.1f} ms beside {many}, ratio {long / short:.1f}")
    for line in _plans(engine):
        print(f"    {line}")
    engine.dispose()


def _wanted() -> Wanted:
    return Wanted("slack", Queue.POST, AT_ONCE, timedelta(seconds=30))


def _queue(engine: Engine, number: int) -> None:
    now = datetime.now(UTC) - timedelta(seconds=1)
    key = time.time()
    for bulletin in range(-(-number // CHANNELS)):
        to = [Destination("slack", f"C{one}") for one in range(min(CHANNELS, number - bulletin * CHANNELS))]
        with database.transaction(engine) as session:
            deliveries.put(session, key=f"{key}:{bulletin}", kind="bulletin", card=CARD, destinations=to, now=now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _milliseconds(engine: Engine) -> float:
    """Take and give back, again and again; return how long the taking took, in the middle."""
    found = []
    for _ in range(TIMES):
        with database.transaction(engine) as session:
            began = time.perf_counter()
            taken = claims.claim(session, owner="bench", wanted=[_wanted()], now=datetime.now(UTC))
            found.append((time.perf_counter() - began) * 1000)
            assert len(taken.claimed) == AT_ONCE
            session.rollback()
    return statistics.median(found)


def _plans(engine: Engine) -> list[str]:
    dialect = postgresql.dialect() if engine.dialect.name == "postgresql" else sqlite.dialect()
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    found = []
    with engine.connect() as connection:
        ids = [row[0] for row in connection.execute(text(f"SELECT id FROM lanes LIMIT {AT_ONCE}"))]  # noqa: S608
        for statement in (
            claims.DUE.params(claims.due(_wanted(), AT_ONCE, datetime.now(UTC))),
            claims.first_waiting(ids),
        ):
            plain = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
            found += [str(row[-1]) for row in connection.execute(text(f"{explain} {plain}"))]
    return found
