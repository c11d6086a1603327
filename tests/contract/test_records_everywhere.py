"""Records, reminders, bulletins and joined places on every platform: what people raise, and what comes by itself."""

from __future__ import annotations

import re

import pytest

from db import engine as database
from db import people, risks
from db.escalations import Escalation
from db.risks import Risk
from knowledge import risks as rules
from tests import bulletins, escalating, reminding, risking
from tests.bulletins import Desk
from tests.contract.chat import Able, Town, everywhere, where
from tests.contract.conftest import TOWNS
from tests.fakes import Bot

# --- records -----------------------------------------------------------------------------------------------------


@everywhere
async def test_escalating_forks_before_anything_is_written(town: Town) -> None:
    charlie = await town.enters("chair")

    await charlie.says("escalate")
    assert charlie.sees("What do you want to escalate?")
    await charlie.presses("We disagree about a child")
    assert charlie.sees("999")
    await charlie.presses("Back")

    assert charlie.sees("What do you want to escalate?")


@everywhere
async def test_an_escalation_is_kept_as_a_draft_with_all_that_was_written(town: Town, bot: Bot) -> None:
    charlie = await town.enters("chair")
    await charlie.says("escalate")
    await charlie.presses("My group needs the Executive")

    await charlie.fills(**escalating.TEXTS, group="Quality Assurance and Performance", now="keep")

    assert charlie.sees("ESC-2026-001: Two agencies lack a neglect lead", "It is kept as a draft.")
    with database.transaction(bot.engine) as session:
        [row] = session.query(Escalation)
        assert {name: getattr(row, name) for name in escalating.TEXTS} == escalating.TEXTS
        assert row.status == "draft"


@everywhere
async def test_a_risk_is_raised_once_its_form_is_whole_and_what_was_typed_before_is_kept(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await pat.says("risk")
    await pat.presses("Raise a risk")
    others = {name: text for name, text in risking.ALERT.items() if name != "title"}

    await pat.fills(**others, ticks="executive")
    assert "Please fill this in." in pat.errors()["title"]
    await pat.fills(title=risking.ALERT["title"])
    assert pat.sees("Done", "RSK-2026-001 received")
    await pat.presses("Open it")

    assert pat.sees(risking.ALERT["title"], risking.ALERT["event"])
    with database.transaction(bot.engine) as session:
        [row] = session.query(Risk)
        assert (row.event, row.agencies_affected, row.doing) == tuple(
            risking.ALERT[name] for name in ("event", "agencies", "doing")
        )
        assert row.executive_now is True


@everywhere
async def test_a_list_is_read_page_by_page_and_one_of_it_is_opened(town: Town, bot: Bot) -> None:
    sam = await town.enters("manager")
    on_the_register(bot, 12)

    await sam.says("risks")
    assert sam.sees("1 to 10 of 12")
    await sam.presses("More")
    assert sam.sees("11 to 12 of 12")
    await sam.presses("Back to the first")
    assert sam.sees("1 to 10 of 12")
    await sam.presses("Open one")
    await sam.fills(ref="RSK-2026-903")

    assert sam.sees("RSK-2026-903: Risk number 3")


def on_the_register(bot: Bot, count: int) -> None:
    """Put risks on the register."""
    now = bot.clock.now
    scored = {"inherent_l": 5, "inherent_i": 4, "current_l": 3, "current_i": 4, "target_l": 2, "target_i": 3}
    with database.transaction(bot.engine) as session:
        for number in range(1, count + 1):
            risks.raise_one(
                session, ref=f"RSK-2026-{900 + number}", status="open", title=f"Risk number {number}",
                response="treat", raised_at=now, changed_at=now, clocks=rules.clocks(), **scored,
            )  # fmt: skip


@everywhere
async def test_what_somebody_raised_is_theirs(town: Town) -> None:
    pat = await town.enters("practitioner")
    await pat.says("risk")
    await pat.presses("Raise a risk")
    await pat.fills(**risking.ALERT)

    await pat.says("my")

    assert pat.sees("Yours", "What you raised", "RSK-2026-001", risking.ALERT["title"])


# --- what comes by itself ----------------------------------------------------------------------------------------


@everywhere
async def test_a_reminder_is_put_off_from_the_list(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    reminding.plan_soon(bot, town.who("practitioner"), "Delivery Group")
    reminding.tick(bot)

    await pat.says("reminders")
    await pat.presses("Later or done: 1, Delivery Group")
    await pat.presses("Tomorrow")

    assert pat.sees("Done", "I will remind you on")


@where(Able.OTHERS)
async def test_a_reminder_that_comes_is_done_with_a_button_that_it_carries(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await pat.says("help")
    reminding.plan_soon(bot, town.who("practitioner"), "Delivery Group")
    reminding.tick(bot, "2026-11-25 12:00")

    await pat.looks()
    assert pat.sees("Reminder: Delivery Group")
    await pat.presses("Done")

    assert pat.sees("Done: I will not remind you of this again")


@where(Able.OLD_BUTTONS)
async def test_the_button_of_an_old_list_says_that_the_reminder_is_closed(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    reminding.plan_soon(bot, town.who("practitioner"), "Delivery Group")
    reminding.tick(bot)
    await pat.says("reminders")
    await pat.presses("Later or done: 1, Delivery Group")
    await pat.presses("Done")

    await pat.presses("Later or done: 1, Delivery Group")

    assert pat.sees("Please note", "That reminder is closed already.")


@where(Able.OTHERS)
async def test_a_bulletin_arrives_and_its_button_notes_that_it_was_read(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await pat.says("help")
    desk = Desk(bot)
    desk.fills(desk.writes(), "Title and readers", needs_reading="yes")
    desk.presses(desk.opens(), "Send for approval")
    desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)
    desk.fills(desk.opens(), "Choose when", day="2026-11-24", time="09:00")
    bot.clock.now = bulletins.NINE_ON_TUESDAY
    desk.tick()

    await pat.looks()
    assert pat.sees("The form has moved", *bulletins.WORDS, "Please use the new form from today.")
    await pat.presses("I have read this and briefed my team")
    assert pat.sees("Done", "BUL-2026-001: noted")
    await pat.presses("I have read this and briefed my team")

    assert pat.sees("it was noted before")


# --- one person, several places ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "other"), [("slack", "teams"), ("teams", "slack")])
async def test_a_code_joins_two_places_to_one_person(bot: Bot, first: str, other: str) -> None:
    async with TOWNS[first](bot) as here, TOWNS[other](bot) as there:
        pat, newcomer = await here.enters("practitioner"), await there.enters("visitor")
        await newcomer.says("my")
        assert newcomer.sees("I do not know you yet.")

        await pat.says("link")
        found = re.search(r"link ([a-z]{5}-[a-z]{5})", pat.reads())
        assert found, pat.reads()
        await newcomer.says(f"link {found[1]}")
        assert newcomer.sees("Joined")
        await newcomer.says("my")
        assert newcomer.sees("Yours")
        await newcomer.says(f"link {found[1]}")
        assert newcomer.sees("That code is not valid")

    with database.transaction(bot.engine) as session:
        on = bot.clock.now.date()
        both = [people.find(session, who, on=on) for who in (here.who("practitioner"), there.who("visitor"))]
        assert both[0].person_id == both[1].person_id
        assert both[0].roles == both[1].roles
