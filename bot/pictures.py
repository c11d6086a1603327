"""Pictures in cards: each behind a signed address that is good for an hour, because chat platforms fetch them."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.pages.safety import SafetyHeaders
from handlers import heatmap
from handlers.context import UserError

_GONE = 410


def routes(dispatcher: Dispatcher) -> list[BaseRoute]:
    """Return the route of the pictures, for every server that people's chats can reach."""
    page = _Pictures(dispatcher)
    return [Route("/pictures/{token}.png", page.show, methods=["GET"], middleware=[Middleware(SafetyHeaders)])]


class _Pictures:
    """Looks addresses up through the dispatcher. It lives as long as the server."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    async def show(self, request: Request) -> Response:
        """Give the picture as often as somebody looks, until it expires."""
        token = request.path_params["token"]
        try:
            found = await self._dispatcher.in_transaction(lambda context: heatmap.picture(context, token))
        except UserError as error:
            return PlainTextResponse(f"{error} {error.hint}\n", status_code=_GONE)
        return Response(found, media_type="image/png")
