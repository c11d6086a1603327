"""Microsoft Teams in the proof: the login, the keys, the connector and Graph of the tests, where things go wrong."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.teams.chats import base
from bot.teams.sender import MARK
from tests.crash.journal import PAGE, Journal
from tests.crash.places import GONE
from tests.teams.fake_microsoft import FakeMicrosoft

Json = dict[str, Any]

BOT_SCOPE, GRAPH_SCOPE = "https://api.botframework.com/.default", "https://graph.microsoft.com/.default"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as Graph keeps it."""

    id: str
    at: datetime
    activity: Json

    def shown(self) -> Json:
        """Return it as Graph does: cards are text in it."""
        at = self.at.isoformat(timespec="milliseconds")
        attached = [
            {"contentType": one["contentType"], "content": json.dumps(one["content"])}
            for one in self.activity["attachments"]
        ]
        return {"id": self.id, "createdDateTime": at, "lastModifiedDateTime": at, "attachments": attached}


class Connector(FakeMicrosoft):
    """The conversations of Teams. It lives as long as the process, and gives tokens and chats as the one of the tests.

    `forgets` makes Graph say that nothing was ever posted.
    """

    def __init__(self, journal: Journal, *, forgets: bool = False) -> None:
        super().__init__()
        self._journal = journal
        self._forgets = forgets
        self._messages: dict[str, list[Message]] = defaultdict(list)
        self._stamps = itertools.count(1_700_000_000_001)

    def routes(self) -> list[web.RouteDef]:
        """Return what it answers."""
        conversation = "/teams/v3/conversations"
        channel = "/v1.0/teams/{team}/channels/{channel}/messages"
        return [
            web.post("/{tenant}/oauth2/v2.0/token", self.login),
            web.get("/v1/.well-known/keys", self.keys),
            web.post(conversation, self.open),
            web.post(f"{conversation}/{{conversation}}/activities", self.post),
            web.get("/teams/v3/teams/{team}", self.group),
            web.get(channel, self.graph),
            web.get(f"{channel}/{{message}}/replies", self.graph),
        ]

    async def post(self, request: web.Request) -> web.Response:
        """Take an activity, or not."""
        self._authorised(request, BOT_SCOPE)
        conversation = request.match_info["conversation"]
        try:
            activity = await request.json()
        except ConnectionResetError:
            return web.Response()  # the bot was killed while it spoke
        if conversation == GONE["teams"]:
            return web.json_response({"error": {"code": "ConversationNotFound"}}, status=404)
        return await self._journal.post(request, base(conversation), lambda: self._taken(conversation, activity))

    def _taken(self, conversation: str, activity: Json) -> web.Response:
        mark = str(activity["attachments"][0]["content"]["body"][0].get("id", ""))
        self._journal.accept(mark.removeprefix(MARK), base(conversation))
        posted = Message(str(next(self._stamps)), datetime.now(UTC), activity)
        self._messages[conversation].append(posted)
        return web.json_response({"id": posted.id}, status=201)

    async def graph(self, request: web.Request) -> web.Response:
        """Show the messages of a channel, or the answers to one of them, the newest first, a page at a time."""
        self._authorised(request, GRAPH_SCOPE)
        self._journal.calls["graph"] += 1
        return await self._journal.look(request, lambda: web.json_response(self._page(request)))

    def _page(self, request: web.Request) -> Json:
        place, start = request.match_info, int(request.query.get("skip", "0"))
        thread = f";messageid={place['message']}" if "message" in place else ""
        found = [] if self._forgets else self._messages[place["channel"] + thread][::-1]
        page: Json = {"value": [message.shown() for message in found[start : start + PAGE]]}
        if start + PAGE < len(found):
            page["@odata.nextLink"] = str(request.url.with_query(skip=start + PAGE))
        return page
