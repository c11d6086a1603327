"""The time that the program goes by: led by the database or the chat platform, whatever the machine shows."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from bot import findings
from bot.attendance import Attendance
from bot.clock import Clock
from bot.findings import examine
from bot.settings import Settings
from tests.fakes import Bot

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 21)


class Machine:
    """A machine whose clock can be set: `machine.is_set(hours=-1)`, `machine.runs(seconds=5)`."""

    def __init__(self, *, wrong: timedelta = timedelta()) -> None:
        self.truth = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        self.wrong = wrong
        self.up = 1000.0

    def wall(self) -> datetime:
        """Return what its clock shows."""
        return self.truth + self.wrong

    def steady(self) -> float:
        """Return what the clock shows that nobody can set."""
        return self.up

    def is_set(self, **by: float) -> None:
        """Set its clock to a wrong time."""
        self.wrong += timedelta(**by)

    def runs(self, **time: float) -> None:
        """Let time pass."""
        self.truth += timedelta(**time)
        self.up += timedelta(**time).total_seconds()

    def clock(self) -> Clock:
        """Return the clock of a program that starts on it now."""
        return Clock(wall=self.wall, steady=self.steady)

    def answers(self, clock: Clock, *, took: float = 0, wrong: timedelta = timedelta()) -> None:
        """Give the program an answer of the chat platform, which writes the time at once and is read `took` later."""
        since = clock.reading()
        header = format_datetime((self.truth + wrong).replace(microsecond=0), usegmt=True)
        self.runs(seconds=took)
        clock.heard(header, since=since)


@pytest.mark.parametrize("hours", [-1, 1])
def test_setting_the_machines_clock_changes_nothing_while_the_program_runs(hours: float) -> None:
    machine = Machine()
    clock = machine.clock()

    machine.is_set(hours=hours)
    machine.runs(seconds=90)

    assert clock() == machine.truth
    assert clock.off() == timedelta(hours=hours)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_start_with_a_wrong_clock_is_put_right_by_the_first_answer(
    hours: float, logged: list[MutableMapping[str, Any]]
) -> None:
    machine = Machine(wrong=timedelta(hours=hours))
    clock = machine.clock()

    machine.answers(clock)

    assert abs(clock() - machine.truth) <= timedelta(seconds=1)
    assert [(entry["event"], entry["ahead_by"]) for entry in logged] == [
        ("clock corrected by the chat platform", 3600 * hours)
    ]


NO_REASON = {
    "an answer at once": {"took": 0.0},
    "a slow answer": {"took": 25.0},
    "an answer that was read after a pause of a minute": {"took": 60.0},
    "a difference within what is tolerated": {"wrong": timedelta(seconds=29)},
}


@pytest.mark.parametrize("how", NO_REASON.values(), ids=NO_REASON)
def test_an_answer_that_proves_nothing_changes_nothing(how: dict[str, Any]) -> None:
    machine = Machine()
    clock = machine.clock()

    for _ in range(3):
        machine.answers(clock, **how)

    assert clock() == machine.truth


@pytest.mark.parametrize("header", ["", "soon", "Sat, 21 Nov 2026", "Sat, 99 Nov 2026 09:30:00 GMT"])
def test_an_answer_without_a_time_is_passed_over(header: str) -> None:
    machine = Machine()
    clock = machine.clock()

    clock.heard(header, since=clock.reading())

    assert clock() == machine.truth


def test_later_one_wrong_answer_is_not_believed_and_two_that_agree_are() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.answers(clock)

    machine.answers(clock, wrong=HOUR)
    after_one = clock()
    machine.answers(clock, wrong=HOUR)

    assert after_one == machine.truth
    assert abs(clock() - machine.truth - HOUR) <= timedelta(seconds=1)


def test_two_wrong_answers_that_disagree_are_not_believed() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.answers(clock)

    machine.answers(clock, wrong=HOUR)
    machine.answers(clock, wrong=-HOUR)

    assert clock() == machine.truth


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_the_time_is_that_of_the_database_where_it_has_one(bot: Bot, engine: Engine, hours: float) -> None:
    true = Clock()
    wrong = Clock(wall=lambda: true() + timedelta(hours=hours))

    bot.dispatcher.within(wrong.check)

    ahead = timedelta() if engine.dialect.name == "postgresql" else timedelta(hours=hours)
    assert abs(wrong() - true() - ahead) < timedelta(seconds=5)


def test_answers_do_not_lead_a_clock_that_the_database_leads(
    bot: Bot, engine: Engine, logged: list[MutableMapping[str, Any]]
) -> None:
    machine = Machine()
    clock = machine.clock()
    bot.dispatcher.within(clock.check)
    led = clock()

    clock.heard(format_datetime(led + HOUR, usegmt=True), since=clock.reading())

    followed = engine.dialect.name == "sqlite"
    assert abs(clock() - led - (HOUR if followed else timedelta())) <= timedelta(seconds=1)
    assert [entry["ahead_by"] for entry in logged if "chat platform" in entry["event"]] in ([-3600], [-3599])


@pytest.mark.parametrize("hours", [-1, 0, 1])
async def test_the_doctor_says_when_the_machines_clock_is_wrong(
    bot: Bot, database_url: str, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    true = Clock()
    bot.clock.now = true()
    await Attendance(bot.dispatcher, clock_off=lambda: timedelta(hours=hours)).beat()
    monkeypatch.setattr(findings, "wall", lambda: true() + timedelta(hours=hours))
    settings = Settings(_env_file=None, database_url=database_url)

    found = [finding.message for finding in examine(settings, TODAY, thorough=False) if finding.id == "clock.off"]

    assert len(found) == abs(hours)
    assert all(("fast" if hours > 0 else "slow") in message for message in found)
