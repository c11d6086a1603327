"""The one way to a record: who may see it and who may do what to it. What one may not see reads like what is not there.

Lists use the same conditions (`visible_...`), so that nothing is counted that could not be opened.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from db import records
from db.actions import ActionItem, owned_by
from db.challenges import Challenge
from db.consultations import Consultation, Consulted
from db.decisions import Decision
from db.disputes import PartnerDispute
from db.escalations import Escalation
from db.groups import Membership
from db.people import SECRETARIAT, Role
from db.records import Stale, Versioned
from db.risks import Risk
from handlers.context import Context, Request, UserError
from handlers.messages import Choice, Errors, Field

NOT_FOUND = "I cannot find that record."
HINT = "Look at its reference, such as ESC-2026-017, or type my to see what is yours."
OFFICIAL, SENSITIVE = "OFFICIAL", "OFFICIAL-SENSITIVE"
READERS = SECRETARIAT | {Role.MEMBER, Role.CHAIR, Role.SCRUTINEER, Role.STATUTORY_PARTNER}
CLEARED = SECRETARIAT | {Role.SCRUTINEER, Role.STATUTORY_PARTNER}
DISPUTES = frozenset({Role.STRATEGY_MANAGER, Role.SCRUTINEER, Role.STATUTORY_PARTNER})
SEEN = "seen_version"  # the box in which somebody says that they have read what others changed
_READ = "read-"  # before the version in that box: a number by itself, beside other boxes, reads like one of a house
_REF = re.compile(r"[A-Z]{3}-\d{4}-\d{3,6}")
CHAIRS = ("chair", "vice-chair", "vice chair", "deputy chair", "co-chair", "delegate")


class Need(StrEnum):
    """What somebody wants with a record. Everything but reading is asked for besides being able to read it."""

    READ = "read"
    WRITE = "write"  # its words: whoever raised or owns it, the chair of its group, and the secretariat
    KEEP = "keep"  # its data: the secretariat
    TRIAGE = "triage"  # what becomes of it: the strategy manager
    CHAIR = "chair"  # for the group that it belongs to: the chair or vice-chair
    OWN = "own"  # as its owner
    ANSWER = "answer"  # for the Executive: a statutory partner
    COMMENT = "comment"  # as the scrutineer


R = TypeVar("R", Escalation, Risk, Challenge, ActionItem, PartnerDispute, Decision, Consultation)
Record = Escalation | Risk | Challenge | ActionItem | Decision | Consultation


def access_escalation(context: Context, ref: str, need: Need = Need.READ) -> Escalation:
    """Return an escalation to somebody who may do this to it. Raises UserError for everybody else."""
    found = _fetch(context, Escalation, ref, visible_escalations(context))
    mine = context.actor.person_id == found.raised_by
    chairs = _asked(need, Need.CHAIR, Need.WRITE) and chairs_group(context, found.group_id)
    return _allowed(context, found, need, mine=mine, owner=False, chairs=chairs)


def access_risk(context: Context, ref: str, need: Need = Need.READ) -> Risk:
    """Return a risk to somebody who may do this to it. Raises UserError for everybody else."""
    found = _fetch(context, Risk, ref, visible_risks(context))
    me = context.actor.person_id
    chairs = _asked(need, Need.CHAIR, Need.WRITE) and chairs_group(context, found.lead_group_id)
    return _allowed(context, found, need, mine=me == found.raised_by, owner=me == found.owner_id, chairs=chairs)


def access_challenge(context: Context, ref: str, need: Need = Need.READ) -> Challenge:
    """Return a challenge to somebody who may do this to it. Raises UserError for everybody else."""
    found = _fetch(context, Challenge, ref, visible_challenges(context))
    me = context.actor.person_id
    return _allowed(context, found, need, mine=me == found.raised_by, owner=me == found.owner_id, chairs=False)


def access_action(context: Context, ref: str, need: Need = Need.READ) -> ActionItem:
    """Return an action to somebody who may do this to it. Raises UserError for everybody else."""
    found = _fetch(context, ActionItem, ref, visible_actions(context))
    mine = context.actor.person_id == found.added_by_person_id
    return _allowed(context, found, need, mine=mine, owner=owns_action(context, found), chairs=False)


def access_dispute(context: Context, ref: str, need: Need = Need.READ) -> PartnerDispute:
    """Return a dispute between partners to one of the few who see it. Raises UserError for everybody else."""
    found = _fetch(context, PartnerDispute, ref, visible_disputes(context))
    return _allowed(context, found, need, mine=context.actor.person_id == found.opened_by, owner=False, chairs=False)


def access_decision(context: Context, ref: str, need: Need = Need.READ) -> Decision:
    """Return a decision to somebody who may do this to it. Raises UserError for everybody else."""
    found = _fetch(context, Decision, ref, visible_decisions(context))
    chairs = _asked(need, Need.CHAIR, Need.WRITE) and chairs_group(context, found.group_id)
    return _allowed(context, found, need, mine=False, owner=False, chairs=chairs)


def access_consultation(context: Context, ref: str, need: Need = Need.READ) -> Consultation:
    """Return a consultation to somebody who may do this to it. Raises UserError for everybody else."""
    found = _fetch(context, Consultation, ref, visible_consultations(context))
    chairs = _asked(need, Need.CHAIR, Need.WRITE) and chairs_group(context, found.group_id)
    return _allowed(context, found, need, mine=False, owner=False, chairs=chairs)


def access_any(context: Context, ref: str, need: Need = Need.READ) -> Record:
    """Return a record of any kind, by the letters of its reference. Raises UserError for those it is not for."""
    find = _BY_PREFIX.get(plain(ref).partition("-")[0])
    if find is None:
        raise not_found()
    return find(context, ref, need)


def plain(ref: str) -> str:
    """Return a reference as it is kept, however somebody typed it."""
    return ref.strip().upper()


def not_found() -> UserError:
    """Return what is said about a record that is not there, or that is not for the one who asks."""
    return UserError(NOT_FOUND, hint=HINT)


# --- who sees what -----------------------------------------------------------------------------------------


def visible_escalations(context: Context) -> ColumnElement[bool]:
    """Say which escalations the one who asks may read: what was sent, by its marking; drafts only with their group."""
    me, roles = context.actor.person_id, context.actor.roles
    if me is None:
        return false()
    sent, open_to_all = Escalation.raised_at.is_not(None), Escalation.marking == OFFICIAL
    own = or_(Escalation.raised_by == me, Escalation.group_id.in_(chaired(context)))
    if Role.SCRUTINEER in roles:
        return true()
    if roles & CLEARED:
        return or_(sent, own)
    if roles & READERS:
        return or_(and_(sent, open_to_all), own)
    return own


def visible_risks(context: Context) -> ColumnElement[bool]:
    """Say which risks the one who asks may read."""
    return _by_marking(context, Risk.marking, Risk.raised_by, Risk.owner_id)


def visible_challenges(context: Context) -> ColumnElement[bool]:
    """Say which challenges the one who asks may read."""
    return _by_marking(context, Challenge.marking, Challenge.raised_by, Challenge.owner_id)


def visible_actions(context: Context) -> ColumnElement[bool]:
    """Say which actions the one who asks may read: their own, and those of records that they may read."""
    me, roles = context.actor.person_id, context.actor.roles
    if me is None:
        return false()
    own = owned_by(me, roles)
    if roles & CLEARED:
        return or_(ActionItem.of_ref.not_like("DIS-%"), own) if not roles & DISPUTES else true()
    of_what = [
        _one_by_one(select(Escalation.id).where(Escalation.ref == ActionItem.of_ref, visible_escalations(context))),
        _one_by_one(select(Risk.id).where(Risk.ref == ActionItem.of_ref, visible_risks(context))),
        _one_by_one(select(Challenge.id).where(Challenge.ref == ActionItem.of_ref, visible_challenges(context))),
    ]
    of_what.append(
        _one_by_one(select(Decision.id).where(Decision.ref == ActionItem.of_ref, visible_decisions(context)))
    )
    alone = ActionItem.of_ref == "" if roles & READERS else false()
    return or_(own, alone, *of_what)


def _one_by_one(record: Select[int]) -> ColumnElement[bool]:
    """Say that an action's record is there, looked up for each action: a page of them needs few, EXISTS reads all."""
    return record.limit(1).scalar_subquery().is_not(None)


def visible_disputes(context: Context) -> ColumnElement[bool]:
    """Say which disputes the one who asks may read: all of them or none."""
    return true() if context.actor.roles & DISPUTES else false()


def visible_decisions(context: Context) -> ColumnElement[bool]:
    """Say which decisions the one who asks may read: those of the groups in which they sit."""
    if context.actor.roles & CLEARED:
        return true()
    me = context.actor.person_id
    sits = select(Membership.group_id).where(Membership.person_id == me, Membership.in_force(context.today))
    return false() if me is None else Decision.group_id.in_(sits)


def visible_consultations(context: Context) -> ColumnElement[bool]:
    """Say which consultations the one who asks may read: what they, or a group that they chair, are asked."""
    if context.actor.roles & CLEARED:
        return true()
    me = context.actor.person_id
    asked = select(Consulted.consultation_id).where(Consulted.person_id == me)
    return false() if me is None else or_(Consultation.id.in_(asked), Consultation.group_id.in_(chaired(context)))


def chaired(context: Context) -> Select[int]:
    """Return the query of the groups that the one who asks chairs today: on the seat of a chair, or as a deputy there.

    The role of chair alone says nothing of which group it is.
    """
    return _sits_as_chair(context.actor.person_id or 0, context.today)


def chairs_group(context: Context, group_id: int | None) -> bool:
    """Say whether the one who asks chairs a group, or is its vice-chair, today."""
    if group_id is None or context.actor.person_id is None:
        return False
    asked = {"me": context.actor.person_id, "day": context.today}
    return group_id in set(context.session.scalars(_chaired_by_me(), asked))


@functools.cache
def _chaired_by_me() -> Select[int]:
    """Return the query of `chairs_group`, put together once: cards ask it for each of their buttons."""
    return _sits_as_chair(bindparam("me", type_=Integer()), bindparam("day", type_=Date()))


def _sits_as_chair(me: Any, on: Any) -> Select[int]:
    sits = select(Membership.group_id).where(Membership.person_id == me, Membership.in_force(on))
    return sits.where(func.lower(Membership.seat).in_(CHAIRS))


def owns_action(context: Context, action: ActionItem) -> bool:
    """Say whether an action is the one's own who asks: by name, or by a role where it names nobody."""
    me, roles = context.actor.person_id, context.actor.roles
    if me is None:
        return False
    if action.owner_person_id is not None:
        return action.owner_person_id == me
    return action.owner_role in {role.value for role in roles}


def cleared(context: Context) -> bool:
    """Say whether the one who asks may read what is OFFICIAL-SENSITIVE, whoever raised it."""
    return bool(context.actor.roles & CLEARED)


def _by_marking(
    context: Context,
    marking: InstrumentedAttribute[str],
    raised_by: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    owner_id: InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    me, roles = context.actor.person_id, context.actor.roles
    if me is None:
        return false()
    own = or_(raised_by == me, owner_id == me)
    if roles & CLEARED:
        return true()
    if roles & READERS:
        return or_(marking == OFFICIAL, own)
    return own


# --- who may do what ---------------------------------------------------------------------------------------


def _fetch(context: Context, kind: type[R], ref: str, visible: ColumnElement[bool]) -> R:
    if not _REF.fullmatch(plain(ref)):
        raise not_found()
    found = context.session.scalar(select(kind).where(kind.ref == plain(ref), visible))
    if found is None:
        raise not_found()
    return found


def _asked(need: Need, *needs: Need) -> bool:
    return need in needs


def _allowed(context: Context, found: R, need: Need, *, mine: bool, owner: bool, chairs: bool) -> R:
    roles = context.actor.roles
    may = {
        Need.READ: True,
        Need.WRITE: mine or owner or chairs or bool(roles & SECRETARIAT),
        Need.KEEP: bool(roles & SECRETARIAT),
        Need.TRIAGE: Role.STRATEGY_MANAGER in roles,
        Need.CHAIR: chairs,
        Need.OWN: owner,
        Need.ANSWER: Role.STATUTORY_PARTNER in roles,
        Need.COMMENT: Role.SCRUTINEER in roles,
    }
    if not may[need]:
        raise not_found()
    return found


_Access = Callable[[Context, str, Need], Record]
_BY_PREFIX: Mapping[str, _Access] = {
    "ESC": access_escalation,
    "RSK": access_risk,
    "CHA": access_challenge,
    "ACT": access_action,
    "DEC": access_decision,
    "CON": access_consultation,
}


# --- two who write at once ---------------------------------------------------------------------------------


def about(row: Versioned) -> str:
    """Return what a form about a record carries in a hidden way: its reference and its version."""
    return f"{row.ref}|{row.version}"


def opened(request: Request) -> tuple[str, int]:
    """Return the reference and the version that a form or a button carried; 0 for a version that none has.

    Where somebody has said that they read what others changed, it is the version that they read.
    """
    ref, _, version = request.value.partition("|")
    read = request.fields.get(SEEN, "").removeprefix(_READ) or version
    return plain(ref), int(read) if read.isdecimal() and len(read) < 10 else 0  # noqa: PLR2004 - below 2**31


def clash(stale: Stale, box: str) -> Errors:
    """Return what the second of two who write at once is told, at a box of their form, which keeps what they typed."""
    said = f"{stale.by} changed this while you were writing: {stale.what}. Nothing of yours was saved yet."
    read = Choice(f"{_READ}{stale.version}", "I have read that. Save what I wrote over it")
    also = Field(SEEN, "It was changed meanwhile", "choice", required=False, choices=(read,))
    return Errors({box: f"{said} Look at it again, or choose below to save yours over it."}, also=also)


def overtaken(stale: Stale) -> UserError:
    """Return what somebody is told whose button stands under an earlier version of a record."""
    return UserError(
        f"{stale.by} has changed {stale.ref} since you opened it.",
        hint=f"They did this: {stale.what}. Open it again.",
        ref=stale.ref,
    )


def changing(context: Context, row: Versioned, request: Request) -> int:
    """Hold a record for the one whose form or button this is, and return its next version. Raises Stale."""
    return records.changed(context.session, row, expected=opened(request)[1])
