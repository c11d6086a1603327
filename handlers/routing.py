"""What a route is: one thing that the bot does, how it is reached, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from db.people import Role

if TYPE_CHECKING:
    from handlers.context import Context, Request
    from handlers.messages import Reply

EVERYONE: frozenset[Role] = frozenset()
_NOTHING = re.compile(r"")


class Kind(Enum):
    """How a route is reached."""

    VERB = "typed"
    BUTTON = "pressed"
    FORM = "sent"


@dataclass(frozen=True, slots=True)
class Route:
    """One thing the bot can do, and who may.

    `roles` empty means everyone, strangers included. `takes` is what may follow the verb: words that do
    not fit are a question, so that "contact lens" is never taken for the verb `contact`. `procedural` is a form
    in which the secretariat says what to do when a child is harmed: words of harm in its fields do not stop it,
    details of a child still do. `names` and `days` are the boxes of a form in which nothing stands but the name of
    somebody at work, or a day: that alone names no family. Everything else in them is judged as anywhere.
    `open`: what it answers is for everybody, so that it may stand in a channel where everything is read by all.
    `unrecorded`: nobody can tell afterwards that it was used. It is neither counted nor logged nor queued.
    """

    name: str
    handler: Callable[[Context, Request], Reply]
    kind: Kind
    roles: frozenset[Role] = EVERYONE
    help: str = ""
    takes: re.Pattern[str] = _NOTHING
    procedural: bool = False
    names: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    unrecorded: bool = False
    open: bool = False

    def admits(self, roles: frozenset[Role]) -> bool:
        """Say whether somebody with these roles may use the route."""
        return not self.roles or bool(self.roles & roles)
