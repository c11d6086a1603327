"""Microsoft Teams: what arrives, what is shown, what is sent. `build` gives the adapter.

The adapter is imported when it is built: drawing a card as Teams would be sent it needs none of Microsoft's libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.dispatcher import Dispatcher
    from bot.settings import Settings
    from bot.teams.adapter import Teams


def build(dispatcher: Dispatcher, settings: Settings, *, clock: Clock) -> Teams:
    """Return the adapter of Teams. Its credentials are tried when it is started."""
    from bot.teams import adapter  # noqa: PLC0415 - Microsoft's library takes most of a second to import

    return adapter.build(dispatcher, settings, steady=clock.reading)
