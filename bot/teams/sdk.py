"""The only module that knows Microsoft's library: it says who really sent a request. It also posts, with a token.

What arrives goes through the library's own check of tokens and no further: its typed activities make an error of
every activity that they do not know, and its application listens to variables of the environment that switch the
check off. Keys and tokens are fetched here, beside the requests, because the library fetches keys while every other
request waits, and cannot say whether it was the token or the message that failed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote

import httpx
import jwt
import structlog

from bot.clock import steady
from bot.findings import StartupError
from bot.settings import Settings
from bot.teams.sender import TIMEOUT_SECONDS, NoTokenError

with_dotenv = os.environ.get("PYTHON_DOTENV_DISABLED")
os.environ["PYTHON_DOTENV_DISABLED"] = "1"  # or importing it reads any .env of a parent folder into the environment
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of its own previews, of which nothing is used here
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.apps.auth import TokenValidator

if with_dotenv is None:
    del os.environ["PYTHON_DOTENV_DISABLED"]
else:
    os.environ["PYTHON_DOTENV_DISABLED"] = with_dotenv

log = structlog.get_logger()

PATH = "/api/messages"
_KEYS_FOR = 3600.0  # seconds after which the keys are fetched again
_KEYS_AGAIN = 60.0  # seconds between two fetches because of a key that is not known
_TOKEN_EARLY = 300.0  # seconds before a token ends, from which a new one is fetched
_KEYS = re.compile(r"/openidconfiguration$")
_REFUSED = (400, 401)
_UNAUTHORISED = 401
_CHANNEL = "msteams"
Json = Mapping[str, Any]

for _name in ("microsoft_teams", "httpx", "httpcore"):  # they log addresses, ids and what tokens say
    logging.getLogger(_name).setLevel(logging.CRITICAL)
    logging.getLogger(_name).addFilter(lambda _: False)
    logging.getLogger(_name).propagate = False


class Connector:
    """Our side of the connection to Teams. It lives as long as the adapter, between `start` and `stop`."""

    def __init__(
        self, settings: Settings, *, steady: Callable[[], float] = steady, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        secret = settings.teams_client_secret
        self._client_id = settings.teams_client_id
        self._secret = secret.get_secret_value() if secret else ""
        self._home = settings.teams_tenant_ids[0]
        self._login, self._issuer = settings.teams_login_url.rstrip("/"), settings.teams_issuer
        self._http = httpx.AsyncClient(timeout=timeout)
        self._keys = _Keys(self._http, _KEYS.sub("/keys", settings.teams_keys_url), steady)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._fetching = asyncio.Lock()
        self.steady = steady
        cloud = with_overrides(PUBLIC, openid_metadata_url=settings.teams_keys_url, token_issuer=self._issuer)
        self._checks = TokenValidator.for_service(self._client_id, cloud=cloud)
        self._checks._jwks_client = cast("jwt.PyJWKClient", self._keys)  # noqa: SLF001 - its own blocks while it fetches

    async def start(self) -> None:
        """Fetch the keys and a first token. Raises StartupError."""
        found = await asyncio.gather(self._keys.refresh(), self._fetched(PUBLIC.bot_scope), return_exceptions=True)
        for error in found:
            if isinstance(error, httpx.HTTPStatusError):
                refused = error.response.status_code in _REFUSED
                raise _SECRET if refused else _UNREACHABLE from None  # the error itself holds what was sent
            if isinstance(error, httpx.HTTPError | jwt.PyJWTError | ValueError | KeyError):
                raise _UNREACHABLE from error
            if isinstance(error, BaseException):
                raise error

    async def stop(self) -> None:
        """Close the connections."""
        await self._keys.stop()
        await self._http.aclose()

    async def authentic(self, body: Json, authorization: str) -> bool:
        """Say whether Teams itself sent this body, for this bot."""
        token = authorization.removeprefix("Bearer ").strip()
        if not await self._may_be_known(token):
            return False
        try:
            await self._checks.validate_token(token, body["serviceUrl"])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            return False
        return True

    async def post(self, service_url: str, conversation: str, activity: Json) -> str:
        """Post an activity and return its id. Raises httpx.HTTPError; NoTokenError when there is no token."""
        return str((await self._call("POST", _of(service_url, conversation), activity)).get("id", ""))

    async def replace(self, service_url: str, conversation: str, activity_id: str, activity: Json) -> None:
        """Put another activity in the place of one that was posted. Raises as `post` does."""
        await self._call("PUT", f"{_of(service_url, conversation)}/{quote(activity_id)}", activity)

    async def open_chat(self, service_url: str, tenant: str, user: str) -> str:
        """Return the conversation with one person, which is made where there is none. Raises as `post` does."""
        wanted = {
            "bot": {"id": f"28:{self._client_id}"}, "isGroup": False, "members": [{"id": user}], "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }  # fmt: skip
        return str((await self._call("POST", f"{service_url.rstrip('/')}/v3/conversations", wanted))["id"])

    async def group(self, service_url: str, team: str) -> str:
        """Return the number that Microsoft Graph knows a team by. Raises as `post` does."""
        return str((await self._call("GET", f"{service_url.rstrip('/')}/v3/teams/{quote(team)}"))["aadGroupId"])

    async def graph(self, url: str, params: Mapping[str, str]) -> Json:
        """Read something from Microsoft Graph. Raises as `post` does."""
        return await self._call("GET", url, params=params, scope=PUBLIC.graph_scope)

    async def _call(
        self, method: str, url: str, body: Json | None = None, *,
        params: Mapping[str, str] | None = None, scope: str = PUBLIC.bot_scope,
    ) -> Json:  # fmt: skip
        for _ in range(2):
            headers = {"Authorization": f"Bearer {await self._token(scope)}"}
            # empty parameters would take away those that the address of a further page has
            answer = await self._http.request(method, url, json=body, params=params or None, headers=headers)
            if answer.status_code != _UNAUTHORISED:
                break
            self._tokens.pop(scope, None)  # it was taken back before its time: what it was sent with was not taken
        answer.raise_for_status()
        return _read(answer)

    async def _may_be_known(self, token: str) -> bool:
        """Look at what a token says of itself, before anything is fetched or believed because of it."""
        try:
            header = jwt.get_unverified_header(token)
            said = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            return False
        if said.get("iss") != self._issuer or not isinstance(header.get("kid"), str):
            return False
        return await self._keys.know(header["kid"])

    async def _token(self, scope: str | list[str], _tenant: str | None = None) -> str:
        """Return a token for what is sent. Raises NoTokenError: nothing was sent then."""
        try:
            return await self._fetched(scope if isinstance(scope, str) else " ".join(scope))
        except httpx.HTTPStatusError as error:
            raise NoTokenError(f"no token: status {error.response.status_code}") from None  # it holds the secret
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise NoTokenError(f"no token: {type(error).__name__}") from None

    async def _fetched(self, scope: str) -> str:
        """Return a token, the last one as long as it is good. Raises httpx.HTTPError, ValueError and KeyError."""
        async with self._fetching:
            token, until = self._tokens.get(scope, ("", 0.0))
            if self.steady() < until:
                return token
            answer = await self._http.post(
                f"{self._login}/{self._home}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._secret,
                    "scope": scope,
                },
            )  # fmt: skip
            answer.raise_for_status()
            found = _read(answer)
            token = str(found["access_token"])
            self._tokens[scope] = (token, self.steady() + float(found.get("expires_in", 0)) - _TOKEN_EARLY)
            return token


class _Keys:
    """The public keys by which Teams signs, fetched beside the requests. The library asks it as its own."""

    def __init__(self, http: httpx.AsyncClient, url: str, steady: Callable[[], float]) -> None:
        self._http, self._url, self._steady = http, url, steady
        self._known: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def know(self, kid: str) -> bool:
        """Say whether a key is one of Teams'. Only who brings one that is not known waits, and not often."""
        if kid in self._known:
            self._fetch_after(_KEYS_FOR)
            return True
        self._fetch_after(_KEYS_AGAIN)
        if self._fetching is not None:
            await asyncio.wait([self._fetching])
        return kid in self._known

    async def refresh(self) -> None:
        """Fetch the keys. Raises httpx.HTTPError, and PyJWTError, ValueError or KeyError for what are no keys."""
        self._fetched_at = self._steady()
        answer = await self._http.get(self._url)
        answer.raise_for_status()
        keys = [key for key in _read(answer)["keys"] if _CHANNEL in key.get("endorsements", (_CHANNEL,))]
        self._known = {str(key.key_id): key for key in jwt.PyJWKSet.from_dict({"keys": keys}).keys}

    async def stop(self) -> None:
        """End a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _fetch_after(self, seconds: float) -> None:
        if self._steady() - self._fetched_at > seconds and (self._fetching is None or self._fetching.done()):
            self._fetching = asyncio.create_task(self._reported(), name="keys of Teams")

    async def _reported(self) -> None:
        try:
            await self.refresh()
        except (httpx.HTTPError, jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("keys of Teams not fetched", error=type(error).__name__)

    def get_signing_key_from_jwt(self, token: str) -> jwt.PyJWK:
        """Return the key that a token was signed with, as the library asks for it."""
        try:
            return self._known[str(jwt.get_unverified_header(token).get("kid"))]
        except KeyError:
            raise jwt.PyJWKClientError("not one of the keys") from None


def _of(service_url: str, conversation: str) -> str:
    return f"{service_url.rstrip('/')}/v3/conversations/{quote(conversation, safe=':@;=')}/activities"


def _read(answer: httpx.Response) -> Json:
    found = answer.json() if answer.content else {}
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - an answer from outside, as broken JSON is
    return found


_SECRET = StartupError(
    "teams.secret",
    "Microsoft does not accept THSCP_TEAMS_CLIENT_ID with THSCP_TEAMS_CLIENT_SECRET.",
    "Make a new client secret for the app registration and copy its value, not its id; see docs/teams.md.",
)
_UNREACHABLE = StartupError(
    "teams.unreachable",
    "Microsoft's login or its keys cannot be reached.",
    "Check that this machine may reach login.microsoftonline.com and login.botframework.com over HTTPS.",
)
