"""Files that people fetch with the browser: by a link for one person, once, until it expires."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from db import audit, enquiries, people
from db.people import SECRETARIAT
from handlers.context import Context, Request, UserError, number
from handlers.messages import Card, Link, Text
from handlers.wording import words

VALID_FOR = timedelta(hours=1)
_GONE = "This link was used already, or it has expired."


@dataclass(frozen=True, slots=True)
class File:
    """A file for the browser to save."""

    name: str
    content: str
    media_type: str = "text/markdown; charset=utf-8"


def link(context: Context, request: Request) -> Card:
    """Give the secretariat a link to the draft article made of an answer."""
    if not context.house.public_url:
        raise UserError(
            "I cannot make a link yet: this service does not know its own address.",
            hint="Ask whoever runs it to set THSCP_PUBLIC_URL. The answer is kept.",
        )
    enquiry = enquiries.get(context.session, number(request.value))
    if enquiry is None or enquiry.answer is None or context.actor.person_id is None:
        raise UserError("There is no answer to make an article of.", hint="Type gaps to see the questions that wait.")
    enquiries.add_link(
        context.session,
        token_hash=_hash(context.token),
        enquiry_id=enquiry.id,
        person_id=context.actor.person_id,
        expires_at=context.now + VALID_FOR,
    )
    return Card(
        title=f"Draft article from {enquiry.ref}",
        body=(Text(words("downloads_link")),),
        actions=(Link("Open the download page", f"{context.house.public_url}/files/{context.token}"),),
    )


def usable(context: Context, token: str) -> bool:
    """Say whether a link still gives its file; looking does not use it up."""
    return enquiries.usable_link(context.session, _hash(token), at=context.now) is not None


def fetch(context: Context, token: str) -> File:
    """Give the file of a link and use the link up. Raises UserError when it was used or has expired."""
    found = enquiries.use_link(context.session, _hash(token), at=context.now)
    if found is None or not people.roles(context.session, found.person_id, on=context.today) & SECRETARIAT:
        raise UserError(_GONE, hint="Press 'Make it an article' again for a new link.")
    enquiry = enquiries.get(context.session, found.enquiry_id)
    if enquiry is None or enquiry.answered_at is None:
        raise UserError(_GONE, hint="Press 'Make it an article' again for a new link.")
    audit.add(
        context.session, at=context.now, actor=f"person:{found.person_id}", action="downloaded", subject=enquiry.ref
    )
    text = words(
        "downloads_draft",
        enquiry=enquiry,
        today=context.today,
        review_by=context.today + timedelta(days=182),
    )
    return File(f"{enquiry.ref.lower()}.md", text + "\n")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
