"""What the knowledge base lacks, for the secretariat: questions without answers, answers that fail, old articles."""

from __future__ import annotations

from db import approvals, enquiries, feedback, questions
from handlers.context import Context, Request
from handlers.messages import Button, Card, Element, Facts, Heading, Table, Text
from handlers.prose import escape
from handlers.wording import words

ROWS = 10
OPEN_SHOWN = 4


def show(context: Context, _request: Request) -> Card:
    """Show what was asked and not answered, what people wait for, and which articles need work."""
    waiting = enquiries.waiting(context.session, limit=OPEN_SHOWN)
    body: list[Element] = [Facts(tuple(_counts(context)))]
    body += _waiting(context, waiting)
    body += _unanswered(context)
    body += _unhelpful(context)
    body += _overdue(context)
    body += _problems(context)
    return Card(
        title="Gaps in the knowledge base",
        body=tuple(body),
        actions=tuple(
            Button(f"Answer {row.ref}", "enquiries.reply", str(row.id), style="primary", opens=True) for row in waiting
        ),
    )


def _counts(context: Context) -> list[tuple[str, str]]:
    library = context.knowledge.library.articles
    overdue = sum(article.review_by < context.today for article in library.values())
    digests = {article.slug: article.digest for article in library.values()}
    return [
        ("Articles", str(len(library))),
        ("Waiting for approval", str(len(approvals.waiting(context.session, digests)))),
        ("Review overdue", str(overdue)),
        ("Articles that cannot be read", str(len(context.knowledge.library.problems))),
    ]


def _waiting(context: Context, waiting: list[enquiries.Enquiry]) -> list[Element]:
    if not waiting:
        return [Text("Nobody waits for an answer from the secretariat.")]
    lines = "\n".join(f"- **{row.ref}**, {context.day(row.asked_at):%-d %B}: {escape(row.text)}" for row in waiting)
    return [Heading("People wait for an answer"), Text(lines)]


def _unanswered(context: Context) -> list[Element]:
    rows = questions.unanswered(context.session, limit=ROWS)
    topics = questions.unanswered_by_topic(context.session)
    if not topics:
        return [Text("Every question so far found an answer.")]
    shown: list[Element] = [Heading("Asked and not answered")]
    if rows:
        table = tuple((row.text, str(row.times), _title(context, row.nearest)) for row in rows)
        shown.append(Table(("Question", "Times", "Nearest topic"), table))
    by_topic = ", ".join(f"{escape(_title(context, slug))} ({times})" for slug, times in topics[:ROWS])
    return [*shown, Text(words("gaps_by_topic", topics=by_topic, keep_days=context.house.keep_words_days))]


def _unhelpful(context: Context) -> list[Element]:
    rows = [row for row in feedback.by_article(context.session) if row[2]][:ROWS]
    if not rows:
        return []
    table = tuple((_title(context, slug), str(no), str(yes)) for slug, yes, no in rows)
    return [Heading("Articles that did not help"), Table(("Article", "Did not help", "Helped"), table)]


def _overdue(context: Context) -> list[Element]:
    rows = [row for row in context.knowledge.library.articles.values() if row.review_by < context.today]
    rows.sort(key=lambda article: article.review_by)
    table = tuple((row.title, f"{row.review_by:%-d %B %Y}", row.owner) for row in rows[:ROWS])
    more = f"and {len(rows) - ROWS} more" if len(rows) > ROWS else ""
    return [Heading("Review overdue"), Table(("Article", "Was due", "Owner"), table, more)] if rows else []


def _problems(context: Context) -> list[Element]:
    found = context.knowledge.library.problems
    lines = "\n".join(f"- {escape(row.slug)}: {escape(row.message)}" for row in found)
    return [Heading("Articles that cannot be read"), Text(lines)] if found else []


def _title(context: Context, slug: str | None) -> str:
    article = context.knowledge.library.articles.get(slug or "")
    return article.title if article else "no topic"
