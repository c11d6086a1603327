"""What each platform makes of a card or a form: its words, and the routes that it leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from bot.dispatcher import Dispatcher
from bot.playground.render import Renderer
from bot.playground.rooms import Entry
from bot.slack import inputs as slack_inputs
from bot.slack import render as slack
from bot.teams import inputs as teams_inputs
from bot.teams import render as teams
from bot.terminal.chat import Chat
from handlers.context import Request
from handlers.messages import Button, Card, Form, Reply
from tests.playground.visitor import words
from tests.slack.blocks import lint_message, lint_view
from tests.teams.lint import lint_message as lint_teams_message
from tests.teams.lint import lint_task

_WORDS = ("text", "alt_text", "altText", "title", "label", "value", "placeholder", "hint", "url", "image_url")
_PAGE = Renderer(lambda _: (), ZoneInfo("Europe/London"))
_LEADS_TO = re.compile(r'data-(?:press|action)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a platform made of something. `problems` are what the platform would refuse; `whole` what it shows of it."""

    words: str
    routes: frozenset[str]
    problems: tuple[str, ...] = ()
    whole: str = ""


def in_slack(shown: Card | Form) -> Drawn:
    """Draw as Slack is sent it."""
    if isinstance(shown, Form):
        view = slack.modal(shown)
        leads = frozenset({slack_inputs.remembered(view["private_metadata"]).action})
        return Drawn(_said(view), leads, tuple(lint_view(view)), repr(view))
    message = slack.message(shown)
    pressed = {str(one["action_id"]).partition("#")[0] for one in _holding("action_id", message)}
    return Drawn(_said(message), frozenset(pressed), tuple(lint_message(message)), repr(message))


def in_teams(shown: Card | Form) -> Drawn:
    """Draw as Teams is sent it."""
    if isinstance(shown, Form):
        task = teams.dialog(shown)
        forms = [teams_inputs.unpacked(one["form"]) for one in _holding("form", task)]
        leads = frozenset(form.action for form in forms if form)
        return Drawn(_said(task), leads, tuple(lint_task(task)), repr(task))
    message = teams.message(shown)
    pressed = {str(one[name]) for name in ("verb", "do") for one in _holding(name, message)}
    return Drawn(_said(message), frozenset(pressed), tuple(lint_teams_message(message)), repr(message))


def on_the_page(shown: Card | Form) -> Drawn:
    """Draw as the playground shows it."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    page = _PAGE.form(shown) if isinstance(shown, Form) else _PAGE.entry(Entry(1, 1, at, shown))
    attributes = " ".join(re.findall(r'(?:alt|href|src|value)="([^"]*)"', page))
    return Drawn(f"{words(page)} {attributes}", frozenset(_LEADS_TO.findall(page)), whole=str(page))


class _Echo:
    """Stands for the dispatcher: it shows one thing again and again, and notes what was asked of it."""

    def __init__(self, shown: Card | Form) -> None:
        self._shown: Card | Form = shown
        self.routes: list[str] = []

    def run(self, request: Request) -> Reply | None:
        """Note a request."""
        self.routes.append(request.route)
        return Card("Sent") if isinstance(self._shown, Form) and request.route else self._shown


def in_the_terminal(shown: Card | Form) -> Drawn:
    """Draw as the terminal prints it, and press every number, or press Enter at every box."""
    echo, printed = _Echo(shown), list[str]()
    lines = [""] * len(shown.fields) if isinstance(shown, Form) else [str(at) for at, _ in _pressable(shown)]
    Chat(cast("Dispatcher", echo), "stranger", printed.append).run(lines)
    routes = frozenset(filter(None, echo.routes))
    return Drawn("\n".join(printed), routes, whole="\n".join(printed))


def _pressable(card: Card) -> Iterator[tuple[int, Button]]:
    return ((at, one) for at, one in enumerate(card.actions, 1) if isinstance(one, Button))


PLATFORMS: Mapping[str, Callable[[Card | Form], Drawn]] = {
    "slack": in_slack,
    "teams": in_teams,
    "playground": on_the_page,
    "terminal": in_the_terminal,
}


def _said(thing: Any) -> str:
    return "\n".join(_strings(thing))


def _strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, Mapping):
        for name, value in thing.items():
            if isinstance(value, str) and name in _WORDS:
                yield value
            else:
                yield from _strings(value)
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from _strings(one)


def _holding(name: str, thing: Any) -> Iterator[Mapping[str, Any]]:
    """Give every mapping that has a key of this name."""
    if isinstance(thing, Mapping):
        if name in thing:
            yield thing
        for value in thing.values():
            yield from _holding(name, value)
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from _holding(name, one)
