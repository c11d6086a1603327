"""What the clock does to meetings: papers open and lock, members are asked and reminded, quorum is forecast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from db import deliveries, meetings, people, reminders
from db.base import take_turns
from db.meetings import Meeting, MeetingState
from db.people import SECRETARIAT
from db.reminders import Plan, PlanState
from handlers import meeting_news, telling
from handlers.context import Context
from handlers.meetings import cards, keeping, records
from handlers.meetings.records import FLOW, Sitters
from handlers.messages import Button, Card, Text
from handlers.prose import escape
from knowledge import quorum
from knowledge.calendar import CalendarError, is_working_day, working_days_after, working_days_before
from knowledge.clocks import numbers
from knowledge.ladders import OPENS
from knowledge.workflows import CLOCK, Refusal

MEMBERS, DESK = "meeting-members", "meeting-desk"
FORECASTS = ("forecast", "last_forecast")  # in the order of time


@dataclass(frozen=True, slots=True)
class _Message:
    """What one person, or the secretariat, is to be told about a meeting, under its natural key."""

    key: str
    to: tuple[int, ...]
    card: Card
    unless: str = ""  # the key of a message of today that says the same


def tick(context: Context) -> int:
    """Do what is due; return how much it was. Call it at any time: what was missed is done once."""
    take_turns(context.session, "meetings")
    done = _lock(context)
    rows = meetings.near(context.session, context.today, _until(context.today, "open"))
    if not rows:
        return done
    done += sum(_open(context, group, row) for group, row in rows)
    sitting = records.of_all(context, rows)
    if is_working_day(context.today) and context.now.astimezone(context.house.time_zone).time() >= OPENS:
        done += _say(context, [one for group, row in rows for one in _messages(context, group, row, sitting[row.id])])
    return done + _plan(context, rows, sitting)


def _lock(context: Context) -> int:
    rows = meetings.to_lock(context.session, context.today)
    return sum(_by_clock(context, "", row, "lock papers") for row in rows)


def _open(context: Context, group: str, row: Meeting) -> bool:
    return row.state == MeetingState.CONFIRMED and _by_clock(context, group, row, "open papers")


def _by_clock(context: Context, group: str, row: Meeting, do: str) -> bool:
    meetings.held_for_change(context.session, row.id)
    found = FLOW.decide(row.state, do, {CLOCK}, ())
    if isinstance(found, Refusal):
        return False
    keeping.take(context, group, row, do, found.to, clock=True)
    return True


# --- messages ----------------------------------------------------------------------------------------------


def _say(context: Context, wanted: list[_Message]) -> int:
    """Queue the messages that were not queued before; nobody is chased on the day on which they were asked."""
    known = deliveries.known(context.session, [key for one in wanted for key in (one.key, one.unless) if key])
    new = [one for one in wanted if one.key not in known and not _today(context, known, one)]
    return sum(_tell(context, one) for one in new)


def _today(context: Context, known: dict[str, datetime], one: _Message) -> bool:
    return bool(one.unless) and (one.unless not in known or context.day(known[one.unless]) == context.today)


def _tell(context: Context, one: _Message) -> bool:
    if one.to:
        return telling.tell_people(context, one.to, one.card, key=one.key, kind=meeting_news.KIND)
    return telling.tell_secretariat(context, one.card, key=one.key, kind=meeting_news.KIND)


def _messages(context: Context, group: str, row: Meeting, sitting: Sitters) -> Iterator[_Message]:
    if row.starts_at is None or row.starts_at > context.now:
        yield from _asked(context, group, row, sitting)
        yield from _forecasts(context, group, row, sitting)


def _asked(context: Context, group: str, row: Meeting, sitting: Sitters) -> Iterator[_Message]:
    """Ask every member who has not answered, and once more some days before."""
    when, chases = meeting_news.when(context, row), _from(row.on, "chase") <= context.today
    asked_for = f"{row.on}:{row.moved_from}" if row.moved_from else f"{row.on}"  # back on a day, they are asked anew
    for place in sitting.places:
        if place.answer:
            continue
        key = meeting_news.key(row, "ask", place.holder, asked_for)
        buttons = (*cards.three(group, row, seat=place.seat), Button("Open it", "meetings.open", str(row.id)))
        by = f" Items must be in by {cards.day(row.cut_off_on)}." if row.cut_off_on >= context.today else ""
        said = f"{escape(group)} meets on {when.words}.{by}"
        yield _Message(key, (place.holder,), Card(f"Do you come? {group}", (Text(said),), buttons))
        if chases:
            said = f"You have not said whether you come. {escape(group)} meets on {when.words}."
            chase = meeting_news.key(row, "chase", place.holder, asked_for)
            yield _Message(chase, (place.holder,), Card(f"Please answer: {group}", (Text(said),), buttons), unless=key)


def _forecasts(context: Context, group: str, row: Meeting, sitting: Sitters) -> Iterator[_Message]:
    """Tell the secretariat who comes: the newest forecast whose day has come, so that a missed one is not repeated."""
    due = [name for name in FORECASTS if _from(row.on, name) <= context.today]
    if due:
        said = f"{cards.tally(sitting)}\n\n{cards.in_words(cards.coming(group, sitting))}"
        title = f"Who comes to {group} on {row.on:%-d %B}"
        opened = Button("Open it", "meetings.open", str(row.id))
        key = f"meeting-forecast:{row.ref}:{row.on.isoformat()}:{due[-1]}"
        yield _Message(key, (), Card(title, (Text(said),), (opened,)))


def _from(on: date, period: str) -> date:
    return working_days_before(on, numbers("meetings")[period])


def _until(today: date, period: str) -> date:
    """Return the last day that a period reaches. No meeting is on a day whose bank holidays are not known."""
    try:
        return working_days_after(today, numbers("meetings")[period])
    except CalendarError:
        return today.replace(month=12, day=31)


# --- reminders ---------------------------------------------------------------------------------------------


def _plan(context: Context, rows: list[tuple[str, Meeting]], sitting: dict[int, Sitters]) -> int:
    """Plan the reminders of whoever comes, and take them back of whoever does not; nothing is done twice."""
    last = _until(context.today, "plan")
    near = [(group, row) for group, row in rows if row.on <= last]
    subjects = [subject for _, row in near for subject in meeting_news.subjects(row)]
    plans: dict[str, dict[int, Plan]] = {subject: {} for subject in subjects}
    for one in reminders.plans_of(context.session, subjects) if subjects else ():
        plans[one.subject][one.person_id] = one
    desk = people.reached(context.session, roles=SECRETARIAT, on=context.today)[:1] if near else []
    return sum(_plan_one(context, group, row, sitting[row.id], plans, desk) for group, row in near)


def _plan_one(  # noqa: PLR0917 - a meeting, who sits there, and what is planned
    context: Context, group: str, row: Meeting, sitting: Sitters, plans: dict[str, dict[int, Plan]], desk: list[int]
) -> int:
    own, of_desk = meeting_news.subjects(row)
    away = {one.holder for one in sitting.places if one.answer in (quorum.APOLOGIES, quorum.DEPUTY)}
    wanted = [one for one in sitting.asked if one not in away or one in sitting.comes_for.values()]
    body = f"[Join the meeting]({row.link})" if row.link else ""
    done = 0
    for person_id in dict.fromkeys(wanted):
        if _stale(plans[own].get(person_id), row, body):
            _put(context, group, row, own, MEMBERS, person_id, body)
            done += 1
    for person_id, plan in plans[own].items():
        if person_id not in wanted and plan.state != PlanState.CANCELLED:
            done += reminders.cancel(context.session, own, person_id=person_id)
    live = [one for one in plans[of_desk].values() if one.state != PlanState.CANCELLED]
    for person_id in [one.person_id for one in live] or desk:
        if _stale(plans[of_desk].get(person_id), row, ""):
            _put(context, group, row, of_desk, DESK, person_id, "")
            done += 1
    return done


def _stale(plan: Plan | None, row: Meeting, body: str) -> bool:
    if plan is None or plan.state == PlanState.CANCELLED:
        return True
    return (plan.anchor_on, plan.anchor_at, plan.body) != (row.on, row.starts_at, body)


def _put(  # noqa: PLR0917 - whom to remind of what, by which ladder
    context: Context, group: str, row: Meeting, subject: str, ladder: str, person_id: int, body: str
) -> None:
    reminders.plan(
        context.session, subject=subject, ladder=ladder, person_id=person_id, title=row.title or group,
        now=context.now, anchor_on=row.on, anchor_at=row.starts_at, body_markdown=body,
    )  # fmt: skip
