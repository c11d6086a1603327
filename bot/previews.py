"""The page that shows a bulletin as each platform will: in Slack, in Teams, as an e-mail and as its plain text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.email import render as mails
from bot.pages.linked import Linked
from bot.pages.safety import POLICY, SafetyHeaders
from bot.slack import drawing
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.bulletins import preview
from handlers.bulletins.preview import Preview
from handlers.context import UserError
from handlers.messages import Card

# an e-mail brings its own style with it; it stands in a frame that can run nothing
_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


@dataclass(frozen=True, slots=True)
class _Part:
    """One message as each platform shows it."""

    slack: Markup
    to_slack: str
    to_teams: str
    html: str
    text: str
    subject: str


def routes(dispatcher: Dispatcher) -> list[BaseRoute]:
    """Return the route of the page. It needs `/look`, which the download page brings."""
    page = _Page(dispatcher)
    return [Route("/previews/{token}", page.show, methods=["GET"], middleware=[Middleware(SafetyHeaders)])]


class _Page(Linked):
    """Shows what a link leads to, as often as somebody looks."""

    headers = MappingProxyType({"Content-Security-Policy": _POLICY})

    async def show(self, request: Request) -> Response:
        """Show the bulletin of a link, as often as somebody looks until it expires."""
        token = request.path_params["token"]
        try:
            found = await self._dispatcher.in_transaction(lambda context: preview.read(context, token))
        except UserError as error:
            return self._gone(error)
        return self._drawn(found)

    def _drawn(self, found: Preview) -> Response:
        links = mails.Links(partnership=self._dispatcher.house.partnership)
        return self._html("preview.html", found=found, parts=[_part(card, links) for card in found.cards])


def _part(card: Card, links: mails.Links) -> _Part:
    mail = mails.mail(card, links=links)
    to_slack, to_teams = _json(slack.message(card)), _json(teams.message(card))
    return _Part(drawing.drawn(card), to_slack, to_teams, mail.html, mail.text, mail.subject)


def _json(message: object) -> str:
    return json.dumps(message, ensure_ascii=False, indent=2)
