"""Private calendars: what calendar programmes fetch by themselves, behind an address that nobody can guess."""

from __future__ import annotations

import hashlib

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.pages.safety import SafetyHeaders
from handlers.calendars import feed, single

_UNCHANGED, _NOT_FOUND = 304, 404
_KEPT = "private, no-cache"  # by the one programme that asked, which asks each time whether it changed


def routes(dispatcher: Dispatcher) -> list[BaseRoute]:
    """Return the route of the calendars, for every server that people's calendar programmes can reach."""
    page = _Calendars(dispatcher)
    return [Route("/calendar/{token}.ics", page.show, methods=["GET"], middleware=[Middleware(SafetyHeaders)])]


class _Calendars:
    """Looks addresses up through the dispatcher. It lives as long as the server."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    async def show(self, request: Request) -> Response:
        """Give the calendar of an address, or say that it has not changed since it was given."""
        token = request.path_params["token"]
        found = await self._dispatcher.in_transaction(lambda context: feed.read(context, token))
        if found is None:
            return PlainTextResponse("There is no calendar at this address.\n", status_code=_NOT_FOUND)
        tag = f'"{hashlib.sha256(found).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": _KEPT}
        if _has(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=_UNCHANGED, headers=headers)
        return Response(found, media_type=single.CALENDAR, headers=headers)


def _has(asked: str, tag: str) -> bool:
    """Say whether a programme has this version already (RFC 9110, 13.1.2)."""
    return asked.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in asked.split(",")}
