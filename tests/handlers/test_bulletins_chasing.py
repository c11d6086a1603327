"""Who has briefed their team, by agency, and who is asked again: for the secretariat alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import channels
from db import engine as database
from db.people import Identity
from db.reminders import Plan, PlanState
from handlers.context import House
from handlers.messages import Card, Errors, Table
from tests.bulletins import REF, Desk
from tests.fakes import Bot, labels, said

PRESSED = "I have read this and briefed my team"


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def reads(desk: Desk, who: Identity) -> Card:
    message = desk.messages()[0].card
    return desk.presses(message, PRESSED, who)


def chase(desk: Desk) -> Card:
    return desk.presses(desk.presses(desk.opens(), "Who got it"), "Who has briefed their team")


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def reminded(desk: Desk) -> list[str]:
    return sorted(one.to.address for one in desk.bot.queued() if one.card.title.startswith("Please read:"))


def three_agencies(desk: Desk) -> list[Identity]:
    people = [
        desk.enrols("Robin Invented", agency="Example Police"),
        desk.enrols("Alex Invented", agency="Example Police"),
        desk.enrols("Pat Invented", agency="Example School"),
    ]
    desk.asks_to_read()
    return people


def test_who_presses_before_the_next_tick_has_counted_it_is_noted(desk: Desk) -> None:
    robin = desk.enrols("Robin Invented")
    desk.asks_to_read()

    assert reads(desk, robin).title == f"{REF}: noted"


def test_the_secretariat_sees_which_agencies_have_and_which_have_not_those_first(desk: Desk) -> None:
    robin, *_ = three_agencies(desk)
    reads(desk, robin)
    desk.tick()

    card = chase(desk)

    assert rows(card) == [
        ("No agency", "None has", "0", "2"),
        ("Example School", "None has", "0", "1"),
        ("Example Police", "Some have", "1", "1"),
    ]
    assert "**Example Police**: Alex Invented" in said(card)


def test_one_press_reminds_those_who_have_not_once_a_day(desk: Desk) -> None:
    robin, alex, pat = three_agencies(desk)
    reads(desk, robin)
    desk.tick()

    first = desk.presses(chase(desk), "Remind all who have not")
    second = desk.presses(chase(desk), "Remind all who have not")

    assert "4 of 4 people" in said(first)
    assert "Nobody is reminded now" in said(second)
    assert reminded(desk) == sorted(one.user_id for one in (alex, pat, desk.author, desk.approver))


def test_the_reminder_can_be_answered_and_ends_the_ladder(desk: Desk) -> None:
    _, alex, _ = three_agencies(desk)
    desk.tick()
    desk.presses(chase(desk), "Remind all who have not")
    message = next(one.card for one in desk.bot.queued() if one.card.title.startswith("Please read:"))

    whole = desk.presses(message, "Read it", alex)
    done = desk.presses(message, PRESSED, alex)

    assert "Please use the new form from today" in said(whole)
    assert done.title == f"{REF}: noted"
    with database.transaction(desk.bot.engine) as session:
        still = session.scalars(select(Plan).where(Plan.state != PlanState.CANCELLED.value)).all()
        assert len(still) == 4


def test_chosen_agencies_alone_are_reminded(desk: Desk) -> None:
    _, _, pat = three_agencies(desk)
    desk.tick()
    form = desk.bot.opens(chase(desk), "Choose agencies", who=desk.author)
    school = next(one.value for one in form.fields[0].choices if one.label == "Example School")

    nothing = desk.bot.sends(form, who=desk.author, agencies="")
    desk.bot.sends(form, who=desk.author, agencies=school)

    assert isinstance(nothing, Errors)
    assert reminded(desk) == [pat.user_id]


def test_a_channel_is_not_known_and_who_reads_there_counts_when_they_press(desk: Desk) -> None:
    robin = desk.enrols("Robin Invented", agency="Example Police")
    with database.transaction(desk.bot.engine) as session:
        number = channels.register(
            session, platform="test", address="forum", name="DSL forum", group_id=None, at=desk.bot.clock.now, by=None
        )
    card = desk.fills(
        desk.writes(), "Title and readers", channels=str(number), channels_only="yes", needs_reading="yes"
    )
    desk.presses(card, "Send for approval")
    desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)
    desk.fills(desk.opens(), "Send it now", sure="yes")
    desk.arrives()
    desk.tick()

    before = chase(desk)
    reads(desk, robin)

    assert "DSL forum" in said(before)
    assert "Not known" in said(before)
    assert "Remind all who have not" not in labels(before)
    assert rows(chase(desk)) == [("Example Police", "All have", "1", "0")]
    report = desk.presses(desk.opens(), "Who got it")
    assert ("Example Police", "0", "0", "1") in rows(report)


def test_nobody_is_chased_about_a_bulletin_that_was_called_off(desk: Desk) -> None:
    desk.enrols("Robin Invented", agency="Example Police")
    desk.asks_to_read()
    desk.fills(desk.presses(desk.opens(), "More"), "Cancel it", sure="yes")

    desk.tick()

    with database.transaction(desk.bot.engine) as session:
        assert session.scalars(select(Plan).where(Plan.state != PlanState.CANCELLED.value)).all() == []


def test_a_leaver_is_neither_named_nor_reminded(desk: Desk) -> None:
    three_agencies(desk)
    desk.tick()
    desk.leaves("Pat Invented")

    card = chase(desk)
    desk.presses(card, "Remind all who have not")

    assert "Pat Invented" not in said(card)
    assert "pat" not in reminded(desk)


def test_a_bulletin_that_asked_nobody_has_nobody_to_chase(desk: Desk) -> None:
    desk.sent()

    found = desk.does("chase", "1", desk.author)

    assert isinstance(found, Card)
    assert found.title == f"Nobody was asked to read {REF}."
    assert "Who has briefed their team" not in labels(desk.presses(desk.opens(), "Who got it"))


def test_the_day_after_they_can_be_reminded_again(desk: Desk) -> None:
    three_agencies(desk)
    desk.tick()
    desk.presses(chase(desk), "Remind all who have not")
    desk.bot.clock.now += timedelta(days=1)

    again = desk.presses(chase(desk), "Remind all who have not")

    assert "5 of 5 people" in said(again)


def test_when_the_reminders_are_over_the_secretariat_is_told_once_which_agencies_have_not(desk: Desk) -> None:
    robin, *_ = three_agencies(desk)
    reads(desk, robin)
    desk.tick()
    desk.bot.clock.now += timedelta(days=7)  # Tuesday, the day of the second reminder
    desk.tick()
    early = desk.notices("has not been passed on everywhere")
    desk.bot.clock.now += timedelta(days=1)

    desk.tick()
    desk.tick()

    assert early == []
    assert desk.notices("has not been passed on everywhere") == sorted([desk.author.user_id, desk.approver.user_id])
    told = next(one.card for one in desk.bot.queued() if "passed on everywhere" in one.card.title)
    assert "Example School: nobody has" in said(told)
    assert "Pat Invented" not in said(told)
    assert rows(desk.presses(told, "Who has briefed their team"))


def test_who_types_the_reference_before_the_next_tick_reads_it(desk: Desk) -> None:
    robin = desk.enrols("Robin Invented")
    desk.asks_to_read()

    assert desk.bot.types(f"bulletins {REF}", who=robin).title == "The form has moved"
