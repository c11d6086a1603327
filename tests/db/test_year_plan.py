"""Days to keep clear of and proposed meetings, as they are kept: on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import calendar_days, meetings, proposed
from db import engine as database
from db.agendas import AgendaItem
from db.calendar_days import Days
from db.meetings import EXECUTIVE, Meeting, MeetingState

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HALF_TERM = Days(
    kind="holiday", first_on=date(2027, 10, 25), last_on=date(2027, 10, 29), what="Half term", source="A page"
)  # fmt: skip


def propose(session: Session, on: date) -> Meeting:
    row = meetings.add(
        session, EXECUTIVE, on=on, cut_off_on=on - timedelta(days=14), pack_on=on - timedelta(days=7),
        state=MeetingState.PROPOSED, title="Executive",
    )  # fmt: skip
    assert row is not None
    return row


def test_days_are_kept_once_and_found_by_any_day_of_theirs(engine: Engine) -> None:
    with database.transaction(engine) as session:
        assert calendar_days.add(session, HALF_TERM, at=NOW, by=None) is not None
        assert calendar_days.add(session, HALF_TERM, at=NOW, by=None) is None
    with database.transaction(engine) as session:
        [row] = calendar_days.between(session, date(2027, 10, 29), date(2027, 11, 5))
        assert calendar_days.between(session, date(2027, 10, 30), date(2027, 11, 5)) == []
        assert calendar_days.coming(session, date(2027, 10, 29), skip=0, limit=5) == [row]
        assert calendar_days.remove(session, row.id) is row
        assert calendar_days.remove(session, row.id) is None
        assert calendar_days.coming(session, date(2027, 1, 1), skip=0, limit=5) == []


def test_a_proposed_meeting_is_confirmed_moved_or_dropped(engine: Engine) -> None:
    with database.transaction(engine) as session:
        for day in (3, 10, 17):
            propose(session, date(2027, 6, day))
    with database.transaction(engine) as session:
        first, second, third = proposed.held(session, date(2027, 6, 1))
        proposed.confirm(session, first)
        days = meetings.Days(
            on=date(2027, 6, 24), cut_off_on=date(2027, 6, 10), pack_on=date(2027, 6, 17), starts_at=None
        )
        proposed.move(session, second, days)
        proposed.drop(session, third)
    with database.transaction(engine) as session:
        assert [row.on for _, row in proposed.coming(session, date(2027, 6, 1))] == [date(2027, 6, 24)]
        assert [(name, row.on) for name, row in proposed.between(session, date(2027, 6, 1), date(2027, 6, 30))] == [
            (EXECUTIVE, date(2027, 6, 3)),
            (EXECUTIVE, date(2027, 6, 24)),
        ]
        assert [row.on for row in meetings.coming(session, EXECUTIVE, date(2027, 6, 1))] == [date(2027, 6, 3)]


def test_a_proposed_meeting_that_something_refers_to_is_cancelled_and_not_deleted(engine: Engine) -> None:
    with database.transaction(engine) as session:
        row = propose(session, date(2027, 6, 3))
        session.add(
            AgendaItem(
                meeting_id=row.id, place=1, title="Apologies", purpose="note", presenter="", minutes=5,
                source="standing", source_ref="1", added_at=NOW,
            )
        )  # fmt: skip
    with database.transaction(engine) as session:
        [row] = proposed.held(session, date(2027, 6, 1))
        proposed.drop(session, row)
        assert row.state == MeetingState.CANCELLED.value
        assert proposed.coming(session, date(2027, 6, 1)) == []
