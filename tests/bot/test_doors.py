"""Nothing that the guard stopped is kept, whatever door it came by; it is counted, and a broken guard stops all."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from db import engine as database
from db import terms
from db.deliveries import Destination
from db.enquiries import Enquiry
from db.people import Role
from db.questions import Question
from db.tables import metadata
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Errors, Tone
from handlers.routes import ROUTES
from tests.fakes import STRANGER, Bot, Clock, Script, article, knowledge, said, script, talking


@pytest.fixture
def guard() -> Script:
    """Give a guard that judges by a script."""
    return script()


@pytest.fixture
def bot(engine: Engine, house: House, clock: Clock, guard: Script) -> Iterator[Bot]:
    """Give a bot behind that guard, with an article about referrals."""
    known = knowledge(article("neglect"), article("danny"), article("mash-referral", title="Making a referral"))
    with talking(Bot(engine, known, house, clock, guard)) as bot:
        yield bot


# --- every door ------------------------------------------------------------------------------------------------


WORDS = "ask about 943 476 5919"


def _everything_stored(engine: Engine) -> str:
    with engine.connect() as connection:
        return "\n".join(repr(connection.execute(table.select()).all()) for table in metadata.sorted_tables)


DOORS: dict[str, dict[str, Any]] = {
    "text": {"text": WORDS},
    "value": {"value": WORDS},
    "fields": {"fields": {"anything": WORDS}},
    "a field beside others": {"fields": {"question": "Who?", "answer": "She.", "anything": WORDS}},
}


@pytest.mark.parametrize("filled", DOORS.values(), ids=DOORS)
def test_no_route_can_be_reached_with_details_by_any_door(
    bot: Bot, engine: Engine, filled: dict[str, Any], logged: list[MutableMapping[str, Any]]
) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    reached = []
    for number, route in enumerate(["", "made.up", *ROUTES]):
        reply = bot.does(Request(coordinator, route=route, key=f"event-{number}", **filled))
        decided = [row.decision for row in bot.screenings(after=number)]
        refused = isinstance(reply, Errors) or (isinstance(reply, Card) and reply.tone is Tone.WARNING)
        if decided != ["block"] or not refused or "476" in repr(reply):
            reached.append(route)

    assert reached == []
    assert "476" not in f"{_everything_stored(engine)}{logged}"


# --- counting --------------------------------------------------------------------------------------------------


COUNTED = {
    "danger": ("he is hitting Danny", ("ask", "urgent", "NAME", "name")),
    "a name": ("why is Danny upset", ("ask", "ask", "NAME", "name")),
    "a child's name": ("why is Aisha upset", ("ask", "block", "NAME", "name")),
    "two kinds": ("Danny Aisha 943 476 5919", ("ask", "block", "NAME,NHS_NUMBER", "name,nhs_number")),
}


@pytest.mark.parametrize(("text", "row"), COUNTED.values(), ids=COUNTED)
def test_what_is_stopped_is_counted_by_door_decision_kinds_and_rules(
    bot: Bot, text: str, row: tuple[str, str, str, str]
) -> None:
    bot.types(text)

    [counted] = bot.screenings()
    assert (counted.door, counted.decision, counted.kinds, counted.rules) == row
    assert (counted.platform, counted.guard_version, counted.overridden) == ("test", "1", "")
    assert counted.at == bot.clock.now


def test_operators_see_how_many_were_stopped(bot: Bot) -> None:
    def stopped() -> float:
        return REGISTRY.get_sample_value("thscp_screened_total", {"platform": "test", "decision": "ask"}) or 0

    before = stopped()
    bot.types("why is Danny upset")

    assert stopped() == before + 1


def test_what_passes_is_not_counted(bot: Bot) -> None:
    bot.types("neglect")

    assert bot.screenings() == []


def test_a_route_that_somebody_made_up_is_counted_without_its_name(bot: Bot) -> None:
    bot.does(Request(STRANGER, route="Danny", fields={"question": "943 476 5919"}))

    assert [row.door for row in bot.screenings()] == ["unknown"]


def test_a_dry_run_counts_nothing(engine: Engine, known: Knowledge, house: House, guard: Script, bot: Bot) -> None:
    dry = Dispatcher(engine, known, house, dry=True, scan=guard)

    dry.run(Request(STRANGER, "why is Danny upset"))
    dry.close()

    assert bot.screenings() == []


@pytest.fixture
def known() -> Knowledge:
    return knowledge()


def test_where_it_cannot_be_counted_the_card_comes_and_the_log_says_only_why(
    bot: Bot, engine: Engine, logged: list[MutableMapping[str, Any]]
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE screenings")

    card = bot.types("why is Danny upset")
    bot.dispatcher.settled()

    assert card.title == "Is this the name of a child or family?"
    [entry] = [entry for entry in logged if entry["event"] == "screening not counted"]
    assert set(entry) == {"event", "log_level", "error", "place"}
    assert "Danny" not in str(logged)


# --- a guard that cannot run -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["neglect", "he is hitting her", "Danny"])
def test_when_the_guard_cannot_run_nothing_is_kept_and_the_way_to_help_is_shown(
    bot: Bot, guard: Script, text: str, logged: list[MutableMapping[str, Any]]
) -> None:
    guard.breaks()

    card = bot.types(text, key="event-1")

    assert "999" in card.title
    assert "MAST" in said(card)
    assert "I could not check your message" in said(card)
    assert bot.counted(Question) == 0
    assert [(row.decision, row.kinds, row.rules) for row in bot.screenings()] == [("failed", "", "")]
    [entry] = [entry for entry in logged if entry["event"] == "guard failed"]
    assert (entry["error"], set(entry)) == ("RuntimeError", {"event", "log_level", "error", "place"})
    assert text not in str(logged)


def test_when_the_guard_cannot_run_a_form_stays_open_and_can_be_sent_later(bot: Bot, guard: Script) -> None:
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    guard.breaks()
    refused = bot.sends(form, question="Who keeps the list?")
    guard.works()
    taken = bot.sends(form, question="Who keeps the list?")

    assert isinstance(refused, Errors)
    assert "999" in refused.by_field["question"]
    assert isinstance(taken, Card)
    assert bot.counted(Enquiry) == 1


def test_when_the_guard_cannot_run_the_contacts_can_still_be_opened(bot: Bot, guard: Script) -> None:
    guard.breaks()

    assert bot.presses(bot.types("neglect"), "Whom to call").title == "Whom to call"


def test_a_card_of_a_guard_that_cannot_run_is_delivered_at_once(bot: Bot, guard: Script) -> None:
    guard.breaks()

    assert bot.does(Request(STRANGER, "neglect", key="event-1", reply_to=Destination("test", "stranger"))) is None
    assert [queued.kind for queued in bot.queued()] == ["urgent reply"]


# --- terms -----------------------------------------------------------------------------------------------------


def test_a_term_that_was_added_is_no_familys_name_from_the_next_reading_on(bot: Bot) -> None:
    with database.transaction(bot.engine) as session:
        terms.add(session, term="Danny", at=bot.clock.now, by=None)
    assert bot.types("danny Danny").title == "Is this the name of a child or family?"

    bot.dispatcher.read_terms()

    assert bot.types("Danny").title == "Danny"


def test_terms_that_cannot_be_read_leave_the_old_ones(
    bot: Bot, engine: Engine, logged: list[MutableMapping[str, Any]]
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE guard_terms")

    bot.dispatcher.read_terms()

    assert bot.types("why is Danny upset").title == "Is this the name of a child or family?"
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == ["terms not read"]
