"""By when something has to be done about a record: from what the record says, and from the periods it was raised with.

What is said of one record (`of_...`) and what lists ask storage for (`..._by`) are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from db import listing, risks
from db.challenges import Challenge
from db.challenges import Status as Asked
from db.escalations import Escalation
from db.risks import Risk, Status
from handlers.context import Context
from knowledge import clocks, workflows
from knowledge import risks as rules
from knowledge.calendar import CalendarError, instant, working_days_after

FINISHED = tuple(one.name for one in workflows.escalations().states.values() if not one.open)
DRAFT = "draft"
OPEN = tuple(one for one in workflows.escalations().open_states() if one != DRAFT)
WAITS = ("accepted", "with-executive", "deferred")  # for the Executive, until its meeting
TO_ANSWER = (Asked.RAISED.value, Asked.ACKNOWLEDGED.value, Asked.NOT_SATISFIED.value)
REVIEWED = (Status.OPEN.value, Status.ESCALATED.value)


def of_escalation(context: Context, row: Escalation) -> date | None:
    """Return by when an escalation is to be looked at, answered, or told to its group; None for nothing of these."""
    if row.status == "submitted":
        found = row.clocks.get("triage_due")
        return date.fromisoformat(found) if found else None
    if row.status in WAITS:
        return row.response_due
    if row.status == "responded" and row.feedback_to_group_at is None and row.decided_at:
        return _after(context.day(row.decided_at), _period(row.clocks, "answer"))
    return None


def is_old(context: Context, row: Escalation) -> bool:
    """Say whether an escalation is open for so long that it is red."""
    if row.raised_at is None or row.status not in OPEN:
        return False
    return context.today - context.day(row.raised_at) > timedelta(days=_period(row.clocks, "old"))


def of_risk(context: Context, row: Risk) -> date | None:
    """Return by when a risk is to be decided on or reviewed, or its acceptance ends."""
    if row.status == Status.ALERT:
        return _after(context.day(row.raised_at), int({**rules.clocks(), **row.clocks}["triage_working_days"]))
    if row.status in REVIEWED:
        return row.next_review
    if row.status == Status.ACCEPTED:
        return min(filter(None, (row.next_review, row.acceptance_expiry)), default=None)
    return None


def of_challenge(row: Challenge) -> date | None:
    """Return by when a challenge is to be answered."""
    return row.response_due if row.status in TO_ANSWER else None


# --- the same, asked of storage --------------------------------------------------------------------------------


def escalations_by(context: Context, until: date) -> ColumnElement[bool]:
    """Say that something about an escalation is due by a day, that day counted."""
    answered = and_(Escalation.status == "responded", Escalation.feedback_to_group_at.is_(None))
    looked_at = Escalation.clocks["triage_due"].as_string()
    return or_(
        and_(Escalation.status == "submitted", looked_at <= until.isoformat()),
        and_(Escalation.status.in_(WAITS), Escalation.response_due <= until),
        and_(
            answered,
            _since(context, Escalation, "answer", answered, lambda days: _before(context, until, days, "decided_at")),
        ),
    )


def old(context: Context) -> ColumnElement[bool]:
    """Say that an escalation is open for so long that it is red."""
    sent = and_(Escalation.status.in_(OPEN), Escalation.raised_at.is_not(None))

    def raised(days: int) -> ColumnElement[bool]:
        return Escalation.raised_at < _start(context, context.today - timedelta(days=days))

    return and_(sent, _since(context, Escalation, "old", sent, raised))


def risks_by(context: Context, until: date) -> ColumnElement[bool]:
    """Say that something about a risk is due by a day, that day counted."""
    accepted = or_(Risk.next_review <= until, Risk.acceptance_expiry <= until)
    alert = Risk.status == Status.ALERT.value
    days = Risk.clocks["triage_working_days"].as_integer()
    default = int(rules.clocks()["triage_working_days"])
    late = [
        and_(_same(days, one), Risk.raised_at < _start(context, _latest(until, one or default) + timedelta(days=1)))
        for one in listing.periods(context.session, Risk, days, alert)
    ]
    return or_(
        and_(Risk.status.in_(REVIEWED), Risk.next_review <= until),
        and_(Risk.status == Status.ACCEPTED.value, accepted),
        *(and_(alert, one) for one in late),
    )


def red(*, low: int, high: int) -> ColumnElement[bool]:
    """Say that the current score of a risk lies between these."""
    return risks.SCORE.between(low, high)


def challenges_by(until: date) -> ColumnElement[bool]:
    """Say that a challenge is to be answered by a day, that day counted."""
    return and_(Challenge.status.in_(TO_ANSWER), Challenge.response_due <= until)


# --- counting -----------------------------------------------------------------------------------------------


def _period(frozen: Mapping[str, Any], name: str) -> int:
    return int(frozen.get("periods", {}).get(name, clocks.numbers("escalations")[name]))


def _since(
    context: Context,
    kind: type[Escalation],
    name: str,
    which: ColumnElement[bool],
    late: Callable[[int], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Say that a record is late by the period that it was raised with: one condition for each period there is."""
    period = kind.clocks[("periods", name)].as_integer()
    known = listing.periods(context.session, kind, period, which)
    default = clocks.numbers("escalations")[name]
    return or_(*(and_(_same(period, one), late(default if one is None else one)) for one in known or [None]))


def _same(period: ColumnElement[int], number: int | None) -> ColumnElement[bool]:
    return period.is_(None) if number is None else period == number


def _before(context: Context, until: date, days: int, column: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = getattr(Escalation, column) < _start(context, _latest(until, days) + timedelta(days=1))
    return found


def _after(day: date, days: int) -> date | None:
    """Return the working day some working days later; None for years whose bank holidays nobody knows."""
    try:
        return working_days_after(day, days)
    except CalendarError:
        return None


def _latest(until: date, days: int) -> date:
    """Return the last day from which so many working days end by a day."""
    day = until
    while working_days_after(day, days) > until:
        day -= timedelta(days=1)
    return day


def _start(context: Context, day: date) -> datetime:
    return instant(day, time(), context.house.time_zone)
