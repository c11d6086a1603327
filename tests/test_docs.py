"""What the documents promise: the commands, links, settings, folders and reasons that they name are there."""

from __future__ import annotations

import fnmatch
import itertools
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.core import TyperGroup

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = {str(path.relative_to(ROOT)): path for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])}
TESTS_OWN_SETTINGS = {"THSCP_TESTS_ALLOW_NO_SKIP"}
_MARKDOWN = MarkdownIt("commonmark").enable("table")

every_document = pytest.mark.parametrize("path", DOCUMENTS.values(), ids=DOCUMENTS)


def _tokens(path: Path) -> Iterator[Token]:
    for token in _MARKDOWN.parse(path.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def _code_lines(path: Path) -> Iterator[str]:
    """Give every line of a code block and every piece of inline code."""
    for token in _tokens(path):
        if token.type == "fence" and token.info.strip() == "sh":
            yield from token.content.splitlines()
        elif token.type == "code_inline":
            yield token.content


def _links(path: Path) -> set[str]:
    targets = (str(token.attrs.get("href") or token.attrs.get("src") or "") for token in _tokens(path))
    return {target for target in targets if target and not re.match(r"[a-z]+:", target)}


def _anchors(path: Path) -> set[str]:
    """Give the anchors of a document's headings, as code hosts make them."""
    headings = (text.content for token, text in itertools.pairwise(_tokens(path)) if token.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _wanted() -> list[Requirement]:
    project = _project()
    return [Requirement(line) for line in (*project["dependencies"], *project["optional-dependencies"]["dev"])]


def _pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in lines if not line.startswith("#"))
    }


def _folders() -> list[str]:
    """Give the folders at the top that belong to the project, not to a tool."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()]
    names = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]


def _wrong(line: str) -> str:
    """Say what is wrong with a `thscp ...` line; empty when the command line knows all of it."""
    words = shlex.split(re.sub(r"\s#\s.*|[|>].*|\.\.\.|…", "", line))[1:]
    command = typer.main.get_command(app)
    while words and isinstance(command, TyperGroup) and not words[0].startswith("-"):
        found = command.commands.get(words[0])
        if found is None:
            return f"there is no command '{words[0]}'"
        command, words = found, words[1:]
    known = {"--help", *(option for parameter in command.params for option in parameter.opts)}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"there is no option {unknown[0]}" if unknown else ""


@every_document
def test_every_make_target_named_in_a_document_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    named = {
        word
        for line in _code_lines(path)
        if (made := re.match(r"make ([a-z-]+)", line))
        for word in made.groups()
    }  # fmt: skip

    assert named <= targets


@every_document
def test_every_thscp_command_named_in_a_document_exists(path: Path) -> None:
    lines = [line.removeprefix("$ ").removeprefix(".venv/bin/") for line in _code_lines(path)]

    wrong = {line: problem for line in lines if re.match(r"thscp($| )", line) and (problem := _wrong(line))}

    assert wrong == {}


@every_document
def test_every_link_inside_the_project_leads_somewhere(path: Path) -> None:
    dead = []
    for link in sorted(_links(path)):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)

    assert dead == []


@every_document
def test_every_setting_named_in_a_document_exists(path: Path) -> None:
    settings = {f"THSCP_{name.upper()}" for name in Settings.model_fields} | TESTS_OWN_SETTINGS

    named = set(re.findall(r"\bTHSCP_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))

    assert named <= settings


@every_document
def test_every_document_is_reached_from_the_readme(path: Path) -> None:
    reached = {(ROOT / link.partition("#")[0]).resolve() for link in _links(ROOT / "README.md")}

    assert path in {*reached, ROOT / "README.md"}


@pytest.mark.parametrize("folder", _folders())
def test_the_readme_says_what_is_in_a_folder(folder: str) -> None:
    assert f"| `{folder}/` |" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("wanted", _wanted(), ids=lambda wanted: wanted.name)
def test_every_dependency_has_its_reason_in_the_decisions(wanted: Requirement) -> None:
    assert f"`{wanted.name}`" in (ROOT / "docs/decisions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("wanted", _wanted(), ids=lambda wanted: wanted.name)
def test_every_dependency_is_pinned_within_its_range(wanted: Requirement) -> None:
    assert wanted.specifier.contains(_pinned()[canonicalize_name(wanted.name)])


def test_every_finding_of_the_doctor_is_explained_to_operators() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("bot/**/*.py"))
    explained = (ROOT / "docs/operate.md").read_text(encoding="utf-8")

    ids = set(re.findall(r"(?:Finding|StartupError)\(\s*\"([a-z.-]+)\"", sources))

    assert ids
    assert {found for found in ids if f"`{found}`" not in explained} == set()


def test_the_image_copies_every_package() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}

    copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))

    assert copied == packages
