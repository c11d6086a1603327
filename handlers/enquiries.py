"""Questions for the secretariat: passed on with a reference, answered, and made into a draft article."""

from __future__ import annotations

from db import audit, deliveries, enquiries, people, questions
from db.deliveries import Destination
from db.enquiries import Enquiry
from db.people import SECRETARIAT
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Errors, Field, Form, Note, Text, Tone, card_to_json
from handlers.prose import escape
from handlers.wording import words

MAX_TEXT = 1000
MAX_ANSWER = 2000


def open_form(context: Context, request: Request) -> Form:
    """Open the form for the secretariat, with the words of the person's own unanswered question."""
    own = questions.own_text(context.session, number(request.value), asker=str(request.identity))
    return Form(
        title="Ask the secretariat",
        action="enquiries.send",
        token=context.token,
        intro="The secretariat reads this and answers you here. Do not write about one child or family.",
        fields=(
            Field(
                "question",
                "Your question",
                "longtext",
                hint="No names, dates of birth, addresses or schools of a child.",
                max_length=MAX_TEXT,
                value=own or "",
            ),
        ),
    )


def send(context: Context, request: Request) -> Card | Errors:
    """Keep the question, tell the secretariat, and give the person a reference."""
    text = request.fields.get("question", "").strip()
    if problem := _length_problem(text, MAX_TEXT, "question"):
        return Errors({"question": problem})
    enquiry = enquiries.open_enquiry(
        context.session,
        at=context.now,
        year=context.today.year,
        asker=(request.identity.platform, request.identity.user_id),
        text=text,
    )
    told = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    notice = Card(
        title=f"A question for the secretariat: {enquiry.ref}",
        body=(Text(escape(enquiry.text)),),
        actions=(Button("Answer", "enquiries.reply", str(enquiry.id), style="primary", opens=True),),
    )
    deliveries.put(
        context.session,
        key=f"enquiry:{enquiry.ref}:asked",
        kind="question for the secretariat",
        card=card_to_json(notice),
        destinations=[Destination(to.platform, to.user_id) for to in told],
        now=context.now,
    )
    audit.add(context.session, at=context.now, actor=str(request.identity), action="asked", subject=enquiry.ref)
    return Card(
        title=f"{enquiry.ref}: passed to the secretariat",
        body=(Text(words("enquiries_sent", ref=enquiry.ref, somebody=bool(told))),),
        tone=Tone.GOOD,
        fallback=f"{enquiry.ref} received. The answer comes to you here.",
    )


def open_reply(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat answers a question."""
    enquiry = _access_waiting(context, request.value)
    return Form(
        title=f"Answer {enquiry.ref}",
        action="enquiries.answer",
        token=context.token,
        about=str(enquiry.id),
        intro=f"The question was: {enquiry.text}",
        fields=(
            Field(
                "answer",
                "Your answer",
                "longtext",
                hint="It goes to the person who asked. Say where the rule stands.",
                max_length=MAX_ANSWER,
            ),
        ),
    )


def answer(context: Context, request: Request) -> Card | Errors:
    """Send the answer to the one who asked, and offer it as a draft article."""
    text = request.fields.get("answer", "").strip()
    if problem := _length_problem(text, MAX_ANSWER, "answer"):
        return Errors({"answer": problem})
    enquiry = _access_waiting(context, request.value)
    enquiry.answer, enquiry.answered_at, enquiry.answered_by = text, context.now, context.actor.person_id
    reply = Card(
        title=f"{enquiry.ref}: an answer from the secretariat",
        body=(
            Text(f"You asked: {escape(enquiry.text)}"),
            Text(escape(text)),
            Note(f"From the secretariat on {context.today:%-d %B %Y}. It is not yet an approved article."),
        ),
        actions=(Button("Ask a follow-up", "enquiries.ask", "", opens=True),),
    )
    deliveries.put(
        context.session,
        key=f"enquiry:{enquiry.ref}:answered",
        kind="answer of the secretariat",
        card=card_to_json(reply),
        destinations=[Destination(enquiry.asker_platform, enquiry.asker_user_id)],
        now=context.now,
    )
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{context.actor.person_id}",
        action="answered",
        subject=enquiry.ref,
    )
    return Card(
        title=f"{enquiry.ref}: your answer is on its way",
        body=(Text(words("enquiries_answered", ref=enquiry.ref)),),
        actions=(Button("Make it an article", "enquiries.draft", str(enquiry.id)), Button("Other gaps", "gaps.show")),
        tone=Tone.GOOD,
    )


def _access_waiting(context: Context, value: str) -> Enquiry:
    enquiry = enquiries.get(context.session, number(value))
    if enquiry is None:
        raise UserError("I cannot find that question.", hint="Type gaps to see the questions that wait.")
    if enquiry.answer is not None:
        raise UserError(f"{enquiry.ref} has been answered already.", hint="Type gaps to see the questions that wait.")
    return enquiry


def _length_problem(text: str, most: int, name: str) -> str:
    if not text:
        return f"Please write your {name} here."
    return f"Please use at most {most} characters. You have {len(text)}." if len(text) > most else ""
