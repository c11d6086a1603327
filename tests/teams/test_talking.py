"""People talk to the bot in Teams: in their own chat, in channels, by buttons, by forms and by the app's menu."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Any

import pytest

from bot.teams import wordings
from db import engine as database
from db import people
from db.enquiries import Enquiry
from db.people import Identity, Role
from handlers import enquiries
from handlers.context import UserError
from handlers.messages import Card
from handlers.routes import ROUTES
from tests.fakes import Bot, add_routes
from tests.teams.fake_microsoft import FakeMicrosoft
from tests.teams.office import (
    CHANNEL,
    COORDINATOR,
    SOMEBODY,
    SOMEBODY_ELSE,
    THREAD,
    Json,
    Office,
    chat_of,
    content,
    words,
)  # fmt: skip
from tests.traces import tables

Settled = Callable[[], Any]
OWN = chat_of(SOMEBODY)
SAID, SHOWN = "application/vnd.microsoft.activity.message", "application/vnd.microsoft.card.adaptive"


# --- questions -------------------------------------------------------------------------------------------------


async def test_a_question_in_the_own_chat_is_answered_there(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    answered = await office.says("neglect")
    await settled()

    [posted] = microsoft.posted(OWN)
    assert (answered.status_code, answered.content) == (200, b"")
    assert "Do the first thing about" in words(posted)
    assert posted["summary"].startswith("Neglect")


async def test_a_message_that_comes_twice_is_answered_once(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    said = office.personal("personal-message", text="neglect")
    for _ in range(2):
        await office.does(said)
    await settled()

    assert microsoft.places() == [OWN]


async def test_an_open_question_in_a_channel_is_answered_in_its_thread_for_everybody(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.mentions("neglect")
    await settled()

    [posted] = microsoft.posted()
    assert microsoft.places() == [THREAD]
    assert "Show everyone" not in {action["title"] for action in content(posted)["actions"]}


async def test_a_new_post_in_a_channel_is_answered_under_it(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.does(office.mention("neglect", thread="", id="1481567603900"))
    await settled()

    assert microsoft.places() == [f"{CHANNEL};messageid=1481567603900"]


PRIVATE = {
    "a list that is for nobody else": "help",
    "somebody's own list": "my",
    "a word too much of a child": "is Zebediah Quillfeather-Thrimble allowed home? NHS number 999 787 7896",
    "danger": "a child is being hit by his dad right now",
}


@pytest.mark.parametrize("text", PRIVATE.values(), ids=PRIVATE)
async def test_what_is_for_one_person_alone_is_said_in_their_own_chat(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, text: str
) -> None:
    await office.says("neglect")
    await settled()
    await office.mentions(text)
    await settled()

    assert microsoft.places() == [OWN, OWN]


async def test_danger_in_a_channel_names_whom_to_call_to_a_person_who_never_spoke(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.mentions("a child is being hit by his dad right now", by=SOMEBODY_ELSE)
    await settled()

    [posted] = microsoft.posted(f"a:with-{SOMEBODY_ELSE}")
    assert "999" in words(posted)


async def test_a_message_that_does_not_name_the_bot_is_neither_read_nor_counted_nor_logged(
    office: Office, sqlite_bot: Bot, microsoft: FakeMicrosoft, settled: Settled,
    logged: list[MutableMapping[str, Any]],
) -> None:  # fmt: skip
    await settled()  # the outbox notes its pace when it first runs
    before = tables(sqlite_bot.engine)
    await office.does(office.in_channel("channel-message", text="a child is being hit by his dad right now"))
    await settled()

    assert tables(sqlite_bot.engine) == before
    assert (sqlite_bot.screenings(), microsoft.places(), logged) == ([], [], [])


async def test_a_conversation_that_does_not_say_what_it_is_is_taken_for_one_with_others(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    unnamed = {"id": "19:meeting_invented@thread.v2"}
    await office.does(office.personal("personal-message", text="neglect", conversation=unnamed))
    await office.does(office.mention("help", conversation=unnamed))
    await settled()

    assert microsoft.places() == [f"a:with-{SOMEBODY}"]


async def test_a_slash_command_stays_private_even_where_the_answer_is_open(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.commands("neglect")
    await settled()

    assert microsoft.places() == [f"a:with-{SOMEBODY}"]


# --- buttons ---------------------------------------------------------------------------------------------------


async def _answer(office: Office, microsoft: FakeMicrosoft, settled: Settled) -> Json:
    await office.says("neglect")
    await settled()
    return microsoft.posted()[-1]


async def test_a_button_is_answered_beside_its_message(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    answered = await office.presses(await _answer(office, microsoft, settled), "This helped")
    await settled()

    assert answered.json() == {"statusCode": 200, "type": SAID, "value": wordings.ANSWERED}
    assert microsoft.places() == [OWN, OWN]
    assert "Thank you" in words(microsoft.posted()[-1])


async def test_a_button_in_a_channel_is_answered_where_nobody_else_reads_it(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.mentions("neglect")
    await settled()
    answered = await office.presses(microsoft.posted()[-1], "This helped", by=SOMEBODY_ELSE, channel=True)
    await settled()

    assert answered.json()["value"] == wordings.ANSWERED_PRIVATELY
    assert microsoft.places() == [THREAD, f"a:with-{SOMEBODY_ELSE}"]


async def test_a_card_that_replaces_another_does_so_for_everybody(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote = replace(ROUTES["ask.vote"], handler=lambda _, __: Card("Voted", replaces=True))
    add_routes(monkeypatch, vote)
    message = await _answer(office, microsoft, settled)
    microsoft.refuses("replace", 429, retry_after="0")
    press = office.press(message, "This helped")
    answered = await office.does(press)
    microsoft.works("replace")
    await settled()

    [(place, activity, shown)] = microsoft.replaced()
    assert (place, activity) == (OWN, press["replyToId"])
    assert answered.json()["type"] == SHOWN
    assert answered.json()["value"] == content(shown)
    assert len(microsoft.posted()) == 1


async def test_a_button_that_comes_twice_does_its_work_once(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    press = office.press(await _answer(office, microsoft, settled), "This helped")
    answers = [(await office.does(press)).json()["value"] for _ in range(2)]
    await settled()

    assert answers == [wordings.ANSWERED, wordings.BEFORE]
    assert len(microsoft.posted()) == 2


async def test_a_button_of_another_version_is_explained(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.does(office.personal("message-back", text="", value={"do": "no such thing"}))
    await settled()

    assert "older version" in words(microsoft.posted()[-1])


# --- forms -----------------------------------------------------------------------------------------------------


async def _form(office: Office, microsoft: FakeMicrosoft, settled: Settled) -> Json:
    message = await _answer(office, microsoft, settled)
    opened: Json = (await office.presses(message, "Ask the secretariat")).json()
    return opened


async def test_a_button_opens_a_form_in_a_dialog_as_often_as_it_is_asked(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    press = office.press(await _answer(office, microsoft, settled), "Ask the secretariat")
    opened = [(await office.does(press)).json() for _ in range(2)]

    assert {one["task"]["type"] for one in opened} == {"continue"}
    assert {one["task"]["value"]["title"] for one in opened} == {"Ask the secretariat"}


async def test_a_form_with_something_wrong_comes_back_with_what_was_typed(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, sqlite_bot: Bot
) -> None:
    form = await _form(office, microsoft, settled)
    typed = "who looks after Zebediah Quillfeather-Thrimble, NHS number 999 787 7896"
    again = (await office.submits(form, question=typed)).json()

    [box] = [part for part in content(again)["body"] if part.get("id") == "in.question"]
    assert box["value"] == typed
    assert "Please change this:" in words(again)
    assert (await office.submits(again, question="")).json()["task"]["type"] == "continue"
    assert sqlite_bot.counted(Enquiry) == 0


async def test_a_form_that_is_sent_twice_changes_nothing_the_second_time(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, sqlite_bot: Bot
) -> None:
    form = await _form(office, microsoft, settled)
    sent = office.submission(form, question="Who waters the plants?")
    answers = [
        (await office.does(one)).json()
        for one in (sent, sent, office.submission(form, question="Who waters the plants?"))
    ]

    assert "passed to the secretariat" in words(answers[0])
    assert answers[1:] == [answers[0]] * 2
    assert sqlite_bot.counted(Enquiry) == 1


async def test_a_question_goes_to_the_secretariat_and_the_answer_comes_back(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, sqlite_bot: Bot
) -> None:
    with database.transaction(sqlite_bot.engine) as session:
        on, who = sqlite_bot.clock.now.date(), Identity("teams", COORDINATOR)
        people.enrol(session, who, name="Coordinator", roles=[Role.COORDINATOR], on=on)
    await office.submits(await _form(office, microsoft, settled), question="Who waters the plants?")
    await settled()
    [notice] = microsoft.posted(f"a:with-{COORDINATOR}")

    form = (await office.presses(notice, "Answer", by=COORDINATOR)).json()
    await office.submits(form, by=COORDINATOR, answer="The caretaker, on Mondays.")
    await settled()

    assert "Who waters the plants?" in words(form)
    assert "The caretaker, on Mondays." in words(microsoft.posted(OWN)[-1])


@pytest.fixture
def help_is_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a verb open a form."""
    add_routes(monkeypatch, replace(ROUTES["help"], handler=enquiries.open_form))


@pytest.mark.usefixtures("help_is_a_form")
async def test_a_form_that_was_typed_for_stands_in_the_own_chat_and_gives_way_to_what_came_of_it(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, sqlite_bot: Bot
) -> None:
    await office.says("help")
    await settled()
    [form] = microsoft.posted(OWN)
    wrong = (await office.submits(form, question="")).json()
    sent = office.submission(wrong, question="Who waters the plants?")
    answers = [(await office.does(sent)).json() for _ in range(2)]
    await settled()

    assert "Please change this:" in words(wrong)
    assert "passed to the secretariat" in words(answers[0])
    assert answers[1] == answers[0]
    assert sqlite_bot.counted(Enquiry) == 1
    assert [(place, words(shown)) for place, _, shown in microsoft.replaced()] == [(OWN, words(answers[0]))] * 2


@pytest.mark.usefixtures("help_is_a_form")
async def test_in_a_channel_a_form_opens_from_a_button_for_whoever_presses_it(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.mentions("help")
    await settled()
    [launcher] = microsoft.posted(THREAD)
    opened = (await office.presses(launcher, "Open the form", by=SOMEBODY_ELSE, channel=True)).json()

    assert "Your question" not in words(launcher)
    assert opened["task"]["value"]["title"] == "Ask the secretariat"


@pytest.mark.usefixtures("help_is_a_form")
async def test_a_form_that_a_slash_command_asks_for_stands_in_the_own_chat(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    await office.commands("help")
    await settled()

    [form] = microsoft.posted(f"a:with-{SOMEBODY}")
    assert "Your question" in words(form)


# --- what cannot be taken --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("help_is_a_form")
@pytest.mark.parametrize("why", ["the database does not answer", "the role is lost"])
@pytest.mark.parametrize("stands", ["in the chat", "in a dialog"])
async def test_a_form_that_is_not_taken_stays_with_what_was_typed(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, monkeypatch: pytest.MonkeyPatch, why: str, stands: str
) -> None:
    await (office.says("help") if stands == "in the chat" else office.mentions("help"))
    await settled()
    form = microsoft.posted()[-1]
    if stands == "in a dialog":
        form = (await office.presses(form, "Open the form", channel=True)).json()

    def fails(*_: object) -> Card:
        raise RuntimeError if why == "the database does not answer" else UserError("That is not yours any more.")

    add_routes(monkeypatch, replace(ROUTES["enquiries.send"], handler=fails))
    answer = (await office.submits(form, question="Who waters the plants?")).json()
    await settled()

    assert "Who waters the plants?" in words(answer)
    assert ("Something went wrong" if why == "the database does not answer" else "not yours any more") in words(answer)
    assert content(answer)["actions"][0]["data"]["form"]
    assert microsoft.replaced() == []


async def test_an_answer_to_a_button_is_posted_although_teams_asks_for_patience_at_first(
    office: Office, microsoft: FakeMicrosoft, settled: Settled
) -> None:
    message = await _answer(office, microsoft, settled)
    microsoft.refuses("post", 429, retry_after="1")
    await office.presses(message, "This helped")
    await asyncio.sleep(0.1)
    microsoft.works("post")
    await settled()

    assert "Thank you" in words(microsoft.posted()[-1])


async def test_of_two_people_who_press_at_once_the_later_card_stays(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    votes = itertools.count(1)
    add_routes(
        monkeypatch, replace(ROUTES["ask.vote"], handler=lambda _, __: Card(f"Vote {next(votes)}", replaces=True))
    )
    await office.mentions("neglect")
    await settled()
    message = microsoft.posted()[-1]
    microsoft.hangs("replace")
    for person in (SOMEBODY, SOMEBODY_ELSE):
        await office.presses(message, "This helped", by=person, channel=True)
    await asyncio.sleep(0.05)
    microsoft.works("replace")
    microsoft.releases()
    await settled()

    assert [words(shown).split()[-1] for *_, shown in microsoft.replaced()] == ["1", "2"]
