"""Who agrees to what a kind of bulletin needs beside its approval: who holds that post, or else the secretariat."""

from __future__ import annotations

from db import bulletins, groups, people
from db.bulletins import Bulletin, State
from db.people import SECRETARIAT, Identity
from handlers.bulletins import records
from handlers.bulletins.kinds import KINDS, Agreement
from handlers.context import Context, UserError, number


def missing(context: Context, bulletin: Bulletin) -> list[Agreement]:
    """Return the agreements that its kind asks for, and that nobody has given for this version."""
    given = bulletins.agreements(context.session, bulletin)
    return [
        one
        for one in KINDS[bulletin.kind].approvals
        if one.name not in given and (not one.section or str(bulletin.sections.get(one.section, "")).strip())
    ]


def mine(context: Context, bulletin: Bulletin) -> list[Agreement]:
    """Return the missing agreements that the one who asks may give. Nobody agrees to what they wrote."""
    if context.actor.person_id is None or records.wrote(context, bulletin):
        return []
    own = bool(context.actor.roles & SECRETARIAT)
    found = []
    for one in missing(context, bulletin):
        able = _holders(context, bulletin, one)
        if context.actor.person_id in able or (own and not able):
            found.append(one)
    return found


def access(context: Context, value: str) -> Bulletin:
    """Return a bulletin that waits for approval to somebody who may give an agreement that it lacks."""
    found = bulletins.get(context.session, number(value.partition(":")[0]))
    if found is not None and found.state == State.REVIEW and mine(context, found):
        return found
    if found is None or not context.actor.roles & SECRETARIAT:
        raise UserError(records.NOT_FOUND, hint="Type bulletins to see what was sent.")
    if found.state != State.REVIEW:
        raise UserError(
            f"{found.ref} is not waiting for approval.", hint="Send it for approval first, so that its words stay."
        )
    lacking = missing(context, found)
    if not lacking:
        raise UserError(f"{found.ref} needs no further agreement.", hint="It can be approved.")
    raise UserError("Somebody else has to agree to that.", hint=f"Ask {by_whom(context, found, lacking[0])}.")


def by_whom(context: Context, bulletin: Bulletin, agreement: Agreement) -> str:
    """Say who may give an agreement today."""
    names = [records.name_of(context, one) for one in _holders(context, bulletin, agreement)]
    return ", ".join(names) or "somebody of the secretariat who did not write it, once it was agreed"


def asked(context: Context, bulletin: Bulletin) -> list[Identity]:
    """Return where those are reached who hold a post whose agreement is missing."""
    able = {person for one in missing(context, bulletin) for person in _holders(context, bulletin, one)}
    return people.places(context.session, able, on=context.today)


def _holders(context: Context, bulletin: Bulletin, agreement: Agreement) -> list[int]:
    """Return the people here who hold the post, and did not write the bulletin."""
    session, on = context.session, context.today
    found = [
        row.person_id
        for row in groups.members(session, agreement.group, on=on)
        if agreement.seat in ("", row.seat)
    ]  # fmt: skip
    for place in people.holders(session, agreement.post, on=on) if agreement.post else []:
        person_id = people.find(session, place, on=on).person_id
        found += [person_id] if person_id is not None else []
    return [one for one in dict.fromkeys(found) if one not in (bulletin.author_id, bulletin.changed_by)]
