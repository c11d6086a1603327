"""Gathers what somebody owes and what they raised: a few queries for each feature, however much there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, false, or_

from db import actions, listing, reminders
from db.actions import owned_by
from db.bulletins import Bulletin
from db.challenges import Challenge
from db.challenges import Status as Asked
from db.escalations import Escalation
from db.people import Role
from db.risks import LIVE, Risk, Status
from handlers import access, dues, standing
from handlers.bulletins.kinds import KINDS, Agreement
from handlers.bulletins.states import APPROVERS
from handlers.context import Context

MOST = 25  # of one kind; its own list shows the rest
_REF = re.compile(r"[A-Z]{3}-\d{4}-\d{3,6}")
_LIVE = tuple(sorted(one.value for one in LIVE))


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of somebody's own: `kind` says which route opens it, with this value."""

    kind: str
    value: str
    ref: str
    what: str
    state: str
    due: date | None = None
    over: bool = False

    @property
    def key(self) -> str:
        """Return what a form carries for it."""
        return f"{self.kind} {self.value}"


def owed(context: Context, me: int) -> list[Item]:
    """Return what somebody has to do: what is due first at the top, what has no day at the end."""
    found = [*_actions(context, me), *_escalations(context, me), *_risks(context, me), *_challenges(context, me)]
    found += [*_to_agree(context, me), *_to_read(context, me)]
    found += _reminders(context, me, {one.ref for one in found})
    return sorted(found, key=lambda one: (one.due or date.max, one.ref))


def raised(context: Context, me: int) -> list[Item]:
    """Return what somebody raised, whatever became of it: what is still open first, then the newest."""
    session = context.session
    found = [
        Item("escalation", row.ref, row.ref, row.title, standing.of_escalation(context, row),
             dues.of_escalation(context, row), row.status in dues.FINISHED)
        for row in listing.page(
            session, Escalation, Escalation.raised_by == me, access.visible_escalations(context),
            order=(Escalation.status.in_(dues.FINISHED), Escalation.id.desc()), limit=MOST,
        )
    ]  # fmt: skip
    found += [
        Item("risk", row.ref, row.ref, row.title, standing.of_risk(context, row), dues.of_risk(context, row),
             row.status not in _LIVE)
        for row in listing.page(
            session, Risk, Risk.raised_by == me, access.visible_risks(context),
            order=(Risk.status.not_in(_LIVE), Risk.id.desc()), limit=MOST,
        )
    ]  # fmt: skip
    found += [
        Item("challenge", row.ref, row.ref, row.challenge, standing.of_challenge(row), dues.of_challenge(row),
             row.status == Asked.CLOSED.value)
        for row in listing.page(
            session, Challenge, Challenge.raised_by == me, access.visible_challenges(context),
            order=(Challenge.status == Asked.CLOSED.value, Challenge.id.desc()), limit=MOST,
        )
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.over)


# --- what is owed, feature by feature --------------------------------------------------------------------------


def _actions(context: Context, me: int) -> Iterator[Item]:
    mine = owned_by(me, context.actor.roles)
    for row in actions.listed(context.session, mine, limit=MOST):
        yield Item("action", row.ref, row.ref, row.what, "Do it", row.due_on)


def _escalations(context: Context, me: int) -> Iterator[Item]:
    roles = context.actor.roles
    chairs = Escalation.group_id.in_(access.chaired(context))
    unsent = Escalation.status.in_(("draft", "returned"))
    asked = [
        and_(unsent, or_(Escalation.raised_by == me, chairs)),
        and_(Escalation.status == "deferred", Escalation.still_wanted_at.is_(None), chairs),
        and_(Escalation.claimed_by == me, Escalation.status.in_(dues.OPEN)),
        _asked_of_managers() if Role.STRATEGY_MANAGER in roles else false(),
        _asked_of_partners(me) if Role.STATUTORY_PARTNER in roles else false(),
    ]
    order = (Escalation.response_due.asc().nulls_first(), Escalation.id)
    rows = listing.page(
        context.session, Escalation, access.visible_escalations(context), or_(*asked), order=order, limit=MOST
    )
    for row in rows:
        state = _DO.get(row.status, "Deal with it")
        yield Item("escalation", row.ref, row.ref, row.title, state, dues.of_escalation(context, row))


_DO = {
    "draft": "Finish it and send it",
    "returned": "Change it and send it again",
    "submitted": "Look at it",
    "deferred": "Is it still wanted?",
    "with-executive": "Respond",
    "responded": "Start what was decided, or close it",
    "reopened": "Decide what becomes of it",
}


def _asked_of_managers() -> ColumnElement[bool]:
    return Escalation.status.in_(("submitted", "responded", "reopened"))


def _asked_of_partners(me: int) -> ColumnElement[bool]:
    return and_(Escalation.status == "with-executive", Escalation.urgency == "urgent", listing.not_answered_by(me))


def _risks(context: Context, me: int) -> Iterator[Item]:
    owns = and_(Risk.owner_id == me, Risk.status.in_(_LIVE))
    alerts = Risk.status == Status.ALERT.value if Role.STRATEGY_MANAGER in context.actor.roles else false()
    order = (Risk.next_review.asc().nulls_first(), Risk.id)
    rows = listing.page(
        context.session, Risk, access.visible_risks(context), or_(owns, alerts), order=order, limit=MOST
    )
    for row in rows:
        if row.owner_id == me:
            state = "Review it" if row.owner_accepted_at else "Say whether you own it"
        else:
            state = "Decide on the alert"
        yield Item("risk", row.ref, row.ref, row.title, state, dues.of_risk(context, row))


def _challenges(context: Context, me: int) -> Iterator[Item]:
    answers = and_(Challenge.owner_id == me, Challenge.status.in_(dues.TO_ANSWER))
    judged = Challenge.status.in_((Asked.ANSWERED.value, Asked.ACCEPTED.value))
    judges = and_(Challenge.raised_by == me, judged)
    rows = listing.page(
        context.session, Challenge, access.visible_challenges(context), or_(answers, judges),
        order=(Challenge.response_due,), limit=MOST,
    )  # fmt: skip
    for row in rows:
        state = {
            Asked.ANSWERED.value: "Say whether the answer satisfies you",
            Asked.ACCEPTED.value: "Close it: what changed?",
        }.get(row.status, "Answer it")
        yield Item("challenge", row.ref, row.ref, row.challenge, state, dues.of_challenge(row))


def _to_agree(context: Context, me: int) -> Iterator[Item]:
    sits, posts = listing.seats(context.session, me, on=context.today)
    approves = bool(context.actor.roles & APPROVERS)
    for row, given in listing.bulletins_in_review(context.session, me, limit=MOST):
        if approves:
            yield Item("approve", str(row.id), row.ref, row.title, "Approve it or return it")
        elif any(_asked_for(one, row, sits, posts) for one in KINDS[row.kind].approvals if one.name not in given):
            yield Item("agree", str(row.id), row.ref, row.title, "Say whether you agree to it")


def _asked_for(agreement: Agreement, row: Bulletin, sits: set[tuple[str, str]], posts: set[str]) -> bool:
    if agreement.section and not str(row.sections.get(agreement.section, "")).strip():
        return False
    seat = {one for one in sits if one[0] == agreement.group and agreement.seat in ("", one[1])}
    return bool(seat) or (bool(agreement.post) and agreement.post in posts)


def _to_read(context: Context, me: int) -> Iterator[Item]:
    for row, title in listing.bulletins_to_read(context.session, me, limit=MOST):
        yield Item("read", str(row.id), row.ref, title, "Read it and brief your team", row.read_by)


def _reminders(context: Context, me: int, known: set[str]) -> list[Item]:
    """Return the next reminder of each subject that is not about something else in the list."""
    found: dict[str, Item] = {}
    for entry in reminders.coming(context.session, me):
        about = _REF.search(entry.plan.subject)
        if about is None or about.group() not in known:
            item = Item(
                "reminder", str(entry.reminder.id), "Reminder", entry.plan.title, "Coming", entry.plan.anchor_on
            )
            found.setdefault(entry.plan.subject, item)
    return list(found.values())[:MOST]
