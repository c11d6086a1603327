"""Bulletins go out: what is due becomes messages, once, and the state follows what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from db import bulletin_issues, bulletins, deliveries
from db.bulletins import Bulletin, BulletinIssue, State
from db.deliveries import Destination, Queue
from handlers.bulletins import board, chasing, compose, reading, records, series, states
from handlers.bulletins.audience import recipients
from handlers.bulletins.states import Action
from handlers.context import Context, Request, UserError
from handlers.messages import Card, Text, Tone, card_to_json
from handlers.wording import WordingError, words

HORIZON = timedelta(minutes=1)  # a bulletin becomes messages so long before its time: the tick comes each minute
TOO_LATE = timedelta(days=1)  # it is then not sent any more without being asked
DOUBT = timedelta(days=1)  # after which a message that may or may not have arrived keeps no bulletin open
KEPT_OPEN = timedelta(days=31)  # after which a sent bulletin is no longer on the secretariat's list
KIND = "bulletin"


def queue_due(context: Context) -> int:
    """Queue what is due, follow what is going out and prepare what comes again; return how many bulletins it were.

    Call it at any time and as often as you like.
    """
    due = bulletin_issues.due(context.session, until=context.now + HORIZON)
    for bulletin in due:
        queue(context, bulletin)
    return len(due) + follow(context) + series.prepare(context)


def queue(context: Context, bulletin: Bulletin) -> None:
    """Make messages of a bulletin that is due, or hold it back and tell its people why."""
    moment = bulletin.scheduled_for or context.now
    if context.now - moment > TOO_LATE:
        hold_back(context, bulletin, "late", "It was due more than a day ago, while this service did not run.")
        return
    try:
        cards = compose.cards(records.draft(context, bulletin), context.knowledge, context.house, id=bulletin.id)
    except (WordingError, UserError) as error:
        hold_back(context, bulletin, "broken", f"It cannot be put together. {error}")
        return
    if records.APPROVAL not in bulletins.agreements(context.session, bulletin):
        hold_back(context, bulletin, "unapproved", "Nobody has approved this version.")
        return
    _send(context, bulletin, cards, moment)


def _send(context: Context, bulletin: Bulletin, cards: list[Card], moment: datetime) -> None:
    found = recipients(context, bulletin)
    to = [one.destination for one in found if one.destination]
    if not to:
        hold_back(context, bulletin, "nobody", "There is nobody left whom it would reach. Choose other readers.")
        return
    _move(context, bulletin, Action.QUEUE)
    kept = bulletin_issues.begin(
        context.session,
        bulletin,
        content=_content(context, bulletin),
        parts=len(cards),
        due_at=moment,
        recipients=found,
    )
    if kept is None:
        return
    for key, card in zip(bulletin_issues.keys(bulletin, bulletin.version, len(cards)), cards, strict=True):
        deliveries.put(
            context.session,
            key=key,
            kind=KIND,
            card=card_to_json(card),
            destinations=to,
            now=context.now,
            due_at=moment,
            expires_at=max(moment, context.now) + TOO_LATE,
            queue=Queue.URGENT if bulletin.kind == "urgent" else None,
        )


def _content(context: Context, bulletin: Bulletin) -> dict[str, object]:
    """Return the words of a version as they are kept for the archive, whatever is changed later."""
    draft = records.draft(context, bulletin)
    return {
        "kind": draft.kind, "sections": dict(draft.sections), "image_url": draft.image_url,
        "image_alt": draft.image_alt, "marking": draft.marking, "needs_reading": draft.needs_reading,
        "audience_words": draft.audience_words, "correction_of": draft.correction_of,
    }  # fmt: skip


def hold_back(context: Context, bulletin: Bulletin, key: str, why: str) -> None:
    """Pause a bulletin that cannot go out, and tell its author and those who can approve it why, once."""
    _move(context, bulletin, Action.MISS)
    told = Card(
        title=f"{bulletin.ref} was not sent",
        body=(Text(words("bulletins_held", bulletin=bulletin, why=why)),),
        actions=(board.open_button(bulletin),),
        tone=Tone.WARNING,
    )
    to = dict.fromkeys([*records.writers(context, bulletin), *records.approvers(context, bulletin)])
    at = f"{bulletin.scheduled_for or context.now:%Y-%m-%dT%H:%M}"
    records.tell(context, to, told, key=f"bulletin:{bulletin.ref}:v{bulletin.version}:{key}:{at}")


def follow(context: Context) -> int:
    """Close what has been sent to the last reader, and put away what was sent long ago; return how many."""
    closed = sum(
        _followed(context, issue, bulletin) for issue, bulletin in bulletin_issues.open_issues(context.session)
    )
    old = bulletin_issues.sent_before(context.session, before=context.now - KEPT_OPEN)
    for bulletin in old:
        _move(context, bulletin, Action.FINISH)
    for bulletin in bulletin_issues.read_until(context.session, before=context.today):
        reading.finished(context, bulletin)
    chasing.tell_secretariat(context)
    return closed + len(old)


def _followed(context: Context, issue: BulletinIssue, bulletin: Bulletin) -> bool:
    counted = bulletin_issues.states_of(context.session, bulletin_issues.keys(bulletin, issue.version, issue.parts))
    if deliveries.State.SENT in counted and issue.sent_at is None:
        issue.sent_at = counted[deliveries.State.SENT][1]
    still = {deliveries.State.PENDING, deliveries.State.SENDING}
    if context.now - issue.due_at < DOUBT:
        still.add(deliveries.State.VERIFY)
    if still & counted.keys():
        return False
    issue.ended_at = context.now
    reading.chase(context, bulletin, issue)
    if bulletin.state in (State.SENDING, State.HALTED):
        _move(context, bulletin, Action.REOPEN if bulletin.version > issue.version else Action.FINISH)
    return True


def _move(context: Context, bulletin: Bulletin, action: Action) -> None:
    found = states.by_clock(State(bulletin.state), action)
    if isinstance(found, states.Refusal):
        raise UserError(found.reason, hint=found.hint)
    bulletin.state = found.value
    context.session.flush()
    records.note(context, bulletin, action.name.lower())


def try_out(context: Context, request: Request) -> Card:
    """Send a bulletin to the one who asks, marked as a test. It counts for nothing."""
    bulletin = records.access_written(context, request.value)
    try:
        cards = compose.cards(
            records.draft(context, bulletin), context.knowledge, context.house, id=bulletin.id, test=True
        )
    except WordingError as error:
        raise UserError(f"It cannot be put together: {error}", hint="The draft is kept as it is.") from error
    to = Destination(context.identity.platform, context.identity.user_id)
    for number, card in enumerate(cards, 1):
        key = f"bulletin:{bulletin.ref}:test:{context.token}:{number}"
        deliveries.put(
            context.session, key=key, kind="test of a bulletin", card=card_to_json(card), destinations=[to],
            now=context.now,
        )  # fmt: skip
    return Card(
        f"{bulletin.ref}: a test is on its way to you",
        (Text("Nobody else gets it, and it counts for nothing."),),
        (board.open_button(bulletin),),
        Tone.GOOD,
    )
