"""What comes before everything else: help for a child in danger, and no child's details in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.calling import lines, one_line
from handlers.messages import Button, Card, Element, Note, Text, Tone
from knowledge import danger, guard
from knowledge.articles import Article
from knowledge.contacts import Contact

DANGER_LINE = "If a child is in danger now, call 999."


@dataclass(frozen=True, slots=True)
class Screening:
    """What the first look at some text found."""

    urgent: bool
    identifying: bool

    @property
    def passes(self) -> bool:
        """Say whether the text may go on to a handler."""
        return not (self.urgent or self.identifying)


def screen(texts: Iterable[str], *, procedural: bool = False) -> Screening:
    """Look at everything that a person typed, before a byte of it is stored, logged or forwarded.

    Text that is `procedural` says what to do when a child is harmed, so its words of harm are no cry for help.
    """
    kept = list(texts)
    return Screening(
        urgent=not procedural and any(danger.is_urgent(text) for text in kept),
        identifying=any(guard.identifies(text) for text in kept),
    )


def answer(found: Screening, contacts: Mapping[str, Contact], nearest: Sequence[Article] = ()) -> Card:
    """Return the card that is given in place of an answer. It needs no storage and no template.

    Under a danger card stand buttons for the `nearest` articles: the text may have been a question after all.
    """
    return _danger(found, contacts, nearest) if found.urgent else _refusal(contacts)


def field_message(found: Screening, contacts: Mapping[str, Contact]) -> str:
    """Say what is wrong with the text of a form field, in one line."""
    if found.urgent:
        calls = one_line(contacts, ("mast", "edt"))
        return f"{DANGER_LINE} {calls} This form does not reach anybody quickly. Nothing was saved."
    return "This looks like it names a child or family. Take the details out. Nothing was saved."


_NOT_KEPT = "I have not kept what you wrote. Please delete your message here if you can: it may name somebody."


def _danger(found: Screening, contacts: Mapping[str, Contact], nearest: Sequence[Article]) -> Card:
    body: list[Element] = [
        Text("This sounds urgent. I am a computer program and I cannot act on it. **People can, now.**"),
        *lines(contacts, ("emergency", "mast", "edt", "childline")),
        Text("Then tell your safeguarding lead. Write down what you saw and heard, in your own record."),
        Note(_NOT_KEPT if found.identifying else "I have not kept what you wrote."),
    ]
    return Card(
        title=DANGER_LINE,
        body=tuple(body),
        tone=Tone.DANGER,
        fallback=f"{DANGER_LINE} {one_line(contacts, ('mast', 'edt'))}",
        actions=(
            Button("Whom to call", "contact.show"),
            *(Button(f"Read: {article.title}", "ask.topic", article.slug) for article in nearest),
        ),
    )


def _refusal(contacts: Mapping[str, Contact]) -> Card:
    body: list[Element] = [
        Text("I think your message holds details of a child or family. **I have not kept it.**"),
        Text(
            "- Delete your message here if you can.\n"
            "- Tell your data-protection lead if others could read it.\n"
            "- Ask again without names, dates of birth, addresses or numbers."
        ),
        Text(f"{DANGER_LINE} If you are worried about a child, ring MAST."),
        *lines(contacts, ("mast", "edt")),
    ]
    return Card(
        title="That looks like personal details",
        body=tuple(body),
        tone=Tone.WARNING,
        fallback="That looks like personal details. I have not kept it.",
        actions=(Button("Whom to call", "contact.show"),),
    )
