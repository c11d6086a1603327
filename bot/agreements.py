"""The page on which a manager without an account agrees to a place in training: looking at it decides nothing."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.pages import cards
from bot.pages.linked import Linked
from bot.pages.safety import SafetyHeaders
from handlers.booking import agreeing
from handlers.booking.agreeing import PAGE
from handlers.context import UserError

_AGREE, _DECLINE = "agree", "decline"


def routes(dispatcher: Dispatcher) -> list[BaseRoute]:
    """Return the routes of the page. They need `/look`, which the download page brings."""
    page = _Page(dispatcher)
    return [
        Route(f"{PAGE}{{token}}", page.show, methods=["GET"], middleware=[Middleware(SafetyHeaders)]),
        Route(f"{PAGE}{{token}}/{_AGREE}", page.agree, methods=["POST"], middleware=[Middleware(SafetyHeaders)]),
        Route(f"{PAGE}{{token}}/{_DECLINE}", page.decline, methods=["POST"], middleware=[Middleware(SafetyHeaders)]),
    ]


class _Page(Linked):
    """Shows what a manager is asked, and takes their answer once."""

    async def show(self, request: Request) -> Response:
        """Show who asks for what, and the two buttons. Mail programs that follow links decide nothing."""
        token = request.path_params["token"]
        try:
            asked = await self._dispatcher.in_transaction(lambda context: agreeing.shown(context, token))
        except UserError as error:
            return self._gone(error)
        agree, decline = f"{PAGE}{token}/{_AGREE}", f"{PAGE}{token}/{_DECLINE}"
        return self._html("agree.html", asked=asked, agree=agree, decline=decline)

    async def agree(self, request: Request) -> Response:
        """Agree, once."""
        return await self._answered(request, agrees=True)

    async def decline(self, request: Request) -> Response:
        """Decline, once."""
        return await self._answered(request, agrees=False)

    async def _answered(self, request: Request, *, agrees: bool) -> Response:
        token = request.path_params["token"]
        try:
            card = await self._dispatcher.in_transaction(
                lambda context: agreeing.by_link(context, token, agrees=agrees)
            )
        except UserError as error:
            return self._gone(error)
        return HTMLResponse(cards.page(card, partnership=self._dispatcher.house.partnership))
