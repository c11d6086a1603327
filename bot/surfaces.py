"""What each platform could not show of a card: for checks before something is sent to many."""

from __future__ import annotations

from types import MappingProxyType

from handlers.context import Surfaces
from handlers.messages import Card


def every() -> Surfaces:
    """Return the platforms that messages are made for, by the names that people know them by.

    All of them, with or without credentials: what is approved today may go to one that is switched on tomorrow.
    """
    return _EVERY


def _slack(card: Card) -> list[str]:
    from bot.slack import surface  # noqa: PLC0415 - short commands, which check no bulletin, do not pay for it

    return surface.problems(card)


def _teams(card: Card) -> list[str]:
    from bot.teams import surface  # noqa: PLC0415 - as above

    return surface.problems(card)


def _email(card: Card) -> list[str]:
    from bot.email import surface  # noqa: PLC0415 - as above

    return surface.problems(card)


def _no_limit(card: Card) -> list[str]:  # noqa: ARG001 - it takes what it is given
    return []


_EVERY: Surfaces = MappingProxyType(
    {"Slack": _slack, "Microsoft Teams": _teams, "E-mail": _email, "The playground": _no_limit}
)
