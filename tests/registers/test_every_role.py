"""Every route and every button of escalations and risks, in every state that can be reached, tried by everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from handlers.context import Request
from handlers.routes import ROUTES
from tests.fakes import Bot
from tests.registers import checks, scenes
from tests.registers import rights_by_hand as hand
from tests.registers.atlas import Atlas, Key, refused
from tests.registers.cast import Cast
from tests.registers.checks import ESCALATIONS, RISKS, Kind
from tests.registers.explorer import Explorer, Time, rows
from tests.registers.machine import tick

NOT_ENROLLED = ("stranger", "leaver")


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: it is put back after each try."""
    return sqlite_engine


def drawn(
    bot: Bot, engine: Engine, kind: Kind, opens: str, begins: Callable[[Bot, Cast], str], key: Callable[..., Key]
) -> Atlas:
    cast = Cast(bot)
    atlas = Atlas(Explorer(cast, Time(bot, engine), scenes.WORDS), kind, opens, key)
    atlas.draws(begins(bot, cast))
    return atlas


def tried_by_all(atlas: Atlas) -> list[str]:
    """Let everybody try everything, and return what was wrong: steps nobody may take, or strangers who were served."""
    served = []
    for place, name, tried, reply, steps in atlas.tried_by_all():
        if name in NOT_ENROLLED and (steps or not refused(reply)) and ROUTES[tried.route].name not in FOR_ALL:
            served.append(f"{name} at {place.key}: {tried.route} {steps} {reply}")
    return [*sorted(set(atlas.wrong)), *served]


FOR_ALL = frozenset({"help.show", "contact.show", "ask.topic", "home"})


AGREED = ("outcome", "closing_agreed_by")


def of_escalation(record: dict[str, object]) -> Key:
    said = {"deferred": ("still_wanted_at",), "responded": AGREED, "in-action": AGREED}
    state = str(record["status"])
    urgent = record["urgency"] == "urgent" and state in ("submitted", "with-executive")
    return (state, urgent, *(bool(record[name]) for name in said.get(state, ())))


def of_risk(record: dict[str, object]) -> Key:
    said = {"alert": ("owner_id", "owner_accepted_at", "target_l"), "open": ("closure_asked_by",)}
    state = str(record["status"])
    return (state, *(bool(record[name]) for name in said.get(state, ())))


FORGERS = ("other-chair", "coordinator", "scrutineer", "council")


def test_no_button_of_an_escalation_lets_anybody_take_a_step_that_is_not_theirs(bot: Bot, engine: Engine) -> None:
    atlas = drawn(bot, engine, ESCALATIONS, "escalation", scenes.drafted, of_escalation)

    assert {state for state, *_ in atlas.places} == hand.ESCALATION_STATES
    typed = {(step.before, step.after) for step in (*hand.ESCALATION_STEPS, *hand.URGENT_STEPS) if step.before}
    assert typed - atlas.steps == set()
    assert tried_by_all(atlas) == []
    assert forged(atlas) == []


def test_no_button_of_a_risk_lets_anybody_take_a_step_that_is_not_theirs(bot: Bot, engine: Engine) -> None:
    atlas = drawn(bot, engine, RISKS, "risk", two_risks, of_risk)

    assert {state for state, *_ in atlas.places} == hand.RISK_STATES
    typed = {(step.before, step.after) for step in hand.RISK_STEPS if step.before}
    assert typed - atlas.steps == {("escalated", "open")}  # an answer of the Executive: see below
    assert tried_by_all(atlas) == []
    assert forged(atlas) == []


def forged(atlas: Atlas) -> list[str]:
    """Let people press in every state what stands in others only, and return the steps that nobody may take."""
    assert list(atlas.tried_elsewhere(FORGERS))
    return sorted(set(atlas.wrong))


def test_an_answer_of_the_executive_brings_a_risk_back_and_all_histories_agree(bot: Bot, engine: Engine) -> None:
    cast = Cast(bot)
    scenes.dates(bot)
    ref = scenes.registered(bot, cast)
    bot.does(Request(cast.places[scenes.OWNER], route="risks.escalate", value=f"{ref}|{scenes.version(bot, ref)}"))
    (drafted,) = rows(engine, "escalations").values()
    assert (rows(engine, "risks")[ref]["status"], drafted["status"]) == ("escalated", "draft")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE escalations SET status = 'responded'")

    tick(bot)

    assert rows(engine, "risks")[ref]["status"] == "open"
    assert checks.wrong_steps(bot, cast, RISKS) == []
    assert checks.disagreements(bot, RISKS) == []
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE escalations SET status = 'draft'")
    assert checks.disagreements(bot, ESCALATIONS) == []


def two_risks(bot: Bot, cast: Cast) -> str:
    """Begin with another risk, into which this one can be merged."""
    scenes.alerted(bot, cast, by="other-chair", title="Another risk")
    scenes.dates(bot)
    return scenes.alerted(bot, cast)
