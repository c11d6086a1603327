"""What the pages behind links share: a template with the partnership's name, and the page for a link that is gone."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

from bot.dispatcher import Dispatcher
from bot.pages import look
from handlers.context import UserError

GONE = 410
_TEMPLATES = look.templates("bot.pages")


class Linked:
    """Looks links up through the dispatcher. It lives as long as the server."""

    headers: Mapping[str, str] = {}

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def _gone(self, error: UserError) -> Response:
        return self._html("gone.html", status=GONE, message=str(error), hint=error.hint)

    def _html(self, template: str, *, status: int = 200, **values: object) -> Response:
        page = _TEMPLATES.get_template(template).render(partnership=self._dispatcher.house.partnership, **values)
        return HTMLResponse(page, status_code=status, headers=self.headers)
