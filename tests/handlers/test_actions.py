"""Actions: what somebody owes, in lists and one by one; added, changed, done with evidence, and told to people."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from db import engine as database
from db import history, people
from db.audit import AuditEntry
from db.people import Identity, Role
from db.reminders import Plan, PlanState
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Table, Tone
from tests import promises
from tests.fakes import STRANGER, Bot, labels, said

WHAT = "Write to every school about the neglect strategy"


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, Role.COORDINATOR, name="Nico Invented")


@pytest.fixture
def owner(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Robin Invented")


def opened(bot: Bot, ref: str, who: Identity) -> Card:
    return bot.types(f"actions {ref}", who=who)


def rows(card: Card) -> list[str]:
    return [row[0] for part in card.body if isinstance(part, Table) for row in part.rows]


def added(bot: Bot, keeper: Identity, **fields: str) -> Card | Errors:
    form = bot.opens(bot.types("actions", who=keeper), "Add an action", who=keeper)
    return bot.sends(form, who=keeper, **{"what": WHAT, "owner": "Robin Invented", "due_on": "2026-12-10"} | fields)


def plans(bot: Bot) -> list[tuple[str, date, str]]:
    with Session(bot.engine) as session:
        return [(plan.subject, plan.anchor_on, plan.state) for plan in session.scalars(select(Plan))]


# --- lists -------------------------------------------------------------------------------------------------


def test_you_see_what_you_owe_by_name_and_by_role_the_first_due_at_the_top(bot: Bot, owner: Identity) -> None:
    manager = bot.enrol(Role.STRATEGY_MANAGER)
    late = promises.action(bot, owner, due=date(2027, 1, 5))
    soon = promises.action(bot, owner, due=date(2026, 11, 24))
    by_role = promises.action(bot, Role.STRATEGY_MANAGER, due=date(2026, 12, 1))

    assert rows(bot.types("actions", who=owner)) == [soon, late]
    assert rows(bot.types("actions", who=manager)) == [by_role]


def test_overdue_and_due_are_lists_of_their_own_and_overdue_is_a_word(bot: Bot, owner: Identity) -> None:
    over = promises.action(bot, owner, due=date(2026, 11, 20))
    today = promises.action(bot, owner, due=date(2026, 11, 21))
    promises.action(bot, owner, due=date(2027, 3, 1))

    assert rows(bot.types("actions overdue", who=owner)) == [over]
    assert rows(bot.types("actions due", who=owner)) == [over, today]
    assert "20 Nov 2026 (overdue)" in said(bot.types("actions", who=owner))
    assert "21 Nov 2026 (overdue)" not in said(bot.types("actions", who=owner))


def test_a_long_list_comes_in_pages_of_ten_and_one_of_them_is_opened_by_choosing(bot: Bot, owner: Identity) -> None:
    refs = [promises.action(bot, owner, due=date(2027, 1, day)) for day in range(1, 13)]

    first = bot.types("actions", who=owner)
    second = bot.presses(first, "More", who=owner)
    form = bot.opens(first, "Open one", who=owner)

    assert isinstance(second, Card)
    assert (rows(first), rows(second)) == (refs[:10], refs[10:])
    assert len(first.actions) <= 6
    card = bot.sends(form, who=owner, ref=refs[7])
    assert isinstance(card, Card)
    assert card.title == refs[7]


def test_a_list_of_any_length_takes_the_same_number_of_queries(bot: Bot, owner: Identity) -> None:
    def queries() -> int:
        counted: list[str] = []

        def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
            counted.append(statement)

        event.listen(bot.engine, "before_cursor_execute", count)
        bot.types("actions all", who=owner)
        event.remove(bot.engine, "before_cursor_execute", count)
        return len(counted)

    promises.action(bot, owner)
    one = queries()
    for _ in range(15):
        promises.action(bot, owner)

    assert queries() == one


def test_a_stranger_learns_nothing_of_actions(bot: Bot, owner: Identity) -> None:
    ref = promises.action(bot, owner, what=WHAT)
    replies = [
        bot.does(Request(STRANGER, route=route, value=value))
        for route in ("actions.open", "actions.finish", "actions.new", "actions.list", "linking.show", "audit.history")
        for value in (ref, f"{ref}|1", "ACT-2026-999", "all|0", "")
    ]

    for reply in [*replies, bot.types("actions", who=STRANGER), opened(bot, ref, STRANGER)]:
        assert isinstance(reply, Card)
        assert (WHAT in said(reply), reply.tone) == (False, Tone.WARNING)
    assert said(opened(bot, ref, STRANGER)) == said(opened(bot, "ACT-2026-999", STRANGER))


# --- adding ------------------------------------------------------------------------------------------------


def test_the_secretariat_adds_an_action_and_its_owner_is_told_and_reminded(
    bot: Bot, keeper: Identity, owner: Identity
) -> None:
    card = added(bot, keeper)

    assert isinstance(card, Card)
    assert card.title == "ACT-2026-001 added"
    [notice] = bot.queued()
    assert (notice.to.address, notice.key) == (owner.user_id, "action:ACT-2026-001:given:1")
    assert WHAT in said(notice.card)
    assert "Thursday 10 December 2026" in said(notice.card)
    assert plans(bot) == [("action:ACT-2026-001", date(2026, 12, 10), PlanState.NEW.value)]


WRONG = {
    "nothing to do": ({"what": " "}, "what"),
    "too much to do": ({"what": "x" * 301}, "what"),
    "nobody": ({"owner": ""}, "owner"),
    "somebody and a role": ({"role": "scrutineer"}, "owner"),
    "somebody who is not there": ({"owner": "Nobody Invented"}, "owner"),
    "a role that is none": ({"owner": "", "role": "king"}, "role"),
    "everybody": ({"owner": "", "role": "member"}, "role"),
    "no day": ({"due_on": ""}, "due_on"),
    "no such day": ({"due_on": "2027-02-29"}, "due_on"),
    "yesterday": ({"due_on": "2026-11-20"}, "due_on"),
    "words for a day": ({"due_on": "soon"}, "due_on"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_at_its_box_and_nothing_is_added(
    bot: Bot, keeper: Identity, owner: Identity, wrong: str
) -> None:
    assert owner.user_id
    fields, box = WRONG[wrong]

    errors = added(bot, keeper, **fields)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [box]
    assert rows(bot.types("actions all", who=keeper)) == []


def test_the_29th_of_february_is_a_day_in_a_leap_year(bot: Bot, keeper: Identity, owner: Identity) -> None:
    assert owner.user_id

    assert isinstance(added(bot, keeper, due_on="2028-02-29"), Card)


def test_of_several_who_are_called_so_one_is_chosen(bot: Bot, keeper: Identity, owner: Identity) -> None:
    other = bot.enrol(Role.MEMBER, name="Robin Invented")

    errors = added(bot, keeper)
    assert isinstance(errors, Errors)
    assert errors.also is not None
    card = added(bot, keeper, which=f"person-{promises.number(bot, other)}")

    assert isinstance(card, Card)
    assert (rows(bot.types("actions", who=other)), rows(bot.types("actions", who=owner))) == (["ACT-2026-001"], [])


def test_an_action_of_a_role_is_told_to_everybody_who_has_it(bot: Bot, keeper: Identity) -> None:
    partners = {bot.enrol(Role.STATUTORY_PARTNER).user_id for _ in range(2)}

    added(bot, keeper, owner="", role="statutory partner")

    assert {one.to.address for one in bot.queued()} == partners


# --- done --------------------------------------------------------------------------------------------------


def test_an_owner_says_with_evidence_that_it_is_done(bot: Bot, keeper: Identity, owner: Identity) -> None:
    added(bot, keeper)
    ref = "ACT-2026-001"

    form = bot.opens(opened(bot, ref, owner), "It is done", who=owner)
    errors = bot.sends(form, who=owner, evidence="  ")
    card = bot.sends(form, who=owner, evidence="Agreed on 20 November, published on the website")

    assert isinstance(errors, Errors)
    assert isinstance(card, Card)
    assert card.title == f"{ref} is done"
    assert "published on the website" in said(opened(bot, ref, owner))
    assert rows(bot.types("actions", who=owner)) == []
    assert plans(bot)[0][2] == PlanState.CANCELLED.value
    assert [(one.to.address, one.card.title) for one in bot.queued()][1:] == [(keeper.user_id, f"{ref} is done")]


def test_others_can_neither_finish_nor_change_an_action(bot: Bot, owner: Identity) -> None:
    ref, other = promises.action(bot, owner), bot.enrol(Role.MEMBER, Role.CHAIR, Role.SCRUTINEER)

    assert not {"It is done", "Change"} & set(labels(opened(bot, ref, other)))
    for route in ("actions.finish", "actions.done", "actions.change", "actions.save", "actions.again"):
        reply = bot.does(Request(other, route=route, value=f"{ref}|1", fields={"evidence": "because"}))
        assert isinstance(reply, Card)
        assert reply.tone is Tone.WARNING
    assert promises.kept(bot, ref).done_on is None


def test_what_was_not_done_after_all_is_opened_again_and_reminded_of(
    bot: Bot, keeper: Identity, owner: Identity
) -> None:
    added(bot, keeper)
    form = bot.opens(opened(bot, "ACT-2026-001", owner), "It is done", who=owner)
    bot.sends(form, who=owner, evidence="it is on the website")

    card = bot.presses(opened(bot, "ACT-2026-001", keeper), "It is not done", who=keeper)

    assert isinstance(card, Card)
    assert "is open again" in card.title
    assert rows(bot.types("actions", who=owner)) == ["ACT-2026-001"]
    assert plans(bot)[0][2] == PlanState.NEW.value


def test_a_change_tells_the_new_owner_and_the_history_keeps_which_boxes_changed(
    bot: Bot, keeper: Identity, owner: Identity
) -> None:
    other = bot.enrol(Role.MEMBER, name="Alex Invented")
    added(bot, keeper)
    form = bot.opens(opened(bot, "ACT-2026-001", keeper), "Change", who=keeper)

    bot.sends(form, who=keeper, owner="Alex Invented", due_on="2026-12-18")

    assert (rows(bot.types("actions", who=owner)), rows(bot.types("actions", who=other))) == ([], ["ACT-2026-001"])
    assert [one.to.address for one in bot.queued()] == [owner.user_id, other.user_id]
    told = bot.presses(opened(bot, "ACT-2026-001", other), "History", who=other)
    assert "changed (due, owner)" in said(told) or "changed (owner, due)" in said(told)


# --- two at once -------------------------------------------------------------------------------------------


def test_the_second_of_two_is_told_what_the_first_did_and_saves_what_they_typed_on_purpose(
    bot: Bot, keeper: Identity, owner: Identity
) -> None:
    other = bot.enrol(Role.STRATEGY_MANAGER, name="Sam Invented")
    added(bot, keeper)
    first, second = (bot.opens(opened(bot, "ACT-2026-001", who), "Change", who=who) for who in (keeper, other))
    bot.sends(first, who=keeper, what="Ring every school")

    told = bot.sends(second, who=other, what="Visit every school")

    assert isinstance(told, Errors)
    assert "Nico Invented changed this while you were writing: changed (what)." in told.by_field["what"]
    assert told.also is not None
    assert promises.kept(bot, "ACT-2026-001").what == "Ring every school"
    card = bot.sends(second, who=other, what="Visit every school", seen_version=told.also.choices[0].value)
    assert isinstance(card, Card)
    assert promises.kept(bot, "ACT-2026-001").what == "Visit every school"
    assert owner.user_id


def test_who_overwrites_on_purpose_is_told_again_when_there_was_a_third(bot: Bot, keeper: Identity) -> None:
    promises.action(bot, keeper)
    forms = [bot.opens(opened(bot, "ACT-2026-001", keeper), "Change", who=keeper) for _ in range(3)]
    first = bot.sends(forms[0], who=keeper, what="one")
    told = bot.sends(forms[1], who=keeper, what="two")
    assert isinstance(told, Errors)
    assert told.also is not None
    assert isinstance(first, Card)

    second = bot.sends(forms[1], who=keeper, what="two", seen_version="2")
    third = bot.sends(forms[2], who=keeper, what="three", seen_version="2")

    assert isinstance(second, Card)
    assert isinstance(third, Errors)


@pytest.mark.parametrize("version", ["", "0", "7", "x", "-1", "9" * 30, "1|1"])
def test_a_made_up_version_changes_nothing(bot: Bot, keeper: Identity, version: str) -> None:
    ref = promises.action(bot, keeper, what=WHAT)
    fields = {"what": "something else", "owner": "Nico Invented", "due_on": "2026-12-10"}

    reply = bot.does(Request(keeper, route="actions.save", value=f"{ref}|{version}", fields=fields))

    assert isinstance(reply, Errors)
    assert promises.kept(bot, ref).what == WHAT


def test_a_role_that_was_lost_between_opening_and_sending_gives_no_right(bot: Bot, keeper: Identity) -> None:
    ref = promises.action(bot, bot.enrol(Role.MEMBER), what=WHAT)
    form = bot.opens(opened(bot, ref, keeper), "Change", who=keeper)
    assert isinstance(form, Form)
    with database.transaction(bot.engine) as session:
        people.end_everything(session, promises.number(bot, keeper), on=bot.clock.now.date())

    reply = bot.sends(form, who=keeper, what="something else")

    assert isinstance(reply, Card | Errors)
    assert promises.kept(bot, ref).what == WHAT


def test_a_form_that_arrives_twice_adds_one_action(bot: Bot, keeper: Identity, owner: Identity) -> None:
    form = bot.opens(bot.types("actions", who=keeper), "Add an action", who=keeper)
    fields = {"what": WHAT, "owner": "Robin Invented", "due_on": "2026-12-10"}

    replies = [bot.sends(form, who=keeper, **fields) for _ in range(2)]

    assert replies[0] == replies[1]
    assert rows(bot.types("actions", who=owner)) == ["ACT-2026-001"]


def test_the_trail_names_who_and_what_and_holds_no_words(bot: Bot, keeper: Identity, owner: Identity) -> None:
    added(bot, keeper)
    form = bot.opens(opened(bot, "ACT-2026-001", owner), "It is done", who=owner)
    bot.sends(form, who=owner, evidence="it is on the website")

    deeds = [(one.actor, one.action, one.subject) for one in bot.audited()]
    robin, nico = promises.number(bot, owner), promises.number(bot, keeper)
    assert deeds == [
        (f"person:{nico}", "added", "ACT-2026-001"),
        (f"person:{robin}", "done", "ACT-2026-001"),
    ]
    with Session(bot.engine) as session:
        kept = repr([(one.detail, one.action) for one in session.scalars(select(AuditEntry))])
        kept += repr([(one.detail, one.action) for one in history.of(session, "ACT-2026-001")])
    assert (WHAT in kept, "website" in kept) == (False, False)
