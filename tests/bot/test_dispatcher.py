"""The one way in: danger first, then the guard, then the route and its roles; once, and never with an exception."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine

from bot.dispatcher import Dispatcher
from db import engine as database
from db import people
from db.audit import AuditEntry
from db.deliveries import Destination, Occurrence
from db.enquiries import Enquiry
from db.feedback import Feedback
from db.people import Identity, Role
from db.questions import Question
from db.requests import HandledRequest
from handlers.context import House, Knowledge, Request, UserError
from handlers.messages import Card, Errors, Reply, Tone
from handlers.routes import ROUTES
from tests import fakes
from tests.fakes import STRANGER, Bot, Clock, article, said

DANGER = "he is hitting her right now"
NAMES_A_CHILD = "my pupil Amy, NHS number 943 476 5919"
QUIET = "the words that somebody typed"
TABLES = (Question, Feedback, Enquiry, Occurrence, AuditEntry, HandledRequest)


class Finder:
    """Finds nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, text: str) -> Any:
        """Fail, after noting the text."""
        self.asked.append(text)
        raise AssertionError("the search was asked")


@pytest.fixture
def finder() -> Finder:
    return Finder()


@pytest.fixture
def unsearched(engine: Engine, knowledge: Knowledge, finder: Finder, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot whose search must not be reached."""
    talking = Bot(engine, replace(knowledge, index=finder), house, clock)
    yield talking
    talking.dispatcher.close()


def stored(bot: Bot) -> dict[str, int]:
    return {table.__tablename__: bot.counted(table) for table in TABLES}


# --- danger, then details, then the search -----------------------------------------------------------------


def test_danger_is_answered_with_999_and_the_front_door_even_when_the_search_is_broken(unsearched: Bot) -> None:
    card = unsearched.types(DANGER)

    assert card.tone is Tone.DANGER
    assert "999" in card.title
    assert "999" in card.summary
    assert "MAST" in said(card)
    assert sum(stored(unsearched).values()) == 0


def test_under_the_danger_card_the_nearest_articles_can_be_read_in_case_it_was_a_question(bot: Bot) -> None:
    card = bot.types(f"perhaps {DANGER}")

    assert card.tone is Tone.DANGER
    assert [action.label for action in card.actions][:2] == ["Whom to call", "Read: Neglect"]
    assert len(card.actions) == 3


def test_details_of_a_child_are_refused_before_they_are_stored_or_searched(unsearched: Bot, finder: Finder) -> None:
    card = unsearched.types(NAMES_A_CHILD)

    assert card.title == "That looks like personal details"
    assert "Amy" not in said(card)
    assert "943" not in said(card)
    assert finder.asked == []
    assert sum(stored(unsearched).values()) == 0


def test_danger_comes_before_details(unsearched: Bot) -> None:
    card = unsearched.types(f"{DANGER}, {NAMES_A_CHILD}")

    assert card.tone is Tone.DANGER
    assert "it may name somebody" in said(card)


VERBS_WITH_DANGER = [f"ask {DANGER}", f"contact {DANGER}", f"help {DANGER}", f"HELP\n{DANGER}"]


@pytest.mark.parametrize("text", VERBS_WITH_DANGER)
def test_danger_behind_a_verb_is_still_danger(unsearched: Bot, text: str) -> None:
    assert unsearched.types(text).tone is Tone.DANGER


FIELDS = {"danger": (DANGER, "999"), "details": (NAMES_A_CHILD, "Take the details out")}


@pytest.mark.parametrize(("typed", "told"), FIELDS.values(), ids=FIELDS)
def test_a_form_field_with_danger_or_details_is_sent_back_and_not_kept(bot: Bot, typed: str, told: str) -> None:
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    reply = bot.sends(form, question=typed)

    assert isinstance(reply, Errors)
    assert told in reply.by_field["question"]
    assert bot.counted(Enquiry) == 0
    assert isinstance(bot.sends(form, question="Who keeps the list of chairs?"), Card)
    assert bot.counted(Enquiry) == 1


def test_danger_in_a_field_that_no_form_has_is_answered(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, route="enquiries.send", fields={"surprise": DANGER}))

    assert isinstance(reply, Errors)
    assert "999" in reply.by_field["surprise"]


def test_danger_typed_beside_a_form_is_answered(bot: Bot) -> None:
    reply = bot.does(Request(STRANGER, DANGER, route="enquiries.send", fields={"question": "why?"}))

    assert isinstance(reply, Card)
    assert reply.tone is Tone.DANGER


# --- roles -------------------------------------------------------------------------------------------------


def test_what_is_not_allowed_reads_the_same_whether_it_exists_or_not(bot: Bot) -> None:
    bot.sends(bot.opens(bot.types("bees"), "Ask the secretariat"), question="Who keeps the list?")

    replies = {
        said(_card(bot.does(Request(STRANGER, route=route, value=value))))
        for route in ("enquiries.reply", "enquiries.answer", "enquiries.draft", "gaps.show")
        for value in ("1", "2", "", "x")
    }

    assert len(replies) == 1


def test_rights_are_those_of_the_day_of_the_request(bot: Bot) -> None:
    chair = bot.enrol(Role.COORDINATOR)
    assert bot.types("gaps", who=chair).title == "Gaps in the knowledge base"
    with database.transaction(bot.engine) as session:
        session.execute(sqlalchemy.text("UPDATE role_grants SET until_on = '2026-11-21'"))

    bot.clock.pass_(days=1)

    assert bot.types("gaps", who=chair).title == "I cannot show you that."


# --- once --------------------------------------------------------------------------------------------------


def test_a_request_that_is_delivered_again_runs_once(bot: Bot) -> None:
    replies = [bot.does(Request(STRANGER, "neglect", key="event-1")) for _ in range(3)]

    assert [reply and type(reply) for reply in replies] == [Card, None, None]
    assert bot.counted(Question) == 1


def test_a_request_delivered_many_times_at_once_runs_once(bot: Bot) -> None:
    with ThreadPoolExecutor(4) as deliveries:
        replies = list(deliveries.map(lambda _: bot.does(Request(STRANGER, "neglect", key="event-1")), range(8)))

    assert sum(isinstance(reply, Card) for reply in replies) == 1
    assert bot.counted(Question) == 1


def test_a_request_without_a_key_runs_every_time(bot: Bot) -> None:
    for _ in range(2):
        bot.types("neglect")

    assert bot.counted(Question) == 2


def test_a_form_sent_twice_is_stored_once_and_gets_the_same_answer(bot: Bot) -> None:
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    first, second = (bot.sends(form, question="Who keeps the list?") for _ in range(2))

    assert first == second
    assert bot.counted(Enquiry) == 1
    assert len(bot.queued()) == 0  # nobody is secretariat


def test_a_form_with_mistakes_can_be_sent_again(bot: Bot) -> None:
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    assert isinstance(bot.sends(form, question=" "), Errors)
    assert isinstance(bot.sends(form, question="x" * 1001), Errors)
    assert isinstance(bot.sends(form, question="Who keeps the list?"), Card)
    assert bot.counted(Enquiry) == 1


def test_an_explained_mistake_uses_the_key_up_and_a_failure_does_not(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Request(STRANGER, route="ask.topic", value="gone", key="press-1")
    assert [reply and type(reply) for reply in (bot.does(gone), bot.does(gone))] == [Card, None]

    with monkeypatch.context() as patch:
        patch.setattr(bot.dispatcher.knowledge.index, "find", _broken, raising=False)
        failed = _card(bot.does(Request(STRANGER, "neglect", key="event-2")))
    again = _card(bot.does(Request(STRANGER, "neglect", key="event-2")))
    assert [failed.title, again.title] == ["Something went wrong here", "Neglect"]


def test_a_form_of_an_older_version_says_so_every_time_it_is_sent(bot: Bot) -> None:
    old = Request(STRANGER, route="gone.send", fields={"question": "Who keeps the list?"}, key="form:1")

    assert [_card(bot.does(old)).title for _ in range(3)] == 3 * ["That button is from an older version."]


def test_a_form_that_was_not_allowed_can_be_sent_again_when_it_is(bot: Bot) -> None:
    who = bot.enrol(Role.MEMBER)
    bot.sends(bot.opens(bot.types("bees"), "Ask the secretariat"), question="Who keeps the list?")
    form = Request(who, route="enquiries.answer", value="1", fields={"answer": "The coordinator."}, key="form:1")

    refused = _card(bot.does(form))
    with database.transaction(bot.engine) as session:
        people.enrol(session, who, name="", roles=[Role.COORDINATOR], on=bot.clock.now.date())
    taken = _card(bot.does(form))

    assert refused.title == "I cannot show you that."
    assert taken.title == "ASK-2026-001: your answer is on its way"


# --- failures ----------------------------------------------------------------------------------------------


def test_a_broken_handler_gives_an_apology_with_a_reference_and_keeps_nothing(
    unsearched: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    card = unsearched.types(QUIET)

    assert card.title == "Something went wrong here"
    assert "999" in said(card)
    [entry] = [entry for entry in logged if entry["event"] == "request failed"]
    assert entry["reference"] in said(card)
    assert (entry["route"], entry["error"]) == ("ask", "AssertionError")
    assert sum(stored(unsearched).values()) == 0


def test_the_log_says_where_in_our_own_code_a_failure_arose(
    unsearched: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    unsearched.types(QUIET)

    [entry] = [entry for entry in logged if entry["event"] == "request failed"]
    assert re.fullmatch(r"handlers/ask\.py:\d+", entry["place"])


@pytest.fixture
def down(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> Iterator[Bot]:
    """Give a bot whose tables are gone."""
    with engine.begin() as connection:
        for table in ("feedback", "questions", "handled_requests"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    talking = Bot(engine, knowledge, house, clock)
    yield talking
    talking.dispatcher.close()


def test_a_database_that_fails_gives_an_apology(down: Bot) -> None:
    assert down.types("neglect", key="event-1").title == "Something went wrong here"


STOPPED = {"danger": (DANGER, Tone.DANGER), "details": (NAMES_A_CHILD, Tone.WARNING)}


@pytest.mark.parametrize(("text", "tone"), STOPPED.values(), ids=STOPPED)
def test_danger_and_details_are_answered_even_when_the_database_fails(down: Bot, text: str, tone: Tone) -> None:
    card = down.types(text, key="event-1", reply_to=Destination("test", "stranger"))

    assert card.tone is tone
    assert card.title != "Something went wrong here"


def test_a_danger_in_a_form_is_answered_even_when_the_database_fails(down: Bot) -> None:
    reply = down.does(Request(STRANGER, route="enquiries.send", fields={"question": DANGER}, key="form:1"))

    assert isinstance(reply, Errors)
    assert "999" in reply.by_field["question"]


def test_a_database_that_cannot_be_reached_gives_an_apology_and_is_not_ready(
    knowledge: Knowledge, house: House, clock: Clock, tmp_path: Any
) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/no/such/folder.db")
    bot = Bot(engine, knowledge, house, clock)

    assert bot.types("neglect").title == "Something went wrong here"
    assert bot.types(DANGER).tone is Tone.DANGER
    assert asyncio.run(bot.dispatcher.not_ready()) == ["the database does not answer"]
    bot.dispatcher.close()


async def test_a_bot_with_articles_and_a_database_is_ready(bot: Bot) -> None:
    assert await bot.dispatcher.not_ready() == []


async def test_a_bot_without_articles_is_not_ready(engine: Engine, house: House, clock: Clock) -> None:
    empty = fakes.knowledge(article("x"))
    bot = Bot(engine, replace(empty, library=replace(empty.library, articles={})), house, clock)

    assert await bot.dispatcher.not_ready() == ["no article could be read"]
    bot.dispatcher.close()


# --- replies that are queued -------------------------------------------------------------------------------


def test_a_reply_can_be_queued_for_a_place_instead_of_returned(bot: Bot) -> None:
    woken: list[str] = []
    bot.dispatcher.wake_with(lambda: woken.append("now"))
    place = Destination("test", "channel-1", "thread-1", "stranger")

    replies = [bot.does(Request(STRANGER, "neglect", key="event-1", reply_to=place)) for _ in range(2)]

    assert replies == [None, None]
    [queued] = bot.queued()
    assert (queued.to, queued.card.title) == (place, "Neglect")
    assert woken == ["now"]


async def test_requests_run_in_the_thread_pool(bot: Bot) -> None:
    reply = await bot.dispatcher.handle(Request(STRANGER, "neglect"))

    assert isinstance(reply, Card)
    assert reply.title == "Neglect"


async def test_other_work_has_a_transaction_of_its_own(bot: Bot) -> None:
    with pytest.raises(UserError):
        await bot.dispatcher.in_transaction(_asks_and_fails)

    assert bot.counted(Question) == 0


def test_a_dry_run_answers_and_keeps_nothing(engine: Engine, knowledge: Knowledge, house: House, clock: Clock) -> None:
    bot = Bot(engine, knowledge, house, clock)
    dry = Dispatcher(engine, knowledge, house, clock=clock, dry=True)

    for text in ("neglect", "bees", DANGER):
        assert isinstance(dry.run(Request(STRANGER, text, key=text)), Card)

    assert sum(stored(bot).values()) == 0
    dry.close()
    bot.dispatcher.close()


# --- logs --------------------------------------------------------------------------------------------------


def test_logs_hold_nothing_that_people_wrote_and_no_ids(
    bot: Bot, unsearched: Bot, logged: list[MutableMapping[str, Any]]
) -> None:
    who = Identity("test", "U0SECRET")
    for text in (QUIET, DANGER, NAMES_A_CHILD, "neglect"):
        bot.types(text, who=who)
        unsearched.types(text, who=who)
    bot.does(Request(who, QUIET, route="enquiries.send", value=QUIET, fields={"question": DANGER, QUIET: QUIET}))

    assert {entry["event"] for entry in logged} == {"text stopped", "search failed", "request failed"}
    words = {QUIET, DANGER, "Amy", "943", "U0SECRET", "neglect"}
    assert not [entry for entry in logged if any(word in str(entry) for word in words)]


def _card(reply: Reply | None) -> Card:
    assert isinstance(reply, Card), reply
    return reply


def _broken(_: str) -> None:
    raise RuntimeError


def _asks_and_fails(context: Any) -> None:
    ROUTES["ask"].handler(context, Request(STRANGER, "neglect"))
    raise UserError("no")
