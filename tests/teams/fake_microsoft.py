"""A stand-in for Microsoft on this machine: the login, the keys, the connector of Teams and Graph."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

Json = dict[str, Any]

CLIENT, HOME, PARTNER = (f"{digit * 8}-2222-4333-8444-555555555555" for digit in "1ab")
SECRET, ISSUER, TOKEN = "invented-secret", "https://api.botframework.com", "invented-token"
LOGIN, KEYS, POST, REPLACE, OPEN, GRAPH = "login", "keys", "post", "replace", "open", "graph"
PAGE = 3  # messages of one page, fewer than Graph gives
GROUP_OF_TEAM = "99999999-2222-4333-8444-555555555555"


@functools.cache
def own_key(_name: str) -> rsa.RSAPrivateKey:
    """Return a private key, made when it is first asked for."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeMicrosoft:
    """Answers like Microsoft and remembers what it was asked.

    `refuses(POST, 429, retry_after=5)`, `hangs(POST)`, `drops(POST)`, `works(POST)`; `posted("a:one")`, `replaced()`,
    `asked(KEYS)`. It signs with `signs_with("another-key")`, which it publishes unless told otherwise.
    """

    def __init__(self) -> None:
        self.url = ""
        self.key = "first-key"
        self.endorsements: list[str] | None = ["msteams", "skype"]
        self.opened: list[Json] = []
        self._asked: list[str] = []
        self._posted: list[tuple[str, Json]] = []
        self._replaced: list[tuple[str, str, Json]] = []
        self._refusals: dict[str, tuple[int, str | None]] = {}
        self._hanging: set[str] = set()
        self._dropping: set[str] = set()
        self._released = asyncio.Event()
        self._numbers = itertools.count(1_700_000_000_001)

    def posted(self, conversation: str = "") -> list[Json]:
        """Return what was posted in a conversation or a thread, or anywhere, oldest first."""
        return [activity for at, activity in self._posted if conversation in ("", at)]

    def places(self) -> list[str]:
        """Return where something was posted, oldest first."""
        return [at for at, _ in self._posted]

    def replaced(self) -> list[tuple[str, str, Json]]:
        """Return what was replaced: in which conversation, which activity, and by what."""
        return list(self._replaced)

    def asked(self, what: str) -> int:
        """Return how often something was asked for."""
        return self._asked.count(what)

    def refuses(self, what: str, status: int, *, retry_after: str | None = None) -> None:
        """Answer with an error from now on."""
        self._refusals[what] = (status, retry_after)

    def hangs(self, what: str) -> None:
        """Take what is asked and not answer until released."""
        self._hanging.add(what)

    def drops(self, what: str) -> None:
        """Take what is asked and cut the connection."""
        self._dropping.add(what)

    def works(self, what: str) -> None:
        """Answer again."""
        self._refusals.pop(what, None)
        self._hanging.discard(what)
        self._dropping.discard(what)

    def releases(self) -> None:
        """Answer whoever waits."""
        self._released.set()

    def signs_with(self, key: str) -> None:
        """Sign and publish another key from now on, as Microsoft does now and then."""
        self.key = key

    def token(self, service_url: str, *, key: str = "", kid: str = "", algorithm: str = "RS256", **changed: Any) -> str:
        """Return what Teams puts beside an activity, with what a test wants to be different."""
        now = int(time.time())
        plain = {
            "iss": ISSUER,
            "aud": CLIENT,
            "serviceurl": service_url,
            "nbf": now - 60,
            "exp": now + 3600,
            "iat": now,
        }
        said = {name: value for name, value in (plain | changed).items() if value is not None}
        signer = own_key(key or self.key) if algorithm == "RS256" else "password" if algorithm == "HS256" else ""
        return jwt.encode(said, signer, algorithm=algorithm, headers={"kid": kid or key or self.key})

    async def login(self, request: web.Request) -> web.Response:
        """Give a token."""
        form = await request.post()
        if form["client_secret"] != SECRET or request.match_info["tenant"] != HOME:
            return web.json_response({"error": "invalid_client"}, status=401)
        given = {"access_token": _access(str(form["scope"])), "expires_in": 3599, "token_type": "Bearer"}
        return web.json_response(given)

    async def keys(self, _request: web.Request) -> web.Response:
        """Publish the keys."""
        public: Json = json.loads(RSAAlgorithm.to_jwk(own_key(self.key).public_key()))
        if self.endorsements is not None:
            public["endorsements"] = self.endorsements
        return web.json_response({"keys": [public | {"kid": self.key, "use": "sig"}]})

    async def post(self, request: web.Request) -> web.Response:
        """Take an activity."""
        self._authorised(request, "https://api.botframework.com/.default")
        self._posted.append((request.match_info["conversation"], await request.json()))
        return web.json_response({"id": str(next(self._numbers))}, status=201)

    async def replace(self, request: web.Request) -> web.Response:
        """Take an activity in the place of another."""
        self._authorised(request, "https://api.botframework.com/.default")
        place = request.match_info
        self._replaced.append((place["conversation"], place["activity"], await request.json()))
        return web.json_response({"id": place["activity"]})

    async def open(self, request: web.Request) -> web.Response:
        """Make a chat with one person, the same each time."""
        self._authorised(request, "https://api.botframework.com/.default")
        wanted = await request.json()
        self.opened.append(wanted)
        return web.json_response({"id": f"a:with-{wanted['members'][0]['id']}"}, status=201)

    async def group(self, request: web.Request) -> web.Response:
        """Say by which number Microsoft Graph knows a team."""
        self._authorised(request, "https://api.botframework.com/.default")
        return web.json_response({"id": request.match_info["team"], "name": "Invented", "aadGroupId": GROUP_OF_TEAM})

    async def graph(self, request: web.Request) -> web.Response:
        """Show the messages of a channel, or the answers to one of them, the newest first, a page at a time."""
        self._authorised(request, "https://graph.microsoft.com/.default")
        place, start = request.match_info, int(request.query.get("skip", "0"))
        if place["team"] != GROUP_OF_TEAM:
            raise web.HTTPNotFound
        thread = f";messageid={place['message']}" if "message" in place else ""
        found = [_as_graph_shows(one, str(at)) for at, (where, one) in enumerate(self._posted, 1_700_000_000_001)
                 if where == place["channel"] + thread][::-1]  # fmt: skip
        page: Json = {"value": found[start : start + PAGE]}
        if start + PAGE < len(found):
            page["@odata.nextLink"] = f"{self.url}{request.path}?skip={start + PAGE}"
        return web.json_response(page)

    @web.middleware
    async def moods(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Hang, cut the connection or refuse, as told."""
        what = handler.__name__
        self._asked.append(what)
        if what in self._hanging:
            await self._released.wait()
        if what in self._dropping and request.transport:
            request.transport.abort()
        if what in self._refusals:
            status, wait = self._refusals[what]
            headers = {} if wait is None else {"Retry-After": wait}
            return web.json_response({"error": {"code": "Invented"}}, status=status, headers=headers)
        answer: web.StreamResponse = await handler(request)
        return answer

    @staticmethod
    def _authorised(request: web.Request, scope: str) -> None:
        if request.headers.get("Authorization") != f"Bearer {_access(scope)}":
            raise web.HTTPUnauthorized


def _access(scope: str) -> str:
    return f"{TOKEN}-for-{scope}"


def _as_graph_shows(activity: Mapping[str, Any], message_id: str) -> Json:
    attached = [
        {"contentType": one["contentType"], "content": json.dumps(one["content"])} for one in activity["attachments"]
    ]
    changed = "2026-11-21T09:30:00.000Z"
    return {"id": message_id, "lastModifiedDateTime": changed, "createdDateTime": changed, "attachments": attached}


@asynccontextmanager
async def listening(microsoft: FakeMicrosoft) -> AsyncIterator[FakeMicrosoft]:
    """Let a fake Microsoft listen on a free port of this machine."""
    app = web.Application(middlewares=[microsoft.moods])
    channel = "/v1.0/teams/{team}/channels/{channel}/messages"
    app.router.add_post("/{tenant}/oauth2/v2.0/token", microsoft.login)
    app.router.add_get("/v1/.well-known/keys", microsoft.keys)
    app.router.add_post("/teams/v3/conversations", microsoft.open)
    app.router.add_post("/teams/v3/conversations/{conversation}/activities", microsoft.post)
    app.router.add_put("/teams/v3/conversations/{conversation}/activities/{activity}", microsoft.replace)
    app.router.add_get("/teams/v3/teams/{team}", microsoft.group)
    app.router.add_get(channel, microsoft.graph)
    app.router.add_get(f"{channel}/{{message}}/replies", microsoft.graph)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    microsoft.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield microsoft
    finally:
        microsoft.releases()
        await runner.cleanup()
