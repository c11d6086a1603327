"""The app's menu, coming and going, and what is kept of people in Teams: nothing that they would not expect."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.sending import Undeliverable
from bot.settings import Settings
from bot.teams.adapter import Teams, build
from db.chats import ChatRow
from db.deliveries import Destination
from db.enquiries import Enquiry
from db.questions import Question
from handlers.messages import Card
from tests.fakes import Bot
from tests.teams.fake_microsoft import HOME, OPEN, PARTNER, FakeMicrosoft
from tests.teams.office import CHANNEL, ROOT, SOMEBODY, SOMEBODY_ELSE, THREAD, Office, button_of, chat_of, words
from tests.traces import tables

Settled = Callable[[], Any]
OWN = chat_of(SOMEBODY)
CARD = Card("What nobody else may read")
SHOWN = "application/vnd.microsoft.card.adaptive"


# --- the app's menu --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("published", ["compose-fetch", "compose-fetch-meeting"])
async def test_an_action_of_the_menu_opens_its_form_and_what_comes_of_it_never_lands_in_the_compose_box(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, sqlite_bot: Bot, published: str
) -> None:
    opened = (await office.chooses("enquiries.ask", published=published)).json()
    sent = office.submission(opened, question="Who waters the plants?")
    answers = [(await office.does(sent | {"name": "composeExtension/submitAction"})).json() for _ in range(2)]
    await settled()

    assert [set(one) for one in (opened, *answers)] == [{"task"}] * 3
    assert "passed to the secretariat" in words(answers[0])
    assert sqlite_bot.counted(Enquiry) == 1
    assert microsoft.places() == []


async def test_a_verb_in_the_menu_shows_its_card_in_a_dialog_whose_buttons_work(office: Office) -> None:
    shown = (await office.chooses("escalate")).json()
    child = (await office.presses(shown, "We disagree about a child")).json()

    assert "What do you want to escalate?" in words(shown)
    assert button_of(shown, "Speak up about wrongdoing")["type"] == "Action.Submit"
    assert "You disagree with another agency about a child" in words(child)


async def test_where_the_menu_was_used_the_bot_is_not_thought_to_be(office: Office, sqlite_bot: Bot) -> None:
    await office.chooses("escalate", published="compose-fetch-meeting")

    assert sqlite_bot.counted(ChatRow) == 0


async def test_an_action_that_nobody_knows_is_explained(office: Office) -> None:
    assert "older version" in words((await office.chooses("no such thing")).json())


# --- coming and going ------------------------------------------------------------------------------------------


async def test_who_adds_the_app_is_welcomed_once(office: Office, microsoft: FakeMicrosoft, settled: Settled) -> None:
    added = office.personal("installation", action="add")
    for activity in (
        added,
        added,
        office.personal("members-added"),
        office.personal("installation", action="add-upgrade"),
    ):
        await office.does(activity)
        await settled()

    assert microsoft.places() == [OWN]


async def test_a_team_is_not_greeted(office: Office, microsoft: FakeMicrosoft, settled: Settled) -> None:
    await office.installs(team=True)
    await settled()

    assert microsoft.places() == []


async def test_the_bot_that_leaves_a_channel_says_nothing_there_and_other_people_may_leave(
    office: Office, sqlite_bot: Bot
) -> None:
    await office.installs(team=True)
    recipient = office.in_channel("members-removed")["recipient"]
    left = []
    for who in ({"id": "29:somebody"}, recipient):
        await office.does(office.in_channel("members-removed", membersRemoved=[who]))
        with sqlite_bot.engine.connect() as connection:
            [row] = connection.execute(ChatRow.__table__.select()).all()
        left.append(row.silent_until is not None)

    assert left == [False, True]


# --- nothing is kept -------------------------------------------------------------------------------------------


async def test_who_speaks_up_about_wrongdoing_leaves_nothing_behind(
    office: Office, microsoft: FakeMicrosoft, settled: Settled, sqlite_bot: Bot,
    logged: list[MutableMapping[str, Any]],
) -> None:  # fmt: skip
    await office.says("escalate", by=SOMEBODY_ELSE)
    await settled()
    await settled()  # the outbox notes afterwards that nothing waits there any more
    [fork] = microsoft.posted()
    before, entries = tables(sqlite_bot.engine), len(logged)
    answers = [
        (await office.presses(fork, "Speak up about wrongdoing", by=SOMEBODY)).json(),
        (await office.presses(fork, "Speak up about wrongdoing", by=SOMEBODY, channel=True)).json(),
    ]
    await settled()

    assert all("Speak up about wrongdoing" in words(one) for one in answers)
    assert [one["type"] for one in answers] == [SHOWN, SHOWN]
    after = tables(sqlite_bot.engine)
    assert {name for name in after if after[name] != before[name]} == {"handled_requests"}  # opaque keys, by the day
    assert (len(microsoft.posted()), microsoft.replaced(), logged[entries:]) == (1, [], [])
    assert SOMEBODY not in json.dumps(tables(sqlite_bot.engine))


async def test_what_was_refused_is_kept_nowhere(
    office: Office, settled: Settled, sqlite_bot: Bot, microsoft: FakeMicrosoft
) -> None:
    refused = "Zebediah Quillfeather-Thrimble"
    await office.says(f"is {refused} allowed home? NHS number 999 787 7896")
    await settled()

    assert refused not in json.dumps(tables(sqlite_bot.engine))
    assert refused not in json.dumps(microsoft.posted())
    assert sqlite_bot.counted(Question) == 0


# --- who cannot be written to ----------------------------------------------------------------------------------


async def test_who_asked_in_a_channel_and_cannot_be_written_to_is_told_so_there_and_nothing_else(
    adapter: Teams, office: Office, microsoft: FakeMicrosoft
) -> None:
    await office.does(office.mention("neglect"))
    microsoft.refuses(OPEN, 403)

    with pytest.raises(Undeliverable):
        await adapter.sender.send(Destination("teams", CHANNEL, ROOT, only_for=SOMEBODY_ELSE), CARD, delivery_id="one")

    [posted] = microsoft.posted(THREAD)[-1:]
    assert "cannot write to the person" in words(posted)
    assert "999" in words(posted)
    assert CARD.title not in words(posted)


async def test_a_chat_is_made_in_the_tenant_in_which_somebody_spoke(
    sqlite_bot: Bot, settings: Callable[..., Settings], microsoft: FakeMicrosoft
) -> None:
    found = build(sqlite_bot.dispatcher, settings(teams_tenant_ids=f"{HOME},{PARTNER}"), steady=lambda: 0.0)
    transport = httpx.ASGITransport(Starlette(routes=found.routes))
    await found.start()
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        office = Office(http, microsoft)
        named = office.mention("neglect", conversation={"id": "19:abroad@thread", "conversationType": "channel"})
        await office.does(named | {"channelData": {"tenant": {"id": PARTNER}, "team": {"id": "19:other@thread"}}})
    await found.sender.send(Destination("teams", "19:abroad@thread", only_for=SOMEBODY_ELSE), CARD, delivery_id="one")
    await found.stop()

    assert microsoft.opened[-1]["tenantId"] == PARTNER


async def test_an_app_that_is_put_into_a_team_again_is_heard_in_all_its_channels(
    office: Office, adapter: Teams, microsoft: FakeMicrosoft
) -> None:
    await office.does(office.mention("neglect"))
    await office.installs("remove", team=True)
    with pytest.raises(Undeliverable):
        await adapter.sender.send(Destination("teams", CHANNEL), CARD, delivery_id="one")
    await office.installs("add", team=True)
    await adapter.sender.send(Destination("teams", CHANNEL), CARD, delivery_id="two")

    assert microsoft.posted(CHANNEL)
