"""The pages behind the links of an e-mail, from the message that arrived to what was done."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from bot.email import web
from bot.email.flowed import unflowed
from bot.email.sender import SmtpSender
from bot.sending import Undeliverable
from db import bulletins, keys, people, subscriptions
from db.deliveries import Destination
from db.engine import transaction
from db.people import Identity, Role
from handlers.messages import Button, Card, Link, Text
from tests.email.conftest import ADDRESS, PAGES, ROBIN, Mailing
from tests.email.fake_smtp import FakeMailServer

CARD = Card(
    "Monthly bulletin",
    (Text("More on [neglect](kb:neglect)."),),
    (
        Button("What can I do", "help.show"),
        Button("How it goes", "status.show"),
        Button("Ask the secretariat", "enquiries.ask", opens=True),
        Link("The website", "https://site.example/page"),
    ),
)


@pytest.fixture
async def browser(mailing: Mailing) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser without scripts, on the address of the pages."""
    app = Starlette(routes=web.routes(mailing.dispatcher, PAGES))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as client:
        yield client


class Reader:
    """Sends a card by e-mail and finds its links: `await reader.gets(card)`, `reader.link("What can I do")`."""

    def __init__(self, mailing: Mailing, sender: SmtpSender, server: FakeMailServer) -> None:
        self._mailing, self._sender, self._server = mailing, sender, server
        self.html = self.text = self.unsubscribe = ""

    async def gets(self, card: Card = CARD, *, kind: str = "monthly", to: Destination = ROBIN, key: str = "") -> None:
        """Be sent a card."""
        await self._sender.send(to, card, delivery_id=self._mailing.queues(card, kind=kind, to=to, key=key))
        message = self._server.received[-1]
        plain, html = message.iter_parts()
        self.text, self.html = unflowed(plain.get_content().replace("\r\n", "\n")), html.get_content()
        self.unsubscribe = str(message["List-Unsubscribe"] or "").strip("<>")

    def link(self, label: str) -> str:
        """Return where a link leads that is labelled so."""
        found = re.search(rf'<a href="([^"]+)">{re.escape(label)}</a>', self.html)
        assert found, f"no link '{label}'"
        return found[1]


@pytest.fixture
def reader(mailing: Mailing, sender: SmtpSender, mail_server: FakeMailServer) -> Reader:
    """Give somebody who reads e-mails."""
    return Reader(mailing, sender, mail_server)


def once(page: str) -> dict[str, str]:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return {"once": found[1]}


# --- buttons ---------------------------------------------------------------------------------------------------


async def test_a_button_of_an_e_mail_does_nothing_when_looked_at_and_its_deed_when_pressed(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    mailing.enrols(name="Robin Invented")
    await reader.gets()

    looked = await browser.get(reader.link("What can I do"))
    pressed = await browser.post(reader.link("What can I do"), data=once(looked.text))

    assert looked.status_code == pressed.status_code == 200
    assert "Nothing has happened yet" in looked.text
    assert "Robin Invented" in looked.text
    assert "neglect" in pressed.text.lower() or "ask" in pressed.text.lower()
    assert "default-src 'none'" in pressed.headers["Content-Security-Policy"]


async def test_what_a_page_shows_leads_on_to_the_next_steps(reader: Reader, browser: httpx.AsyncClient) -> None:
    await reader.gets()
    topic = reader.link("neglect")
    shown = await browser.post(topic, data=once((await browser.get(topic)).text))

    assert "Do the first thing about" in shown.text
    helped = re.search(r'href="(https://bot\.example/mail/do/[^"]+)">This helped', shown.text)
    assert helped
    voted = await browser.post(helped[1], data=once((await browser.get(helped[1])).text))
    assert "Thank you" in voted.text


async def test_sending_a_page_twice_does_its_deed_once(reader: Reader, browser: httpx.AsyncClient) -> None:
    await reader.gets()
    fields = once((await browser.get(reader.link("What can I do"))).text)
    await browser.post(reader.link("What can I do"), data=fields)

    again = await browser.post(reader.link("What can I do"), data=fields)

    assert "That was done already" in again.text


async def test_a_link_gives_no_right_that_the_person_has_not_when_it_is_used(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    mailing.enrols()
    await reader.gets()

    refused = await browser.post(
        reader.link("How it goes"), data=once((await browser.get(reader.link("How it goes"))).text)
    )
    mailing.enrols(ADDRESS, Role.COORDINATOR)
    shown = await browser.post(
        reader.link("How it goes"), data=once((await browser.get(reader.link("How it goes"))).text)
    )

    assert "I cannot show you that" in refused.text
    assert "I cannot show you that" not in shown.text


async def test_what_needs_a_form_says_where_to_do_it_and_links_keep_their_words(reader: Reader) -> None:
    await reader.gets()

    assert "Do this in Slack, or by a reply to secretariat@bot.example:" in reader.text
    assert "• Ask the secretariat" in reader.text
    assert reader.link("The website") == "https://site.example/page"


async def test_a_link_holds_no_address(reader: Reader) -> None:
    await reader.gets()

    for url in (reader.link("What can I do"), reader.unsubscribe):
        payload = url.split(".")[-2]
        assert b"agency.example" not in base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


BAD = {
    "changed": lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
    "cut off": lambda url: url[:-20],
    "made up": lambda url: url.rpartition("/")[0] + "/1.WyJwcmVzcyJd.AAAA",
    "no token": lambda url: url.rpartition("/")[0] + "/x",
    "very long": lambda url: url.rpartition("/")[0] + "/" + "1" * 5000,
    "another purpose": lambda url: url.replace("/mail/do/", "/mail/stop/"),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
async def test_a_link_that_was_changed_gets_a_plain_page_that_says_what_to_do(
    reader: Reader, browser: httpx.AsyncClient, spoil: object
) -> None:
    await reader.gets()
    assert callable(spoil)
    url = spoil(reader.link("What can I do"))

    for answer in (await browser.get(url), await browser.post(url, data={"once": "1"})):
        assert answer.status_code == 410
        assert "Open it again from the e-mail itself" in answer.text


async def test_a_link_expires_and_one_that_needs_rights_sooner(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    await reader.gets()

    mailing.clock.pass_(days=8)
    assert (await browser.get(reader.link("How it goes"))).status_code == 410
    assert (await browser.get(reader.link("What can I do"))).status_code == 200
    mailing.clock.pass_(days=60)
    gone = await browser.get(reader.link("What can I do"))

    assert "This link has expired" in gone.text


async def test_links_outlive_a_new_key_unless_the_old_ones_are_retired(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    await reader.gets()
    with transaction(mailing.engine) as session:
        keys.rotate(session, now=mailing.clock.now)
    assert (await browser.get(reader.link("What can I do"))).status_code == 200

    with transaction(mailing.engine) as session:
        keys.rotate(session, now=mailing.clock.now, at_once=True)
    assert (await browser.get(reader.link("What can I do"))).status_code == 410
    await reader.gets()
    assert (await browser.get(reader.link("What can I do"))).status_code == 200


async def test_a_form_that_is_too_long_is_refused(reader: Reader, browser: httpx.AsyncClient) -> None:
    await reader.gets()

    answer = await browser.post(reader.link("What can I do"), content=b"once=" + b"x" * 10_000)

    assert answer.status_code == 413


# --- unsubscribing ---------------------------------------------------------------------------------------------


def wants(mailing: Mailing, who: Identity, kind: str = "monthly") -> bool:
    with transaction(mailing.engine) as session:
        person_id = people.find(session, who, on=mailing.clock.now.date()).person_id
        return person_id is not None and subscriptions.wants(session, person_id, kind)


async def test_looking_at_the_page_stops_nothing_the_button_does_and_there_is_a_way_back(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    robin = mailing.enrols()
    await reader.gets()

    looked = await browser.get(reader.unsubscribe)
    assert "Stop these e-mails?" in looked.text
    assert "Monthly bulletin" in looked.text
    assert wants(mailing, robin)

    stopped = await browser.post(reader.unsubscribe)
    assert "These e-mails are stopped" in stopped.text
    assert not wants(mailing, robin)
    assert wants(mailing, robin, "quarterly")

    back = re.search(r'action="([^"]+)"', stopped.text)
    assert back
    started = await browser.post(back[1])
    assert "You will get these e-mails" in started.text
    assert wants(mailing, robin)


async def test_a_mail_program_stops_them_by_one_click_and_twice_is_harmless(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    robin = mailing.enrols()
    await reader.gets()

    for _ in range(2):
        answer = await browser.post(reader.unsubscribe, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    assert not wants(mailing, robin)
    assert len([row for row in mailing.audited() if row.action == "chose what to be sent"]) == 1


async def test_a_bulletin_is_stopped_under_the_kind_that_people_chose(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    robin = mailing.enrols()
    with transaction(mailing.engine) as session:
        author = people.find(session, robin, on=mailing.clock.now.date()).person_id
        now = mailing.clock.now
        made = bulletins.begin(
            session, year=2026, kind="safeguarding-month", title="Week one", sections={}, audience={},
            author_id=author, changed_by=author, created_at=now, changed_at=now,
        )  # fmt: skip
        ref = made.ref
    await reader.gets(kind="bulletin", key=f"bulletin:{ref}:v1")

    await browser.post(reader.unsubscribe)

    assert not wants(mailing, robin, "weekly")


async def test_a_statutory_kind_says_that_it_is_always_sent_and_why(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    robin = mailing.enrols()
    await reader.gets(kind="statutory-reminder")

    answer = await browser.post(reader.unsubscribe)

    assert "A missed one would break a legal duty." in reader.text
    assert "always sent" in answer.text
    assert "A missed one would break a legal duty." in answer.text
    assert wants(mailing, robin, "statutory-reminder")


async def test_a_shared_mailbox_that_stopped_a_kind_is_not_sent_it_any_more(
    reader: Reader, browser: httpx.AsyncClient
) -> None:
    await reader.gets()
    stop = reader.unsubscribe
    await browser.post(stop)

    with pytest.raises(Undeliverable, match="does not want"):
        await reader.gets()
    await browser.post(stop.replace("/mail/stop/", "/mail/start/"))
    await reader.gets()

    assert reader.unsubscribe


async def test_an_answer_or_a_notice_cannot_be_unsubscribed_from(reader: Reader) -> None:
    await reader.gets(kind="reply")

    assert reader.unsubscribe == ""
    assert "Stop e-mails" not in reader.text


async def test_an_unsubscribe_link_works_for_a_year_and_then_says_what_to_do(
    mailing: Mailing, reader: Reader, browser: httpx.AsyncClient
) -> None:
    await reader.gets()

    mailing.clock.now += timedelta(days=365)
    assert (await browser.get(reader.unsubscribe)).status_code == 200
    mailing.clock.now += timedelta(days=36)
    assert (await browser.get(reader.unsubscribe)).status_code == 410
