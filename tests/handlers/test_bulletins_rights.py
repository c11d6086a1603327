"""Two people always, on every path; drafts for the secretariat alone; and what may follow what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import engine as database
from db.bulletins import State
from db.people import SECRETARIAT, Identity, IdentityRow, Role
from handlers.bulletins import states
from handlers.bulletins.states import Action, Refusal
from handlers.context import House
from handlers.messages import Card
from tests.bulletins import REF, Desk
from tests.fakes import STRANGER, Bot, said


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def also_speaks_from(bot: Bot, who: Identity, other: Identity) -> None:
    with database.transaction(bot.engine) as session:
        person = session.query(IdentityRow.person_id).filter_by(user_id=who.user_id).scalar()
        session.add(IdentityRow(person_id=person, platform=other.platform, user_id=other.user_id))


OWN_PATHS = ("approve", "return", "give-back")


@pytest.mark.parametrize("path", OWN_PATHS)
def test_nobody_approves_or_returns_what_they_wrote(desk: Desk, path: str) -> None:
    desk.in_review(who=desk.approver)

    found = desk.does(path, "1:1", desk.approver, words="It is fine.")

    assert isinstance(found, Card)
    assert found.title == "A bulletin needs two people, and you wrote this one."
    assert "Waiting for approval" in said(desk.opens())


@pytest.mark.parametrize("path", OWN_PATHS)
def test_nobody_approves_what_they_wrote_from_another_place(desk: Desk, path: str) -> None:
    desk.in_review(who=desk.approver)
    elsewhere = Identity("other", "the-same-person")
    also_speaks_from(desk.bot, desk.approver, elsewhere)

    found = desk.does(path, "1:1", elsewhere, words="It is fine.")

    assert isinstance(found, Card)
    assert found.title == "A bulletin needs two people, and you wrote this one."


def test_who_changed_it_last_cannot_approve_it_although_somebody_else_began_it(desk: Desk) -> None:
    sections = desk.presses(desk.writes(), "Write the sections")
    card = desk.fills(sections, "What to do now", desk.approver, text="- Please use the new form today.")
    desk.presses(desk.presses(card, "Back"), "Send for approval")

    found = desk.does("approve", "1:2", desk.approver)

    assert isinstance(found, Card)
    assert "Waiting for approval" in said(desk.opens())


def test_only_those_who_may_approve_it_are_asked(desk: Desk) -> None:
    second = desk.bot.enrol(Role.STRATEGY_MANAGER)

    desk.in_review()

    assert desk.notices("waits for your approval") == sorted([desk.approver.user_id, second.user_id])


def test_of_two_approvers_at_once_one_approves_and_the_other_is_told(desk: Desk) -> None:
    second = desk.bot.enrol(Role.STRATEGY_MANAGER)
    desk.in_review()

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda who: desk.does("approve", "1:1", who), (desk.approver, second)))

    titles = sorted(card.title for card in found if isinstance(card, Card))
    assert titles == [f"{REF}: The form has moved", "You cannot approve it now: it is approved, without a time."]
    assert len([entry for entry in desk.bot.audited() if entry.action == "bulletin approve"]) == 1


ROLES = [role for role in Role if role not in SECRETARIAT]


@pytest.mark.parametrize("role", [None, *ROLES], ids=str)
def test_others_see_no_draft_and_change_none(desk: Desk, role: Role | None) -> None:
    who = desk.bot.enrol(role) if role else STRANGER
    desk.writes()

    for action in (
        "open",
        "sections",
        "keep",
        "change",
        "submit",
        "approve",
        "schedule",
        "send",
        "cancel",
        "readers",
        "report",
        "whole",
    ):
        found = desk.does(action, "1:1", who, text="changed", title="changed", sure="yes")
        assert isinstance(found, Card)
        assert "The form has moved" not in said(found)
    assert "A draft" in said(desk.opens())


def test_everything_that_is_done_to_a_bulletin_is_in_the_trail_and_none_of_its_words(desk: Desk) -> None:
    desk.sent()

    trail = [entry for entry in desk.bot.audited() if entry.subject == REF]

    assert [entry.action for entry in trail if entry.action != "bulletin write"] == [
        "bulletin begun", "bulletin submit", "bulletin approve", "bulletin schedule", "bulletin queue",
        "bulletin finish",
    ]  # fmt: skip
    assert "form" not in repr([entry.detail for entry in trail])


# --- the table of what may follow what --------------------------------------------------------------------------

PEOPLE = [action for action in Action if states.MAY[action]]
CLOCK = [action for action in Action if not states.MAY[action]]


def test_every_action_says_who_may_do_it_and_every_state_how_it_is_called() -> None:
    assert set(states.MAY) == set(Action)
    assert set(states.IN_WORDS) == set(State)


@given(st.lists(st.tuples(st.sampled_from(Action), st.frozensets(st.sampled_from(Role))), max_size=40))
def test_nothing_is_ever_sent_that_was_not_approved_since_it_was_last_changed(
    steps: list[tuple[Action, frozenset[Role]]],
) -> None:
    state, approved = State.DRAFT, False
    for action, roles in steps:
        found = states.after(state, action, roles) if states.MAY[action] else states.by_clock(state, action)
        if isinstance(found, Refusal):
            assert found.reason
            continue
        assert not states.MAY[action] or roles & states.MAY[action]
        approved = (approved or action is Action.APPROVE) and found not in (State.DRAFT, State.RETURNED)
        state = found
        assert approved or state not in (State.APPROVED, State.SCHEDULED, State.SENDING, State.SENT, State.ARCHIVED)


@given(st.sampled_from(State), st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(Role)))
def test_nobody_does_what_their_roles_do_not_allow(state: State, action: Action, roles: frozenset[Role]) -> None:
    found = states.after(state, action, roles - states.MAY[action])

    assert isinstance(found, Refusal)


@given(st.sampled_from(State), st.sampled_from(CLOCK), st.frozensets(st.sampled_from(Role)))
def test_nobody_does_what_the_clock_does(state: State, action: Action, roles: frozenset[Role]) -> None:
    assert isinstance(states.after(state, action, roles), Refusal)
