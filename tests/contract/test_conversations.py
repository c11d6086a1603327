"""The same conversations on every platform. What is written here is what people may rely on wherever they ask."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from bot import screening
from db import engine as database
from db import registry
from db.audit import AuditEntry
from db.enquiries import Enquiry
from db.feedback import Feedback
from db.people import Role
from handlers.demo import PERSONAS
from handlers.routes import ROUTES
from handlers.routing import Kind
from tests.contract.chat import Able, Chat, Town, everywhere, where
from tests.doors import kept_in
from tests.fakes import Bot
from tests.records import roles
from tests.traces import DANGER, DETAILS, SENTINELS, Words, tables

ON_A_NAME = "is Zebediah Quillfeather allowed home?"
DETAILS_OF_A_CHILD = "Who holds the file of NHS number 999 787 7896?"
QUESTION = "Who keeps the list of chairs?"


async def asks_the_secretariat(chat: Chat) -> None:
    """Ask what the bot does not know, and open the form for the secretariat."""
    await chat.says("quantum chromodynamics")
    await chat.presses("Ask the secretariat")


# --- questions ---------------------------------------------------------------------------------------------------


@everywhere
async def test_a_question_is_answered_with_whom_to_call_and_what_to_press(town: Town) -> None:
    pat = await town.enters("practitioner")

    await pat.says("neglect")

    assert pat.missing("Neglect", "Do the first thing about neglect.", "Whom to call", "Arrangements 2019") == []
    assert {"This helped", "It did not help", "Ask the secretariat", "Threshold"} <= set(pat.buttons())


@everywhere
async def test_a_topic_is_a_button_and_a_vote_is_thanked_for(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await pat.says("neglect")

    await pat.presses("Threshold")
    assert pat.sees("Do the first thing about threshold.")
    await pat.presses("This helped")

    assert pat.sees("Done", "I have noted that this answer helped")
    assert bot.counted(Feedback) == 1


@everywhere
async def test_a_stranger_may_ask(town: Town) -> None:
    val = await town.enters("visitor")

    await val.says("neglect")

    assert val.sees("Do the first thing about neglect.")


@everywhere
async def test_what_is_not_known_is_said_and_can_be_asked_of_the_secretariat(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")

    await pat.says("quantum chromodynamics")
    assert pat.sees("I don't know that one")
    await pat.presses("Ask the secretariat")
    assert dict(pat.boxes()) == {"question": "quantum chromodynamics"}
    await pat.fills(question=QUESTION)

    assert pat.sees("ASK-2026-001: passed to the secretariat")
    assert not pat.boxes()
    assert bot.counted(Enquiry) == 1


@everywhere
async def test_a_form_that_is_refused_says_why_at_its_box_and_keeps_what_was_typed(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await asks_the_secretariat(pat)

    await pat.fills(question=DETAILS_OF_A_CHILD)
    assert "Nothing was saved" in pat.errors()["question"]
    assert pat.boxes()["question"] == DETAILS_OF_A_CHILD
    assert bot.counted(Enquiry) == 0
    await pat.fills(question=QUESTION)

    assert pat.sees("passed to the secretariat")
    assert bot.counted(Enquiry) == 1


@where(Able.AGAIN)
async def test_a_form_that_is_sent_twice_is_taken_once_and_answered_alike_or_not_anew(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await asks_the_secretariat(pat)

    await pat.fills(question=QUESTION)
    first = pat.reads()
    await pat.sends_again()

    assert pat.reads() in (first, "")
    assert not pat.errors()
    assert bot.counted(Enquiry) == 1


@where(Able.OTHERS)
async def test_the_secretariat_answers_and_the_answer_comes_back(town: Town) -> None:
    pat, nico = await town.enters("practitioner"), await town.enters("coordinator")
    await asks_the_secretariat(pat)
    await pat.fills(question=QUESTION)

    await nico.looks()
    assert nico.sees("A question for the secretariat: ASK-2026-001", QUESTION)
    await nico.presses("Answer")
    await nico.fills(answer="The coordinator keeps it.")
    await pat.looks()

    assert nico.sees("your answer is on its way")
    assert pat.sees("ASK-2026-001: an answer from the secretariat", "The coordinator keeps it.")


@where(Able.OTHERS)
async def test_what_somebody_else_has_answered_already_is_said(town: Town) -> None:
    pat, nico, sam = [await town.enters(one) for one in ("practitioner", "coordinator", "manager")]
    await asks_the_secretariat(pat)
    await pat.fills(question=QUESTION)
    await nico.looks()
    await sam.looks()

    await nico.presses("Answer")
    await nico.fills(answer="The coordinator keeps it.")
    await sam.presses("Answer")

    assert sam.sees("Please note", "ASK-2026-001 has been answered already.")
    assert not sam.boxes()


# --- whom to call, and what is not taken -------------------------------------------------------------------------


@everywhere
async def test_whom_to_call_is_said_to_everybody(town: Town) -> None:
    val = await town.enters("visitor")

    await val.says("contact")

    assert val.sees("999", "MAST", "020 7364 5006", "Childline")


@everywhere
async def test_danger_is_answered_with_whom_to_call_and_kept_nowhere(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")

    await pat.says(DANGER.text)

    assert pat.sees("Act now", "call 999", "MAST", "I have not kept your message")
    assert kept(bot, DANGER) == []


@everywhere
async def test_danger_in_a_form_is_answered_at_its_box(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await asks_the_secretariat(pat)

    await pat.fills(question=DANGER.text)

    assert "call 999" in pat.errors()["question"]
    assert (bot.counted(Enquiry), kept(bot, DANGER)) == (0, [])


@everywhere
async def test_details_of_a_child_are_refused_not_repeated_and_kept_nowhere(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")

    await pat.says(DETAILS.text)

    assert pat.sees("Please note", "I have not kept your message")
    assert pat.missing(*DETAILS.marks) == list(DETAILS.marks)
    assert kept(bot, DETAILS) == []


@everywhere
async def test_a_name_that_is_no_familys_passes_with_a_reason_on_record(town: Town, bot: Bot) -> None:
    pat = await town.enters("practitioner")
    await asks_the_secretariat(pat)

    await pat.fills(question=ON_A_NAME)
    assert "say whose name it is" in pat.errors()["question"]
    await pat.fills(not_about_a_family="colleague")

    assert pat.sees("passed to the secretariat")
    assert [row.detail["reason"] for row in bot.audited() if row.action == "guard overridden"] == ["colleague"]


@everywhere
async def test_a_refused_name_opens_an_empty_box_that_asks_whose_it_is(town: Town) -> None:
    pat = await town.enters("practitioner")

    await pat.says("is Zebediah allowed home?")
    assert pat.sees("Is this the name of a child or family?")
    await pat.presses("It is not about a child or family")
    assert pat.boxes()["question"] == ""
    await pat.fills(question="neglect", not_about_a_family="colleague")

    assert pat.sees("Do the first thing about neglect.")


def kept(bot: Bot, words: Words) -> list[str]:
    """Return the tables in which the words stand."""
    bot.dispatcher.settled()
    return [table for table, times in kept_in(bot, words).items() if times]


# --- who may do what ---------------------------------------------------------------------------------------------


@everywhere
@pytest.mark.parametrize("person", ["visitor", "practitioner", "coordinator", "scrutineer"])
async def test_help_names_what_a_person_may_type_and_nothing_else(town: Town, person: str) -> None:
    somebody = await town.enters(person)

    await somebody.says("help")

    offered = {route.help: route.admits(PERSONAS[person].roles) for route in ROUTES.values() if route.kind is Kind.VERB}
    assert somebody.missing(*offered) == [line for line, may in offered.items() if not may]


@everywhere
async def test_what_somebody_may_not_see_is_not_shown(town: Town) -> None:
    pat = await town.enters("practitioner")

    await pat.says("gaps")

    assert pat.sees("Please note", "I cannot show you that.")


@everywhere
async def test_a_role_that_is_lost_while_a_form_is_open_stops_the_form(town: Town, bot: Bot) -> None:
    nico = await town.enters("coordinator")
    await asks_the_secretariat(nico)
    await nico.fills(question=QUESTION)
    await nico.says("gaps")
    await nico.presses("Answer ASK-2026-001")

    takes_away(town, "coordinator", Role.COORDINATOR)
    await nico.fills(answer="Too late.")

    assert nico.sees("Please note", "I cannot show you that.")
    with database.transaction(bot.engine) as session:
        assert [row.answer for row in session.query(Enquiry)] == [None]


def takes_away(town: Town, person: str, role: Role) -> None:
    """Let somebody have a role no more."""
    bot = town.bot
    bot.clock.pass_(days=1)
    on = bot.clock.now.date()
    with database.transaction(bot.engine) as session:
        number = registry.owner(session, town.who(person))
        wanted = registry.Wanted(roles=PERSONAS[person].roles - {role})
        registry.change(session, number or 0, wanted, on=on - timedelta(days=1))
    assert role not in roles(bot, town.who(person), on)


@everywhere
async def test_a_button_of_an_older_version_is_explained(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    pat = await town.enters("practitioner")
    await pat.says("neglect")
    without = {name: route for name, route in ROUTES.items() if name != "ask.vote"}
    monkeypatch.setattr(screening, "ROUTES", MappingProxyType(without))

    await pat.presses("This helped")

    assert pat.sees("Please note", "That button is from an older version.")
    assert "What can I do here?" in pat.buttons()


# --- what leaves nothing -----------------------------------------------------------------------------------------


@everywhere
async def test_where_to_speak_up_is_shown_and_leaves_nothing(
    town: Town, bot: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    pat = await town.enters("practitioner")
    await pat.says("escalate")
    await pat.looks()  # until that answer is known to have arrived
    before, audited, queued = tables(bot.engine), bot.counted(AuditEntry), len(bot.queued())
    logged.clear()

    await pat.presses("Speak up about wrongdoing")

    assert pat.sees("Nothing is stored.", "NSPCC", "Ofsted")
    changed = {name for name, rows in tables(bot.engine).items() if rows != before[name]}
    assert changed <= {"handled_requests"}
    assert (bot.counted(AuditEntry), len(bot.queued())) == (audited, queued)
    assert "speak" not in repr(logged)


@everywhere
@pytest.mark.parametrize("words", SENTINELS, ids=lambda words: words.kind)
async def test_what_was_stopped_stands_in_no_table_after_everything_else(town: Town, bot: Bot, words: Words) -> None:
    pat = await town.enters("practitioner")
    await pat.says(words.text)
    await asks_the_secretariat(pat)
    await pat.fills(question=words.text)
    await pat.fills(question=QUESTION)

    assert pat.sees("passed to the secretariat")
    assert kept(bot, words) == []
