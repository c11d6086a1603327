"""The audit trail in chat: who did what, for those who audit, and never any words."""

from __future__ import annotations

import pytest

from db import audit
from db import engine as database
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Form, Table, Tone
from tests import promises
from tests.fakes import STRANGER, Bot, labels, said


@pytest.fixture
def auditor(bot: Bot) -> Identity:
    return bot.enrol(Role.SCRUTINEER, name="Robin Invented")


def deed(bot: Bot, actor: str, subject: str = "ESC-2026-017", action: str = "accepted", **detail: str | int) -> None:
    with database.transaction(bot.engine) as session:
        audit.add(session, at=bot.clock.now, actor=actor, action=action, subject=subject, **detail)


def rows(card: Card | Form) -> list[tuple[str, ...]]:
    assert isinstance(card, Card)
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def test_a_deed_is_shown_with_the_name_of_who_did_it_and_when_in_london(bot: Bot, auditor: Identity) -> None:
    deed(bot, f"person:{promises.number(bot, auditor)}", fields="owner, due")
    deed(bot, str(auditor), action="asked", subject="ASK-2026-001")
    deed(bot, "clock", action="locked", subject="meeting 3")
    deed(bot, "slack:U0UNKNOWN1", action="asked", subject="ASK-2026-002")

    assert rows(bot.types("audit", who=auditor)) == [
        ("21 Nov 2026, 09:30:00", "slack:U0UNKNOWN1", "asked", "ASK-2026-002"),
        ("21 Nov 2026, 09:30:00", "The clock", "locked", "meeting 3"),
        ("21 Nov 2026, 09:30:00", "Robin Invented", "asked", "ASK-2026-001"),
        ("21 Nov 2026, 09:30:00", "Robin Invented", "accepted (fields: owner, due)", "ESC-2026-017"),
    ]


def test_a_move_from_one_state_to_another_is_said_without_empty_details(bot: Bot, auditor: Identity) -> None:
    deed(bot, "clock", action="drafted", before="", after="draft")
    deed(bot, "clock", action="sent", before="draft", after="submitted")
    deed(bot, "clock", action="corrected", before="submitted", after="submitted", fields="title")

    said = [row[2] for row in rows(bot.types("audit", who=auditor))]
    assert said == ["corrected (fields: title)", "sent (now waiting for triage)", "drafted (now a draft)"]


def test_the_trail_comes_in_pages_newest_first(bot: Bot, auditor: Identity) -> None:
    for number in range(1, 14):
        deed(bot, "clock", subject=f"ESC-2026-{number:03d}")

    first = bot.types("audit", who=auditor)
    second = bot.presses(first, "Older", who=auditor)

    assert [row[3][-3:] for row in rows(first)] == [f"{number:03d}" for number in range(13, 3, -1)]
    assert [row[3][-3:] for row in rows(second)] == ["003", "002", "001"]
    assert isinstance(second, Card)
    assert labels(second) == ["Newer"]
    assert rows(bot.presses(second, "Newer", who=auditor)) == rows(first)


def test_the_deeds_to_one_record_are_shown_by_its_reference(bot: Bot, auditor: Identity) -> None:
    for subject in ("ESC-2026-017", "RSK-2026-009", "ESC-2026-017"):
        deed(bot, "clock", subject=subject)

    card = bot.types("audit esc-2026-017", who=auditor)

    assert [row[3] for row in rows(card)] == ["ESC-2026-017"] * 2
    assert len(rows(bot.presses(card, "The whole trail", who=auditor))) == 3


def test_words_after_it_are_a_question(bot: Bot, auditor: Identity) -> None:
    assert "Audit trail" not in said(bot.types("audit of section 11, when is it?", who=auditor))


@pytest.mark.parametrize("verb", ["audit", "actions", "dates", "links"])
def test_danger_after_the_word_is_danger(bot: Bot, auditor: Identity, verb: str) -> None:
    card = bot.types(f"{verb} he is hitting her right now", who=auditor)

    assert (card.tone, "999" in said(card)) == (Tone.DANGER, True)


@pytest.mark.parametrize("page", ["", "|", "x|y", "|99", "|-1", "ESC-2026-017|99999999999", "|0|1"])
def test_a_made_up_page_is_no_mistake_of_the_program(bot: Bot, auditor: Identity, page: str) -> None:
    deed(bot, "clock")

    reply = bot.does(Request(auditor, route="audit.show", value=page))

    assert isinstance(reply, Card)
    assert reply.title.startswith("Audit trail")


def test_the_history_of_a_record_is_for_those_who_may_read_it(bot: Bot) -> None:
    member = bot.enrol(Role.MEMBER)
    ref = promises.action(bot, member)

    card = bot.does(Request(member, route="audit.history", value=ref))
    others = bot.does(Request(STRANGER, route="audit.history", value=ref))

    assert isinstance(card, Card)
    assert rows(card) == [("21 Nov 2026, 09:30:00", "The clock", "added (now open)")]
    assert isinstance(others, Card)
    assert ref not in said(others)
