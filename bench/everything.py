"""Every platform switched on at once, and the stand-ins of this machine that they reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.slack import SECRET, TOKEN, slack_that_knows_us
from tests.teams.fake_microsoft import CLIENT, HOME, FakeMicrosoft, listening
from tests.teams.fake_microsoft import SECRET as CLIENT_SECRET


def settings(slack: str, microsoft: str) -> dict[str, str]:
    """Return the settings for Slack, Teams and e-mail. No e-mail is sent, so there is no mail server behind it."""
    return {
        "slack_bot_token": TOKEN, "slack_signing_secret": SECRET, "slack_api_url": slack,
        "teams_client_id": CLIENT, "teams_client_secret": CLIENT_SECRET, "teams_tenant_ids": HOME,
        "teams_login_url": microsoft, "teams_graph_url": microsoft,
        "teams_keys_url": f"{microsoft}/v1/.well-known/openidconfiguration",
        "smtp_url": "smtp://127.0.0.1:9", "mail_from": "Safeguarding <bot@example.org>",
        "public_url": "https://bot.example",
    }  # fmt: skip


def environment(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return settings as variables of the environment."""
    return {f"THSCP_{name.upper()}": value for name, value in chosen.items()}


@contextmanager
def reachable() -> Iterator[dict[str, str]]:
    """Give the settings, with Slack and Microsoft answering beside whoever measures."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    microsoft = FakeMicrosoft()

    async def answer() -> None:
        async with listening(microsoft):
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(answer(),))
    with slack_that_knows_us() as slack:
        thread.start()
        ready.wait()
        try:
            yield settings(slack, microsoft.url)
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()
            loop.close()
