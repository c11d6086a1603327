"""The curated articles: Markdown files with front matter, read once into an immutable library."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from knowledge import yaml_text

REQUIRED = (
    "title", "aliases", "audience", "owner", "edition", "status", "checked_on",
    "review_by", "sources", "related", "contacts", "facts", "questions",
)  # fmt: skip
WITHDRAWN = "withdrawn"
_PLAIN = (str, int, float, date)  # what YAML makes of words, figures and days; not of yes, no or "name: value"


class ArticleError(Exception):
    """An article file that cannot be read; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article's facts come from: a key of `sources.yaml` and a place in that document."""

    doc: str
    section: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One checkable statement, the words of the body that carry it, and the question it answers."""

    fact: str
    source: str
    shows: str
    asked: str


@dataclass(frozen=True)
class Article:
    """One answer of the knowledge base, as its editors wrote it.

    `questions` holds what people ask it, the questions of its facts included; `said_as` holds other ways
    in which people speak of it, for the search alone.
    """

    slug: str
    title: str
    aliases: tuple[str, ...]
    audience: str
    owner: str
    edition: str
    status: str
    checked_on: date
    review_by: date
    sources: tuple[Source, ...]
    related: tuple[str, ...]
    contacts: tuple[str, ...]
    facts: tuple[Fact, ...]
    questions: tuple[str, ...]
    body: str
    said_as: tuple[str, ...] = ()

    @functools.cached_property
    def digest(self) -> str:
        """Name this exact wording, so that an approval ends when a word of it changes."""
        return hashlib.sha256(f"{self.title}\n{self.body}\n{self.contacts}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an editor must mend: which article, what is wrong, what to do."""

    slug: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """All articles that could be read, and the problems of those that could not.

    `articles` are those that answer; the `withdrawn` ones are kept apart, so that nothing shows them by mistake.
    """

    articles: Mapping[str, Article]
    problems: tuple[Problem, ...] = field(default=())
    withdrawn: Mapping[str, Article] = field(default_factory=dict)

    def owners(self) -> dict[str, list[Article]]:
        """Group the articles by the role that owns them."""
        owned: dict[str, list[Article]] = {}
        for article in self.articles.values():
            owned.setdefault(article.owner, []).append(article)
        return owned


def parse(slug: str, text: str) -> Article:
    """Read one article file. Raises ArticleError that names what is missing or malformed."""
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():  # noqa: PLR2004 - nothing, the front matter, the body
        raise ArticleError("the file must start with front matter between two lines of ---")
    try:
        head: Any = yaml_text.parsed(parts[1])
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no calendar has
        raise ArticleError(f"the front matter is not valid YAML: {error}") from error
    if not isinstance(head, dict):
        raise ArticleError("the front matter must be a list of 'name: value' lines")
    missing = [name for name in REQUIRED if head.get(name) is None]
    if missing:
        raise ArticleError(f"missing in the front matter: {', '.join(missing)}")
    if not parts[2].strip():
        raise ArticleError("there is no text under the front matter")
    return _article(slug, head, parts[2].strip())


def _article(slug: str, head: dict[str, Any], body: str) -> Article:
    facts = tuple(Fact(**row) for row in _rows(head, "facts", ("fact", "source", "shows", "asked")))
    return Article(
        slug=slug,
        title=_line(head["title"], "title"),
        aliases=_lines(head, "aliases"),
        audience=_line(head["audience"], "audience"),
        owner=_line(head["owner"], "owner"),
        edition=_line(head["edition"], "edition"),
        status=_line(head["status"], "status"),
        checked_on=_day(head, "checked_on"),
        review_by=_day(head, "review_by"),
        sources=tuple(Source(**row) for row in _rows(head, "sources", ("doc", "section"))),
        related=_lines(head, "related"),
        contacts=_lines(head, "contacts"),
        facts=facts,
        questions=(*_lines(head, "questions"), *(fact.asked for fact in facts)),
        body=body,
        said_as=_lines(head, "said_as"),
    )


def _line(value: object, name: str) -> str:
    if type(value) not in _PLAIN:
        raise ArticleError(f"{name}: '{value}' is not read as text; put quotation marks around it")
    return str(value)


def _list(head: dict[str, Any], name: str) -> list[Any]:
    found = head.get(name, [])
    if not isinstance(found, list):
        raise ArticleError(f"{name} must be a list, such as [one, two]")
    return found


def _lines(head: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_line(item, name) for item in _list(head, name))


def _rows(head: dict[str, Any], name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    rows = _list(head, name)
    if any(not isinstance(row, dict) or set(row) != set(columns) for row in rows):
        raise ArticleError(f"each of the {name} must have {', '.join(columns)}, and nothing else")
    return [{column: _line(row[column], f"{column} in {name}") for column in columns} for row in rows]


def _day(head: dict[str, Any], name: str) -> date:
    found = head[name]
    if type(found) is not date:  # a day with a time is a date too, but cannot be compared with one
        raise ArticleError(f"{name} must be a date such as 2027-05-21")
    return found


def load(folder: Path) -> Library:
    """Read every `*.md` of a folder. A broken file becomes a problem and takes no other article down."""
    articles: dict[str, Article] = {}
    withdrawn: dict[str, Article] = {}
    problems = []
    for path in sorted(folder.glob("*.md")):
        slug = path.stem
        try:
            found = parse(slug, _text(path))
        except ArticleError as error:
            problems.append(Problem(slug, str(error), f"Mend knowledge/articles/{slug}.md"))
        else:
            (withdrawn if found.status == WITHDRAWN else articles)[slug] = found
    return Library(articles, tuple(problems), withdrawn)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ArticleError("the file is not UTF-8; save it as UTF-8 text") from error
    except OSError as error:
        raise ArticleError(f"the file cannot be opened: {error.strerror}") from error


def shipped() -> Path:
    """Return the folder of the articles that come with the program."""
    return Path(str(resources.files("knowledge"))) / "articles"
