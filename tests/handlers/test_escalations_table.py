"""Every step in every state by everybody. What is expected is typed by hand, not read off the table of states."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.people import Identity, Role
from handlers.context import House, Knowledge, Request
from tests import fakes
from tests.escalating import FEBRUARY, Room
from tests.fakes import STRANGER, Bot, Clock

STATES = (
    "draft", "submitted", "returned", "accepted", "with-executive", "deferred", "responded", "in-action", "closed",
    "withdrawn", "reopened",
)  # fmt: skip
OPEN = tuple(state for state in STATES if state not in ("closed", "withdrawn"))
CHAIR, MANAGER, COORDINATOR, PARTNER, SCRUTINEER = "chair", "manager", "coordinator", "partner", "scrutineer"
MOVES = {
    ("draft", "submit"): ("submitted", {CHAIR}),
    ("submitted", "return"): ("returned", {MANAGER}),
    ("returned", "submit"): ("submitted", {CHAIR}),
    ("submitted", "accept"): ("accepted", {MANAGER}),
    ("accepted", "send"): ("with-executive", {COORDINATOR}),
    ("with-executive", "respond"): ("responded", {PARTNER, MANAGER}),
    ("with-executive", "defer"): ("deferred", {PARTNER, MANAGER}),
    ("deferred", "send"): ("with-executive", {COORDINATOR}),
    ("responded", "start"): ("in-action", {MANAGER}),
    ("responded", "close"): ("closed", {MANAGER}),
    ("in-action", "close"): ("closed", {MANAGER}),
    ("closed", "reopen"): ("reopened", {CHAIR, SCRUTINEER, PARTNER}),
    ("reopened", "accept"): ("accepted", {MANAGER}),
    ("reopened", "close"): ("closed", {MANAGER}),
    **{(state, "withdraw"): ("withdrawn", {CHAIR}) for state in OPEN},
}
FILLED = {
    "submit": {"reason": "The chair has seen it."},
    "return": {"reason": "Say what was tried."},
    "accept": {"meeting": "", "note": ""},
    "send": {},
    "respond": {"decision": "agreed", "response": "Both agencies will name somebody.", "on": "2026-11-21"},
    "defer": {"reason": "Not enough time.", "meeting": ""},
    "start": {"what": "Name somebody.", "owner": "role:coordinator", "due_on": "2026-12-31"},
    "close": {"outcome": "Both agencies have named somebody.", "lessons": ""},
    "withdraw": {"reason": "It is settled."},
    "reopen": {"reason": "It is not settled."},
    "settle": {},
    "hurry": {},
}


@pytest.fixture
def room(sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Room]:
    with fakes.talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        yield Room(bot)


def everybody(room: Room) -> dict[str, Identity]:
    return {
        "chair": room.chair, "member": room.member, "other chair": room.other, "manager": room.manager,
        "coordinator": room.coordinator, "partner": room.partners[0], "scrutineer": room.scrutineer,
        "protection officer": room.enrols("Dale Invented", Role.DATA_PROTECTION_OFFICER, group=""),
        "admin": room.enrols("Ari Invented", Role.ADMIN, group=""),
        "stranger": STRANGER,
    }  # fmt: skip


def tries(room: Room, ref: str, do: str, who: Identity) -> str:
    """Take a step, and return where it stands then."""
    if do in ("settle", "hurry"):  # the bot's own: nobody has a form for them
        room.bot.does(Request(who, route="escalation.step", value=f"{ref}|{room.row(ref).version}|{do}"))
        return room.status(ref)
    fields = {name: room.meeting(FEBRUARY) if name == "meeting" else value for name, value in FILLED[do].items()}
    room.takes(do, who, ref, **fields)
    return room.status(ref)


@pytest.mark.parametrize("state", STATES)
def test_who_may_not_take_a_step_changes_nothing(room: Room, state: str) -> None:
    people, ref = everybody(room), room.brings(state)

    for do in FILLED:
        _, may = MOVES.get((state, do), ("", set()))
        found = {name: tries(room, ref, do, who) for name, who in people.items() if name not in may}
        assert set(found.values()) == {state}, do


@pytest.mark.parametrize(
    ("state", "do", "who"), [(*step, one) for step, (_, may) in MOVES.items() for one in sorted(may)]
)
def test_who_may_take_a_step_takes_it(room: Room, state: str, do: str, who: str) -> None:
    people, ref = everybody(room), room.brings(state)
    if do == "close" and state != "reopened":
        room.takes("propose closing", room.manager, ref, **FILLED["close"])
        room.takes("agree to close", room.chair, ref)
    if (state, do) == ("deferred", "send"):
        room.takes("want", room.chair, ref)

    assert tries(room, ref, do, people[who]) == MOVES[state, do][0]


ANSWER = {"decision": "agreed", "response": "Yes.", "on": "2026-11-21"}
ACT = {"what": "Name somebody.", "owner": "role:coordinator", "due_on": "2026-12-31"}
NEEDS = {  # what is left out of a step, and where that leaves it
    "return without a reason": ("submitted", "return", MANAGER, {"reason": " "}),
    "accept without a meeting": ("submitted", "accept", MANAGER, {"meeting": "999", "note": ""}),
    "respond without words": ("with-executive", "respond", MANAGER, ANSWER | {"response": ""}),
    "respond without a decision": ("with-executive", "respond", MANAGER, ANSWER | {"decision": "x"}),
    "respond tomorrow": ("with-executive", "respond", MANAGER, ANSWER | {"on": "2026-11-22"}),
    "respond on no day": ("with-executive", "respond", MANAGER, ANSWER | {"on": "2026-02-29"}),
    "defer without a reason": ("with-executive", "defer", MANAGER, {"reason": "", "meeting": "2"}),
    "defer to no later meeting": ("with-executive", "defer", MANAGER, {"reason": "No time.", "meeting": "1"}),
    "start without an owner": ("responded", "start", MANAGER, ACT | {"owner": ""}),
    "start without a date": ("responded", "start", MANAGER, ACT | {"due_on": ""}),
    "close without an outcome": ("responded", "close", MANAGER, {"outcome": "", "lessons": ""}),
    "close without the chair": ("responded", "close", MANAGER, {"outcome": "All is done.", "lessons": ""}),
    "withdraw without a reason": ("submitted", "withdraw", CHAIR, {"reason": ""}),
    "reopen without a reason": ("closed", "reopen", CHAIR, {"reason": ""}),
    "send a deferred one that nobody wants": ("deferred", "send", COORDINATOR, {}),
    "send it again as it came back": ("returned", "submit", CHAIR, {"reason": ""}),
}  # fmt: skip


@pytest.mark.parametrize(("state", "do", "who", "fields"), NEEDS.values(), ids=NEEDS)
def test_a_step_without_what_it_needs_is_not_taken(
    room: Room, state: str, do: str, who: str, fields: dict[str, str]
) -> None:
    ref = room.brings(state)
    version = room.row(ref).version
    room.takes(do, everybody(room)[who], ref, **fields)

    assert (room.status(ref), room.row(ref).version) == (state, version)


@pytest.mark.parametrize("state", STATES)
def test_the_scrutineer_comments_at_any_state_and_moves_nothing(room: Room, state: str) -> None:
    ref = room.brings(state)
    room.takes("comment", room.scrutineer, ref, comment="What would show that it works?")

    assert room.row(ref).scrutineer_comment == "21 November 2026: What would show that it works?"
    assert room.status(ref) == state
