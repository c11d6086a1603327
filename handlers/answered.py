"""What is known here about some words: the articles and the bulletin that surely speak of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from db import bulletin_archive
from db.bulletin_archive import Sent
from handlers.context import Context
from handlers.messages import Button
from knowledge import archive
from knowledge.search import Verdict

MAX_LABEL = 75  # characters on a button
ARTICLES = 2


@dataclass(frozen=True, slots=True)
class Issued:
    """A bulletin that was sent: its first issue, its day, and the day of its last correction, if there was one."""

    first: Sent
    day: date
    corrected: date | None

    @property
    def button(self) -> Button:
        """Return the button that opens it."""
        label = shorten(f"Bulletin of {self.day:%-d %B %Y}: {self.first.title}", MAX_LABEL, placeholder=" …")
        return Button(label, "bulletins.whole", str(self.first.of))


def bulletin(context: Context, words: str) -> Issued | None:
    """Return the bulletin that surely speaks of some words; None in doubt."""
    sent = bulletin_archive.sent(context.session, most=bulletin_archive.RECENT)
    parts = [part for row in sent for part in archive.passages(row.of, row.title, row.kind, row.sections)]
    match = archive.offered(words, parts)
    if match is None:
        return None
    issues = [row for row in sent if row.of == match.passage.of]
    first = next((row for row in issues if not row.corrects), issues[-1])
    corrected = [context.day(row.sent_at) for row in issues if row.corrects]
    return Issued(first, context.day(first.sent_at), max(corrected, default=None))


def buttons(context: Context, words: str) -> tuple[Button, ...]:
    """Return the buttons that open the articles and the bulletin about some words."""
    return (*_articles(context, words), *((issued.button,) if (issued := bulletin(context, words)) else ()))


def _articles(context: Context, words: str) -> Iterator[Button]:
    found, articles = context.knowledge.index.find(words), context.knowledge.library.articles
    most = {Verdict.ANSWER: 1, Verdict.OFFER: ARTICLES}.get(found.verdict, 0)
    for slug in found.slugs[:most]:
        if slug in articles:
            yield Button(shorten(articles[slug].title, MAX_LABEL, placeholder=" …"), "ask.topic", slug)
