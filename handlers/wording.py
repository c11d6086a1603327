"""The words of cards, kept in templates so that a partnership can change them without touching code."""

from __future__ import annotations

import functools
import json
import re
import traceback
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from handlers.prose import escape

# what YAML allows nowhere in a file, or takes for the end of a line
_UNREADABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# what goes wrong in a template: its language, or an expression of it such as 1 + "one"
_BROKEN = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)


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
    environment.filters["quoted"] = _quoted
    environment.filters["day"] = lambda moment: f"{moment:%-d %B %Y}"
    return environment


def _quoted(text: str, most: int | None = None) -> str:
    """Return what people typed as one line between quotation marks, for the front matter of an article.

    Not `tojson`: it writes an emoji as two halves, which YAML does not put together again.
    """
    line = " ".join(_UNREADABLE.sub(" ", text).split())
    return json.dumps(line[:most].rstrip(), ensure_ascii=False)


def words(template: str, **values: object) -> str:
    """Return the small Markdown of a template. Raises WordingError when it is broken."""
    try:
        return _environment().get_template(f"{template}.j2").render(**values).strip()
    except _BROKEN as error:
        raise WordingError(f"template {_place(error, f'{template}.j2')}: {error}") from error


def broken() -> list[str]:
    """Return a line for every template that cannot be read."""
    found = []
    for path in sorted(folder().glob("*.j2")):
        try:
            _environment().get_template(path.name)
        except TemplateError as error:
            found.append(f"{_place(error, path.name)}: {error}")
    return found


def _place(error: Exception, template: str) -> str:
    """Return the template in which it went wrong, which may be one that was included, and the line."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or template}, line {error.lineno}"
    own = str(folder())
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}, line {frame.lineno}" for frame in frames if own in frame.filename]
    return places[-1] if places else template
