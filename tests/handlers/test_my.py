"""What is somebody's own: what they owe and what they raised, across everything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from db import engine as database
from db import escalations, reminders
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Heading, Table
from tests.bulletins import REF, Desk
from tests.fakes import Bot, labels, said
from tests.registers.machine import tick
from tests.registers.shelves import Shelf, asked


@pytest.fixture
def shelf(bot: Bot) -> Shelf:
    return Shelf(bot)


def part(card: Card, heading: str) -> list[tuple[str, ...]]:
    """Return the rows under a heading; none when it is not there."""
    under = dict(zip(card.body, card.body[1:], strict=False))
    table = under.get(Heading(heading))
    return list(table.rows) if isinstance(table, Table) else []


def owed(bot: Bot, who: Identity) -> dict[str, str]:
    """Return what somebody has to do, by what it is about."""
    return {row[1]: row[2] for row in part(bot.types("my", who=who), "What you owe")}


def raised(bot: Bot, who: Identity) -> list[str]:
    return [row[1] for row in part(bot.types("my", who=who), "What you raised")]


def day(bot: Bot, days: int) -> date:
    return bot.clock.now.date() + timedelta(days=days)


# --- what is owed ----------------------------------------------------------------------------------------------


def test_what_somebody_promised_is_theirs(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.MEMBER)
    me = shelf.person(who)
    shelf.action("Write the plan", owner_person_id=me)
    shelf.action("Somebody else's", owner_person_id=shelf.somebody)
    shelf.risk("asked to own it", owner_id=me)
    shelf.risk("owned", owner_id=me, owner_accepted_at=bot.clock.now, next_review=day(bot, 9))
    shelf.risk("no more", owner_id=me, status="closed")
    shelf.challenge("police", owner_id=me, challenge="What do you do?")
    shelf.challenge("schools", owner_id=me, status="answered", challenge="It was answered")
    shelf.escalation("claimed", status="accepted", claimed_by=me)

    assert owed(bot, who) == {
        "Write the plan": "Do it",
        "asked to own it": "Say whether you own it",
        "owned": "Review it",
        "What do you do?": "Answer it",
        "claimed": "Deal with it",
    }


def test_what_is_due_first_comes_first(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.MEMBER)
    me = shelf.person(who)
    shelf.action("third", due_in=5, owner_person_id=me)
    shelf.challenge("x", challenge="second", due_in=2, owner_id=me)
    shelf.risk("first", owner_id=me, owner_accepted_at=bot.clock.now, next_review=day(bot, -1))
    shelf.risk("without a day", owner_id=me)

    card = bot.types("my", who=who)

    assert [row[1] for row in part(card, "What you owe")] == ["first", "second", "third", "without a day"]
    assert "(overdue)" in part(card, "What you owe")[0][3]
    assert "2 risks, 1 challenge, 1 action, 1 overdue" in said(card)


SEATS: dict[str, tuple[list[Role], str, dict[str, str]]] = {
    "chair of the group": (
        [Role.MEMBER, Role.CHAIR], "Chair",
        {"draft": "Finish it and send it", "returned": "Change it and send it again",
         "deferred": "Is it still wanted?"},
    ),
    "member of the group": ([Role.MEMBER], "", {}),
    "strategy manager": (
        [Role.STRATEGY_MANAGER], "",
        {"submitted": "Look at it", "responded": "Start what was decided, or close it", "alert": "Decide on the alert",
         "reopened": "Decide what becomes of it"},
    ),
    "statutory partner": ([Role.STATUTORY_PARTNER], "", {"urgent": "Respond"}),
    "scrutineer": ([Role.SCRUTINEER], "", {}),
}  # fmt: skip


@pytest.mark.parametrize("seat", SEATS)
def test_what_waits_for_somebody_by_their_office_is_theirs(bot: Bot, shelf: Shelf, seat: str) -> None:
    roles, sits, expected = SEATS[seat]
    who = bot.enrol(*roles)
    shelf.sits(who, seat=sits)
    for status in ("draft", "submitted", "returned", "accepted", "with-executive", "deferred", "responded", "closed"):
        shelf.escalation(status, status=status)
    shelf.escalation("reopened", status="reopened")
    shelf.escalation("urgent", status="with-executive", urgency="urgent", asked_at=bot.clock.now)
    shelf.risk("alert", status="alert")
    shelf.risk("open")

    assert owed(bot, who) == expected


def test_a_partner_who_has_answered_owes_no_answer(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.STATUTORY_PARTNER)
    me = shelf.person(who)
    ref = shelf.escalation("urgent", status="with-executive", urgency="urgent", asked_at=bot.clock.now)

    with database.transaction(bot.engine) as session:
        row = escalations.of_ref(session, ref)
        assert row is not None
        escalations.answer(
            session, row, person_id=me, agency="Police", decision_type="agreed", text="Yes.",
            at=bot.clock.now,
        )  # fmt: skip

    assert owed(bot, who) == {}


def test_a_bulletin_waits_for_its_approver_and_not_for_its_author(bot: Bot) -> None:
    desk = Desk(bot)
    desk.in_review()

    assert owed(bot, desk.approver) == {"The form has moved": "Approve it or return it"}
    assert owed(bot, desk.author) == {}


def test_a_bulletin_waits_for_those_who_are_asked_to_read_it_until_they_have(bot: Bot) -> None:
    desk = Desk(bot)
    reader = desk.enrols("Rowan Invented", agency="Example Trust")
    desk.asks_to_read()
    desk.tick()

    card = bot.types("my", who=reader)
    assert {row[0]: row[2] for row in part(card, "What you owe")} == {REF: "Read it and brief your team"}
    assert "The form" in said(bot.presses(card, f"Open {REF}", who=reader))

    desk.does("read", "1", reader)
    assert owed(bot, reader) == {}


def test_a_reminder_is_listed_unless_what_it_is_about_is(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.MEMBER)
    me = shelf.person(who)
    ref = shelf.action("Write the plan", owner_person_id=me)
    with database.transaction(bot.engine) as session:
        for subject, title in ((f"action:{ref}", "Of the plan"), ("course:1", "Of the course")):
            reminders.plan(
                session, subject=subject, ladder="deadline", person_id=me, title=title,
                now=bot.clock.now, anchor_on=day(bot, 20),
            )  # fmt: skip
    tick(bot)

    assert owed(bot, who) == {"Write the plan": "Do it", "Of the course": "Coming"}


# --- what was raised -------------------------------------------------------------------------------------------


def test_what_somebody_raised_is_theirs_whatever_became_of_it(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.MEMBER)
    me: dict[str, Any] = {"raised_by": shelf.person(who)}
    shelf.escalation("closed", status="closed", **me)
    shelf.escalation("open", marking="OFFICIAL-SENSITIVE", **me)
    shelf.risk("no risk", status="not-a-risk", **me)
    shelf.risk("risk", **me)
    shelf.challenge("housing", challenge="challenge", **me)
    shelf.risk("another's")

    assert raised(bot, who) == ["open", "risk", "challenge", "closed", "no risk"]
    assert "1 escalation, 1 risk, 1 challenge still open" in said(bot.types("my", who=who))


def test_who_has_nothing_is_told_so_and_can_begin(bot: Bot) -> None:
    card = bot.types("my", who=bot.enrol(Role.MEMBER))

    assert "nothing" in said(card)
    assert {"My actions", "My reminders", "Escalate something", "Raise a risk"} <= set(labels(card))


# --- one after another -----------------------------------------------------------------------------------------


def test_everything_is_reached_page_by_page(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.MEMBER)
    kept = [shelf.action(f"Action {number}", due_in=number, owner_person_id=shelf.person(who)) for number in range(13)]

    first = bot.types("my", who=who)
    card = bot.presses(first, "All that you owe", who=who)
    assert isinstance(card, Card)
    more = bot.presses(card, "More", who=who)
    assert isinstance(more, Card)

    found = [row[0] for one in (card, more) for table in one.body if isinstance(table, Table) for row in table.rows]
    assert found == kept
    assert [row[0] for row in part(first, "What you owe")] == kept[:6]
    assert len(first.actions) <= 6


def test_one_of_many_is_opened_by_a_form(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(Role.MEMBER)
    me = shelf.person(who)
    refs = [
        shelf.action("one", owner_person_id=me), shelf.risk("one", raised_by=me), shelf.challenge("one", raised_by=me),
        shelf.escalation("one", raised_by=me),
    ]  # fmt: skip

    card = bot.types("my", who=who)
    chosen = [choice.value for choice in bot.opens(card, "Open one", who=who).fields[0].choices]
    opened = [bot.sends(bot.opens(card, "Open one", who=who), who=who, which=value) for value in chosen]

    assert sorted(card.title[:12] for card in opened if isinstance(card, Card)) == sorted(refs)


@pytest.mark.parametrize("which", ["", "x", "risk", "people 1", "actions.open ACT-2026-001", "status 1"])
def test_the_form_opens_nothing_that_is_not_of_the_list(bot: Bot, which: str) -> None:
    who = bot.enrol(Role.MEMBER)

    reply = bot.does(Request(who, route="my.chosen", fields={"which": which}, key="form:1"))

    assert isinstance(reply, Errors)


@pytest.mark.parametrize("which", ["risk RSK-2026-001", "escalation ESC-2026-001", "approve 1", "agree 1", "read 1"])
def test_the_form_opens_nothing_that_one_may_not_see(bot: Bot, shelf: Shelf, which: str) -> None:
    who = bot.enrol(Role.MEMBER)
    shelf.risk("secret", marking="OFFICIAL-SENSITIVE")
    shelf.escalation("secret", marking="OFFICIAL-SENSITIVE")
    Desk(bot).in_review()

    reply = bot.does(Request(who, route="my.chosen", fields={"which": which}, key="form:1"))

    assert isinstance(reply, Card)
    assert "cannot find" in said(reply) or "There is no" in said(reply)


@pytest.mark.parametrize("kind", ["escalations", "risks", "challenges", "actions", "reminders"])
def test_one_kind_is_shown_by_its_word(bot: Bot, kind: str) -> None:
    who = bot.enrol(Role.MEMBER)

    assert kind.removesuffix("s") in bot.types(f"my {kind}", who=who).title.lower()


@pytest.mark.parametrize("value", ["", "owed", "owed|999999999999", "raised|x", "nothing|1", "|||"])
def test_a_value_that_was_tampered_with_shows_what_is_ones_own(bot: Bot, value: str) -> None:
    card = bot.does(Request(bot.enrol(Role.MEMBER), route="my.show", value=value))

    assert isinstance(card, Card)
    assert card.title in ("Yours", "What you owe", "What you raised")


def test_the_first_page_and_help_lead_there_for_those_who_are_enrolled(bot: Bot) -> None:
    who = bot.enrol(Role.MEMBER)

    for word in ("home", "help"):
        assert bot.presses(bot.types(word, who=who), "Yours", who=who).title == "Yours"
        assert "Yours" not in labels(bot.types(word))


def test_the_card_asks_the_database_as_often_however_much_there_is(bot: Bot, shelf: Shelf) -> None:
    who = bot.enrol(*Role)
    me = shelf.person(who)
    mine: dict[str, Any] = {"raised_by": me}
    counts = []
    for many in (1, 8):
        for _ in range(many):
            shelf.action("one", owner_person_id=me)
            shelf.escalation("one", **mine)
            shelf.escalation("one", status="with-executive", urgency="urgent", asked_at=bot.clock.now)
            shelf.risk("one", owner_id=me, **mine)
            shelf.challenge("one", owner_id=me, **mine)
        with asked(bot.engine) as statements:
            bot.types("my", who=who)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 25
