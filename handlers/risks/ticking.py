"""What the clock does to risks: acceptances run out, answers come back, reds go up, and chairs get their month."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import select

from db import deliveries, groups, people, risks
from db.base import take_turns
from db.deliveries import Destination
from db.groups import Group
from db.risks import Risk, Status
from handlers import access
from handlers.context import Context
from handlers.messages import Button, Card, Table, Text, card_to_json
from handlers.risks import acceptance, escalating
from handlers.risks import records as own
from handlers.wording import words
from knowledge import risks as rules
from knowledge import scoring
from knowledge.calendar import instant, working_days_after
from knowledge.ladders import OPENS
from knowledge.scoring import Rag

_ROWS = 20
_LOWEST_RED = scoring.shipped().bands[Rag.RED][0]


def tick(context: Context) -> int:
    """Do what is due with risks; return how many it was. Call it at any time."""
    take_turns(context.session, "risks")
    done = 0
    for risk in risks.matching(context.session, Status.ACCEPTED, Risk.acceptance_expiry <= context.today):
        acceptance.expire(context, risk)
        done += 1
    for risk in risks.matching(context.session, Status.ESCALATED, Risk.escalation_ref != ""):
        done += escalating.answered(context, risk)
    busy = risks.with_open_actions(context.session)
    for risk in risks.matching(context.session, Status.OPEN, risks.SCORE >= _LOWEST_RED):
        if escalating.must(context, risk, busy=risk.ref in busy):
            done += escalating.by_itself(context, risk)
    return done + _late(context)


def _late(context: Context) -> int:
    """Tell the whole secretariat once about an alert that nobody decided on in time."""
    late, to = 0, own.reach(context, *people.SECRETARIAT)
    for risk in risks.matching(context.session, Status.ALERT):
        by = rules.triage_by(context.day(risk.raised_at), risk.clocks)
        if by < context.today:
            said = f"It was to be decided by {own.day(by)}."
            late += own.tell(context, risk, "late", to, f"{risk.ref} still waits", said, key="once")
    return late


def digest(context: Context) -> int:
    """Queue the monthly digest of each lead group for its chairs, on the first working day; return how many."""
    first = working_days_after(context.today.replace(day=1), 0)
    if context.now < instant(first, OPENS, context.house.time_zone):
        return 0
    by_group: dict[int, list[Risk]] = defaultdict(list)
    for risk in risks.of_status(context.session, {Status.OPEN, Status.ESCALATED, Status.ACCEPTED}):
        if risk.lead_group_id is not None:
            by_group[risk.lead_group_id].append(risk)
    return sum(_digest(context, group_id, rows) for group_id, rows in sorted(by_group.items()))


def _digest(context: Context, group_id: int, rows: list[Risk]) -> int:
    name = context.session.scalars(select(Group.name).where(Group.id == group_id)).one()
    sitting = groups.members(context.session, name, on=context.today)
    chairs = [one.person_id for one in sitting if one.seat.lower() in access.CHAIRS]
    places = people.places(context.session, chairs, on=context.today)
    if not places:
        return 0
    rows.sort(key=lambda risk: (-(risk.current_l or 0) * (risk.current_i or 0), risk.ref))
    lines = tuple(
        (
            risk.ref,
            "restricted" if risk.marking == own.SENSITIVE else risk.title,
            own.score(context, risk.current_l, risk.current_i),
            own.day(risk.next_review),
        )
        for risk in rows[:_ROWS]
    )
    more = f"and {len(rows) - _ROWS} more: type risks to see them" if len(rows) > _ROWS else ""
    overdue = sum(_overdue(risk, context.today) for risk in rows)
    card = Card(
        title=f"Risks of {name} this month",
        body=(
            Text(words("risks_digest", rows=rows, overdue=overdue, new=_new(context, rows))),
            Table(("Risk", "Title", "Score now", "Next review"), lines, more=more),
        ),
        actions=(Button("Heat map", "heatmap.show"),),
    )
    return deliveries.put(
        context.session,
        key=f"risk:digest:{group_id}:{context.today:%Y-%m}",
        kind="digest of risks",
        card=card_to_json(card),
        destinations=[Destination(one.platform, one.user_id) for one in places],
        now=context.now,
    )


def _overdue(risk: Risk, today: date) -> bool:
    return risk.next_review is not None and risk.next_review < today


def _new(context: Context, rows: list[Risk]) -> int:
    since = context.now - timedelta(days=31)
    return sum(risk.raised_at >= since for risk in rows)
