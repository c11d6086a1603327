"""Answers from the curated articles, or an honest "I don't know" with somebody to ask."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date

from db import approvals, deliveries, feedback, questions
from db.approvals import Approval
from db.deliveries import Destination
from db.questions import Outcome
from handlers import answered
from handlers.calling import lines
from handlers.context import Context, Request, UserError, number
from handlers.messages import (
    MAX_BUTTONS,
    Button,
    Card,
    Element,
    Errors,
    Field,
    Form,
    Heading,
    Note,
    Text,
    Tone,
    card_to_json,
)
from handlers.prose import plain
from handlers.refusals import NAMES
from handlers.safety import WHOSE_NAME
from handlers.wording import words
from knowledge.articles import Article
from knowledge.search import Verdict

MAX_QUESTION = 500  # characters; the longest question of the evaluation sets has 120


def answer(context: Context, request: Request) -> Card:
    """Answer a question, offer up to three articles, or say that there is no answer."""
    if not request.text.strip():
        return _nothing_asked()
    found = context.knowledge.index.find(request.text[:MAX_QUESTION])
    match found.verdict:
        case Verdict.ANSWER:
            return _answered(context, request, found.slugs[0])
        case Verdict.OFFER:
            outcome = Outcome.OFFERED
        case Verdict.DECLINE:
            outcome = Outcome.DECLINED
    question_id = questions.record(
        context.session,
        at=context.now,
        outcome=outcome,
        slug=found.slugs[0] if found.slugs else None,
        text=request.text[:MAX_QUESTION],
        asker=str(request.identity),
    )
    if outcome is Outcome.OFFERED:
        return _with_bulletin(context, request, _offered(context, found.slugs, question_id))
    return _with_bulletin(context, request, _declined(context, question_id))


def open_again(context: Context, request: Request) -> Form:
    """Open an empty box for a question that was not taken; where only names were found, ask whose they are."""
    question = Field(
        "question",
        "Your question",
        "longtext",
        hint="No names, dates of birth, addresses or schools of a child.",
        max_length=MAX_QUESTION,
    )
    return Form(
        title="Ask again",
        action="ask.send",
        token=context.token,
        intro="Your message was not kept, so I cannot fill it in for you.",
        fields=(question, WHOSE_NAME) if request.value == NAMES else (question,),
        submit="Ask",
    )


def send(context: Context, request: Request) -> Card | Errors:
    """Answer the question of that form."""
    text = request.fields.get("question", "").strip()
    if not text:
        return Errors({"question": "Please write your question here."})
    if len(text) > MAX_QUESTION:
        return Errors({"question": f"Please use at most {MAX_QUESTION} characters. You have {len(text)}."})
    return answer(context, replace(request, text=text))


def show_topic(context: Context, request: Request) -> Card:
    """Show the article that a button named."""
    if request.value not in context.knowledge.library.articles:
        raise _gone(context, request.value)
    return _answered(context, request, request.value)


def vote(context: Context, request: Request) -> Card:
    """Keep whether an answer helped; the last vote of a person counts."""
    question_id, _, voted = request.value.partition(":")
    slug = questions.shown(context.session, number(question_id))
    if slug is None or voted not in ("yes", "no"):
        raise UserError("I no longer have that answer.", hint="Ask the question again, then vote.")
    helpful = voted == "yes"
    feedback.vote(
        context.session,
        question_id=int(question_id),
        asker=str(request.identity),
        helpful=helpful,
        at=context.now,
    )
    other = Button(
        "It did not help" if helpful else "It did help", "ask.vote", f"{question_id}:{'no' if helpful else 'yes'}"
    )
    ask = Button("Ask the secretariat", "enquiries.ask", question_id, opens=True)
    return Card(
        title="Thank you",
        body=(Text(words("ask_vote", helpful=helpful)),),
        actions=(other,) if helpful else (other, ask),
        tone=Tone.GOOD,
    )


def share(context: Context, request: Request) -> Card:
    """Show an answer to everyone in the conversation it was asked in, once."""
    slug = questions.shown(context.session, number(request.value))
    place = request.conversation
    if slug is None:
        raise UserError("I no longer have that answer.", hint="Ask the question again, then share it.")
    if slug not in context.knowledge.library.articles:
        raise _gone(context, slug)
    if place is None or place.private:
        raise UserError("There is nobody else in this conversation.", hint="Ask in a channel to share an answer there.")
    article = context.knowledge.library.articles[slug]
    if not _may_show(context, article):
        return _withheld(context, article)
    deliveries.put(
        context.session,
        key=f"ask.share:{request.value}:{place.platform}:{place.address}:{place.thread}",
        kind="shared answer",
        card=card_to_json(Card(article.title, tuple(_body(context, article)), fallback=_first_line(article))),
        destinations=[Destination(place.platform, place.address, place.thread)],
        now=context.now,
    )
    return Card("Shown to everyone", (Text("The answer appears in this conversation in a moment."),), tone=Tone.GOOD)


def _nothing_asked() -> Card:
    return Card(
        title="What would you like to know?",
        body=(Text(words("ask_nothing")),),
        actions=(Button("What can I do here?", "help.show"), Button("Whom to call", "contact.show")),
    )


def _answered(context: Context, request: Request, slug: str) -> Card:
    article = context.knowledge.library.articles[slug]
    if not _may_show(context, article):
        return _withheld(context, article)
    question_id = questions.record(context.session, at=context.now, outcome=Outcome.ANSWERED, slug=slug)
    buttons = [
        Button("This helped", "ask.vote", f"{question_id}:yes"),
        Button("It did not help", "ask.vote", f"{question_id}:no"),
    ]
    if request.conversation and not request.conversation.private and not request.in_public:
        buttons.append(Button("Show everyone", "ask.share", str(question_id)))
    buttons.append(Button("Ask the secretariat", "enquiries.ask", str(question_id), opens=True))
    return Card(
        title=article.title,
        body=tuple(_body(context, article)),
        actions=(*buttons, *_topics(context, article.related[: MAX_BUTTONS - len(buttons)])),
        fallback=_first_line(article),
    )


def _topics(context: Context, slugs: tuple[str, ...]) -> tuple[Button, ...]:
    known = context.knowledge.library.articles
    return tuple(Button(known[slug].title, "ask.topic", slug) for slug in slugs if slug in known)


def _first_line(article: Article) -> str:
    return f"{article.title}: {plain(article.body.splitlines()[0])}"


def _gone(context: Context, slug: str) -> UserError:
    withdrawn = context.knowledge.library.withdrawn.get(slug)
    if withdrawn is None:
        return UserError("That topic is no longer here.", hint="Ask for it in your own words.")
    return UserError(
        f"'{withdrawn.title}' was withdrawn.",
        hint="Do not rely on what it said. Ask what you need to know in your own words.",
    )


def _may_show(context: Context, article: Article) -> bool:
    return not context.house.withhold_unapproved or _approval(context, article) is not None


def _approval(context: Context, article: Article) -> Approval | None:
    return approvals.find(context.session, slug=article.slug, digest=article.digest)


def _body(context: Context, article: Article) -> list[Element]:
    approval, overdue = _approval(context, article), article.review_by < context.today
    approved = (approval.by, context.day(approval.at)) if approval else None
    calls = lines(context.knowledge.contacts, article.contacts)
    calls = [Heading("Whom to call"), *calls] if calls else []
    titles = context.knowledge.sources
    sources = tuple((titles.get(row.doc, row.doc), row.section) for row in article.sources)
    return [Text(article.body), *calls, Note(_standing(article, sources, approved, overdue=overdue))]


@functools.lru_cache(maxsize=512)  # 0.2 ms a time, and the same for everybody who asks
def _standing(
    article: Article, sources: tuple[tuple[str, str], ...], approved: tuple[str, date] | None, *, overdue: bool
) -> str:
    return words("ask_sources", article=article, sources=sources, approved=approved, overdue=overdue)


def _withheld(context: Context, article: Article) -> Card:
    body = [Text(words("ask_withheld", title=article.title, owner=article.owner))]
    return Card(
        title="This answer waits for approval",
        body=(*body, *lines(context.knowledge.contacts, article.contacts or ("mast", "edt"))),
        actions=(Button("Ask the secretariat", "enquiries.ask", "", opens=True),),
        tone=Tone.WARNING,
    )


def _offered(context: Context, slugs: tuple[str, ...], question_id: int) -> Card:
    return Card(
        title="Did you mean one of these?",
        body=(Text(words("ask_offered")),),
        actions=(
            *_topics(context, slugs),
            Button("Ask the secretariat", "enquiries.ask", str(question_id), opens=True),
            Button("Whom to call", "contact.show"),
        ),
    )


def _declined(context: Context, question_id: int) -> Card:
    return Card(
        title="I don't know that one",
        body=(Text(words("ask_declined", area=context.house.area, keep_days=context.house.keep_words_days)),),
        actions=(
            Button("Ask the secretariat", "enquiries.ask", str(question_id), style="primary", opens=True),
            Button("Whom to call", "contact.show"),
            Button("What can I do here?", "help.show"),
        ),
    )


def _with_bulletin(context: Context, request: Request, card: Card) -> Card:
    """Add the bulletin that speaks of a question, where one surely does. It never stands in for an article."""
    issued = answered.bulletin(context, request.text[:MAX_QUESTION])
    if issued is None:
        return card
    said = words("ask_bulletin", title=issued.first.title, day=issued.day, corrected=issued.corrected)
    return replace(card, body=(*card.body, Text(said)), actions=(*card.actions, issued.button)[:MAX_BUTTONS])
