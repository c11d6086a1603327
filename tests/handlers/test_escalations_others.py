"""The other two things that are called escalation: differences about a child, and disputes between partners."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from db import differences
from db import engine as database
from db.differences import DifferenceCount
from db.disputes import PartnerDispute
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Table
from tests.escalating import Room
from tests.fakes import STRANGER, Bot, labels, said

CHOICES = {"raising": "education", "receiving": "social-care", "theme": "levels", "stage": "managers", "settled": "no"}


@pytest.fixture
def room(bot: Bot) -> Room:
    return Room(bot)


# --- differences about a child ---------------------------------------------------------------------------------


def counts(bot: Bot, who: Identity, **choices: str) -> Card | Errors:
    card = bot.presses(bot.types("escalate", who=who), "We disagree about a child", who=who)
    assert isinstance(card, Card)
    return bot.sends(bot.opens(card, "Count it, without any details", who=who), who=who, **{**CHOICES, **choices})


def test_a_difference_about_a_child_is_guided_and_danger_comes_first(room: Room) -> None:
    card = room.bot.presses(room.bot.types("escalate"), "We disagree about a child")
    words = said(card)

    assert words.index("999") < words.index("one working week")
    for said_so in ("today", "own safeguarding lead", "own case record", "PA4", "MAST"):
        assert said_so in words


def test_the_form_that_counts_has_no_box_for_words(room: Room) -> None:
    form = room.bot.does(Request(room.member, route="difference.open"))

    assert isinstance(form, Form)
    assert {field.kind for field in form.fields} == {"choice"}
    assert {field.value for field in form.fields} == {""}  # nothing is chosen beforehand, or haste would be counted


def test_a_count_holds_a_month_and_choices_and_nobody(room: Room, engine: Engine) -> None:
    counts(room.bot, room.member)
    counts(room.bot, room.chair)

    with engine.connect() as connection:
        [row] = connection.execute(DifferenceCount.__table__.select()).mappings().all()
    assert row == {"id": row["id"], "month": date(2026, 11, 1), **CHOICES, "settled": False, "number": 2}
    assert room.bot.audited() == []


def test_what_is_no_choice_is_not_counted(room: Room) -> None:
    errors = counts(room.bot, room.member, theme="something that I typed")

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == ["theme"]
    assert room.bot.counted(DifferenceCount) == 0


def test_a_stranger_counts_nothing(room: Room) -> None:
    reply = room.bot.does(Request(STRANGER, route="difference.count", fields=CHOICES))

    assert "do not know you" in said(reply)  # type: ignore[arg-type]
    assert room.bot.counted(DifferenceCount) == 0


def numbers(room: Room, label: str) -> dict[str, str]:
    """Return what is shown of this quarter under one heading, by what was chosen."""
    card = room.bot.types("differences", who=room.scrutineer)
    table = next(part for part in card.body if isinstance(part, Table))
    return {row[1]: row[3] for row in table.rows if row[0] == label}


def test_totals_under_five_are_hidden(room: Room) -> None:
    for _ in range(4):
        counts(room.bot, room.member)
    assert numbers(room, "What it is about") == {"Levels of need": "hidden"}
    counts(room.bot, room.member)

    assert numbers(room, "What it is about") == {"Levels of need": "5"}


THEMES = {
    "one small": ({"levels": 6, "roles": 3, "plans": 7}, {"Plans and communication": "7"}),
    "two small that are small together": ({"levels": 6, "roles": 1, "plans": 1}, {}),
    "two small that are not": ({"levels": 6, "roles": 2, "plans": 3}, {"Levels of need": "6"}),
    "none small": ({"levels": 6, "roles": 5}, {"Levels of need": "6", "Roles": "5"}),
}


@pytest.mark.parametrize("case", THEMES)
def test_a_hidden_total_cannot_be_worked_out_from_the_others(room: Room, case: str) -> None:
    counted, shown = THEMES[case]
    with database.transaction(room.bot.engine) as session:
        for theme, number in counted.items():
            for _ in range(number):
                differences.count(
                    session, month=date(2026, 11, 1), raising="health", receiving="police", theme=theme, stage="leads",
                    settled=True,
                )  # fmt: skip

    found = numbers(room, "What it is about")
    assert {name: number for name, number in found.items() if number != "hidden"} == shown
    assert len(found) == len(counted)


def test_a_new_quarter_shows_the_one_before(room: Room) -> None:
    for _ in range(6):
        counts(room.bot, room.member)
    room.bot.clock.now = datetime(2027, 1, 4, 10, tzinfo=UTC)

    words = said(room.bot.types("differences", who=room.manager))
    assert "From October 2026\nFrom January 2027" in words
    assert "Levels of need\n6\n0" in words


# --- disputes between partners ---------------------------------------------------------------------------------

FILLED = {"parties": "council,police", "subject": "Who pays for the learning events", "delayed": "no"}
SEE = {"manager", "scrutineer", "partner"}


def logs(room: Room, who: Identity | None = None, /, **fields: str) -> Card | Errors:
    who = who or room.partners[0]
    card = room.bot.presses(room.bot.types("escalate", who=who), "Statutory partners disagree", who=who)
    assert isinstance(card, Card)
    return room.bot.sends(room.bot.opens(card, "Log a dispute", who=who), who=who, **{**FILLED, **fields})


def test_a_dispute_is_told_to_the_scrutineer_and_the_strategy_manager_alone(room: Room) -> None:
    logs(room)

    [*notices] = room.notices("partners disagree")
    assert {one.to.address for one in notices} == {room.scrutineer.user_id, room.manager.user_id}
    assert "The council, The police disagree: Who pays for the learning events" in said(notices[0].card)


def shown(room: Room, who: Identity, ref: str) -> str:
    reply = room.bot.does(Request(who, route="dispute.show", value=ref))
    assert isinstance(reply, Card)
    return said(reply)


def test_only_the_few_see_a_dispute_and_others_learn_nothing(room: Room) -> None:
    logs(room)
    people = {
        "manager": room.manager, "scrutineer": room.scrutineer, "partner": room.partners[2], "chair": room.chair,
        "member": room.member, "coordinator": room.coordinator, "stranger": STRANGER,
        "admin": room.enrols("Ari Invented", Role.ADMIN, group=""),
    }  # fmt: skip
    seen = {name: shown(room, who, "DIS-2026-001") for name, who in people.items()}
    missing = {name: shown(room, who, "DIS-2026-999") for name, who in people.items()}

    assert {name for name, words in seen.items() if "learning events" in words} == SEE
    assert all(seen[name] == missing[name] for name in people if name not in SEE)


def test_a_member_reads_the_guidance_and_can_log_nothing(room: Room) -> None:
    card = room.bot.presses(room.bot.types("escalate", who=room.member), "Statutory partners disagree", who=room.member)

    assert isinstance(card, Card)
    assert labels(card) == ["Back"]
    assert "not delay a review" in said(card)


@pytest.mark.parametrize(
    ("fields", "box"),
    [({"delayed": "yes"}, "delayed"), ({"parties": "police"}, "parties"), ({"subject": ""}, "subject")],
    ids=["a review is delayed", "one party alone", "about nothing"],
)
def test_a_dispute_that_is_not_complete_is_not_logged(room: Room, fields: dict[str, str], box: str) -> None:
    errors = logs(room, **fields)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [box]
    assert room.bot.counted(PartnerDispute) == 0


def test_a_dispute_goes_on_to_its_end(room: Room) -> None:
    card = logs(room)
    assert isinstance(card, Card)
    form = room.bot.opens(card, "Say how it goes on", who=room.partners[0])
    refused = room.bot.sends(form, who=room.partners[0], stage="settled")
    assert isinstance(refused, Errors)
    assert list(refused.by_field) == ["outcome"]

    kept = room.bot.sends(form, who=room.partners[0], stage="settled", outcome="Each pays a third.", on="2026-12-01")
    assert "Each pays a third" in said(kept)
    assert [entry.action for entry in room.bot.audited()] == ["logged", "changed"]


def test_the_second_of_two_who_write_about_a_dispute_is_told(room: Room) -> None:
    card = logs(room)
    assert isinstance(card, Card)
    forms = [room.bot.opens(card, "Say how it goes on", who=one) for one in room.partners[:2]]
    room.bot.sends(forms[0], who=room.partners[0], stage="facilitated")

    errors = room.bot.sends(forms[1], who=room.partners[1], stage="unresolved")
    assert isinstance(errors, Errors)
    assert "Partner Example Council Invented changed this" in said(errors)
