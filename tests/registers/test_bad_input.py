"""What cannot be so is refused in words that say what to do, and nothing of it is kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from db import reminders
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Reply
from tests.fakes import Bot, said
from tests.registers import machine, scenes
from tests.registers.cast import Cast
from tests.registers.explorer import harmless, rows


@dataclass(frozen=True, slots=True)
class Bad:
    """What somebody types in one box of a form, and the box that the problem is told at."""

    name: str
    route: str
    box: str
    words: str


ESCALATION, RISK = "escalation.new", "risks.new"
PAST = {
    "a title of an escalation": Bad("chair", ESCALATION, "title", "A" * 101),
    "an issue": Bad("chair", ESCALATION, "issue", "so on " * 167),
    "an impact": Bad("chair", ESCALATION, "impact_on_children", "so on " * 84),
    "what was tried": Bad("chair", ESCALATION, "already_tried", "so on " * 84),
    "an ask": Bad("chair", ESCALATION, "ask", "so on " * 60),
    "a title of blanks": Bad("chair", ESCALATION, "title", "   "),
    "an unknown type": Bad("chair", ESCALATION, "type", "gossip"),
    "an unknown marking": Bad("chair", ESCALATION, "marking", "SECRET"),
    "an unknown urgency": Bad("chair", ESCALATION, "urgency", "yesterday"),
    "another group": Bad("chair", ESCALATION, "group", "Effective Learning Group"),
    "a title of a risk": Bad("member", RISK, "title", "A" * 101),
    "an event": Bad("member", RISK, "event", "so on " * 134),
    "an unknown level": Bad("member", RISK, "level", "Extreme/Low"),
    "one level of two": Bad("member", RISK, "level", "Low"),
    "three levels": Bad("member", RISK, "level", "Low/Low/Low"),
}


@pytest.fixture
def cast(bot: Bot) -> Cast:
    scenes.dates(bot)
    return Cast(bot)


def kept(bot: Bot) -> tuple[dict[str, object], ...]:
    return tuple(dict(rows(bot.engine, table)) for table in ("escalations", "risks"))


def sends(bot: Bot, cast: Cast, name: str, route: str, value: str = "", /, **fields: str) -> Reply | None:
    """Open a form and send it with these words."""
    form = bot.does(Request(cast.places[name], route=route, value=value))
    assert isinstance(form, Form), form
    filled = {box.name: harmless(box) for box in form.fields} | fields
    return bot.sends(form, who=cast.places[name], **filled)


@pytest.mark.parametrize("bad", PAST.values(), ids=PAST)
def test_what_is_past_its_limit_is_told_at_its_box_and_nothing_is_kept(bot: Bot, cast: Cast, bad: Bad) -> None:
    good = scenes.ESCALATION | {"group": "Delivery Group"} if bad.route == ESCALATION else scenes.ALERT

    errors = sends(bot, cast, bad.name, bad.route, **(good | {bad.box: bad.words}))

    assert isinstance(errors, Errors), errors
    assert list(errors.by_field) == [bad.box]
    assert kept(bot) == ({}, {})


def test_a_text_exactly_at_its_limit_is_kept(bot: Bot, cast: Cast) -> None:
    ref = scenes.drafted(bot, cast, title="A" * 100)

    assert rows(bot.engine, "escalations")[ref]["title"] == "A" * 100


NO_REFS = (
    "ESC-2026-999",
    "esc-2026-1",
    "ESC-0000-000",
    "ESC-2026-0001",
    "RSK-9999-999",
    "ESC",
    "XXX-2026-001",
    "'; --",
)


@pytest.mark.parametrize("ref", NO_REFS)
@pytest.mark.parametrize("route", ["escalation.show", "risks.open", "linking.show", "audit.history"])
def test_an_unknown_reference_is_not_found_by_anybody(bot: Bot, cast: Cast, route: str, ref: str) -> None:
    reply = bot.does(Request(cast.places["manager"], route=route, value=ref))

    assert isinstance(reply, Card)
    assert "I cannot find that record" in said(reply)


DAYS = ("2027-02-29", "2026-11-31", "yesterday", "", "2026-11-20", "2026-11-21", "9999-12-31")


@pytest.mark.parametrize("day", DAYS)
def test_a_day_that_is_none_or_past_or_too_far_away_is_told_at_its_box(bot: Bot, cast: Cast, day: str) -> None:
    ref = scenes.registered(bot, cast)
    before = rows(bot.engine, "risks")[ref]

    errors = sends(
        bot, cast, "police", "risks.accept", f"{ref}|{scenes.version(bot, ref)}", reason="For now.", expiry=day
    )

    assert isinstance(errors, Errors), errors
    assert list(errors.by_field) == ["expiry"]
    assert rows(bot.engine, "risks")[ref] == before


def test_the_day_in_february_that_comes_every_four_years_is_a_day(bot: Bot, cast: Cast) -> None:
    bot.clock.pass_(days=300)
    ref = scenes.registered(bot, cast, target="2028-06-01")

    card = sends(
        bot, cast, "police", "risks.accept", f"{ref}|{scenes.version(bot, ref)}", reason="Yes.", expiry="2028-02-29"
    )

    assert isinstance(card, Card), card
    assert str(rows(bot.engine, "risks")[ref]["acceptance_expiry"]) == "2028-02-29"


@pytest.mark.parametrize("keeper", ["Coordinator Invented", "Manager Invented", "Leaver Invented", "Nobody At All"])
def test_the_secretariat_leavers_and_nobody_own_no_risk(bot: Bot, cast: Cast, keeper: str) -> None:
    ref = scenes.alerted(bot, cast)

    errors = sends(bot, cast, "manager", "risks.assign", f"{ref}|1", name=keeper, group="Delivery Group")

    assert isinstance(errors, Errors), errors
    assert list(errors.by_field) == ["name"]
    assert rows(bot.engine, "risks")[ref]["owner_id"] is None


def test_a_risk_is_merged_into_no_circle(bot: Bot, cast: Cast) -> None:
    one, other = scenes.alerted(bot, cast), scenes.alerted(bot, cast, by="other-chair")
    assert isinstance(sends(bot, cast, "manager", "risks.merge", f"{one}|1", into=other, reason="The same."), Card)

    replies = {
        into: sends(bot, cast, "manager", "risks.merge", f"{other}|1", into=into, reason="The same.")
        for into in (one, other, "RSK-2026-999", one.lower(), "")
    }

    assert {into: type(reply) for into, reply in replies.items()} == dict.fromkeys(replies, Errors)
    assert {ref: row["merged_into"] for ref, row in rows(bot.engine, "risks").items()} == {one: other, other: ""}


def test_two_who_merge_two_risks_into_each_other_at_once_make_no_circle(bot: Bot, cast: Cast) -> None:
    refs = (scenes.alerted(bot, cast), scenes.alerted(bot, cast, by="other-chair"))
    forms = [bot.does(Request(cast.places["manager"], route="risks.merge", value=f"{ref}|1")) for ref in refs]
    start = threading.Barrier(2)

    def merges(form: Reply | None, into: str) -> None:
        assert isinstance(form, Form)
        start.wait()
        bot.sends(form, who=cast.places["manager"], into=into, reason="They say the same.")

    threads = [threading.Thread(target=merges, args=(form, into)) for form, into in zip(forms, refs[::-1], strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(row["status"] for row in rows(bot.engine, "risks").values()) == ["alert", "merged"]


def test_who_declines_a_risk_is_not_reminded_of_it(bot: Bot, cast: Cast) -> None:
    ref = scenes.registered(bot, cast)
    value = f"{ref}|{scenes.version(bot, ref)}"
    sends(bot, cast, "manager", "risks.assign", value, name="Health Invented", group="Delivery Group")
    value = f"{ref}|{scenes.version(bot, ref)}"

    card = sends(bot, cast, "health", "risks.decline", value, reason="It belongs to housing.")
    machine.tick(bot)

    assert isinstance(card, Card), card
    assert rows(bot.engine, "risks")[ref]["owner_id"] is None
    with Session(bot.engine) as session:
        assert reminders.coming(session, cast.ids["health"]) == []
