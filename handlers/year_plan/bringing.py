"""Days to keep clear of that come in a file: shown as what is new, there already or overlapping, then taken over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from db import audit, calendar_days, rosters
from db.calendar_days import CalendarDay, DayKind, Days
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Element, Facts, Table, Text, Tone
from handlers.year_plan import days_file
from handlers.year_plan.clear_days import KINDS, listed, spoken

MOST_SHOWN = 20
_NEW, _THERE, _OVERLAPS = "New", "There already", "Overlaps"
_LIST = Button("Days to keep clear of", "clear.show", "0")


def take(context: Context, person_id: int, name: str, content: bytes) -> Card:
    """Look at a file and show what it would add; it is taken over when that is confirmed.

    Raises UserError with every mistake; nothing is kept then.
    """
    source = f"A file brought on {context.today:%-d %B %Y}"
    found = days_file.read(name, content, source=source, zone=context.house.time_zone)
    resolved, terms = days_file.resolved(found)
    if not resolved:
        raise UserError("The file holds one term, so there is no holiday between terms.", hint="Put in two terms.")
    days = [
        Days(kind=one.kind, first_on=one.span.first, last_on=one.span.last, what=one.span.what, source=one.source)
        for one in resolved
    ]
    rows = list(_compared(context, days))
    body = tuple(_told(rows, terms))
    if not any(state != _THERE for _, state in rows):
        return Card("Nothing would change", body, (_LIST,))
    kept = rosters.keep(
        context.session, person_id=person_id, rows={"kind": "days", "days": _plain(days)}, at=context.now
    )
    return Card(
        title="What the file would add",
        body=body,
        actions=(
            Button("Take it over", "clear.apply", str(kept), style="primary"),
            Button("Do not", "clear.drop", str(kept)),
        ),
    )


def apply(context: Context, request: Request) -> Card:
    """Take over the days that were shown; those that are there by now are not added again."""
    kept = _kept(context, request)
    if kept is None:
        raise UserError("That file is not here any more.", hint="Type clear days, and bring it again.")
    by = context.actor.person_id
    wanted = [_read(one) for one in kept.rows["days"]]
    added = [row for days in wanted if (row := calendar_days.add(context.session, days, at=context.now, by=by))]
    rosters.forget(context.session, kept.id)
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{by}",
        action="took over days to keep clear of",
        subject="days",
        count=len(added),
    )
    return listed(context, title=f"{len(added)} added", tone=Tone.GOOD)


def drop(context: Context, request: Request) -> Card:
    """Forget the file that was shown."""
    kept = _kept(context, request)
    if kept is not None:
        rosters.forget(context.session, kept.id)
    return Card("Nothing was changed", (Text("The file is forgotten."),), (_LIST,))


def _kept(context: Context, request: Request) -> rosters.Roster | None:
    by = context.actor.person_id
    found = rosters.get(context.session, number(request.value), person_id=by) if by is not None else None
    return found if found is not None and found.rows.get("kind") == "days" else None


def _plain(days: Iterable[Days]) -> list[dict[str, Any]]:
    return [{**one, "first_on": one["first_on"].isoformat(), "last_on": one["last_on"].isoformat()} for one in days]


def _read(one: dict[str, Any]) -> Days:
    first, last = date.fromisoformat(one["first_on"]), date.fromisoformat(one["last_on"])
    return Days(kind=one["kind"], first_on=first, last_on=last, what=one["what"], source=one["source"])


# --- what is shown ---------------------------------------------------------------------------------------------


def _compared(context: Context, days: list[Days]) -> Iterator[tuple[Days, str]]:
    first, last = min(one["first_on"] for one in days), max(one["last_on"] for one in days)
    there = calendar_days.between(context.session, first, last)
    for one in days:
        yield one, _state(one, [row for row in there if row.kind == one["kind"]])


def _state(one: Days, there: list[CalendarDay]) -> str:
    for row in there:
        if (row.first_on, row.last_on, row.what) == (one["first_on"], one["last_on"], one["what"]):
            return _THERE
    near = [row for row in there if row.first_on <= one["last_on"] and row.last_on >= one["first_on"]]
    return f"{_OVERLAPS} {near[0].what}, {spoken(near[0].first_on, near[0].last_on)}" if near else _NEW


def _told(rows: list[tuple[Days, str]], terms: int) -> Iterator[Element]:
    counted = Counter(_OVERLAPS if state.startswith(_OVERLAPS) else state for _, state in rows)
    pairs = [(_NEW, str(counted[_NEW])), (_THERE, str(counted[_THERE]))]
    yield Facts((*pairs, ("New, but it overlaps what is there", str(counted[_OVERLAPS]))))
    if terms:
        yield Text(
            f"The file gives {terms} {'term' if terms == 1 else 'terms'}. I made the days between terms into holidays. "
            "Of the days before the first term and after the last I know nothing."
        )
    table = tuple(
        (KINDS[DayKind(one["kind"])], spoken(one["first_on"], one["last_on"]), one["what"], state)
        for one, state in rows[:MOST_SHOWN]
    )
    more = f"and {len(rows) - MOST_SHOWN} more" if len(rows) > MOST_SHOWN else ""
    yield Table(("Kind", "Days", "What", "On the list"), table, more)
