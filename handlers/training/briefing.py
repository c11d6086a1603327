"""What a team needs for a 7-minute briefing on a topic: what is known here, its headings, questions, coming events."""

from __future__ import annotations

from textwrap import shorten

from db import training
from db.training import Listed
from handlers import answered, training_dates
from handlers.context import Context, Request
from handlers.messages import Button, Card, Element, Heading, Note, Text
from handlers.training import records
from knowledge import courses

PAGE, MOST_TOPIC = 2, 80
KINDS = ("briefing-session", "learning-event")


def show(context: Context, request: Request) -> Card:
    """Show the headings of a 7-minute briefing and its three questions, with what is known here of a topic."""
    topic = " ".join(request.text.replace('"', " ").split())[:MOST_TOPIC]
    known = courses.shipped()
    found = _coming(context, topic)
    dates: Element = training_dates.table(context, found) if found else Text("No date is known yet.")
    about = answered.buttons(context, topic) if topic else ()
    return Card(
        shorten(f"Briefing: {topic}", MOST_TOPIC, placeholder=" …") if topic else "Briefings",
        (
            *((Text(_said(about)),) if topic else ()),
            Heading("What a 7-minute briefing says"),
            Text("\n".join(f"{place}. {said}" for place, said in enumerate(known.headings, 1))),
            Heading("Three questions for your team"),
            Text("\n".join(f"{place}. {said}" for place, said in enumerate(known.questions, 1))),
            Note("The questions are those of the Wandsworth partnership. Talk about them face to face."),
            Heading("Coming dates"),
            dates,
        ),
        (
            *about,
            *(records.open_button(context, one) for one in found),
            Button("All dates", "training.dates", "|0"),
        ),
    )


def _said(about: tuple[Button, ...]) -> str:
    if about:
        return "Read first what is known here: press its button. Then fill in the headings with your team."
    return "I know nothing about that yet. Use the headings, or ask the secretariat. To see every topic, type home."


def _coming(context: Context, topic: str) -> list[Listed]:
    """Return the next sessions about a topic; without one, the next briefings and learning events."""
    if topic:
        return training.coming(context.session, since=context.now, words=topic, limit=PAGE)
    found = (
        one for kind in KINDS for one in training.coming(context.session, since=context.now, kind=kind, limit=PAGE)
    )
    return sorted(found, key=lambda one: one.session.starts_at)[:PAGE]
