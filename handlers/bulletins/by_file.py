"""Bulletins come and go as Markdown files: brought with the browser, and fetched to be changed in any editor."""

from __future__ import annotations

from dataclasses import replace

from db import bulletins, people
from db.people import SECRETARIAT, Identity
from handlers import files
from handlers.bulletins import board, drafts, markdown_file, naming, records
from handlers.bulletins.draft import Draft
from handlers.bulletins.markdown_file import MarkdownError
from handlers.context import Context, Request, UserError, number
from handlers.files import File
from handlers.messages import Card, Text


def read(content: bytes) -> Draft:
    """Return the draft that a file holds. Raises UserError that names the line."""
    try:
        return markdown_file.read(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _unread(MarkdownError(line, "A character is not UTF-8. Save the file as UTF-8.")) from None
    except MarkdownError as error:
        raise _unread(error) from None


def take(context: Context, person_id: int, name: str, content: bytes) -> Card:  # noqa: ARG001 - as every taker
    """Keep an uploaded file as a new draft of a person, and show what the checks say of it.

    Raises UserError that names the line. The text has been through the guard, as all that is uploaded.
    """
    identities = people.places(context.session, {person_id}, on=context.today)
    if not identities:
        raise UserError("I do not know you any more.", hint="Ask the secretariat to enrol you.")
    mine = replace(context, identity=identities[0])
    found = read(content)
    try:
        audience = naming.readers(mine, found.audience_words)
    except UserError as error:
        line = markdown_file.line_of("audience", content.decode("utf-8-sig").splitlines())
        raise _unread(MarkdownError(line, f"{error} {error.hint}")) from None
    columns = {name: getattr(found, name) for name in ("image_url", "image_alt", "marking", "needs_reading")}
    bulletin = drafts.new(mine, found.kind, found.title, audience, sections=dict(found.sections), **columns)
    return board.show(mine, bulletin)


def bring(context: Context, identity: Identity, name: str, content: bytes) -> Card:
    """Keep a file as a draft of somebody of the secretariat, for the command line. Raises UserError otherwise."""
    actor = people.find(context.session, identity, on=context.today)
    if actor.person_id is None or not actor.roles & SECRETARIAT:
        raise UserError("Nobody of the secretariat is enrolled under that name.", hint="Give it as slack:U0123.")
    return take(context, actor.person_id, name, content)


def fetch(context: Context, request: Request) -> Card:
    """Give a link to a bulletin as a Markdown file."""
    bulletin = records.access_written(context, request.value)
    said = "Change it in any editor. Bring it back with 'Bring a file': it becomes a new draft, and this one stays."
    return Card(
        title=f"{bulletin.ref} as a file",
        body=(Text(said),),
        actions=(files.link(context, "bulletin-draft", str(bulletin.id)),),
    )


def make(context: Context, about: str, _person_id: int) -> File:
    """Return the file that such a link gives."""
    bulletin = bulletins.get(context.session, number(about))
    if bulletin is None:
        raise UserError(records.NOT_FOUND, hint="Type bulletin to see those that are being written.")
    return File(f"{bulletin.ref.lower()}.md", markdown_file.write(records.draft(context, bulletin)))


def _unread(error: MarkdownError) -> UserError:
    return UserError(
        str(error), hint="Nothing was saved, and your file is as it was. Mend that line, then send it again."
    )
