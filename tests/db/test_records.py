"""References without gaps, and versions that tell the second of two writers what the first one did."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import actions, audit, history, people, records
from db import engine as database
from db.people import Identity, Role
from db.records import Stale
from tests.fakes import Clock

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)


def given(engine: Engine, prefix: str = "ESC", year: int = 2026) -> str:
    with database.transaction(engine) as session:
        return records.next_ref(session, prefix, year)


def refs(numbers: int) -> list[str]:
    return [f"ESC-2026-{number:03d}" for number in range(1, numbers + 1)]


# --- references --------------------------------------------------------------------------------------------


def test_references_count_from_one_under_every_prefix_and_in_every_year(engine: Engine) -> None:
    asked = [("ESC", 2026), ("RSK", 2026), ("ESC", 2026), ("ESC", 2027), ("ESC", 2026), ("RSK", 2026)]

    assert [given(engine, *one) for one in asked] == [
        "ESC-2026-001", "RSK-2026-001", "ESC-2026-002", "ESC-2027-001", "ESC-2026-003", "RSK-2026-002"
    ]  # fmt: skip


def test_a_reference_grows_past_three_digits(engine: Engine) -> None:
    with database.transaction(engine) as session:
        last = [records.next_ref(session, "ACT", 2026) for _ in range(1001)][-2:]

    assert last == ["ACT-2026-1000", "ACT-2026-1001"]


def test_what_was_rolled_back_leaves_no_gap(engine: Engine) -> None:
    given(engine)
    with pytest.raises(ZeroDivisionError), database.transaction(engine) as session:
        records.next_ref(session, "ESC", 2026)
        raise ZeroDivisionError

    assert given(engine) == "ESC-2026-002"


def test_fifty_at_once_by_threads_get_fifty_references(engine: Engine) -> None:
    with ThreadPoolExecutor(5) as at_once:
        found = list(at_once.map(lambda _: given(engine), range(50)))

    assert sorted(found) == refs(50)


TAKER = textwrap.dedent(
    """
    import sys
    from db import engine as database
    from db import records
    engine = database.connect(sys.argv[1])
    for number in range(int(sys.argv[2])):
        try:
            with database.transaction(engine) as session:
                ref = records.next_ref(session, "ESC", 2026)
                if number % 3 == 2:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            continue
        print(ref)
    """
)


def test_fifty_at_once_by_processes_some_of_which_roll_back_leave_no_gap_and_no_double(
    engine: Engine, database_url: str
) -> None:
    command = [sys.executable, "-c", TAKER, database_url, "9"]
    takers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(10)]

    found = [line for taker in takers for line in taker.communicate()[0].split()]

    assert sorted(found) == refs(10 * 6)
    assert given(engine) == "ESC-2026-061"


# --- versions ----------------------------------------------------------------------------------------------


@pytest.fixture
def ref(engine: Engine, clock: Clock) -> str:
    with database.transaction(engine) as session:
        people.enrol(session, Identity("test", "robin"), name="Robin Invented", roles=[Role.MEMBER], on=TODAY)
        row = actions.add(
            session, of_ref="", what="Publish it", due_on=TODAY, at=clock.now, year=2026, by=None, owner_role="admin"
        )
        return row.ref


def write(session: Session, clock: Clock, ref: str, what: str, *, expected: int) -> None:
    row = actions.get(session, ref)
    assert row is not None
    version = records.changed(session, row, expected=expected)
    row.what = what
    session.flush()
    robin = people.find(session, Identity("test", "robin"), on=TODAY).person_id
    history.note(
        session, ref, at=clock.now, actor_person_id=robin, action="changed", version=version, detail={"fields": "what"}
    )


def test_each_change_makes_the_next_version(engine: Engine, clock: Clock, ref: str) -> None:
    for version in (1, 2, 3):
        with database.transaction(engine) as session:
            write(session, clock, ref, f"words {version}", expected=version)

    with Session(engine) as session:
        row = actions.get(session, ref)
        assert row is not None
        assert (row.version, row.what) == (4, "words 3")


def test_the_second_writer_is_told_who_changed_what_and_changes_nothing(engine: Engine, clock: Clock, ref: str) -> None:
    with database.transaction(engine) as session:
        write(session, clock, ref, "the first one's", expected=1)

    with pytest.raises(Stale) as told, database.transaction(engine) as session:
        write(session, clock, ref, "the second one's", expected=1)

    assert (told.value.by, told.value.what, told.value.version) == ("Robin Invented", "changed (what)", 2)
    with Session(engine) as session:
        row = actions.get(session, ref)
        assert row is not None
        assert row.what == "the first one's"


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_version_that_nobody_was_shown_is_refused(engine: Engine, clock: Clock, ref: str, version: int) -> None:
    with pytest.raises(Stale), database.transaction(engine) as session:
        write(session, clock, ref, "made up", expected=version)


def test_of_two_who_write_at_the_same_moment_one_wins_and_the_other_is_told(
    engine: Engine, clock: Clock, ref: str
) -> None:
    together = threading.Barrier(2)
    ended: list[str] = []

    def one(what: str) -> None:
        together.wait()
        try:
            with database.transaction(engine) as session:
                write(session, clock, ref, what, expected=1)
            ended.append("written")
        except Stale as stale:
            ended.append(stale.what)

    writers = [threading.Thread(target=one, args=(f"words of {name}",)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(ended) == ["changed (what)", "written"]


def test_the_history_keeps_states_fields_and_who(engine: Engine, clock: Clock, ref: str) -> None:
    with database.transaction(engine) as session:
        history.note(
            session, ref, at=clock.now, actor_person_id=None, action="accepted", before_state="submitted",
            after_state="accepted", detail={"fields": "target meeting"},
        )  # fmt: skip

    with Session(engine) as session:
        [entry] = history.of(session, ref)
        assert history.in_words(entry, str.upper) == "accepted (now ACCEPTED; target meeting)"
        assert history.actor_name(session, entry) == "The clock"


def test_what_is_noted_of_a_record_stands_in_the_audit_trail_too(engine: Engine, clock: Clock, ref: str) -> None:
    with database.transaction(engine) as session:
        history.note(
            session, ref, at=clock.now, actor_person_id=1, action="accepted", before_state="a", after_state="b",
            detail={"fields": "owner"},
        )  # fmt: skip

    with Session(engine) as session:
        [entry] = audit.listed(session, skip=0, limit=9, subject=ref)
        assert (entry.actor, entry.action) == ("person:1", "accepted")
        assert entry.detail == {"fields": "owner", "before": "a", "after": "b"}
