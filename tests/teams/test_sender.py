"""Posting in Teams: what arrives, and what is known when it did not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.sending import NoHistory, TryLater, Undeliverable
from bot.settings import Settings
from bot.teams.adapter import Teams, build
from bot.teams.sender import TeamsSender, UncertainError
from db.deliveries import Destination
from handlers.messages import Card, Text
from tests.fakes import Bot, Clock
from tests.teams.fake_microsoft import CLIENT, GRAPH, HOME, LOGIN, OPEN, POST, FakeMicrosoft
from tests.teams.office import CHANNEL, ROOT, SOMEBODY, SOMEBODY_ELSE, THREAD, Office, chat_of, content, steady, words

OWN, IN_CHANNEL = Destination("teams", SOMEBODY), Destination("teams", CHANNEL)
STRANGER = Destination("teams", SOMEBODY_ELSE)
CARD = Card("Neglect", (Text("Do the first thing."),))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def adapter(sqlite_bot: Bot, settings: Callable[..., Settings], clock: Clock) -> AsyncIterator[Teams]:
    """Give the adapter, started, whose app may read channels and which waits for four seconds at most."""
    found = settings(teams_history=True)
    built = build(sqlite_bot.dispatcher, found, steady=steady(clock), timeout=4.0)
    await built.start()
    yield built
    await built.stop()


@pytest.fixture
async def sender(adapter: Teams, office: Office) -> TeamsSender:
    """Give the sender, after the app came into one chat and one channel."""
    await office.installs("add-upgrade")
    await office.installs("add-upgrade", team=True)
    return adapter.sender


async def test_a_message_carries_the_delivery_id_and_nothing_about_a_person(
    sender: TeamsSender, microsoft: FakeMicrosoft
) -> None:
    message_id = await sender.send(IN_CHANNEL, CARD, delivery_id="one")

    [posted] = microsoft.posted(CHANNEL)
    assert message_id == f"{CHANNEL}:1700000000001"
    assert content(posted)["body"][0]["id"] == "delivery-one"
    assert "Do the first thing." in words(posted)
    assert SOMEBODY not in repr(posted)


async def test_a_message_to_a_person_goes_into_their_own_chat(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    await sender.send(OWN, CARD, delivery_id="one")

    assert (microsoft.places(), microsoft.opened) == ([chat_of(SOMEBODY)], [])


async def test_what_is_for_one_person_is_never_shown_in_the_channel(
    sender: TeamsSender, microsoft: FakeMicrosoft
) -> None:
    await sender.send(Destination("teams", CHANNEL, ROOT, only_for=SOMEBODY), CARD, delivery_id="one")

    assert microsoft.places() == [chat_of(SOMEBODY)]


async def test_a_reply_goes_to_its_thread(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    message_id = await sender.send(Destination("teams", CHANNEL, ROOT), CARD, delivery_id="one")

    assert microsoft.places() == [THREAD]
    assert message_id.startswith(f"{CHANNEL}:")


async def test_a_chat_is_made_with_a_person_who_never_spoke_and_is_used_again(
    sender: TeamsSender, microsoft: FakeMicrosoft
) -> None:
    await sender.send(STRANGER, CARD, delivery_id="one")
    await sender.send(STRANGER, CARD, delivery_id="two")

    [wanted] = microsoft.opened
    assert (wanted["members"], wanted["bot"]["id"]) == ([{"id": SOMEBODY_ELSE}], f"28:{CLIENT}")
    assert wanted["channelData"]["tenant"]["id"] == HOME
    assert microsoft.places() == [f"a:with-{SOMEBODY_ELSE}"] * 2


async def test_before_anybody_spoke_nobody_knows_where_teams_is(adapter: Teams) -> None:
    with pytest.raises(TryLater) as raised:
        await adapter.sender.send(STRANGER, CARD, delivery_id="one")

    assert raised.value.wait == timedelta(minutes=15)


async def test_in_a_conversation_that_is_not_known_nothing_can_be_said(
    sender: TeamsSender, microsoft: FakeMicrosoft
) -> None:
    with pytest.raises(Undeliverable):
        await sender.send(Destination("teams", "19:elsewhere@thread.tacv2"), CARD, delivery_id="one")

    assert microsoft.places() == []


# --- pace and errors -------------------------------------------------------------------------------------------

BUSY: dict[str, tuple[int, str | None, timedelta]] = {
    "429 with a number": (429, "42", timedelta(seconds=42)),
    "429 with a day": (429, "Sat, 21 Nov 2026 10:00:00 GMT", timedelta(seconds=10)),
    "429 with nothing": (429, None, timedelta(seconds=10)),
    "429 with far too much": (429, "999999999999", timedelta(seconds=10)),
    "429 with a month": (429, "2592000", timedelta(hours=1)),
    "412": (412, None, timedelta(seconds=10)),
    "503 with a number": (503, "7", timedelta(seconds=7)),
}


@pytest.mark.parametrize(("status", "asks", "wait"), BUSY.values(), ids=BUSY)
async def test_a_busy_teams_says_how_long_to_wait(
    sender: TeamsSender, microsoft: FakeMicrosoft, status: int, asks: str | None, wait: timedelta
) -> None:
    microsoft.refuses(POST, status, retry_after=asks)

    with pytest.raises(TryLater) as raised:
        await sender.send(OWN, CARD, delivery_id="one")

    assert (raised.value.wait, raised.value.counts, microsoft.asked(POST)) == (wait, False, 1)


UNCERTAIN: dict[str, tuple[Callable[[FakeMicrosoft], None], type[Exception]]] = {
    "500": (lambda microsoft: microsoft.refuses(POST, 500), UncertainError),
    "502": (lambda microsoft: microsoft.refuses(POST, 502), UncertainError),
    "503 without a time to wait": (lambda microsoft: microsoft.refuses(POST, 503), UncertainError),
    "504": (lambda microsoft: microsoft.refuses(POST, 504), UncertainError),
    "no answer": (lambda microsoft: microsoft.hangs(POST), httpx.ReadTimeout),
    "a cut connection": (lambda microsoft: microsoft.drops(POST), httpx.TransportError),
}


@pytest.mark.parametrize(("goes_wrong", "error"), UNCERTAIN.values(), ids=UNCERTAIN)
async def test_what_may_have_arrived_is_said_to_be_uncertain_and_not_sent_again(
    sender: TeamsSender, microsoft: FakeMicrosoft, goes_wrong: Callable[[FakeMicrosoft], None], error: type[Exception]
) -> None:
    goes_wrong(microsoft)

    with pytest.raises(error) as raised:
        await sender.send(OWN, CARD, delivery_id="one")

    assert not isinstance(raised.value, TryLater | Undeliverable)
    assert microsoft.asked(POST) == 1


async def test_a_teams_that_is_not_there_is_tried_later(
    sender: TeamsSender, office: Office, microsoft: FakeMicrosoft
) -> None:
    gone = "http://127.0.0.1:9/"  # where nobody listens
    await office.does(office.personal("button") | {"value": {}, "serviceUrl": gone})

    with pytest.raises(TryLater):
        await sender.send(OWN, CARD, delivery_id="one")

    assert microsoft.asked(POST) == 0


async def test_a_token_that_is_refused_is_fetched_anew(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    microsoft.refuses(POST, 401)
    with pytest.raises(TryLater) as raised:
        await sender.send(OWN, CARD, delivery_id="one")
    microsoft.works(POST)
    await sender.send(OWN, CARD, delivery_id="one")

    assert raised.value.wait == timedelta(minutes=15)
    assert (microsoft.asked(LOGIN), len(microsoft.posted())) == (3, 1)  # each that is refused is fetched anew at once


NO_TOKEN: dict[str, Callable[[FakeMicrosoft], None]] = {
    "the secret has ended": lambda microsoft: microsoft.refuses(LOGIN, 401),
    "the login is broken": lambda microsoft: microsoft.refuses(LOGIN, 503),
    "the login hangs": lambda microsoft: microsoft.hangs(LOGIN),
    "the login is cut off": lambda microsoft: microsoft.drops(LOGIN),
}


@pytest.mark.parametrize("goes_wrong", NO_TOKEN.values(), ids=NO_TOKEN)
async def test_without_a_token_nothing_is_sent_and_nothing_is_lost(
    sender: TeamsSender, microsoft: FakeMicrosoft, clock: Clock, goes_wrong: Callable[[FakeMicrosoft], None]
) -> None:
    clock.pass_(hours=2)
    goes_wrong(microsoft)

    with pytest.raises(TryLater):
        await sender.send(OWN, CARD, delivery_id="one")

    assert microsoft.asked(POST) == 0


async def test_a_token_is_used_until_shortly_before_it_ends(
    sender: TeamsSender, microsoft: FakeMicrosoft, clock: Clock
) -> None:
    for minutes in (0, 50, 10):
        clock.pass_(minutes=minutes)
        await sender.send(OWN, CARD, delivery_id=f"after {minutes}")

    assert microsoft.asked(LOGIN) == 2


@pytest.mark.parametrize("status", [400, 413])
async def test_what_teams_refuses_is_never_sent_again(
    sender: TeamsSender, microsoft: FakeMicrosoft, status: int
) -> None:
    microsoft.refuses(POST, status)
    with pytest.raises(Undeliverable, match=f"^status {status}$"):
        await sender.send(OWN, CARD, delivery_id="one")
    microsoft.works(POST)

    assert await sender.send(OWN, CARD, delivery_id="two")


@pytest.mark.parametrize("status", [403, 404])
async def test_a_channel_without_the_app_is_silent_until_it_is_put_in_again(
    sender: TeamsSender, microsoft: FakeMicrosoft, office: Office, status: int
) -> None:
    microsoft.refuses(POST, status)
    for _ in range(2):
        with pytest.raises(Undeliverable):
            await sender.send(IN_CHANNEL, CARD, delivery_id="one")
    asked = microsoft.asked(POST)
    microsoft.works(POST)
    await office.installs("add-upgrade", team=True)

    assert asked == 1
    assert await sender.send(IN_CHANNEL, CARD, delivery_id="two")


async def test_who_took_the_app_out_is_left_alone(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    microsoft.refuses(POST, 403)
    for _ in range(2):
        with pytest.raises(Undeliverable):
            await sender.send(OWN, CARD, delivery_id="one")

    assert (microsoft.asked(POST), microsoft.opened) == (1, [])


async def test_a_chat_that_somebody_deleted_is_made_anew(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    microsoft.refuses(POST, 404)
    with pytest.raises(TryLater) as raised:
        await sender.send(OWN, CARD, delivery_id="one")
    microsoft.works(POST)
    await sender.send(OWN, CARD, delivery_id="one")

    assert raised.value.counts
    assert microsoft.places() == [f"a:with-{SOMEBODY}"]


OPENING: dict[str, tuple[Callable[[FakeMicrosoft], None], type[Exception]]] = {
    "the person may not use the app": (lambda microsoft: microsoft.refuses(OPEN, 403), Undeliverable),
    "there is no such person": (lambda microsoft: microsoft.refuses(OPEN, 404), Undeliverable),
    "it is busy": (lambda microsoft: microsoft.refuses(OPEN, 429, retry_after="3"), TryLater),
    "it is broken": (lambda microsoft: microsoft.refuses(OPEN, 502), TryLater),
    "it hangs": (lambda microsoft: microsoft.hangs(OPEN), TryLater),
    "it is cut off": (lambda microsoft: microsoft.drops(OPEN), TryLater),
}


@pytest.mark.parametrize(("goes_wrong", "error"), OPENING.values(), ids=OPENING)
async def test_where_a_chat_cannot_be_made_it_is_certain_that_nothing_arrived(
    sender: TeamsSender, microsoft: FakeMicrosoft, goes_wrong: Callable[[FakeMicrosoft], None], error: type[Exception]
) -> None:
    goes_wrong(microsoft)

    with pytest.raises(error):
        await sender.send(STRANGER, CARD, delivery_id="one")

    assert microsoft.asked(POST) == 0


async def test_an_error_says_nothing_of_the_message(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    microsoft.refuses(POST, 413)

    with pytest.raises(Undeliverable) as raised:
        await sender.send(OWN, CARD, delivery_id="one")

    assert raised.value.__cause__ is None
    assert "first thing" not in repr(raised.value)


@pytest.mark.parametrize("team", [False, True], ids=["a chat", "a team"])
@pytest.mark.parametrize("action", ["remove", "remove-upgrade"])
async def test_where_the_app_was_taken_out_nothing_is_said(
    sender: TeamsSender, office: Office, microsoft: FakeMicrosoft, action: str, *, team: bool
) -> None:
    await office.installs(action, team=team)

    with pytest.raises(Undeliverable):
        await sender.send(IN_CHANNEL if team else OWN, CARD, delivery_id="one")

    assert (microsoft.asked(POST), microsoft.asked(OPEN)) == (0, 0)
    assert await sender.send(OWN if team else IN_CHANNEL, CARD, delivery_id="two")


# --- looking for what was posted -------------------------------------------------------------------------------


@pytest.mark.parametrize("thread", ["", ROOT], ids=["the channel", "a thread"])
async def test_what_was_posted_in_a_channel_is_found_and_what_was_not_is_absent(
    sender: TeamsSender, microsoft: FakeMicrosoft, thread: str
) -> None:
    where = Destination("teams", CHANNEL, thread)
    for number in range(5):
        await sender.send(where, CARD, delivery_id=f"{number}")

    found = await sender.find(where, ["0", "4", "nine"], LONG_AGO)

    assert found == {"0": f"{CHANNEL}:1700000000001", "4": f"{CHANNEL}:1700000000005"}
    assert microsoft.asked(GRAPH) == 2  # pages


async def test_no_more_is_read_than_is_needed(sender: TeamsSender, microsoft: FakeMicrosoft) -> None:
    for number in range(7):
        await sender.send(IN_CHANNEL, CARD, delivery_id=f"{number}")

    await sender.find(IN_CHANNEL, ["6"], LONG_AGO)
    await sender.find(IN_CHANNEL, ["nine"], datetime(2030, 1, 1, tzinfo=UTC))

    assert microsoft.asked(GRAPH) == 2


NOWHERE: dict[str, Destination] = {
    "a chat": OWN,
    "what one person sees": Destination("teams", CHANNEL, only_for=SOMEBODY),
    "a conversation that is not known": Destination("teams", "19:elsewhere@thread.tacv2"),
}


@pytest.mark.parametrize("where", NOWHERE.values(), ids=NOWHERE)
async def test_where_teams_shows_no_history_nobody_can_look(
    sender: TeamsSender, microsoft: FakeMicrosoft, where: Destination
) -> None:
    with pytest.raises(NoHistory):
        await sender.find(where, ["one"], LONG_AGO)

    assert microsoft.asked(GRAPH) == 0


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_where_the_team_has_not_allowed_it_nobody_can_look(
    sender: TeamsSender, microsoft: FakeMicrosoft, status: int
) -> None:
    microsoft.refuses(GRAPH, status)

    with pytest.raises(NoHistory):
        await sender.find(IN_CHANNEL, ["one"], LONG_AGO)


NOT_NOW: dict[str, Callable[[FakeMicrosoft], None]] = {
    "it is busy": lambda microsoft: microsoft.refuses(GRAPH, 429, retry_after="7"),
    "it is broken": lambda microsoft: microsoft.refuses(GRAPH, 500),
    "it hangs": lambda microsoft: microsoft.hangs(GRAPH),
    "it is cut off": lambda microsoft: microsoft.drops(GRAPH),
    "there is no token": lambda microsoft: microsoft.refuses(LOGIN, 503),
}


@pytest.mark.parametrize("goes_wrong", NOT_NOW.values(), ids=NOT_NOW)
async def test_a_history_that_cannot_be_read_now_is_read_later(
    sender: TeamsSender, microsoft: FakeMicrosoft, goes_wrong: Callable[[FakeMicrosoft], None]
) -> None:
    goes_wrong(microsoft)

    with pytest.raises(TryLater):
        await sender.find(IN_CHANNEL, ["one"], LONG_AGO)


async def test_an_app_that_may_not_look_does_not(
    sqlite_bot: Bot, settings: Callable[..., Any], microsoft: FakeMicrosoft, sender: TeamsSender
) -> None:
    await sender.send(IN_CHANNEL, CARD, delivery_id="one")
    other = build(sqlite_bot.dispatcher, settings(), steady=lambda: 0.0)
    await other.start()
    with pytest.raises(NoHistory):
        await other.sender.find(IN_CHANNEL, ["one"], LONG_AGO)
    await other.stop()

    assert microsoft.asked(GRAPH) == 0
