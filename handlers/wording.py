"""The words of cards, kept in templates so that a partnership can change them without touching code."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from handlers.prose import escape


class WordingError(Exception):
    """A template that cannot be used; the message names it."""


def folder() -> Path:
    """Return the folder of the templates."""
    return Path(str(resources.files("handlers"))) / "templates"


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - the output is the small Markdown; what people typed goes through `typed`
    )
    environment.filters["typed"] = escape
    environment.filters["day"] = lambda moment: f"{moment:%-d %B %Y}"
    return environment


def words(template: str, **values: object) -> str:
    """Return the small Markdown of a template. Raises WordingError when it is broken."""
    try:
        return _environment().get_template(f"{template}.j2").render(**values).strip()
    except TemplateError as error:
        raise WordingError(f"template {template}.j2: {error}") from error


def broken() -> list[str]:
    """Return a line for every template that cannot be read."""
    found = []
    for path in sorted(folder().glob("*.j2")):
        try:
            _environment().get_template(path.name)
        except TemplateError as error:
            found.append(f"{path.name}: {error}")
    return found
