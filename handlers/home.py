"""The first page: what this is, and the topics that people ask about most."""

from __future__ import annotations

from datetime import timedelta

from db import questions
from handlers.context import Context, Request
from handlers.messages import Button, Card, Text
from handlers.wording import words

TOPICS = 4
_LATELY = timedelta(days=90)
_AT_FIRST = ("thresholds-tiers", "mash-referral", "lado-allegations", "professional-escalation")


def show(context: Context, _request: Request) -> Card:
    """Show what to do here, and the most asked topics; before anybody asked, those that matter most.

    Who is enrolled has what is theirs in place of the last topic.
    """
    articles = context.knowledge.library.articles
    asked = questions.most_asked(context.session, since=context.now - _LATELY, limit=TOPICS)
    slugs = [slug for slug in dict.fromkeys([*asked, *_AT_FIRST]) if slug in articles][:TOPICS]
    own = [Button("Yours", "my.show")] if context.actor.person_id else []
    return Card(
        title="Ask about safeguarding procedures",
        body=(Text(words("home_welcome", house=context.house)),),
        actions=(
            *(Button(articles[slug].title, "ask.topic", slug) for slug in slugs[: TOPICS - len(own)]),
            *own,
            Button("Whom to call", "contact.show"),
            Button("What can I do here?", "help.show"),
        ),
        fallback="Ask about safeguarding procedures",
    )
