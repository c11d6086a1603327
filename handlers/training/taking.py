"""A calendar of training is looked at first, and then taken over as a whole: new, changed and cancelled dates."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from db import booked, rosters, training
from db.training import Course, Listed, SessionState
from handlers import access, training_dates
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Element, Facts, Table, Text, Tone
from handlers.prose import escape
from handlers.training import bringing, keeping, records
from handlers.training.bringing import Date

KIND, MOST_SHOWN, MOST_TOLD = "training", 25, 12
MOST_AT_ONCE = 2_000  # dates; a file holds fewer
_LISTS = (Button("Not open yet", "training.dates", "drafts|0"), Button("All dates", "training.dates", "|0"))
_SPAN = re.compile(r"TRN-(?P<year>\d{4})-(?P<first>\d{3,6})\|TRN-(?P<same>\d{4})-(?P<last>\d{3,6})")
_ENDED = (SessionState.CANCELLED.value, SessionState.DONE.value)


@dataclass(slots=True)
class Outcome:
    """What a calendar would change: dates that are new, that are others, that do not take place; and the rest."""

    new: list[Date] = field(default_factory=list)
    changed: list[tuple[Date, Listed]] = field(default_factory=list)
    cancelled: list[tuple[Date, Listed]] = field(default_factory=list)
    same: int = 0
    over: int = 0

    @property
    def nothing(self) -> bool:
        """Say whether nothing would change."""
        return not (self.new or self.changed or self.cancelled)


def bring(context: Context, person_id: int, name: str, content: bytes) -> Card:
    """Look at a calendar and say what it would change. Nothing is taken yet."""
    dates = bringing.read(name, content, context.house.time_zone)
    outcome = _look(context, dates)
    if outcome.nothing:
        return _shown(outcome, "Nothing would change")
    kept = rosters.keep(
        context.session, person_id=person_id, at=context.now,
        rows={"kind": KIND, "dates": [dataclasses.asdict(one) for one in dates]},
    )  # fmt: skip
    card = _shown(outcome, "What the calendar would change")
    said = Text("Nothing is taken yet. New dates are not open for booking. People who booked are told what changed.")
    buttons = (
        Button("Take it over", "training.take-over", str(kept), style="primary"),
        Button("Do not", "imports.drop", str(kept)),
    )
    return dataclasses.replace(card, body=(*card.body, said), actions=buttons)


def apply(context: Context, request: Request) -> Card:
    """Take over the calendar that was shown; what has changed since is looked at again."""
    kept = rosters.get(context.session, number(request.value), person_id=context.actor.person_id or 0)
    if kept is None or kept.rows.get("kind") != KIND:
        raise UserError("That file is not here any more.", hint="Type training, and press Catalogue to bring it again.")
    booked.in_turn(context.session)  # so that no two who hold several sessions wait for each other
    outcome = _look(context, [Date(**row) for row in kept.rows["dates"]])
    added = [_add(context, one) for one in outcome.new]
    for one, found in outcome.changed:
        _change(context, one, found)
    for _, found in outcome.cancelled:
        records.hold_as_read(context, found.session)
        keeping.called_off(context, found)
    rosters.forget(context.session, kept.id)
    card = _shown(outcome, "Nothing changed" if outcome.nothing else "Taken over")
    every = (Button("Open them all for booking", "training.open-all", f"{added[0]}|{added[-1]}"),) if added else ()
    return dataclasses.replace(card, tone=Tone.GOOD, actions=(*every, *_LISTS))


def open_all(context: Context, request: Request) -> Card:
    """Open the dates that one calendar brought, all that are not open yet and of which the places are known."""
    if not records.keeps(context):
        raise access.not_found()
    booked.in_turn(context.session)
    found = training.drafts(context.session, refs=_between(request.value), after=context.now)
    ready = [one for one in found if one.session.capacity or training_dates.book_at(context, one)]
    for one in ready:
        records.hold_as_read(context, one.session)
        before, one.session.state = one.session.state, SessionState.OPEN.value
        records.note(context, one.session, "opened for booking", before=before, after=one.session.state)
    left = len(found) - len(ready)
    body = [Text(f"Open for booking now: {len(ready)}.")]
    if left:
        body.append(Text(f"Not open: {left}. Say first how many places they have: open each, and press 'Change it'."))
    return Card("Open for booking" if ready else "Nothing was opened", tuple(body), _LISTS, Tone.GOOD)


def _between(value: str) -> list[str]:
    """Return the references from one to another: those that were given in one turn follow each other."""
    found = _SPAN.fullmatch(value)
    if found is None or found["year"] != found["same"]:
        return []
    first, last = int(found["first"]), min(int(found["last"]), int(found["first"]) + MOST_AT_ONCE)
    return [f"{training.SESSION_PREFIX}-{found['year']}-{number:03d}" for number in range(first, last + 1)]


# --- what would change -------------------------------------------------------------------------------------


def _look(context: Context, dates: list[Date]) -> Outcome:
    records.stock(context)
    outcome = Outcome()
    for one in dates:
        course = training.course(context.session, title=one.title)
        starts_at = _moment(one.starts_at)
        row = training.brought(context.session, uid=one.uid, course_id=course.id if course else 0, starts_at=starts_at)
        found = training.one(context.session, ref=row.ref) if row else None
        if starts_at <= context.now:
            outcome.over += 1
        elif found is None and not one.cancelled:
            outcome.new.append(one)
        elif found is None or found.session.state in _ENDED:
            outcome.same += 1
        elif one.cancelled:
            outcome.cancelled.append((one, found))
        elif _differences(one, found):
            outcome.changed.append((one, found))
        else:
            outcome.same += 1
    return outcome


def _differences(one: Date, found: Listed) -> dict[str, Any]:
    """Return the columns in which a date is another now; what a calendar does not say stays."""
    said = {
        "starts_at": _moment(one.starts_at), "ends_at": _moment(one.ends_at), "place": one.place, "link": one.link,
        "capacity": one.capacity,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value and getattr(found.session, name) != value}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- taking it over ----------------------------------------------------------------------------------------


def _add(context: Context, one: Date) -> str:
    course = training.course(context.session, title=one.title) or _course(context, one)
    starts_at = _moment(one.starts_at)
    closes_on = context.day(starts_at) - timedelta(days=1)
    row = training.add_session(
        context.session, year=context.today.year, course_id=course.id, starts_at=starts_at,
        ends_at=_moment(one.ends_at), uid=one.uid, place=one.place, link=one.link, capacity=one.capacity, least=0,
        mode="online" if one.link and not one.place else "in-person", trainer="", waiting_list=True,
        opens_on=min(context.today, closes_on), closes_on=closes_on, campaign="", access="", book_at="",
    )  # fmt: skip
    records.note(context, row, "brought in a calendar", after=row.state)
    return row.ref


def _course(context: Context, one: Date) -> Course:
    row = training.add_course(
        context.session, year=context.today.year, title=one.title, kind=one.kind, category=one.category, level="",
        aims="", audience="", prerequisites="", hours=0, mode="", owner_role="", review_on=None,
        source="Brought in a calendar", historic=False, retired_on=None,
    )  # fmt: skip
    records.note(context, row, "brought in a calendar", after="offered")
    return row


def _change(context: Context, one: Date, found: Listed) -> None:
    row, columns = found.session, _differences(one, found)
    records.hold_as_read(context, row)
    times = columns.pop("starts_at", row.starts_at), columns.pop("ends_at", row.ends_at)
    for name, value in columns.items():
        setattr(row, name, value)
    if columns:
        records.note(context, row, "changed by a calendar", fields=columns, after=row.state)
    keeping.moved_to(context, found, *times)
    keeping.elsewhere(context, found, columns)


# --- what is shown -----------------------------------------------------------------------------------------


def _shown(outcome: Outcome, title: str) -> Card:
    rows = [("new", one) for one in outcome.new] + [("changed", one) for one, _ in outcome.changed]
    rows += [("cancelled", one) for one, _ in outcome.cancelled]
    cells = tuple((what, one.title, _when(one.starts_at), one.place or "not said") for what, one in rows)
    counts = (("New", outcome.new), ("Changed", outcome.changed), ("Cancelled", outcome.cancelled))
    facts = Facts(
        (
            *((name, str(len(found))) for name, found in counts),
            ("As they are", str(outcome.same)),
            ("Over already", str(outcome.over)),
        )
    )
    more = f"and {len(cells) - MOST_SHOWN} more" if len(cells) > MOST_SHOWN else ""
    body: list[Element] = [facts]
    if cells:
        body.append(Table(("What", "Course", "When", "Where"), cells[:MOST_SHOWN], more))
    if told := [f"- {escape(f'Row {one.row}: {one.told}.')}" for _, one in rows if one.told][:MOST_TOLD]:
        body.append(Text("\n".join(("Times that were given in another time zone:", "", *told))))
    return Card(title, tuple(body))


def _when(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%a %-d %b %Y, %H:%M}"
