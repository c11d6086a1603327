"""The curated articles: Markdown files with front matter, read once into an immutable library."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

REQUIRED = (
    "title", "aliases", "audience", "owner", "edition", "status", "checked_on",
    "review_by", "sources", "related", "contacts", "facts", "questions",
)  # fmt: skip
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


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
    """All articles that could be read, and the problems of those that could not."""

    articles: Mapping[str, Article]
    problems: tuple[Problem, ...] = field(default=())

    def owners(self) -> dict[str, list[Article]]:
        """Group the articles by the role that owns them."""
        owned: dict[str, list[Article]] = {}
        for article in self.articles.values():
            owned.setdefault(article.owner, []).append(article)
        return owned


def parse(slug: str, text: str) -> Article:
    """Read one article file. Raises ArticleError that names the missing or malformed field."""
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():  # noqa: PLR2004 - nothing, the front matter, the body
        raise ArticleError("the file must start with front matter between two lines of ---")
    try:
        head: Any = yaml.load(parts[1], Loader=_LOADER)  # noqa: S506 - both choices are safe loaders
    except yaml.YAMLError as error:
        raise ArticleError(f"the front matter is not valid YAML: {error}") from error
    if not isinstance(head, dict):
        raise ArticleError("the front matter must be a list of 'name: value' lines")
    missing = [name for name in REQUIRED if name not in head]
    if missing:
        raise ArticleError(f"missing in the front matter: {', '.join(missing)}")
    try:
        return _article(slug, head, parts[2].strip())
    except (KeyError, TypeError, AttributeError) as error:
        raise ArticleError(f"a field has the wrong shape: {error!r}") from error


def _article(slug: str, head: dict[str, Any], body: str) -> Article:
    facts = tuple(Fact(**{name: str(value) for name, value in row.items()}) for row in head["facts"])
    for name in ("checked_on", "review_by"):
        if not isinstance(head[name], date):
            raise ArticleError(f"{name} must be a date such as 2027-05-21")
    return Article(
        slug=slug,
        title=str(head["title"]),
        aliases=tuple(map(str, head["aliases"])),
        audience=str(head["audience"]),
        owner=str(head["owner"]),
        edition=str(head["edition"]),
        status=str(head["status"]),
        checked_on=head["checked_on"],
        review_by=head["review_by"],
        sources=tuple(Source(str(row["doc"]), str(row["section"])) for row in head["sources"]),
        related=tuple(map(str, head["related"])),
        contacts=tuple(map(str, head["contacts"])),
        facts=facts,
        questions=(*map(str, head["questions"]), *(fact.asked for fact in facts)),
        body=body,
        said_as=tuple(map(str, head.get("said_as", ()))),
    )


def load(folder: Path) -> Library:
    """Read every `*.md` of a folder. A broken file becomes a problem and takes no other article down."""
    return load_texts((path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md")))


def load_texts(texts: Iterable[tuple[str, str]]) -> Library:
    """Read articles from (slug, text) pairs, as `load` does."""
    articles: dict[str, Article] = {}
    problems = []
    for slug, text in texts:
        try:
            articles[slug] = parse(slug, text)
        except ArticleError as error:
            problems.append(Problem(slug, str(error), f"Mend knowledge/articles/{slug}.md"))
    return Library(articles, tuple(problems))


def shipped() -> Path:
    """Return the folder of the articles that come with the program."""
    return Path(str(resources.files("knowledge"))) / "articles"
