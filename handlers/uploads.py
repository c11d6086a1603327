"""Files that people bring with the browser: by a link for one purpose and one person, until one was taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import PurePath

from db import audit, deliveries, links, people
from db.deliveries import Destination
from handlers import files, refusals
from handlers.context import Context, Request, UserError
from handlers.files import UPLOADS, Piece, Upload
from handlers.messages import Button, Card, Text, card_to_json
from handlers.safety import Screening
from handlers.wording import words
from knowledge.contacts import Contact

_GONE = "This link was used already, or it has expired."
_ANEW = "Ask for a new one where you got it."


def open_page(context: Context, request: Request) -> Card:
    """Give the secretariat a link to the page that takes a file: a list of people, or a bulletin."""
    purpose = UPLOADS.get(request.value)
    if purpose is None or not purpose.roles & context.actor.roles:
        raise UserError("I do not know what that file is for.", hint="Type help to see what you can do here.")
    return Card(
        title=purpose.title,
        body=(Text(words("uploads_link", intro=purpose.intro, suffixes=purpose.suffixes)),),
        actions=(files.link(context, request.value, label="Open the upload page"),),
    )


def shown(context: Context, token: str) -> Upload:
    """Return what a link takes; looking does not use it up. Raises UserError when it takes nothing any more."""
    found = links.usable(context.session, files.hashed(token), purposes=UPLOADS, at=context.now)
    if found is None:
        raise UserError(_GONE, hint=_ANEW)
    return _allowed(context, found.purpose, found.person_id)


def take(context: Context, token: str, name: str, content: bytes) -> Card:
    """Do with a file what it was brought for, and use the link up; what goes wrong leaves it as it was.

    Callers have looked at the words of the file. Raises UserError when the file or the link cannot be used.
    """
    hashed = files.hashed(token)
    found = links.use(context.session, hashed, purposes=UPLOADS, at=context.now)
    if found is None:
        raise UserError(_GONE, hint=_ANEW)
    card = _allowed(context, found.purpose, found.person_id).take(context, found.person_id, name, content)
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{found.person_id}",
        action="uploaded",
        subject=found.purpose,
        bytes=len(content),
    )
    if any(isinstance(action, Button) for action in card.actions):
        _send(context, f"upload:{hashed}", found.person_id, card)
    return card


def _allowed(context: Context, purpose: str, person_id: int) -> Upload:
    found = UPLOADS[purpose]
    if not files.may(context, person_id, found.roles):
        raise UserError(_GONE, hint=found.again)
    return found


def _send(context: Context, key: str, person_id: int, card: Card) -> None:
    """Queue the card for the person's chat too, where its buttons can be pressed."""
    deliveries.put(
        context.session,
        key=key,
        kind=deliveries.REPLY,
        card=card_to_json(card),
        destinations=[
            Destination(place.platform, place.user_id)
            for place in people.places(context.session, [person_id], on=context.today)
            if place.platform in context.house.reached
        ],
        now=context.now,
    )


# --- reading and judging ---------------------------------------------------------------------------------------


def pieces(purpose: Upload, name: str, content: bytes) -> list[Piece]:
    """Return the words of a file in the parts in which they are looked at: a list by its rows, a text as a whole.

    Raises UserError for a file that cannot be used, with what to do.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in purpose.suffixes:
        raise UserError(f"I need a file that ends with {' or '.join(purpose.suffixes)}.", hint="Choose another file.")
    if not content.strip():
        raise UserError("The file is empty.", hint="Choose another file.")
    found = purpose.pieces(name, content)
    if sum(len(piece.text) for piece in found) > purpose.characters:
        raise UserError(
            f"The file holds more than {purpose.characters:,} characters, too many to be checked at once.",
            hint="Split it into smaller files.",
        )
    return found


def refusal(
    purpose: Upload, parts: Iterable[Piece], screened: Callable[[str], Screening], contacts: Mapping[str, Contact]
) -> tuple[Card, Screening] | None:
    """Return what is said in place of taking a file with such words, and why; None when it may be taken."""
    for piece in parts:
        found = _judged(purpose, piece, screened(piece.text)) if piece.text.strip() else Screening()
        if not found.passes:
            card = refusals.answer(found, contacts)
            place = f"{piece.place} of the file. " if piece.place else ""
            told = Text(f"**{place}Nothing of the file was kept. Take the words out and bring it again.**")
            return replace(card, body=(told, *card.body), actions=()), found
    return None


def _judged(purpose: Upload, piece: Piece, found: Screening) -> Screening:
    """Leave out what such a file is there for: the names of colleagues, and what the secretariat says about harm."""
    look = found.typed
    if piece.names and look.only_names:
        look = replace(look, kinds=(), rules=(), shown=())
    if purpose.procedural:
        look = replace(look, urgent=False)
    return replace(found, typed=look)
