"""Whatever anybody does in whatever order, no state is reached that may not be, and all records tell the same."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import audit
from tests.fakes import Bot
from tests.registers import checks, scenes
from tests.registers.cast import PLAYERS, STRANGERS_NAME, Cast
from tests.registers.checks import ESCALATIONS, RISKS, Kind
from tests.registers.explorer import Time
from tests.registers.machine import Machine

NAMES = (*PLAYERS, STRANGERS_NAME)
# those who can do something come more often than the others
OFTEN = ("chair", "manager", "manager", "coordinator", "council", "health", "police", "scrutineer", *NAMES)
MOST = 60  # deeds in a walk
WALKS = 6
Deed = tuple[str, str, int, int]


def deeds(seed: int) -> list[Deed]:
    """Return what is done in one walk: the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found: list[Deed] = []
    for _ in range(MOST):
        what = chance.choices(("acts", "forges", "waits"), (8, 2, 1))[0]
        name = chance.choice(OFTEN if what == "acts" else NAMES)
        number = chance.choice((1, 3, 8, 40)) if what == "waits" else chance.randrange(10_000)
        found.append((what, name, number, chance.randrange(10_000)))
    return found


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: every example begins with a copy of it."""
    return sqlite_engine


def problems(bot: Bot, cast: Cast, kind: Kind) -> list[str]:
    with Session(bot.engine) as session:
        broken = [str(problem) for problem in audit.verify(session)]
    return [*checks.wrong_steps(bot, cast, kind), *checks.disagreements(bot, kind), *broken]


def walk(bot: Bot, cast: Cast, kind: Kind, ref: str, machine: Machine, done: list[Deed]) -> list[str]:
    """Do one thing after another, and return what was wrong after the first one that went wrong."""
    for what, name, one, other in done:
        counted, queued = len(checks.histories(bot, kind)), len(bot.queued())
        if what == "acts":
            machine.acts(name, ref, one, other)
        elif what == "forges":
            machine.forges(name, one)
        else:
            machine.waits(one)
        found = problems(bot, cast, kind)
        told = [(said.to.address, said.card.title) for said in bot.queued()[queued:]]
        steps = [one for one in checks.histories(bot, kind)[counted:] if one.before_state != one.after_state]
        for step in steps:
            found += checks.not_told(bot, cast, kind, step, told)
        if {"stranger", "leaver"} & {address for address, _ in told}:
            found.append("somebody was told who is not enrolled")
        if found:
            return [*found, *machine.done]
    return []


def walks(bot: Bot, engine: Engine, kind: Kind, begins: Callable[[Bot, Cast], str], opens: str) -> set[str]:
    """Go several walks from one beginning, and return the states that the record was in."""
    cast, time = Cast(bot), Time(bot, engine)
    ref = begins(bot, cast)
    start = time.keeps()
    states: set[str] = set()
    for seed in range(WALKS):
        time.goes_back(start)
        machine = Machine(bot, cast, opens, scenes.WORDS)

        assert walk(bot, cast, kind, ref, machine, deeds(seed)) == [], f"seed {seed}"
        states |= {entry.after_state for entry in checks.histories(bot, kind) if entry.record_ref == ref}
    return states


def sent(bot: Bot, cast: Cast) -> str:
    return scenes.drafted(bot, cast, now="send")


BEGINNINGS = {"a draft": scenes.drafted, "one that was sent": sent}


@pytest.mark.parametrize("begins", BEGINNINGS.values(), ids=BEGINNINGS)
def test_no_sequence_of_deeds_brings_an_escalation_where_it_may_not_be(
    bot: Bot, engine: Engine, begins: Callable[[Bot, Cast], str]
) -> None:
    states = walks(bot, engine, ESCALATIONS, begins, "escalation")

    assert len(states) > 3


def test_no_sequence_of_deeds_brings_a_risk_where_it_may_not_be(bot: Bot, engine: Engine) -> None:
    states = walks(bot, engine, RISKS, scenes.registered, "risk")

    assert len(states) > 3
