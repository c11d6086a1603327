"""What is kept of agendas and papers, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from db import agendas, arising, groups, meetings
from db import engine as database
from db.people import Identity, enrol

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ON = date(2026, 12, 10)


def kept(engine: Engine) -> tuple[int, int]:
    """Keep a meeting and somebody who owes it a paper; return their numbers."""
    with database.transaction(engine) as session:
        row = meetings.add(session, "Executive", on=ON, cut_off_on=ON, pack_on=ON)
        assert row is not None
        who = enrol(session, Identity("test", "ola"), name="Ola Invented", roles=(), on=NOW.date())
        groups.join(session, who, "Executive", on=NOW.date())
        agendas.add_paper(
            session, meeting_id=row.id, title="Data", link="", owner_person_id=who, due_on=ON, for_on=ON, added_at=NOW
        )
        return row.id, who


def test_an_item_of_one_source_is_kept_once(engine: Engine) -> None:
    meeting, _ = kept(engine)

    for title in ("First", "Second"):
        with database.transaction(engine) as session:
            agendas.keep(session, meeting_id=meeting, source="risk", source_ref="RSK-1", at=NOW, title=title)

    with database.transaction(engine) as session:
        assert [row.title for row in agendas.items(session, meeting)] == ["First"]


def test_a_paper_is_out_of_step_when_its_meeting_has_another_day_or_is_cancelled(engine: Engine) -> None:
    meeting, _ = kept(engine)
    found = []

    for change in ({}, {"on": date(2026, 12, 17)}, {"on": ON}, {"state": "cancelled"}, {"state": "held"}):
        with database.transaction(engine) as session:
            row = meetings.get(session, meeting)
            assert row is not None
            for name, value in change.items():
                setattr(row, name, value)
            session.flush()
            found.append(len(agendas.out_of_step(session)))

    assert found == [0, 1, 0, 1, 0]


def test_the_next_meetings_are_those_of_ones_groups(engine: Engine) -> None:
    meeting, who = kept(engine)
    with database.transaction(engine) as session:
        meetings.add(session, "Partnership", on=date(2026, 12, 1), cut_off_on=ON, pack_on=ON)
        today = NOW.date()

        mine = arising.coming(session, today, person_id=who, limit=5)
        everybody = arising.coming(session, today, person_id=None, limit=5)

        assert [name for name, _ in mine] == ["Executive"]
        assert [name for name, _ in everybody] == ["Partnership", "Executive"]
        assert arising.is_next(session, mine[0][1], today)
        assert meeting == mine[0][1].id


def test_a_pack_is_sent_once_and_only_when_it_is_locked(engine: Engine) -> None:
    meeting, _ = kept(engine)

    with database.transaction(engine) as session:
        early = meetings.sent(session, meeting)
        row = meetings.get(session, meeting)
        assert row is not None
        meetings.lock(session, row, at=NOW)
        assert [early, meetings.sent(session, meeting), meetings.sent(session, meeting)] == [False, True, False]


def test_a_locked_agenda_is_to_be_settled_until_it_is_and_again_after_another_lock(engine: Engine) -> None:
    meeting, _ = kept(engine)
    later = NOW + timedelta(days=1)
    found = []

    for change, taken_at in (({}, None), ({"locked_at": NOW}, None), ({}, NOW), ({"locked_at": later}, NOW),
                             ({}, later), ({"state": "held"}, None)):  # fmt: skip
        with database.transaction(engine) as session:
            row = meetings.get(session, meeting)
            assert row is not None
            for name, value in change.items():
                setattr(row, name, value)
            item = agendas.keep(session, meeting_id=meeting, source="risk", source_ref="RSK-1", at=NOW)
            item.taken_at = taken_at
            session.flush()
            found.append(len(agendas.to_settle(session, NOW.date())))

    assert found == [0, 1, 0, 1, 0, 0]


def test_a_locked_agenda_with_an_item_that_waits_is_to_be_settled(engine: Engine) -> None:
    meeting, _ = kept(engine)
    with database.transaction(engine) as session:
        row = meetings.get(session, meeting)
        assert row is not None
        meetings.lock(session, row, at=NOW)
        agendas.keep(session, meeting_id=meeting, source="risk", source_ref="RSK-1", at=NOW, taken_at=NOW)
        assert agendas.to_settle(session, ON) == []
        agendas.keep(session, meeting_id=meeting, source=agendas.ASKED, source_ref="key", at=NOW)
        assert [one.id for one in agendas.to_settle(session, ON)] == [meeting]
