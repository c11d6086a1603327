"""What the clock does with escalations: into the pack when papers lock, reports of decisions, and Monday's digest."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import func, select

from db import deliveries, escalations, people
from db.deliveries import Destination
from db.escalations import Escalation
from db.meetings import Meeting, MeetingState
from db.people import Role
from handlers.context import Context
from handlers.escalations import executive, records, triage, watching
from handlers.escalations.records import FLOW
from handlers.messages import Card, Text, card_to_json
from handlers.wording import words

OPENS = time(9)
_MONDAY = 0
_WEEK = timedelta(days=7)


def do_due(context: Context) -> int:
    """Do what is due about escalations; return how much it was. Any number of servers may do it at any time."""
    done = _moved(context) + _packed(context) + _reported(context) + watching.handed_over(context)
    return done + _digest(context)


def _moved(context: Context) -> int:
    """Let what waits follow its meeting to another day, or wait for the one after a meeting that does not come."""
    done = 0
    for row in escalations.out_of_step(context.session, context.today):
        meeting = records.target(context, row)
        if meeting is None:
            continue
        missed = _missed(context, row, meeting)
        to = records.meeting_after(context, meeting) if missed else meeting
        context.session.refresh(row, with_for_update=True)
        if to is not None and row.target_meeting_id == meeting.id and not _waits_well(context, row, meeting):
            records.move(context, row, to, why=_FELL_AWAY if missed else _OTHER_DAY)
            watching.again(context, row)
            done += 1
    return done


_FELL_AWAY = "The meeting that it waited for does not take place, or is over."
_OTHER_DAY = "The meeting that it waits for was moved to another day."


def _waits_well(context: Context, row: Escalation, meeting: Meeting) -> bool:
    return row.response_due == meeting.on and not _missed(context, row, meeting)


def _missed(context: Context, row: Escalation, meeting: Meeting) -> bool:
    over = row.status == "deferred" and meeting.on < context.today
    return over or meeting.state == MeetingState.CANCELLED


def _packed(context: Context) -> int:
    """Put before the Executive what waits for a meeting whose papers are locked or go out today."""
    done = 0
    for row in escalations.to_pack(context.session, context.today):
        context.session.refresh(row, with_for_update=True)
        if row.status in ("accepted", "deferred"):
            taken = triage.put_before(context, row)
            done += records.by_clock(context, row, "send", taken, done=triage.SEND.done)
    return done


def _reported(context: Context) -> int:
    """Find the meeting at which a decision between meetings is reported, once its date is known."""
    coming = records.next_executive(context)
    if coming is None:
        return 0
    wanted = select(Escalation).where(
        Escalation.decided_how == executive.BETWEEN, Escalation.report_meeting_id.is_(None)
    )
    rows = list(context.session.scalars(wanted.with_for_update()))
    for row in rows:
        row.report_meeting_id = coming.id
    return len(rows)


def _digest(context: Context) -> int:
    """Tell the scrutineer on Monday at nine what moved in the week before."""
    local = context.now.astimezone(context.house.time_zone)
    if local.weekday() != _MONDAY or local.time() < OPENS:
        return 0
    since = context.now - _WEEK
    counted = {
        "raised": _count(context, Escalation.raised_at >= since),
        "answered": _count(context, Escalation.decided_at >= since, Escalation.executive_response != ""),
        "closed": _count(context, Escalation.closed_at >= since, Escalation.status == "closed"),
        "open": _count(context, Escalation.status.in_(FLOW.open_states()), Escalation.raised_at.is_not(None)),
        "overdue": _count(
            context, Escalation.status.in_(("accepted", "with-executive")), Escalation.response_due < context.today
        ),
        "deferred": _count(context, Escalation.status == "deferred", Escalation.deferrals > 1),
    }
    if not any(counted.values()):
        return 0
    places = people.reach(context.session, roles=[Role.SCRUTINEER], on=context.today)
    told = Card(
        title="Escalations: what moved last week",
        body=(Text(words("escalations_week", **counted)),),
    )
    return deliveries.put(
        context.session,
        key=f"escalations:week:{context.today.isoformat()}",
        kind="digest of escalations",
        card=card_to_json(told),
        destinations=[Destination(one.platform, one.user_id) for one in places],
        now=context.now,
    )


def _count(context: Context, *which: object) -> int:
    return context.session.scalar(select(func.count()).select_from(Escalation).where(*which)) or 0  # type: ignore[arg-type]
