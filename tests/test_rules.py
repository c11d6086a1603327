"""The rules of the house: what is in one place is in all the places where people look for it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from db.people import KEEPERS, SECRETARIAT
from handlers.access import CLEARED, DISPUTES, READERS
from handlers.audit import AUDITORS
from handlers.bulletins.states import APPROVERS, PAUSERS
from handlers.escalations.routes import COUNTED_FOR
from handlers.routes import ROUTES
from handlers.routing import EVERYONE, Kind, Route

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "knowledge", "db")
MODULES = {
    str(path.relative_to(ROOT)): path
    for package in (*PACKAGES, "tests")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations/versions" not in str(path)
}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
WHO = {
    EVERYONE: "everyone",
    SECRETARIAT: "secretariat",
    APPROVERS: "strategy managers",
    PAUSERS: "secretariat and statutory partners",
    KEEPERS: "secretariat and admins",
    AUDITORS: "those who audit",
    READERS: "those who read records",
    CLEARED: "secretariat, the scrutineer and statutory partners",
    DISPUTES: "strategy managers, the scrutineer and statutory partners",
    COUNTED_FOR: "secretariat, chairs, the scrutineer and statutory partners",
}

every_route = pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
every_module = pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)


def feature(route: Route) -> str:
    return route.handler.__module__.split(".")[1]  # a feature is a module of handlers, or a package of them


def rows(document: str) -> dict[str, tuple[str, ...]]:
    """Return the other cells of every table row of a document, by the code in its first cell."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    found = (tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in text.splitlines())
    return {cells[0].strip("`"): cells[1:] for cells in found if cells[0].startswith("`")}


@every_route
def test_every_route_has_a_test_file_for_its_feature(route: Route) -> None:
    path = ROOT / "tests" / "handlers" / f"test_{feature(route)}.py"

    assert path.exists()
    assert "def test_" in path.read_text(encoding="utf-8")


@every_route
def test_every_route_is_in_the_documents_with_who_may_use_it(route: Route) -> None:
    what, who = rows("commands.md")[route.name]

    assert what
    assert who == WHO[route.roles]


def test_the_documents_name_no_route_that_is_not_there() -> None:
    assert set(rows("commands.md")) == set(ROUTES)


@every_route
def test_what_is_typed_has_a_line_of_help_and_what_is_pressed_has_none(route: Route) -> None:
    assert bool(route.help) is (route.kind is Kind.VERB)
    assert ("." in route.name) is (route.kind is not Kind.VERB)


@every_route
def test_every_handler_says_what_the_person_gets(route: Route) -> None:
    assert route.handler.__doc__


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained_in_the_code_and_in_the_documents(name: str) -> None:
    assert Settings.model_fields[name].description
    assert f"THSCP_{name}".upper() in rows("settings.md")


def test_the_documents_name_no_setting_that_is_not_there() -> None:
    assert set(rows("settings.md")) == {f"THSCP_{name}".upper() for name in Settings.model_fields}


# those of bulletins are chosen by kind: tests/handlers/test_bulletin_compose.py holds them to the kinds there are
TEMPLATES = sorted(path.name for path in (ROOT / "handlers" / "templates").glob("*.j2"))


@pytest.mark.parametrize("template", [name for name in TEMPLATES if not name.startswith("bulletin_")])
def test_every_template_belongs_to_a_feature_and_is_used_by_it(template: str) -> None:
    name = template.partition("_")[0]
    owners = [ROOT / "handlers" / f"{name}.py", *(ROOT / "handlers" / name).glob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in owners if path.exists())

    assert f'words("{template.removesuffix(".j2")}"' in re.sub(r"\(\s+", "(", source)


@every_module
def test_no_module_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@every_module
def test_no_function_is_too_long_to_read(path: Path) -> None:
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(path)}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


TESTS = {name: path for name, path in MODULES.items() if path.name.startswith("test_")}


@pytest.mark.parametrize("path", TESTS.values(), ids=TESTS)
def test_every_test_checks_something_by_itself_or_through_a_function_of_its_file(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    bodies = {node.name: ast.get_source_segment(source, node) or "" for node in functions(path)}
    checks = {name for name, body in bodies.items() if re.search(r"\bassert\b|\braises\(|\bexpect\(", body)}

    tests = {name for name in bodies if name.startswith("test_")}
    idle = {name for name in tests - checks if not any(f"{other}(" in bodies[name] for other in checks)}
    assert idle == set()


RUNNING = {
    name: path
    for name, path in MODULES.items()
    if name.startswith(("bot/", "handlers/", "db/")) and not name.startswith(("bot/clock.py", "bot/commands/"))
}
MACHINE_TIME = r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.(?:time|time_ns|gmtime|localtime))\b"


@pytest.mark.parametrize("path", RUNNING.values(), ids=RUNNING)
def test_nothing_that_runs_in_the_server_reads_the_clock_of_the_machine_but_the_clock(path: Path) -> None:
    assert re.findall(MACHINE_TIME, path.read_text(encoding="utf-8")) == []


def test_imports_go_one_way() -> None:
    contracts = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert contracts.returncode == 0, contracts.stdout
    assert "0 broken" in contracts.stdout
