"""An outbox, the platform that it sends to, and the clock by which it waits."""

from __future__ import annotations

import pytest

from bot.outbox import Outbox
from tests.bot.chat import Chat, Seconds
from tests.fakes import Bot


@pytest.fixture
def chat() -> Chat:
    """Give a platform to send to."""
    return Chat()


@pytest.fixture
def seconds() -> Seconds:
    """Give a clock that nobody sets and that only goes on when the test says so."""
    return Seconds()


@pytest.fixture
def outbox(bot: Bot, chat: Chat, seconds: Seconds) -> Outbox:
    """Give an outbox that believes its database."""
    return Outbox(bot.dispatcher, [chat], monotonic=seconds)
