"""Files that people fetch with the browser: by a link for one person, once, until it expires."""

from __future__ import annotations

from datetime import timedelta

from db import audit, enquiries, links
from handlers import files
from handlers.context import Context, Request, UserError, number
from handlers.files import DOWNLOADS, Download, File
from handlers.messages import Card, Text
from handlers.wording import words

_GONE = "This link was used already, or it has expired."
_ANEW = "Ask for a new one where you got it."


def link(context: Context, request: Request) -> Card:
    """Give the secretariat a link to the draft article made of an answer."""
    enquiry = enquiries.get(context.session, number(request.value))
    if enquiry is None or enquiry.answer is None:
        raise UserError("There is no answer to make an article of.", hint="Type gaps to see the questions that wait.")
    return Card(
        title=f"Draft article from {enquiry.ref}",
        body=(Text(words("downloads_link")),),
        actions=(files.link(context, "draft", str(enquiry.id)),),
    )


def draft(context: Context, about: str, _person_id: int) -> File:
    """Return the draft article made of an answer of the secretariat."""
    enquiry = enquiries.get(context.session, number(about))
    if enquiry is None or enquiry.answered_at is None:
        raise UserError(_GONE, hint=DOWNLOADS["draft"].again)
    review_by = context.today + timedelta(days=182)
    text = words("downloads_draft", enquiry=enquiry, today=context.today, review_by=review_by)
    return File(f"{enquiry.ref.lower()}.md", text + "\n")


def shown(context: Context, token: str) -> Download:
    """Return what a link would give; looking does not use it up. Raises UserError when it gives nothing any more."""
    found = links.usable(context.session, files.hashed(token), purposes=DOWNLOADS, at=context.now)
    if found is None:
        raise UserError(_GONE, hint=_ANEW)
    return DOWNLOADS[found.purpose]


def fetch(context: Context, token: str) -> File:
    """Give the file of a link and use the link up. Raises UserError when it was used or has expired."""
    found = links.use(context.session, files.hashed(token), purposes=DOWNLOADS, at=context.now)
    if found is None:
        raise UserError(_GONE, hint=_ANEW)
    purpose = DOWNLOADS[found.purpose]
    if not files.may(context, found.person_id, purpose.roles):
        raise UserError(_GONE, hint=purpose.again)
    file = purpose.make(context, found.about, found.person_id)
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{found.person_id}",
        action="downloaded",
        subject=file.name.rpartition(".")[0].upper(),
        purpose=found.purpose,
    )
    return file
