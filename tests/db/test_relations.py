"""Links between records: once each, read from both sides, and followed to what is there because of a record."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import engine as database
from db import relations
from db.relations import Kind
from tests.fakes import Clock

ESC, RSK, ACT, CHA = "ESC-2026-001", "RSK-2026-001", "ACT-2026-001", "CHA-2026-001"


def link(engine: Engine, clock: Clock, first: str, kind: Kind, second: str) -> bool:
    with database.transaction(engine) as session:
        return relations.link(session, first, kind, second, at=clock.now, by=None)


SAID = {
    Kind.LED_TO: ("led to", "came from"),
    Kind.ESCALATED_AS: ("escalated as", "escalates"),
    Kind.CHALLENGED_BY: ("challenged by", "challenges"),
    Kind.MERGED_INTO: ("merged into", "took in"),
    Kind.RELATES_TO: ("relates to", "relates to"),
}


@pytest.mark.parametrize("kind", Kind)
def test_a_link_reads_right_from_both_sides(engine: Engine, clock: Clock, kind: Kind) -> None:
    link(engine, clock, RSK, kind, ESC)

    with Session(engine) as session:
        [from_first], [from_second] = relations.of(session, RSK), relations.of(session, ESC)
    assert (from_first.said, from_first.ref) == (SAID[kind][0], ESC)
    assert (from_second.said, from_second.ref) == (SAID[kind][1], RSK)


def test_the_same_link_is_made_once_and_belonging_together_has_no_direction(engine: Engine, clock: Clock) -> None:
    made = [
        link(engine, clock, RSK, Kind.LED_TO, ESC),
        link(engine, clock, RSK, Kind.LED_TO, ESC),
        link(engine, clock, ESC, Kind.LED_TO, RSK),
        link(engine, clock, RSK, Kind.RELATES_TO, ESC),
        link(engine, clock, ESC, Kind.RELATES_TO, RSK),
    ]

    assert made == [True, False, True, True, False]


def test_a_record_is_not_linked_to_itself(engine: Engine, clock: Clock) -> None:
    with pytest.raises(ValueError, match="itself"):
        link(engine, clock, RSK, Kind.LED_TO, RSK)


def test_causes_are_followed_each_record_once_the_nearest_first(engine: Engine, clock: Clock) -> None:
    link(engine, clock, CHA, Kind.LED_TO, RSK)
    link(engine, clock, RSK, Kind.ESCALATED_AS, ESC)
    link(engine, clock, ESC, Kind.LED_TO, ACT)
    link(engine, clock, ACT, Kind.LED_TO, CHA)  # round in a circle
    link(engine, clock, CHA, Kind.LED_TO, ESC)  # a shorter way
    link(engine, clock, RSK, Kind.RELATES_TO, "RSK-2026-002")

    with Session(engine) as session:
        found = [(one.ref, one.because_of, one.steps) for one in relations.because_of(session, CHA)]
    assert found == [(RSK, CHA, 1), (ESC, CHA, 1), (ACT, ESC, 2)]


def test_causes_are_followed_so_far_and_no_further(engine: Engine, clock: Clock) -> None:
    refs = [f"ACT-2026-{number:03d}" for number in range(1, 12)]
    for first, second in itertools.pairwise(refs):
        link(engine, clock, first, Kind.LED_TO, second)

    with Session(engine) as session:
        assert [one.ref for one in relations.because_of(session, refs[0])] == refs[1 : relations.FARTHEST + 1]


def test_a_link_is_taken_away_by_one_of_its_two_records_only(engine: Engine, clock: Clock) -> None:
    link(engine, clock, RSK, Kind.LED_TO, ESC)

    with database.transaction(engine) as session:
        [found] = relations.of(session, RSK)
        assert relations.unlink(session, found.id, ref=ACT) is None
        gone = relations.unlink(session, found.id, ref=ESC)
        assert gone is not None
        assert (gone.ref_a, gone.kind, gone.ref_b) == (RSK, "led to", ESC)
    with Session(engine) as session:
        assert relations.of(session, RSK) == []
