"""What was sent, for everybody: the newest first, each one whole, with what was corrected later."""

from __future__ import annotations

from collections.abc import Iterable

from db import bulletin_issues, bulletins
from db.bulletins import Bulletin, BulletinIssue
from db.people import SECRETARIAT
from handlers.bulletins import board, compose, finding, records
from handlers.bulletins.draft import Draft
from handlers.bulletins.kinds import KINDS
from handlers.context import Context, Request, number
from handlers.messages import MAX_BUTTONS, Button, Card, Divider, Element, Heading, Note, Table, Text

PAGE = 5


def list_sent(context: Context, request: Request) -> Card:
    """Show the bulletins that were sent, newest first, page by page; with words, those that speak of them."""
    if request.text.strip():
        return _of_ref(context, request.text) or finding.find(context, request.text)
    page = number(request.value)
    found = bulletin_issues.sent(context.session, skip=page * PAGE, limit=PAGE + 1)
    shown, after = found[:PAGE], found[PAGE:]
    rows = tuple((day(context, issue), issue.title, KINDS[one.kind].label, one.ref) for one, issue in shown)
    more = [Button("Older ones", "bulletins.archive", str(page + 1))] if after else []
    return Card(
        title="Bulletins",
        body=(Table(("Sent", "Title", "Kind", "Reference"), rows) if rows else Text("No bulletin has been sent yet."),),
        actions=(*(Button(f"Read {one.ref}", "bulletins.whole", str(one.id)) for one, _ in shown), *more)[:MAX_BUTTONS],
    )


def show_whole(context: Context, request: Request) -> Card:
    """Show a bulletin as its readers got it, part by part, with its corrections."""
    value, _, part = request.value.partition(":")
    bulletin, issue = records.access_sent(context, value)
    return whole(context, bulletin, issue, part=number(part))


def whole(context: Context, bulletin: Bulletin, issue: BulletinIssue, *, part: int = 0) -> Card:
    """Return one part of a bulletin that was sent. Corrections that do not fit under it are parts of their own."""
    cards = compose.cards(words_of(bulletin, issue), context.knowledge, context.house, id=bulletin.id)
    corrected = [] if bulletin.correction_of else _corrections(context, bulletin)
    under = [piece for _, pieces in corrected for piece in pieces]
    together = len(cards) == 1 and compose.fits([*_pieces(cards[0].body), *_pieces(under)])
    if not together:
        cards += [Card(title, tuple(pieces[1:])) for title, pieces in corrected]
    at = min(part, len(cards) - 1)
    shown = cards[at]
    note = [Note(f"{bulletin.ref}, sent on {day(context, issue)}.")]
    if corrected and at == 0 and not together:
        note.append(Note("It was corrected later. The last parts say how."))
    return Card(
        title=shown.title,
        body=(*note, *shown.body, *(under if together else [])),
        actions=(
            *([Button("Next part", "bulletins.whole", f"{bulletin.id}:{at + 1}")] if at + 1 < len(cards) else []),
            *shown.actions,
            *_open(context, bulletin),
            Button("All bulletins", "bulletins.archive", "0"),
        ),
    )


def _pieces(body: Iterable[Element]) -> list[compose.Piece]:
    return [piece for piece in body if isinstance(piece, compose.Piece)]


def _of_ref(context: Context, ref: str) -> Card | None:
    """Return the bulletin with a reference: as it was sent, or to the secretariat as it is being written."""
    found = bulletins.of_ref(context.session, ref)
    issue = bulletin_issues.arrived(context.session, found) if found else None
    if found and issue:
        return whole(context, found, issue)
    return board.show(context, records.access_by_ref(context, ref)) if bulletins.is_ref(ref) else None


def _open(context: Context, bulletin: Bulletin) -> list[Button]:
    return [Button("Open it", "bulletins.open", str(bulletin.id))] if context.actor.roles & SECRETARIAT else []


def words_of(bulletin: Bulletin, issue: BulletinIssue) -> Draft:
    """Return a bulletin in the words in which it went out, whatever was changed since."""
    kept = issue.content
    return Draft(ref=bulletin.ref, title=issue.title, version=issue.version, **kept)


def day(context: Context, issue: BulletinIssue) -> str:
    """Return the day on which a bulletin was sent."""
    return f"{context.day(issue.sent_at or issue.due_at):%-d %B %Y}"


def _corrections(context: Context, bulletin: Bulletin) -> list[tuple[str, list[Element]]]:
    """Return what was corrected, message by message: its title, and its parts under a heading with the day."""
    return [
        (card.title, [Divider(), Heading(f"Correction of {day(context, issue)}"), *card.body])
        for one, issue in bulletin_issues.corrections(context.session, bulletin.id)
        for card in compose.cards(words_of(one, issue), context.knowledge, context.house, id=one.id)
    ]
