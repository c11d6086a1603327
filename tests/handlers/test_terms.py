"""The guard for the secretariat: its week, the names that people let through, and the terms that name no family."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from db import audit, screenings
from db import engine as database
from db.people import Identity, Role
from db.terms import MAX_TERM, GuardTerm
from handlers import safety, tally
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Facts, Form, Table, Tone
from handlers.safety import NOT_FAMILY
from handlers.terms import MAX_NOTE, OVERRIDES, PAGE
from knowledge.guard import Kind
from tests.fakes import STRANGER, Bot, Clock, Script, labels, said

OF_A_NAME = {
    "Amina Centre": Kind.NAME,
    "Danny House": Kind.NAME,
    "Danny": Kind.NAME,
    "12/03/2015": Kind.DOB,
    "E1 1AA": Kind.POSTCODE,
}


@pytest.fixture
def bot(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot whose guard takes a few invented words for details."""
    talking = Bot(engine, knowledge, house, clock, Script(OF_A_NAME, urgent=["hitting"]))
    yield talking
    talking.dispatcher.close()


@pytest.fixture
def coordinator(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Invented")


def opened(bot: Bot, who: Identity) -> Form:
    return bot.opens(bot.types("terms", who=who), "Add a term", who=who)


def adds(bot: Bot, who: Identity, term: str, reason: str = "organisation", **more: str) -> Card | Errors:
    return bot.sends(opened(bot, who), who=who, term=term, **{NOT_FAMILY: reason}, **more)


def facts(card: Card) -> dict[str, str]:
    return dict(pair for element in card.body if isinstance(element, Facts) for pair in element.pairs)


def rows(card: Card, first: str) -> list[tuple[str, ...]]:
    """Return the rows of the table whose first column is called so; none where there is no such table."""
    tables = [element for element in card.body if isinstance(element, Table) and element.header[0] == first]
    return list(tables[0].rows) if tables else []


def decided(bot: Bot, decision: str, *kinds: str, rules: tuple[str, ...] = (), overridden: str = "") -> None:
    with database.transaction(bot.engine) as session:
        screenings.record(
            session, at=bot.clock.now, platform="test", door="ask", decision=decision, kinds=kinds, rules=rules,
            guard_version="1", overridden=overridden,
        )  # fmt: skip


# --- terms -----------------------------------------------------------------------------------------------------


def test_a_term_that_looks_like_a_name_is_added_and_holds_at_once(bot: Bot, coordinator: Identity) -> None:
    assert bot.types("who runs the Amina Centre").title == "Is this the name of a child or family?"

    added = adds(bot, coordinator, " Amina   Centre ", note="A charity in Bow")

    assert isinstance(added, Card)
    assert (added.title, added.tone) == ("Added", Tone.GOOD)
    assert bot.types("who runs the Amina Centre").title == "I don't know that one"
    shown = bot.presses(added, "All terms", who=coordinator)
    assert isinstance(shown, Card)
    assert rows(shown, "Term") == [("Amina Centre", "21 November 2026", "Nico Invented", "A charity in Bow")]


def test_a_term_that_does_not_look_like_a_name_needs_no_reason(bot: Bot, coordinator: Identity) -> None:
    assert isinstance(adds(bot, coordinator, "Working Together", reason=""), Card)


NOT_ALLOWED = {
    "no reason": ("Amina Centre", ""),
    "a child's name": ("Amina Centre", "none"),
    "more than a name": ("Amina Centre, E1 1AA", "organisation"),
    "a date of birth": ("12/03/2015", "published"),
    "words of harm": ("he is hitting her", "organisation"),
}


@pytest.mark.parametrize(("term", "reason"), NOT_ALLOWED.values(), ids=NOT_ALLOWED)
def test_the_guard_stands_before_its_own_terms(bot: Bot, coordinator: Identity, term: str, reason: str) -> None:
    assert isinstance(adds(bot, coordinator, term, reason), Errors)

    assert bot.counted(GuardTerm) == 0
    assert term not in repr(bot.audited())


def test_details_in_the_note_of_a_term_are_refused(bot: Bot, coordinator: Identity) -> None:
    reply = adds(bot, coordinator, "Working Together", note="born 12/03/2015")

    assert isinstance(reply, Errors)
    assert list(reply.by_field) == ["note"]


WRONG = {
    "nothing": ("", "Please write the term here."),
    "spaces": ("   ", "Please write the term here."),
    "one given name": ("Mohammed", "One name alone"),
    "one given name in lower case, as an owner": ("aisha's", "One name alone"),
    "figures": ("11 2026", "in letters"),
    "marks": ("---", "in letters"),
    "too many characters": ("a" * (MAX_TERM + 1), "You have 61."),
}


@pytest.mark.parametrize(("term", "told"), WRONG.values(), ids=WRONG)
def test_a_term_that_would_not_work_or_would_hide_children_is_not_taken(
    bot: Bot, coordinator: Identity, term: str, told: str
) -> None:
    reply = adds(bot, coordinator, term)

    assert isinstance(reply, Errors)
    assert told in reply.by_field["term"]
    assert bot.counted(GuardTerm) == 0


def test_a_long_note_is_not_taken(bot: Bot, coordinator: Identity) -> None:
    reply = adds(bot, coordinator, "Working Together", note="so on " * MAX_NOTE)

    assert isinstance(reply, Errors)
    assert "at most 200 characters" in reply.by_field["note"]


def test_a_term_that_is_there_in_other_capitals_is_named_as_such(bot: Bot, coordinator: Identity) -> None:
    adds(bot, coordinator, "Amina Centre")

    reply = adds(bot, coordinator, "AMINA CENTRE")

    assert isinstance(reply, Errors)
    assert reply.by_field == {"term": "It is there already."}


def test_a_form_sent_twice_adds_one_term(bot: Bot, coordinator: Identity) -> None:
    form = opened(bot, coordinator)
    replies = [bot.sends(form, who=coordinator, term="Amina Centre", not_about_a_family="organisation") for _ in "12"]

    assert replies[0] == replies[1]
    assert bot.counted(GuardTerm) == 1


def test_a_term_that_is_taken_out_is_judged_again_at_once(bot: Bot, coordinator: Identity) -> None:
    for term in ("Amina Centre", "Danny House"):
        adds(bot, coordinator, term)
    form = bot.opens(bot.types("terms", who=coordinator), "Take a term out", who=coordinator)
    [box] = form.fields
    [value] = [choice.value for choice in box.choices if choice.label == "Amina Centre"]

    removed = bot.sends(form, who=coordinator, term=value)

    assert isinstance(removed, Card)
    assert "Amina Centre" in said(removed)
    assert bot.types("who runs the Amina Centre").title == "Is this the name of a child or family?"
    assert [row[0] for row in rows(bot.types("terms", who=coordinator), "Term")] == ["Danny House"]


@pytest.mark.parametrize("value", ["1", "999", "", "Danny House", "-1", "9" * 20])
def test_a_term_that_is_gone_is_explained(bot: Bot, coordinator: Identity, value: str) -> None:
    request = Request(coordinator, route="terms.remove", fields={"term": value, NOT_FAMILY: "organisation"})

    reply = bot.does(request)

    assert isinstance(reply, Card)
    assert reply.title == "That term is not there any more."


def test_where_there_is_no_term_none_can_be_taken_out(bot: Bot, coordinator: Identity) -> None:
    card = bot.types("terms", who=coordinator)
    old_button = bot.does(Request(coordinator, route="terms.choose", value="0"))

    assert labels(card) == ["Add a term"]
    assert "None has been added here" in said(card)
    assert isinstance(old_button, Card)
    assert old_button.title == "There is no term to take out."


def test_many_terms_are_shown_and_taken_out_page_by_page(bot: Bot, coordinator: Identity) -> None:
    names = [f"Invented Scheme {number:02}" for number in range(PAGE + 1)]
    for name in names:
        adds(bot, coordinator, name)

    first = bot.types("terms", who=coordinator)
    second = bot.presses(first, "More terms", who=coordinator)

    assert isinstance(second, Card)
    assert [row[0] for card in (first, second) for row in rows(card, "Term")] == names
    assert "More terms" not in labels(second)
    assert facts(second) == {}
    form = bot.opens(second, "Take a term out", who=coordinator)
    assert [choice.label for choice in form.fields[0].choices] == names[PAGE:]


def test_the_trail_says_who_changed_the_terms_and_never_holds_a_term(bot: Bot, coordinator: Identity) -> None:
    adds(bot, coordinator, "Amina Centre", note="A charity")
    form = bot.opens(bot.types("terms", who=coordinator), "Take a term out", who=coordinator)
    bot.sends(form, who=coordinator, term=form.fields[0].choices[0].value)

    trail = [(entry.action, entry.subject) for entry in bot.audited()]

    assert trail == [("added", "guard term 1"), ("guard overridden", "terms.add"), ("took out", "guard term 1")]
    assert "Amina" not in repr([(entry.subject, entry.detail) for entry in bot.audited()])


# --- the week --------------------------------------------------------------------------------------------------


def test_the_week_is_counted_by_decision_and_by_kind(bot: Bot, coordinator: Identity) -> None:
    decided(bot, "urgent", "NAME")
    decided(bot, "urgent")
    decided(bot, "block", "NHS_NUMBER", "NAME")
    decided(bot, "ask", "NAME")
    decided(bot, "overridden", "NAME", overridden="colleague")
    decided(bot, "failed")

    card = bot.types("terms", who=coordinator)

    assert facts(card) == {
        "Answered with 999": "2",
        "Refused": "1",
        "Asked whose name it is": "1",
        "Let through with a reason": "1",
        "Could not be checked": "1",
    }
    assert rows(card, "What was found") == [("A name", "2", "1", "1"), ("An NHS number", "1", "0", "0")]


def test_a_kind_that_this_version_does_not_know_is_counted_as_it_was_called(bot: Bot, coordinator: Identity) -> None:
    decided(bot, "block", "PASSPORT")

    assert rows(bot.types("terms", who=coordinator), "What was found") == [("PASSPORT", "1", "0", "0")]


def test_what_is_older_than_a_week_is_not_counted(bot: Bot, coordinator: Identity) -> None:
    decided(bot, "ask", "NAME", rules=("name",))
    bot.clock.pass_(days=7)
    decided_on_the_edge = facts(bot.types("terms", who=coordinator))["Asked whose name it is"]
    bot.clock.pass_(seconds=1)

    card = bot.types("terms", who=coordinator)

    assert (decided_on_the_edge, set(facts(card).values())) == ("1", {"0"})
    assert (rows(card, "What was found"), rows(card, "Rule")) == ([], [])


RATES: dict[str, tuple[list[dict[str, Any]], list[tuple[str, ...]]]] = {
    "nothing let through": ([{"decision": "ask"}], [("name", "1", "0", "0%")]),
    "each let through after it was stopped": (
        [{"decision": "block"}, {"decision": "overridden"}],
        [("name", "1", "1", "50%")],
    ),
    "let through at once": ([{"decision": "overridden"}], [("name", "0", "1", "100%")]),
    "two of three, and both rules": (
        [{"decision": "overridden", "rules": ("name", "family")}] * 2 + [{"decision": "ask"}],
        [("family", "0", "2", "100%"), ("name", "1", "2", "67%")],
    ),
    "what could not have been let through": (
        [{"decision": "urgent"}, {"decision": "failed"}, {"decision": "block", "kinds": ("NAME", "DOB")}],
        [],
    ),
}


@pytest.mark.parametrize(("happened", "told"), RATES.values(), ids=RATES)
def test_the_rate_of_a_rule_is_how_much_was_let_through_of_all_that_could_be(
    bot: Bot, coordinator: Identity, happened: list[dict[str, Any]], told: list[tuple[str, ...]]
) -> None:
    for one in happened:
        decided(bot, one["decision"], *one.get("kinds", ("NAME",)), rules=one.get("rules", ("name",)))

    assert rows(bot.types("terms", who=coordinator), "Rule") == told


def test_every_decision_that_is_counted_has_a_name() -> None:
    counted = {"urgent", "block", "ask", "overridden", "failed"}  # as db/screenings.py says

    assert len(tally.Tally(()).decisions.pairs) == len(counted)
    assert set(safety.KINDS) == set(Kind)


# --- overrides -------------------------------------------------------------------------------------------------


def lets_through(bot: Bot, who: Identity, reason: str) -> None:
    form = bot.opens(bot.types("bees", who=who), "Ask the secretariat", who=who)
    assert isinstance(bot.sends(form, who=who, question="Does Danny keep it?", not_about_a_family=reason), Card)


def test_the_last_overrides_say_when_where_why_by_which_rule_and_whom_to_ask(bot: Bot, coordinator: Identity) -> None:
    bot.clock.now = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    lets_through(bot, bot.enrol(Role.MEMBER, name="Pat Invented"), "colleague")
    lets_through(bot, STRANGER, "published")

    told = said(bot.types("terms", who=coordinator)).replace("\\", "")

    assert (
        "**1 July 2027, 00:30**, enquiries.send: A colleague or partner, in their work role. Rule: name. "
        "To ask: Pat Invented." in told
    )
    assert "A published review or a law. Rule: name. By somebody on Test who is not enrolled." in told
    assert "Danny" not in told
    assert str(STRANGER) not in told


def test_no_more_than_the_last_ten_overrides_are_shown_newest_first(bot: Bot, coordinator: Identity) -> None:
    with database.transaction(bot.engine) as session:
        for number in range(OVERRIDES + 2):
            audit.add(
                session, at=bot.clock.now, actor="test:x", action="guard overridden", subject=f"door{number}",
                reason="colleague", kinds="NAME", rules="name",
            )  # fmt: skip
            audit.add(session, at=bot.clock.now, actor="test:x", action="asked", subject="ASK-2026-001")

    told = said(bot.types("terms", who=coordinator))

    shown = [number for number in range(OVERRIDES + 2) if f"door{number}:" in told]
    assert shown == list(range(2, OVERRIDES + 2))
    assert told.index("door11:") < told.index("door2:")


def test_terms_that_were_added_do_not_push_out_what_others_let_through(bot: Bot, coordinator: Identity) -> None:
    adds(bot, coordinator, "Amina Centre")

    card = bot.types("terms", who=coordinator)

    assert "Names that people let through" not in said(card)
    assert facts(card)["Let through with a reason"] == "1"


def test_terms_of_reference_are_a_question(bot: Bot, coordinator: Identity) -> None:
    assert bot.types("terms of reference", who=coordinator).title == "I don't know that one"


def test_others_see_neither_the_week_nor_the_terms(bot: Bot, coordinator: Identity) -> None:
    adds(bot, coordinator, "Amina Centre")

    for who in (STRANGER, bot.enrol(Role.MEMBER, Role.CHAIR)):
        for request in (Request(who, "terms"), *(Request(who, route=f"terms.{name}") for name in ("show", "choose"))):
            card = bot.does(request)
            assert isinstance(card, Card)
            assert "Amina" not in said(card)
