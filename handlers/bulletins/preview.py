"""A bulletin as its readers will see it, before anybody is sent it: in chat, and in the browser for each platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from db import bulletin_issues, bulletins, links
from db.bulletins import State
from db.people import SECRETARIAT
from handlers import files
from handlers.bulletins import agreeing, archive, checks, compose, records
from handlers.bulletins.checks import Problem
from handlers.bulletins.draft import Draft
from handlers.bulletins.states import CAN_BE_PAUSED, IN_WORDS, PAUSERS
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Element, Link, Note

PURPOSE = "bulletin-preview"  # of the links to the page in the browser
VALID_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the page in the browser shows: the messages of a bulletin, and what the checks found."""

    ref: str
    title: str
    cards: list[Card]
    problems: list[Problem]


def show(context: Context, request: Request) -> Card:
    """Show a message of a bulletin as it will look here, with what the checks found and the way to the others."""
    bulletin = records.access_written(context, request.value)
    found = _preview(context, bulletin)
    place = min(max(number(request.value.partition(":")[2]), 1), len(found.cards))
    card = found.cards[place - 1]
    following = Button("Next part", "bulletins.preview", f"{bulletin.id}:{place + 1}")
    return Card(
        title=f"Preview: {card.title}",
        body=(Note(in_short(found.problems)), *card.body, *_under(card)),
        actions=(
            *([following] if place < len(found.cards) else []),
            Button("Open it", "bulletins.open", str(bulletin.id)),
            Button("As a file", "bulletins.file", str(bulletin.id)),
            *_to_the_page(context, bulletin.id),
        ),
        tone=card.tone,
    )


def look(context: Context, request: Request) -> Card:
    """Show a message of a bulletin before it goes out to those who may pause it, or are asked to agree to it."""
    bulletin = _access(context, request.value)
    cards = compose.cards(_draft(context, bulletin), context.knowledge, context.house, id=bulletin.id)
    place = min(max(number(request.value.partition(":")[2]), 1), len(cards))
    card = cards[place - 1]
    following = Button("Next part", "bulletins.look", f"{bulletin.id}:{place + 1}")
    agree = Button("Note an agreement", "bulletins.agreement", f"{bulletin.id}:{bulletin.version}", opens=True)
    return Card(
        title=f"{bulletin.ref}: {card.title}",
        body=(Note(f"{bulletin.ref} is {IN_WORDS[State(bulletin.state)]}."), *card.body, *_under(card)),
        actions=(
            *([following] if place < len(cards) else []),
            *([agree] if bulletin.state == State.REVIEW and agreeing.mine(context, bulletin) else []),
            *([Button("What is scheduled", "bulletins.scheduled", "0")] if context.actor.roles & PAUSERS else []),
        ),
        tone=card.tone,
    )


def _draft(context: Context, bulletin: bulletins.Bulletin) -> Draft:
    """Return the words that go out: a change that was made while they do is the next version."""
    issue = bulletin_issues.latest(context.session, bulletin.id)
    going = bulletin.state in (State.SENDING, State.HALTED)
    return archive.words_of(bulletin, issue) if issue and going else records.draft(context, bulletin)


def _access(context: Context, value: str) -> bulletins.Bulletin:
    if not context.actor.roles & PAUSERS:
        return agreeing.access(context, value)
    bulletin = records.access_scheduled(context, value)
    waits = bulletin.state == State.REVIEW and agreeing.mine(context, bulletin)
    if State(bulletin.state) not in CAN_BE_PAUSED and not waits:
        raise UserError(f"{bulletin.ref} is not scheduled any more.", hint="Type scheduled to see what is.")
    return bulletin


def in_short(problems: list[Problem]) -> str:
    """Say in a line how many things the checks found."""
    must = sum(problem.must for problem in problems)
    could = len(problems) - must
    said = "Only you see this. "
    if not problems:
        return f"{said}The checks found nothing to put right."
    said += f"To put right before approval: {must}. " if must else "Nothing has to be put right before approval. "
    return f"{said}Would be better otherwise: {could}." if could else said.strip()


def read(context: Context, token: str) -> Preview:
    """Return what the page behind a link shows. Raises UserError when the link or the right to it has ended."""
    found = links.usable(context.session, files.hashed(token), purposes=[PURPOSE], at=context.now)
    bulletin = None
    if found is not None and files.may(context, found.person_id, SECRETARIAT):
        bulletin = bulletins.get(context.session, number(found.about))
    if bulletin is None:
        raise UserError("This link has expired, or it never was one.", hint="Press 'Preview' again for a new link.")
    return _preview(context, bulletin)


def _preview(context: Context, bulletin: bulletins.Bulletin) -> Preview:
    draft = records.draft(context, bulletin)
    return Preview(
        ref=bulletin.ref,
        title=bulletin.title,
        cards=compose.cards(draft, context.knowledge, context.house, id=bulletin.id),
        problems=checks.check(draft, context.knowledge, context.surfaces),
    )


def _under(card: Card) -> list[Element]:
    """Say what can be pressed under the real message: here it would count."""
    return [Note(f"Under it stands the button '{action.label}'.") for action in card.actions]


def _to_the_page(context: Context, bulletin_id: int) -> list[Link]:
    person_id = context.actor.person_id
    if not context.house.public_url or person_id is None:
        return []
    links.make(
        context.session,
        PURPOSE,
        str(bulletin_id),
        person_id=person_id,
        expires_at=context.now + VALID_FOR,
        token_hash=files.hashed(context.token),
    )
    return [Link("See it for each platform", f"{context.house.public_url}/previews/{context.token}")]
