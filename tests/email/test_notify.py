"""What becomes of an e-mail at GOV.UK Notify, through Notify's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.email import notify_body
from bot.email.notify import Notify, NotifySender, Returns, UncertainError
from bot.email.render import Links
from bot.sending import TryLater, Undeliverable
from db.deliveries import Destination
from db.people import Role
from handlers.messages import Button, Card, Divider, Facts, Heading, Image, Link, Note, Table, Text, Tone
from tests.email.conftest import ADDRESS, PAGES, ROBIN, Mailing
from tests.email.fake_notify import FakeNotify, serving
from tests.fakes import said

KEY = "test-00000000-0000-4000-8000-000000000001-00000000-0000-4000-8000-000000000002"
CARD = Card("Monthly bulletin", (Text("Read this."),), (Button("I have read this", "help.show"),))


@pytest.fixture
def notify() -> Iterator[FakeNotify]:
    """Give a Notify that does what Notify does, until it is told otherwise."""
    with serving(FakeNotify()) as running:
        yield running


@pytest.fixture
async def client(notify: FakeNotify) -> AsyncIterator[Notify]:
    """Give what asks it."""
    asking = Notify(KEY, notify.url)
    yield asking
    asking.close()


@pytest.fixture
def sender(mailing: Mailing, client: Notify) -> NotifySender:
    """Give what sends through it."""
    return NotifySender(mailing.dispatcher, client, "template-1", PAGES, per_second=5)


async def test_a_message_goes_with_its_words_its_reference_and_one_click_to_stop_it(
    mailing: Mailing, sender: NotifySender, notify: FakeNotify
) -> None:
    delivery = mailing.queues(CARD)

    message_id = await sender.send(ROBIN, CARD, delivery_id=delivery)

    (sent,) = notify.sent
    assert (sent["id"], sent["reference"], sent["email_address"]) == (message_id, delivery, ADDRESS)
    assert sent["personalisation"]["subject"] == "Monthly bulletin"
    assert "[I have read this](https://bot.example/mail/do/" in sent["personalisation"]["body"]
    assert sent["one_click_unsubscribe_url"].startswith("https://bot.example/mail/stop/")


async def test_a_message_is_found_again_by_its_own_id(mailing: Mailing, sender: NotifySender) -> None:
    delivery, other = mailing.queues(CARD), mailing.queues(CARD)
    message_id = await sender.send(ROBIN, CARD, delivery_id=delivery)

    assert await sender.find(ROBIN, [delivery, other], mailing.clock.now) == {delivery: message_id}


MEANINGS = {
    "too many": (429, TryLater),
    "wrong key": (403, TryLater),
    "no such template": (404, TryLater),
    "not an address": (400, Undeliverable),
    "broken": (500, UncertainError),
    "away": (503, UncertainError),
}


@pytest.mark.parametrize(("status", "meant"), MEANINGS.values(), ids=MEANINGS)
async def test_a_refusal_means_what_notify_documents(
    mailing: Mailing, sender: NotifySender, notify: FakeNotify, status: int, meant: type[Exception]
) -> None:
    notify.refuses(status)

    with pytest.raises(meant) as refused:
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))

    assert ADDRESS not in str(refused.value)


@pytest.mark.parametrize("fault", ["cut", "broken"])
async def test_a_message_that_was_taken_without_a_clear_answer_is_found_and_not_sent_again(
    mailing: Mailing, sender: NotifySender, notify: FakeNotify, fault: str
) -> None:
    delivery = mailing.queues(CARD)
    if fault == "cut":
        notify.hangs_up_after_taking()
    else:
        notify.refuses(500, after_taking=True)

    with pytest.raises(UncertainError):
        await sender.send(ROBIN, CARD, delivery_id=delivery)
    notify.works()

    assert list(await sender.find(ROBIN, [delivery], mailing.clock.now)) == [delivery]


async def test_nobody_at_the_address_of_notify_is_tried_again_later(mailing: Mailing) -> None:
    nobody = Notify(KEY, "http://127.0.0.1:1")
    sender = NotifySender(mailing.dispatcher, nobody, "template-1", PAGES, per_second=5)

    with pytest.raises(TryLater, match="cannot be reached"):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))
    nobody.close()


async def test_looking_that_fails_is_repeated_later(mailing: Mailing, sender: NotifySender, notify: FakeNotify) -> None:
    notify.refuses(500)

    with pytest.raises(TryLater):
        await sender.find(ROBIN, [mailing.queues(CARD)], mailing.clock.now)


async def test_what_is_no_address_never_reaches_notify(
    mailing: Mailing, sender: NotifySender, notify: FakeNotify
) -> None:
    with pytest.raises(Undeliverable):
        await sender.send(Destination("email", "nobody"), CARD, delivery_id=mailing.queues(CARD))

    assert notify.sent == []


# --- what came back --------------------------------------------------------------------------------------------


async def test_a_permanent_failure_is_told_to_the_secretariat_once_and_the_address_is_not_written_to_again(
    mailing: Mailing, sender: NotifySender, client: Notify, notify: FakeNotify
) -> None:
    mailing.enrol(Role.COORDINATOR)
    delivery = mailing.queues(CARD)
    await sender.send(ROBIN, CARD, delivery_id=delivery)
    notify.ends(delivery, "permanent-failure")
    returns = Returns(mailing.dispatcher, client)

    assert [await returns.look(), await returns.look()] == [1, 0]
    await Returns(mailing.dispatcher, client).look()  # another replica hears of it as well

    notices = [one.card for one in mailing.queued() if one.kind == "notice about an e-mail address"]
    assert ["there is no such mailbox" in said(card) for card in notices] == [True]
    with pytest.raises(Undeliverable, match="come back"):
        await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))


async def test_every_page_of_what_came_back_is_read(
    mailing: Mailing, sender: NotifySender, client: Notify, notify: FakeNotify
) -> None:
    places = [Destination("email", f"invented-{number}@agency.example") for number in range(5)]
    for to in places:
        delivery = mailing.queues(CARD, to=to)
        await sender.send(to, CARD, delivery_id=delivery)
        notify.ends(delivery, "permanent-failure")

    assert await Returns(mailing.dispatcher, client).look() == 5


async def test_one_temporary_failure_marks_nothing(
    mailing: Mailing, sender: NotifySender, client: Notify, notify: FakeNotify
) -> None:
    delivery = mailing.queues(CARD)
    await sender.send(ROBIN, CARD, delivery_id=delivery)
    notify.ends(delivery, "temporary-failure")

    await Returns(mailing.dispatcher, client).look()

    assert await sender.send(ROBIN, CARD, delivery_id=mailing.queues(CARD))


async def test_it_asks_at_the_start_and_goes_on_when_notify_was_away(
    mailing: Mailing, client: Notify, notify: FakeNotify
) -> None:
    notify.refuses(503)
    returns = Returns(mailing.dispatcher, client, every=0.01)

    await returns.start()
    await asyncio.to_thread(notify.was_asked, times=3)
    await returns.stop()

    assert notify.asked >= 3


# --- the words -------------------------------------------------------------------------------------------------


def test_every_part_of_a_card_has_a_place_in_what_notify_can_show() -> None:
    card = Card(
        "Title",
        (
            Text(
                "Some **bold** words and [a page](https://site.example/a_(b)).\n\n- one\n- two\n\n1. first\n2. second"
            ),
            Heading("Heading"),
            Divider(),
            Facts((("Name", "Value"),)),
            Table(("Who", "When"), (("Board", "Monday"), ("Forum", "Friday")), more="2 more"),
            Image("https://site.example/p.png", "A chart"),
            Note("Small *print*"),
        ),
        (Link("The website", "https://site.example"), Button("Ask", "x", opens=True)),
        tone=Tone.WARNING,
    )

    shown = notify_body.body(card, Links(partnership="Partnership", unsubscribe="https://bot.example/stop"))

    assert shown == (
        "# Please note: Title\n\n"
        "Some bold words and [a page](https://site.example/a_%28b%29).\n\n* one\n* two\n\n1. first\n2. second\n\n"
        "## Heading\n\n---\n\nName: Value\n\n"
        "Who: Board\nWhen: Monday\n\nWho: Forum\nWhen: Friday\n\n2 more\n\n"
        "[Picture: A chart](https://site.example/p.png)\n\nSmall print\n\n"
        "[The website](https://site.example)\n\n"
        "Do this in Slack, or reply to this e-mail:\n\n* Ask\n\n---\n\nPartnership\n\n"
        "[Stop e-mails of this kind](https://bot.example/stop)"
    )


TYPED = {
    "# no heading": "\\# no heading",
    "* no item": "\\* no item",
    "- no item": "\\- no item",
    "[no](link)": "\\[no\\](link)",
    "3. June": "3\u200b. June",
    "a\n# b": "a\n\\# b",
}


@pytest.mark.parametrize("typed", TYPED)
def test_what_a_person_typed_begins_no_heading_list_or_link(typed: str) -> None:
    assert notify_body.escaped(typed) == TYPED[typed]
