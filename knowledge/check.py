"""What `thscp kb check` looks for: every article complete, sourced, in date, readable and in our own words."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from importlib import resources

from knowledge import articles, contacts, yaml_text
from knowledge.articles import WITHDRAWN, Article, Library, Problem
from knowledge.copying import copied_runs
from knowledge.reading import GRADE_LIMIT, grade

MIN_WORDS, MAX_WORDS = 60, 180
MIN_QUESTIONS, MAX_QUESTIONS = 8, 20
STATUSES = ("awaiting-approval", WITHDRAWN)
_INTERNAL_LINK = re.compile(r"\]\(kb:([^)]+)\)")
_LINK = re.compile(r"\]\((?!https://|kb:)([^)]*)\)")


def name_key(name: str) -> str:
    """Fold a title, alias or question to what two of them are compared by."""
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))


def source_titles() -> Mapping[str, str]:
    """Return the titles of the documents that articles may cite, by their key."""
    text = (resources.files("knowledge") / "data" / "sources.yaml").read_text(encoding="utf-8")
    titles: dict[str, str] = yaml_text.parsed(text)
    return titles


def _plain(body: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", body).replace("*", "").replace("_", "")).lower()


def _fields(article: Article) -> Iterator[str]:
    for name in ("title", "audience", "owner", "edition", "body", "aliases", "sources", "facts", "questions"):
        if not getattr(article, name):
            yield f"{name} is empty"
    if article.status not in STATUSES:
        yield f"status must be one of {', '.join(STATUSES)}: approval is recorded with 'thscp kb approve'"


def _length(article: Article) -> Iterator[str]:
    words = len(_plain(article.body).split())
    if not MIN_WORDS <= words <= MAX_WORDS:
        yield f"the body has {words} words; it should have {MIN_WORDS} to {MAX_WORDS}"
    if not MIN_QUESTIONS <= len(article.questions) <= MAX_QUESTIONS:
        yield f"{len(article.questions)} questions; there should be {MIN_QUESTIONS} to {MAX_QUESTIONS}"
    keys = [name_key(question) for question in (*article.questions, *article.said_as)]
    twice = sorted(key for key, times in Counter(keys).items() if times > 1)
    yield from (f"'{key}' stands twice among the questions" for key in twice)


def _wording(article: Article) -> Iterator[str]:
    facts = (fact.fact for fact in article.facts)
    ours = "\n".join((article.title, article.body, *facts, *article.questions, *article.said_as))
    for run in copied_runs(ours):
        yield f"eight words in a row stand in a source: '{run}'"
    found = grade(article.body)
    if found > GRADE_LIMIT:
        yield f"reading grade {found:.1f} is above {GRADE_LIMIT}: use shorter sentences and shorter words"
    if re.search(r"^#|^\||<[a-z/]", article.body, re.MULTILINE):
        yield "headings, tables and HTML do not belong in the body"


def _facts(article: Article) -> Iterator[str]:
    body = _plain(article.body)
    cited = source_titles()
    for fact in article.facts:
        if not any(_plain(phrase.strip()) in body for phrase in fact.shows.split("|")):
            yield f"the body does not show the fact '{fact.fact}' (looked for '{fact.shows}')"
        if fact.source.split(",")[0].strip() not in cited:
            yield f"unknown source '{fact.source}' of the fact '{fact.fact}'"
    yield from (f"unknown source document '{row.doc}'" for row in article.sources if row.doc not in cited)


def _links(article: Article, library: Library) -> Iterator[str]:
    known = library.articles
    unknown = {slug: "withdrawn" if slug in library.withdrawn else "unknown" for slug in article.related}
    yield from (f"{unknown[slug]} related article '{slug}'" for slug in article.related if slug not in known)
    if article.slug in article.related:
        yield "the article is related to itself"
    yield from (
        f"dead link to the article '{slug}'" for slug in _INTERNAL_LINK.findall(article.body) if slug not in known
    )
    yield from (f"a link must start with https:// or kb:, not '{link}'" for link in _LINK.findall(article.body))
    yield from (f"unknown contact '{key}'" for key in article.contacts if key not in contacts.shipped())


def _dates(article: Article, today: date) -> Iterator[str]:
    if article.review_by < today:
        yield f"review was due on {article.review_by:%-d %B %Y}"
    if article.checked_on > today:
        yield f"checked_on lies in the future: {article.checked_on:%-d %B %Y}"


def _shared_names(library: Library) -> Iterator[Problem]:
    claimed: dict[str, str] = {}
    for article in library.articles.values():
        for name in dict.fromkeys(map(name_key, (article.title, *article.aliases))):
            other = claimed.setdefault(name, article.slug)
            if other != article.slug:
                yield Problem(article.slug, f"'{name}' is also claimed by {other}")


def check(library: Library, today: date) -> list[Problem]:
    """Return everything that keeps the library from being complete, in date and readable.

    Articles that were withdrawn only have to be readable, as nobody is shown them.
    """
    rules: tuple[Callable[[Article], Iterable[str]], ...] = (
        _fields,
        _length,
        _wording,
        _facts,
        lambda article: _links(article, library),
        lambda article: _dates(article, today),
    )
    found = list(library.problems)
    for article in library.articles.values():
        found += (Problem(article.slug, message) for rule in rules for message in rule(article))
    return [*found, *_shared_names(library)]


if __name__ == "__main__":
    wanted = set(sys.argv[1:])
    for problem in check(articles.load(articles.shipped()), datetime.now(UTC).date()):
        if not wanted or problem.slug in wanted:
            print(f"{problem.slug}: {problem.message}")
