"""The whole server with a mail server in its settings: it sends what is queued and answers the links."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx

from bot import app
from bot.settings import Settings
from db import deliveries
from handlers.context import Context
from handlers.messages import Card, Text, card_to_json
from tests.email.conftest import ADDRESS, ROBIN
from tests.email.fake_smtp import FakeMailServer


async def test_a_server_with_a_mail_server_sends_and_answers_its_links(
    tmp_path: Path, mail_server: FakeMailServer
) -> None:
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/thscp.db",
        public_url="https://bot.example",
        smtp_url=f"smtp://127.0.0.1:{mail_server.port}?starttls=none",
        mail_from="Safeguarding <bot@bot.example>",
    )
    server = app.production(settings)

    def queue(context: Context) -> bool:
        card = card_to_json(Card("Monthly bulletin", (Text("About [neglect](kb:neglect)."),)))
        return deliveries.put(
            context.session, key="test:1", kind="monthly", card=card, destinations=[ROBIN], now=context.now
        )

    async with server.running() as asgi:
        await server.dispatcher.in_transaction(queue)
        async with asyncio.timeout(20):
            await mail_server.arrived.wait()
        (message,) = mail_server.received
        link = re.search(r"https://bot\.example(/mail/do/\S+?)[)>\s]", message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert link
        async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="https://bot.example") as browser:
            page = await browser.get(link[1])

    assert message["To"] == ADDRESS
    assert (page.status_code, "Nothing has happened yet" in page.text) == (200, True)
