"""What a machine can tell about who can read an e-mail and use its pages: axe-core, widths, text that grows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from bot import downloads
from bot.email.links import Pages
from bot.email.render import mail
from bot.email.web import routes
from bot.server import Server
from handlers import mailing as handling
from tests.email.cards import CARDS, LINKS
from tests.email.conftest import ROBIN, Mailing
from tests.playground.conftest import chromium  # noqa: F401 - a fixture
from tests.playground.screen import small_targets, sticks_out, violations
from tests.playground.served import free_socket, serving

pytestmark = pytest.mark.browser
LOOKS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 320)}


@pytest.mark.parametrize("name", CARDS)
def test_axe_finds_nothing_in_an_e_mail_and_nothing_sticks_out(chromium: Browser, name: str) -> None:  # noqa: F811
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())  # no picture is fetched: it has to be readable without
    page.set_content(mail(CARDS[name], links=LINKS).html)

    found = {}
    for look, (scheme, width) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        found[look] = [*violations(page), *sticks_out(page)]
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
    width = page.evaluate("document.querySelector('main').getBoundingClientRect().width")
    context.close()

    assert found == {look: [] for look in LOOKS}
    assert size >= 16
    assert width <= 600


def test_axe_finds_nothing_on_the_pages_behind_the_links(chromium: Browser, mailing: Mailing) -> None:  # noqa: F811
    listening, url = free_socket()
    pages = Pages(url, "The invented partnership", "secretariat@bot.example", ("Slack",))
    mailing.enrols()
    delivery = mailing.queues(CARDS["short"])
    card = CARDS["everything"]
    prepared = mailing.dispatcher.within(lambda context: handling.prepare(context, ROBIN, card, delivery_id=delivery))
    topic = f"/mail/do/{prepared.pressed['ask.topic', 'neglect']}"
    server = Server(mailing.dispatcher, [], [*routes(mailing.dispatcher, pages), *downloads.routes(mailing.dispatcher)])
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    found = {}

    def look(name: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[name] = [*violations(page), *sticks_out(page), *small_targets(page)]

    with serving(server, listening):
        page.goto(f"{url}{topic}")
        look("before a button is pressed")
        page.get_by_role("button").click()
        look("after it was pressed")
        page.goto(f"{url}/mail/stop/{prepared.unsubscribe}")
        look("before e-mails are stopped")
        page.get_by_role("button", name="Stop these e-mails").click()
        look("after they were stopped")
        page.get_by_role("button", name="Send them again").click()
        look("after they were started again")
        page.goto(f"{url}/mail/do/none")
        look("a link that does not work")
        context.close()

    assert [name for name, wrong in found.items() if wrong] == [], found
    assert len(found) == 6
