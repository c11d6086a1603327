"""Posting in Slack: what arrives, and what is known when it did not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sending import NoHistory, TryLater, Undeliverable
from bot.slack.sender import SlackSender, UncertainError
from db.deliveries import Destination
from handlers.messages import Card, Text
from tests.slack.fake_slack import TOKEN, FakeSlack, listening

CHANNEL = Destination("slack", "C1")
CARD = Card("Neglect", (Text("Do the first thing."),))
POST, SHOW = "chat.postMessage", "chat.postEphemeral"


@pytest.fixture
async def sender(slack: FakeSlack) -> AsyncIterator[SlackSender]:
    """Give a sender that waits for a fifth of a second at most."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
        yield SlackSender(AsyncWebClient(TOKEN, slack.url, session=session, retry_handlers=[]))


async def test_a_message_carries_the_delivery_id_and_nothing_about_a_person(
    sender: SlackSender, slack: FakeSlack
) -> None:
    message_id = await sender.send(CHANNEL, CARD, delivery_id="delivery-1")

    [posted] = slack.calls(POST)
    assert message_id.startswith("D-of-person:1700000000.")
    assert posted["metadata"] == {"event_type": "thscp_delivery", "event_payload": {"delivery_id": "delivery-1"}}
    assert (posted["channel"], posted["text"], posted["unfurl_links"]) == ("C1", "Neglect", False)
    assert "thread_ts" not in posted


async def test_a_message_to_a_person_needs_one_call(sender: SlackSender, slack: FakeSlack) -> None:
    await sender.send(Destination("slack", "U1"), CARD, delivery_id="d")

    assert slack.asked == [POST]
    assert slack.calls(POST)[0]["channel"] == "U1"


async def test_a_reply_goes_to_its_thread(sender: SlackSender, slack: FakeSlack) -> None:
    await sender.send(Destination("slack", "C1", "1700000000.000001"), CARD, delivery_id="d")

    assert slack.calls(POST)[0]["thread_ts"] == "1700000000.000001"


async def test_what_is_for_one_person_is_shown_to_them_alone(sender: SlackSender, slack: FakeSlack) -> None:
    message_id = await sender.send(Destination("slack", "C1", only_for="U1"), CARD, delivery_id="d")

    [shown] = slack.calls(SHOW)
    assert (shown["channel"], shown["user"], slack.calls(POST)) == ("C1", "U1", [])
    assert message_id.startswith("C1:")


async def test_a_busy_slack_says_how_long_to_wait(sender: SlackSender, slack: FakeSlack) -> None:
    slack.busy_until(seconds=42)

    with pytest.raises(TryLater) as raised:
        await sender.send(CHANNEL, CARD, delivery_id="d")

    assert (raised.value.wait, raised.value.counts) == (timedelta(seconds=42), False)


async def test_a_slack_that_is_not_there_is_tried_later() -> None:
    async with listening(FakeSlack()) as gone:
        url = gone.url
    sender = SlackSender(AsyncWebClient(TOKEN, url, retry_handlers=[]))

    with pytest.raises(TryLater):
        await sender.send(CHANNEL, CARD, delivery_id="d")


NEVER = (
    "channel_not_found", "not_in_channel", "is_archived", "user_disabled", "user_not_found", "invalid_blocks",
    "msg_too_long", "restricted_action",
)  # fmt: skip


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive", "missing_scope"])
async def test_while_slack_refuses_the_app_itself_messages_wait(
    sender: SlackSender, slack: FakeSlack, error: str
) -> None:
    slack.refuses(POST, error)

    with pytest.raises(TryLater, match=error) as raised:
        await sender.send(CHANNEL, CARD, delivery_id="d")

    assert raised.value.wait == timedelta(minutes=15)


@pytest.mark.parametrize("error", NEVER)
@pytest.mark.parametrize("only_for", ["", "U1"], ids=["posted", "shown"])
async def test_what_slack_refuses_is_never_sent_again(
    sender: SlackSender, slack: FakeSlack, error: str, only_for: str
) -> None:
    slack.refuses(POST, error)
    slack.refuses(SHOW, error)

    with pytest.raises(Undeliverable, match=f"^{error}$"):
        await sender.send(Destination("slack", "C1", only_for=only_for), CARD, delivery_id="d")


UNCERTAIN: dict[str, tuple[Callable[[FakeSlack], None], type[Exception]]] = {
    "a server error": (lambda slack: slack.breaks(POST), UncertainError),
    "an internal error in JSON": (lambda slack: slack.refuses(POST, "internal_error"), UncertainError),
    "a fatal error in JSON": (lambda slack: slack.refuses(POST, "fatal_error"), UncertainError),
    "no answer": (lambda slack: slack.hangs(POST), TimeoutError),
    "a cut connection": (lambda slack: slack.drops(POST), aiohttp.ClientError),
}


@pytest.mark.parametrize(("goes_wrong", "error"), UNCERTAIN.values(), ids=UNCERTAIN)
async def test_what_may_have_arrived_is_said_to_be_uncertain_and_not_sent_again(
    sender: SlackSender, slack: FakeSlack, goes_wrong: Callable[[FakeSlack], None], error: type[Exception]
) -> None:
    goes_wrong(slack)

    with pytest.raises(error) as raised:
        await sender.send(CHANNEL, CARD, delivery_id="d")

    assert not isinstance(raised.value, TryLater | Undeliverable)
    assert slack.asked == [POST]


async def test_an_error_says_nothing_of_the_message(sender: SlackSender, slack: FakeSlack) -> None:
    slack.refuses(POST, "is_archived")

    with pytest.raises(Undeliverable) as raised:
        await sender.send(CHANNEL, CARD, delivery_id="d")

    assert raised.value.__cause__ is None
    assert "first thing" not in repr(raised.value)


# --- looking for what was posted -------------------------------------------------------------------------------

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("where", [CHANNEL, Destination("slack", "U1")], ids=["channel", "person"])
async def test_what_was_posted_is_found_and_what_was_not_is_absent(sender: SlackSender, where: Destination) -> None:
    for delivery_id in ("one", "two"):
        await sender.send(where, CARD, delivery_id=delivery_id)

    found = await sender.find(where, ["one", "two", "three"], LONG_AGO)

    channel = "D-of-person" if where.address == "U1" else "C1"
    assert set(found) == {"one", "two"}
    assert all(message_id.startswith(f"{channel}:1700000000.") for message_id in found.values())


async def test_an_answer_is_looked_for_in_its_thread(sender: SlackSender, slack: FakeSlack) -> None:
    answer = Destination("slack", "C1", "1700000000.000001")
    await sender.send(answer, CARD, delivery_id="one")

    assert set(await sender.find(answer, ["one"], LONG_AGO)) == {"one"}
    assert set(await sender.find(CHANNEL, ["one"], LONG_AGO)) == set()
    assert "conversations.replies" in slack.asked


async def test_a_busy_channel_is_read_page_by_page_until_everything_is_found(
    sender: SlackSender, slack: FakeSlack
) -> None:
    await sender.send(CHANNEL, CARD, delivery_id="one")
    slack.somebody_writes("C1", number=10)
    await sender.send(CHANNEL, CARD, delivery_id="two")

    assert set(await sender.find(CHANNEL, ["two"], LONG_AGO)) == {"two"}
    assert len(slack.calls("conversations.history")) == 1
    assert set(await sender.find(CHANNEL, ["one", "two"], LONG_AGO)) == {"one", "two"}
    assert len(slack.calls("conversations.history")) == 1 + 4


async def test_only_what_is_younger_than_the_message_is_read(sender: SlackSender, slack: FakeSlack) -> None:
    slack.somebody_writes("C1", number=10)

    assert await sender.find(CHANNEL, ["one"], datetime(2024, 1, 1, tzinfo=UTC)) == {}
    [asked] = slack.calls("conversations.history")
    assert float(asked["oldest"]) == datetime(2024, 1, 1, tzinfo=UTC).timestamp()


NOWHERE: dict[str, Callable[[FakeSlack], None]] = {
    "a scope is missing": lambda slack: slack.refuses("conversations.history", "missing_scope"),
    "the app is not in the channel": lambda slack: slack.refuses("conversations.history", "not_in_channel"),
    "the channel is gone": lambda slack: slack.refuses("conversations.history", "channel_not_found"),
}


@pytest.mark.parametrize("goes_wrong", NOWHERE.values(), ids=NOWHERE)
async def test_where_slack_does_not_let_it_look_nobody_can(
    sender: SlackSender, slack: FakeSlack, goes_wrong: Callable[[FakeSlack], None]
) -> None:
    goes_wrong(slack)

    with pytest.raises(NoHistory):
        await sender.find(CHANNEL, ["one"], LONG_AGO)


async def test_what_one_person_sees_in_a_channel_cannot_be_looked_for(sender: SlackSender, slack: FakeSlack) -> None:
    with pytest.raises(NoHistory):
        await sender.find(Destination("slack", "C1", only_for="U1"), ["one"], LONG_AGO)

    assert slack.asked == []


async def test_an_app_that_may_not_look_does_not(slack: FakeSlack) -> None:
    sender = SlackSender(AsyncWebClient(TOKEN, slack.url, retry_handlers=[]), history=False)

    with pytest.raises(NoHistory):
        await sender.find(CHANNEL, ["one"], LONG_AGO)

    assert slack.asked == []


NOT_NOW: dict[str, Callable[[FakeSlack], None]] = {
    "it is busy": lambda slack: slack.busy_until(seconds=7),
    "it is broken": lambda slack: slack.breaks("conversations.history"),
    "its token is revoked": lambda slack: slack.refuses("conversations.history", "token_revoked"),
}


@pytest.mark.parametrize("goes_wrong", NOT_NOW.values(), ids=NOT_NOW)
async def test_a_slack_that_cannot_be_read_now_is_read_later(
    sender: SlackSender, slack: FakeSlack, goes_wrong: Callable[[FakeSlack], None]
) -> None:
    goes_wrong(slack)

    with pytest.raises(TryLater):
        await sender.find(CHANNEL, ["one"], LONG_AGO)
