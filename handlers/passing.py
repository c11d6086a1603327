"""From one feature to another by the table of routes, for what spans them, under the rights of that route."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from handlers import access
from handlers.context import Context, Request
from handlers.messages import MAX_BUTTONS, Button, Reply


def to(context: Context, request: Request, route: str, value: str) -> Reply:
    """Answer as if a button had been pressed that carries this. Raises UserError for whom the route is not."""
    found = context.routes[route]
    if not found.admits(context.actor.roles):
        raise access.not_found()
    return found.handler(context, replace(request, route=route, text="", value=value, fields={}))


def able(context: Context, buttons: Iterable[Button]) -> tuple[Button, ...]:
    """Return the buttons that the one who asks may press, as many as a card shows."""
    mine = [one for one in buttons if context.routes[one.action].admits(context.actor.roles)]
    return tuple(mine[:MAX_BUTTONS])
