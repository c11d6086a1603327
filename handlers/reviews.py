"""What is due for review: one digest a month of articles for each owner, and one of contacts for the secretariat."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from db import deliveries, people, questions, requests
from db.deliveries import Destination
from db.people import SECRETARIAT, Identity
from handlers.context import Context
from handlers.messages import Button, Card, Text, card_to_json
from handlers.wording import words
from knowledge import contacts
from knowledge.articles import Article

AHEAD = timedelta(days=31)
OPENS = time(9)  # on the first of the month, in the partnership's time zone
KEYS_KEPT = timedelta(days=2)  # Slack signs for 5 minutes and retries events for about an hour


def queue_digests(context: Context) -> int:
    """Queue this month's digests of what is due for review; return how many are new. Call it as often as you like.

    Those of articles are due at nine on the first of the month, or as soon after that as somebody calls; an owner
    who holds no known post is told through the secretariat. That of contacts is due at nine on the first day on
    which one is past its date: danger is answered with these numbers.
    """
    return _queue_articles(context) + _queue_contacts(context)


def _queue_articles(context: Context) -> int:
    first = context.today.replace(day=1)
    if datetime.combine(first, OPENS, context.house.time_zone) > context.now:
        return 0
    month = f"{first:%Y-%m}"
    queued = 0
    for to, articles in _due_by_reader(context).items():
        queued += deliveries.put(
            context.session,
            key=f"article-review:{month}:{to}",
            kind="articles due for review",
            card=card_to_json(_digest(articles, context.today)),
            destinations=[Destination(to.platform, to.user_id)],
            now=context.now,
        )
    return queued


def _queue_contacts(context: Context) -> int:
    old = contacts.overdue(context.knowledge.contacts, context.today)
    if not old or datetime.combine(context.today, OPENS, context.house.time_zone) > context.now:
        return 0
    digest = Card(
        title=f"Contacts to check: {len(old)}",
        body=(Text(words("reviews_contacts", contacts=old)),),
        actions=(Button("All contacts", "contact.show"),),
    )
    return sum(
        deliveries.put(
            context.session,
            key=f"contact-review:{context.today:%Y-%m}:{to}",
            kind="contacts to check",
            card=card_to_json(digest),
            destinations=[Destination(to.platform, to.user_id)],
            now=context.now,
        )
        for to in people.reach(context.session, roles=SECRETARIAT, on=context.today)
    )


def forget(context: Context) -> int:
    """Forget the words of old questions, old requests and their replies; return how many questions it were."""
    requests.forget(context.session, before=context.now - KEYS_KEPT)
    deliveries.forget_replies(context.session, before=context.now - KEYS_KEPT)
    return questions.forget_words(context.session, before=context.now - timedelta(days=context.house.keep_words_days))


def _due_by_reader(context: Context) -> dict[Identity, list[Article]]:
    readers: dict[Identity, list[Article]] = {}
    secretariat = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    for owner, articles in context.knowledge.library.owners().items():
        due = [article for article in articles if article.review_by <= context.today.replace(day=1) + AHEAD]
        if due:
            for to in people.holders(context.session, owner, on=context.today) or secretariat:
                readers.setdefault(to, []).extend(due)
    return readers


def _digest(articles: Iterable[Article], today: date) -> Card:
    rows = sorted(articles, key=lambda article: (article.review_by, article.title))
    return Card(
        title=f"Articles to review: {len(rows)}",
        body=(Text(words("reviews_digest", articles=rows, today=today)),),
    )
