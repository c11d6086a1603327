"""The page behind a download link: looking at it uses nothing up, the button gives the file once."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.pages import look
from bot.pages.linked import Linked
from bot.pages.safety import SafetyHeaders
from handlers import downloads
from handlers.context import UserError


def routes(dispatcher: Dispatcher) -> list[BaseRoute]:
    """Return the routes of the download page, for every server that gives out links."""
    page = _Page(dispatcher)
    return [
        Route("/files/{token}", page.show, methods=["GET"], middleware=[Middleware(SafetyHeaders)]),
        Route("/files/{token}", page.give, methods=["POST"], middleware=[Middleware(SafetyHeaders)]),
        look.assets("/look", "bot.pages"),
    ]


class _Page(Linked):
    """Shows what a link is good for, and gives its file once."""

    async def show(self, request: Request) -> Response:
        """Show the button while the link is good. A programme that only previews links takes nothing."""
        token = request.path_params["token"]
        try:
            purpose = await self._dispatcher.in_transaction(lambda context: downloads.shown(context, token))
        except UserError as error:
            return self._gone(error)
        return self._html("download.html", title=purpose.title)

    async def give(self, request: Request) -> Response:
        """Give the file, once."""
        token = request.path_params["token"]
        try:
            file = await self._dispatcher.in_transaction(lambda context: downloads.fetch(context, token))
        except UserError as error:
            return self._gone(error)
        return Response(
            file.content,
            media_type=file.media_type,
            headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
        )
