"""Who owes something for an escalation, and by when: planned as reminders, which come as one message a morning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from db import meetings, people, reminders
from db.escalations import Escalation
from db.people import Role
from handlers import access
from handlers.context import Context
from handlers.escalations import clocks, parties


def triage(context: Context, row: Escalation) -> None:
    """Remind the strategy managers to look at it; when nobody did, the secretariat and the partners hear of it."""
    due = clocks.triage_due(row.clocks)
    if due is not None:
        _plan(context, row, "triage", "triage", whom=_with(context, Role.STRATEGY_MANAGER), due=due)


def response(context: Context, row: Escalation) -> None:
    """Remind the partners of the response that is due; silence goes on to the chairs of the Executive."""
    if row.response_due is not None:  # without a meeting to answer at, the strategy manager goes on looking
        triaged(context, row)
        _plan(context, row, "response", "response", whom=_with(context, Role.STATUTORY_PARTNER), due=row.response_due)


def again(context: Context, row: Escalation) -> None:
    """Let reminders hold what is so now: its title, none where it is OFFICIAL-SENSITIVE, and its meeting."""
    meeting = meetings.get(context.session, row.target_meeting_id) if row.target_meeting_id else None
    if row.status == "submitted":
        triage(context, row)
    elif row.status in ("accepted", "with-executive"):
        response(context, row)
    elif row.status == "deferred" and row.still_wanted_at is None and meeting is not None:
        wanted(context, row, meeting.cut_off_on)


def answer(context: Context, row: Escalation) -> None:
    """Remind the strategy managers to give the group its answer."""
    due = clocks.answer_due(context.today, row.clocks)
    _plan(context, row, "answer to the group", "answer", whom=_with(context, Role.STRATEGY_MANAGER), due=due)


def wanted(context: Context, row: Escalation, until: date) -> None:
    """Remind the chairs to say whether a deferred one is still wanted."""
    _plan(context, row, "still wanted?", "wanted", whom=parties.chairs(context, row), due=until)


def triaged(context: Context, row: Escalation) -> None:
    """Remind nobody any more to look at it."""
    reminders.cancel(context.session, f"{row.ref}: triage")


def responded(context: Context, row: Escalation) -> None:
    """Remind nobody any more of the response."""
    triaged(context, row)
    reminders.cancel(context.session, f"{row.ref}: response")


def stop(context: Context, row: Escalation) -> None:
    """Remind nobody any more of anything about it."""
    for what in ("triage", "response", "answer to the group", "still wanted?"):
        reminders.cancel(context.session, f"{row.ref}: {what}")


def handed_over(context: Context) -> int:
    """Let those be reminded who have the role today; return how many plans that changed."""
    return sum(
        reminders.hand_over(context.session, f"ESC-%: {what}", holders, now=context.now)
        for role, owed in _OWED.items()
        for holders in [set(_with(context, role))]
        for what in owed
    )


_OWED = {Role.STRATEGY_MANAGER: ("triage", "answer to the group"), Role.STATUTORY_PARTNER: ("response",)}


def _with(context: Context, role: Role) -> list[int]:
    return people.reached(context.session, roles=[role], on=context.today)


def _plan(context: Context, row: Escalation, what: str, ladder: str, *, whom: Iterable[int], due: date) -> None:
    shown = "" if row.marking == access.SENSITIVE else f" ({row.title})"
    for person_id in whom:
        reminders.plan(
            context.session,
            subject=f"{row.ref}: {what}",
            ladder=ladder,
            person_id=person_id,
            title=f"{row.ref}{shown}",
            now=context.now,
            anchor_on=due,
        )
