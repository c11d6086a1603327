"""Slack: what arrives, what is shown, what is sent. `build` gives the adapter.

The adapter is imported when it is built: drawing a card as Slack would be sent it needs none of Slack's libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.dispatcher import Dispatcher
    from bot.settings import Settings
    from bot.slack.adapter import Slack


def build(dispatcher: Dispatcher, settings: Settings) -> Slack:
    """Return Slack's adapter. Raises StartupError when the settings give it no way in."""
    from bot.slack import adapter  # noqa: PLC0415 - Slack's libraries take 300 ms to import

    return adapter.build(dispatcher, settings)
