"""'I have read this and briefed my team': noted for a person, and asked for again until it is said."""

from __future__ import annotations

from db import bulletin_issues, reminders
from db.bulletins import Bulletin, BulletinIssue, State
from handlers.bulletins import records
from handlers.context import Context, Request
from handlers.messages import Card, Text, Tone

LADDER = "reading"


def note(context: Context, request: Request) -> Card:
    """Note that the one who pressed has read a bulletin and briefed their team. Nobody else sees it."""
    bulletin, _ = records.access_sent(context, request.value)
    who = records.me(context)
    new = bulletin_issues.note_reading(context.session, bulletin.id, person_id=who, at=context.now)
    reminders.cancel(context.session, _subject(bulletin), person_id=who)
    said = "Thank you. Only the secretariat sees who pressed this, so that it can remind the others."
    return Card(
        f"{bulletin.ref}: noted" if new else f"{bulletin.ref}: it was noted before", (Text(said),), tone=Tone.GOOD
    )


def chase(context: Context, bulletin: Bulletin, issue: BulletinIssue) -> None:
    """Remind those who got a bulletin and have not said that they have read it; it stops when they do."""
    if not issue.content["needs_reading"] or bulletin.state == State.CANCELLED:
        return
    read = bulletin_issues.readings(context.session, bulletin.id)
    for one in bulletin_issues.outcomes(context.session, issue, bulletin):
        if one.person_id and one.sent_at and one.person_id not in read:
            reminders.plan(
                context.session, subject=_subject(bulletin), ladder=LADDER, anchor_on=context.day(one.sent_at),
                person_id=one.person_id, title=issue.title, now=context.now,
            )  # fmt: skip


def finished(context: Context, bulletin: Bulletin) -> None:
    """Remind nobody of a bulletin any more."""
    reminders.cancel(context.session, _subject(bulletin))


def _subject(bulletin: Bulletin) -> str:
    return f"bulletin:{bulletin.ref}"
