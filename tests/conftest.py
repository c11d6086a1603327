"""What every test may ask for: both databases, a clock, a bot to talk to, and what was logged."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import Engine

from db import engine as database
from db import migrate
from db.tables import metadata
from handlers.context import House, Knowledge
from tests import databases, fakes
from tests.databases import Cluster
from tests.fakes import Bot, Clock

ALLOW_NO_SKIP = "THSCP_TESTS_ALLOW_NO_SKIP"

# The same examples in every run: a failure that nobody can repeat helps nobody.
settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")


# --- how they are shared out -------------------------------------------------------------------------------

_LONGEST = (
    "tests/crash/", "tests/registers/test_every_role.py", "tests/cli/test_many_starters.py",
    "tests/bot/test_clock_steps.py",
)  # fmt: skip


def pytest_xdist_auto_num_workers() -> int:
    """Return one process more than there are processors: some tests mostly wait."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take minutes, so that nobody waits for them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


# --- what may not be skipped -------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """Turn a skipped test into a failed one where nothing may be skipped."""
    report = yield
    return _strict(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    """Turn a skipped file into a failed one where nothing may be skipped."""
    report = yield
    return _strict(report)


def _strict(report: Any) -> Any:
    if os.environ.get(ALLOW_NO_SKIP) and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{ALLOW_NO_SKIP} is set, and this was skipped: {_reason(report)}"
    return report


def _reason(report: Any) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(reason).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end what was not tested, and how to get what it needs."""
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        counts[_reason(report)] = counts.get(_reason(report), 0) + 1
    if counts:
        terminalreporter.section("not tested here", yellow=True)
        for reason, number in sorted(counts.items()):
            terminalreporter.line(f"{number} tests: {reason}")


# --- databases ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give the PostgreSQL cluster of this run, started when the first test needs it."""
    programs = databases.binaries()
    if programs is None:
        pytest.skip(databases.NOT_INSTALLED)
    with databases.cluster(programs, sorted(metadata.tables)) as running:
        yield running


@pytest.fixture(scope="session")
def names() -> Callable[[], str]:
    """Give names for databases, none of them twice."""
    numbers = itertools.count(1)
    return lambda: f"test_{next(numbers)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, names: Callable[[], str]) -> Iterator[str]:
    """Give the address of a database without tables; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.db"
        return
    running: Cluster = request.getfixturevalue("cluster")
    name = names()
    running.create(name)
    yield running.url(name)
    running.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with every table and no rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the SQLite databases of the tests, one after the other at the same address."""
    return tmp_path_factory.mktemp("databases")


@pytest.fixture(scope="session")
def postgresql_template(cluster: Cluster) -> str:
    """Give the name of a PostgreSQL database with every table and no rows, to be copied."""
    cluster.create("template_of_tests")
    _migrate(cluster.url("template_of_tests"))
    return "template_of_tests"


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """Give the names of PostgreSQL databases that were emptied after a test, for the next ones."""
    return []


def _migrate(url: str) -> None:
    engine = database.connect(url)
    migrate.upgrade(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, sqlite_folder: Path, names: Callable[[], str]) -> Iterator[str]:
    """Give the address of a database with every table and no rows; the test runs once on each kind."""
    if request.param == "sqlite":
        yield _anew(request.getfixturevalue("sqlite_template"), sqlite_folder / "test.db")
        return
    running: Cluster = request.getfixturevalue("cluster")
    spare: list[str] = request.getfixturevalue("spare_databases")
    if not spare:
        spare.append(names())
        running.create(spare[-1], like=request.getfixturevalue("postgresql_template"))
    name = spare.pop()
    yield running.url(name)
    if running.empty(name):
        spare.append(name)
    else:
        running.drop(name)


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    """Give the engines by address. An engine that is used again has its statements compiled already."""
    return {}


@pytest.fixture
def engine(database_url: str, engines: dict[str, Engine]) -> Iterator[Engine]:
    """Give an open database with every table and no rows."""
    opened = engines.get(database_url) or database.connect(database_url, threads=4)
    engines[database_url] = opened
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_engine(sqlite_template: Path, sqlite_folder: Path, engines: dict[str, Engine]) -> Iterator[Engine]:
    """Give an open SQLite database, for tests of what has nothing to do with storage."""
    url = _anew(sqlite_template, sqlite_folder / "other.db")
    opened = engines.get(url) or database.connect(url)
    engines[url] = opened
    yield opened
    opened.dispose()


def _anew(template: Path, path: Path) -> str:
    """Return the address of a copy of a SQLite file. What was there before is deleted, and not written over."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    return f"sqlite:///{shutil.copy(template, path)}"


# --- the bot -----------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still until the test moves it."""
    return Clock()


@pytest.fixture
def knowledge() -> Knowledge:
    """Give three invented articles, about neglect, threshold and private fostering, and the shipped contacts."""
    return fakes.knowledge()


@pytest.fixture
def house() -> House:
    """Give the settings that handlers speak of."""
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def bot(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot to talk to, over both databases."""
    with fakes.talking(Bot(engine, knowledge, house, clock)) as bot:
        yield bot


# --- logs --------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _logs_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what the command line does to the loggers. One that was cached could not be captured any more."""
    configure = structlog.configure
    monkeypatch.setattr(
        structlog, "configure", lambda **options: configure(**options | {"cache_logger_on_first_use": False})
    )
    level, handlers = logging.root.level, logging.root.handlers[:]
    yield
    structlog.reset_defaults()
    logging.root.setLevel(level)
    logging.root.handlers[:] = handlers


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Give what is logged during the test, as a list that grows."""
    with structlog.testing.capture_logs() as entries:
        yield entries
