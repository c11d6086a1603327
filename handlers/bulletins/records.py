"""A bulletin's record as the flow uses it: fetched with the right to it, moved on, noted, and told to people."""

from __future__ import annotations

from collections.abc import Iterable

from db import audit, bulletin_issues, bulletins, deliveries, people
from db.bulletins import Bulletin, BulletinIssue, State
from db.deliveries import Destination
from db.people import SECRETARIAT, Identity, Role
from handlers.bulletins import states
from handlers.bulletins.audience import in_words
from handlers.bulletins.draft import Draft
from handlers.bulletins.states import Action, Refusal
from handlers.context import Context, UserError, number
from handlers.messages import Card, card_to_json

APPROVAL = "approval"  # the agreement of the second person, beside those that a kind needs
NOT_FOUND = "I cannot find that bulletin."
_HINT = "Type bulletin to see those that are being written, or bulletins to read those that were sent."
WITH_ISSUE = frozenset({State.SENDING, State.HALTED, State.SENT, State.ARCHIVED, State.CANCELLED})


def access_written(context: Context, value: str) -> Bulletin:
    """Return a bulletin to somebody of the secretariat. What a button carried may hold its version: `3:2`."""
    return _access(context, value, may=SECRETARIAT)


def access_scheduled(context: Context, value: str) -> Bulletin:
    """Return a bulletin to somebody who may pause it."""
    return _access(context, value, may=states.PAUSERS)


def access_for_approval(context: Context, value: str) -> Bulletin:
    """Return a bulletin to somebody who may approve it: not its author, and not who changed it last.

    People are compared, not places: it is the same person on every platform.
    """
    bulletin = _access(context, value, may=states.APPROVERS)
    if wrote(context, bulletin):
        raise UserError(
            "A bulletin needs two people, and you wrote this one.",
            hint="Ask another strategy manager or a deputy to approve it.",
        )
    return bulletin


def wrote(context: Context, bulletin: Bulletin) -> bool:
    """Say whether the one who asks wrote a bulletin, or changed it last."""
    return context.actor.person_id in (bulletin.author_id, bulletin.changed_by)


def may_approve(context: Context, bulletin: Bulletin) -> bool:
    """Say whether the one who asks is one of those who may approve a bulletin."""
    return bool(context.actor.roles & states.APPROVERS) and not wrote(context, bulletin)


def access_by_ref(context: Context, ref: str) -> Bulletin:
    """Return the bulletin with a reference to somebody of the secretariat."""
    found = bulletins.of_ref(context.session, ref)
    return _access(context, str(found.id if found else 0), may=SECRETARIAT)


def access_sent(context: Context, value: str) -> tuple[Bulletin, BulletinIssue]:
    """Return a bulletin that people got, with the words they got, to anybody. Others are not there.

    Readers may be quicker than the tick that counts what was sent, so the messages themselves are asked.
    """
    found = bulletins.get(context.session, number(value))
    issue = bulletin_issues.arrived(context.session, found) if found else None
    if found is None or issue is None:
        raise UserError(NOT_FOUND, hint="Type bulletins to see what was sent.")
    return found, issue


def _access(context: Context, value: str, *, may: frozenset[Role]) -> Bulletin:
    if not context.actor.roles & may:
        raise UserError(NOT_FOUND, hint=_HINT)
    found = bulletins.get(context.session, number(value.partition(":")[0]))
    if found is None:
        raise UserError(NOT_FOUND, hint=_HINT)
    return found


def same_version(bulletin: Bulletin, value: str) -> None:
    """Refuse a button that stands under an earlier version, whose words are not those of today."""
    _, _, version = value.partition(":")
    if number(version) != bulletin.version:
        raise UserError(
            f"{bulletin.ref} has been changed since.", hint="Type bulletin and open it again to see it as it is now."
        )


def me(context: Context) -> int:
    """Return the person who asks. Raises UserError for somebody who is not enrolled."""
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Ask the secretariat to enrol you.")
    return context.actor.person_id


def move(context: Context, bulletin: Bulletin, action: Action) -> None:
    """Do something to a bulletin and write it into the audit trail. Raises UserError when its state forbids it."""
    found = states.after(State(bulletin.state), action, context.actor.roles)
    if isinstance(found, Refusal):
        raise UserError(found.reason, hint=found.hint)
    bulletin.state = found.value
    context.session.flush()
    note(context, bulletin, action.name.lower())


def changed(context: Context, bulletin: Bulletin) -> None:
    """Note that the words, the picture or the readers of a bulletin were changed; what was approved is not any more."""
    before = State(bulletin.state)
    move(context, bulletin, Action.WRITE)
    going_out = bulletin_issues.latest(context.session, bulletin.id)
    if before in _FROZEN or (going_out is not None and going_out.version == bulletin.version):
        bulletin.version += 1
    if bulletin.state == State.DRAFT:
        bulletin.scheduled_for = None
    bulletin.changed_by, bulletin.changed_at = me(context), context.now


_FROZEN = frozenset({State.REVIEW, State.APPROVED, State.SCHEDULED, State.PAUSED})  # somebody may have read it so


def note(context: Context, bulletin: Bulletin, action: str) -> None:
    """Write a deed into the audit trail, with the version it was done to; never the words."""
    who = context.actor.person_id
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{who}" if who else "clock",
        action=f"bulletin {action}",
        subject=bulletin.ref,
        version=bulletin.version,
    )


def draft(context: Context, bulletin: Bulletin) -> Draft:
    """Return a bulletin as its words."""
    original = context.session.get(Bulletin, bulletin.correction_of) if bulletin.correction_of else None
    return Draft(
        ref=bulletin.ref,
        kind=bulletin.kind,
        title=bulletin.title,
        sections=dict(bulletin.sections),
        image_url=bulletin.image_url,
        image_alt=bulletin.image_alt,
        marking=bulletin.marking,
        needs_reading=bulletin.needs_reading,
        audience_words=in_words(context, bulletin),
        version=bulletin.version,
        correction_of=original.title if original else "",
    )


# --- telling people ----------------------------------------------------------------------------------------


def tell(
    context: Context, to: Iterable[Identity], card: Card, *, key: str, kind: str = "notice about a bulletin"
) -> None:
    """Queue a notice about a bulletin. The same key is told once."""
    deliveries.put(
        context.session,
        key=key,
        kind=kind,
        card=card_to_json(card),
        destinations=[Destination(one.platform, one.user_id) for one in to],
        now=context.now,
    )


def approvers(context: Context, bulletin: Bulletin) -> list[Identity]:
    """Return who could approve a bulletin today."""
    able = people.reach(context.session, roles=states.APPROVERS, on=context.today)
    wrote = (bulletin.author_id, bulletin.changed_by)
    return [one for one in able if people.find(context.session, one, on=context.today).person_id not in wrote]


def writers(context: Context, bulletin: Bulletin) -> list[Identity]:
    """Return the author of a bulletin and who changed it last, where they are still here; else the secretariat."""
    found = people.places(context.session, {bulletin.author_id, bulletin.changed_by}, on=context.today)
    return found or people.reach(context.session, roles=SECRETARIAT, on=context.today)


def name_at(context: Context, place: Identity) -> str:
    """Return what the person is called who speaks from a place."""
    return people.find(context.session, place, on=context.today).name


def name_of(context: Context, person_id: int) -> str:
    """Return what a person is called."""
    person = context.session.get(people.Person, person_id)
    return person.name if person else ""
