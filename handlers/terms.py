"""The guard for the secretariat: its week, the names that people let through, and the terms that name no family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from db import audit, people, terms
from db.audit import AuditEntry
from db.people import Identity
from db.terms import MAX_TERM, Listed
from handlers import tally
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Heading, Table, Text, Tone
from handlers.safety import OVERRIDDEN, REASONS, WHOSE_NAME
from handlers.wording import words
from knowledge.guard import lexicon

PAGE, OVERRIDES = 25, 10
MAX_NOTE = 200
_WHOSE = replace(
    WHOSE_NAME,
    hint="Needed where the term looks like a name. The name of a child or a family cannot be added.",
    required=True,
)


def show(context: Context, request: Request) -> Card:
    """Show what the guard did this week, the last names that were let through, and the terms, page by page."""
    page = number(request.value)
    found = terms.listed(context.session, skip=page * PAGE, limit=PAGE + 1)
    shown, more = found[:PAGE], len(found) > PAGE
    week = [] if page else [*_week(context), *_overrides(context)]
    buttons = [Button("Add a term", "terms.new", style="primary", opens=True)]
    buttons += [Button("Take a term out", "terms.choose", str(page), opens=True)] if shown else []
    buttons += [Button("More terms", "terms.show", str(page + 1))] if more else []
    return Card(
        title="The guard's terms" if page else "What the guard did this week",
        body=(*week, *_listed(context, shown, more=more)),
        actions=tuple(buttons),
    )


def open_new(context: Context, _request: Request) -> Form:
    """Open the form for a term that names no family."""
    return Form(
        title="Add a term",
        action="terms.add",
        token=context.token,
        intro="The guard then takes these words for no child's and no family's, wherever they are typed.",
        fields=(
            Field(
                "term",
                "The term",
                hint="An organisation, a place, a review or a law, as people write it. Not a first name alone.",
                max_length=MAX_TERM,
            ),
            Field("note", "What it is", hint="So that others know later.", required=False, max_length=MAX_NOTE),
            _WHOSE,
        ),
        submit="Add",
    )


def add(context: Context, request: Request) -> Card | Errors:
    """Add the term of that form; it holds at once."""
    term, note = (" ".join(request.fields.get(name, "").split()) for name in ("term", "note"))
    if problem := _problem(term):
        return Errors({"term": problem})
    if len(note) > MAX_NOTE:
        return Errors({"note": f"Please use at most {MAX_NOTE} characters. You have {len(note)}."})
    term_id = terms.add(context.session, term=term, at=context.now, by=context.actor.person_id, note=note)
    if term_id is None:
        return Errors({"term": "It is there already."})
    _note(context, "added", term_id)
    return _changed("Added", words("terms_added", term=term))


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one of the terms of a page is chosen, to be taken out."""
    shown = terms.listed(context.session, skip=number(request.value) * PAGE, limit=PAGE)
    if not shown:
        raise UserError("There is no term to take out.", hint="Type terms to see them.")
    return Form(
        title="Take a term out",
        action="terms.remove",
        token=context.token,
        intro="The guard then judges these words again like any others.",
        fields=(Field("term", "Which term?", "choice", choices=tuple(Choice(str(one.id), one.term) for one in shown)),),
        submit="Take it out",
    )


def remove(context: Context, request: Request) -> Card:
    """Take the chosen term out; it holds at once."""
    term_id = number(request.fields.get("term", ""))
    term = terms.remove(context.session, term_id)
    if term is None:
        raise UserError("That term is not there any more.", hint="Type terms to see those that are.")
    _note(context, "took out", term_id)
    return _changed("Taken out", words("terms_removed", term=term))


def _problem(term: str) -> str:
    if not term:
        return "Please write the term here."
    if len(term) > MAX_TERM:
        return f"Please use at most {MAX_TERM} characters. You have {len(term)}."
    known = lexicon.phrase(term)
    if not any(char.isalpha() for word in known for char in word):
        return "Please write it in letters: only names are looked up here."
    if len(known) == 1 and lexicon.shipped().is_name(known[0]):
        return "One name alone would let every child of that name through. Please write the whole term."
    return ""


def _note(context: Context, action: str, term_id: int) -> None:
    """Write into the audit trail who did it; not the term, for the trail can never be corrected."""
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{context.actor.person_id}",
        action=action,
        subject=f"guard term {term_id}",
    )


def _changed(title: str, said: str) -> Card:
    return Card(title, (Text(said),), (Button("All terms", "terms.show"),), Tone.GOOD)


def _week(context: Context) -> Iterator[Element]:
    week = tally.of_week(context)
    yield week.decisions
    yield from week.kinds
    yield from week.rates


def _overrides(context: Context) -> list[Element]:
    # what the secretariat lets through while it adds a term stands among the terms
    entries = audit.latest(context.session, action=OVERRIDDEN, limit=OVERRIDES, besides="terms.add")
    lines = "\n".join(_override(context, entry) for entry in entries)
    return [Heading("Names that people let through"), Text(lines)] if lines else []


def _override(context: Context, entry: AuditEntry) -> str:
    who = Identity.parse(entry.actor)
    name = people.find(context.session, who, on=context.today).name
    reason = str(entry.detail["reason"])
    return words(
        "terms_override",
        at=entry.at.astimezone(context.house.time_zone),
        door=entry.subject,
        reason=REASONS.get(reason, reason),
        rules=str(entry.detail["rules"]).split(","),
        name=name,
        platform=who.platform,
    )


def _listed(context: Context, shown: list[Listed], *, more: bool) -> list[Element]:
    if not shown:
        return [Heading("Terms that name no family"), Text("None has been added here.")]
    rows = tuple((one.term, f"{context.day(one.added_at):%-d %B %Y}", one.added_by, one.note) for one in shown)
    return [
        Heading("Terms that name no family"),
        Table(("Term", "Added", "By", "What it is"), rows, "and more" if more else ""),
    ]
