"""From a signed message of Teams to the post of its answer, beside a bare web application that does only that.

Both are served by uvicorn in a process of their own on this machine, turn by turn in the same run. Microsoft's login,
keys and connector are the stand-in of the tests, in the process that asks: what it takes is part of every figure. The
bot has Slack, Teams and e-mail on, writes to a SQLite file, and answers through the outbox. Run it alone:
`python -m bench.teams`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from bench import everything
from bench.slack import _cpu_seconds, _listen, _verdict, _wait_for, slack_that_knows_us
from tests.teams.fake_microsoft import CLIENT, HOME, ISSUER, SECRET, FakeMicrosoft, listening
from tests.teams.office import Office, chat_of

PEOPLE, MESSAGES, ROUNDS = 200, 600, 3  # each person writes once before anything is counted
MAX_P95_MS = 50.0
LONGEST_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server did in one round: milliseconds of processor for a message, and until its answer was posted."""

    cpu: float
    p50: float
    p95: float


def run() -> None:
    """Measure both servers, turn by turn, and print the figures and their ratios."""
    found: dict[str, list[Figures]] = {"bare": [], "bot": []}
    for _ in range(ROUNDS):
        for name, rounds in found.items():
            with tempfile.TemporaryDirectory() as folder, slack_that_knows_us() as slack:
                rounds.append(asyncio.run(_measured(name, Path(folder), slack)))
    bare, bot = (_middle(rounds) for rounds in found.values())
    print("Teams: a signed 'threshold' in, its answer out at the connector, everything on, against a bare application")
    print(f"  {'':22}{'bare':>12}{'the bot':>12}{'ratio':>8}")
    for label, name in (("CPU per message", "cpu"), ("p50", "p50"), ("p95", "p95")):
        one, other = getattr(bare, name), getattr(bot, name)
        print(f"  {label:22}{one:>9.2f} ms{other:>9.2f} ms{other / one:>8.2f}")
    print(f"  Aim: p95 under {MAX_P95_MS:g} ms: {_verdict(bot.p95 < MAX_P95_MS)}.")


def _middle(rounds: list[Figures]) -> Figures:
    return Figures(*(statistics.median(getattr(one, name) for one in rounds) for name in Figures.__slots__))


# --- who asks, and where the answers come out --------------------------------------------------------------


class _Microsoft(FakeMicrosoft):
    """Tells when something was posted in a conversation."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited: dict[str, asyncio.Future[float]] = {}

    async def post(self, request: web.Request) -> web.Response:
        """Take an activity, and tell whoever waits for it."""
        answer = await super().post(request)
        waiting = self.awaited.pop(request.match_info["conversation"], None)
        if waiting is not None:
            waiting.set_result(time.perf_counter())
        return answer


async def _measured(name: str, folder: Path, slack: str) -> Figures:
    async with listening(_Microsoft()) as microsoft:
        assert isinstance(microsoft, _Microsoft)
        async with (
            _serving(name, folder, everything.settings(slack, microsoft.url)) as (address, process),
            httpx.AsyncClient(base_url=address, trust_env=False) as http,
        ):
            office = Office(http, microsoft)
            signature = office.signature()
            for number in range(PEOPLE):
                await _asked(office, microsoft, signature, number)
            before = _cpu_seconds(process)
            times = sorted([await _asked(office, microsoft, signature, number) for number in range(MESSAGES)])
            cpu = _cpu_seconds(process) - before
    at = [times[len(times) * share // 100] * 1000 for share in (50, 95)]
    return Figures(cpu / MESSAGES * 1000, *at)


async def _asked(office: Office, microsoft: _Microsoft, signature: str, number: int) -> float:
    """Write as one of the people, and return the seconds until the answer was posted in their chat."""
    person = f"{number % PEOPLE:08x}-0000-4000-8000-000000000000"
    message = json.dumps(office.personal("personal-message", by=person, text="threshold"))
    microsoft.awaited[chat_of(person)] = posted = asyncio.get_running_loop().create_future()
    began = time.perf_counter()
    answer = await office.posts(message, authorization=f"Bearer {signature}")
    async with asyncio.timeout(LONGEST_SECONDS):
        ended: float = await posted
    if answer.status_code != httpx.codes.OK or "hreshold" not in json.dumps(microsoft.posted(chat_of(person))[-1]):
        raise RuntimeError(f"unexpected answer: {answer.status_code}")
    return ended - began


# --- the servers -------------------------------------------------------------------------------------------


@asynccontextmanager
async def _serving(name: str, folder: Path, settings: Mapping[str, str]) -> AsyncIterator[tuple[str, int]]:
    """Serve in a process of its own; give its address and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = everything.environment({**settings, "database_url": f"sqlite:///{folder}/bench.db"})
    clean = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    arguments = [sys.executable, "-m", "bench.teams", "--serve", name, "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*arguments, env=clean | own)
    try:
        await asyncio.to_thread(_wait_for, port)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        await process.wait()


def serve(name: str, port: int) -> None:
    """Be one of the two servers until told to stop."""
    import uvloop

    from bot.settings import Settings

    settings = Settings(_env_file=None)
    uvloop.run(_serve_bot(settings, port) if name == "bot" else _serve_bare(settings, port))


async def _serve_bot(settings: Any, port: int) -> None:
    from bot import app, logs

    logs.configure("WARNING")
    await app.production(settings).serve(host="127.0.0.1", port=port, ready=lambda: None)


async def _serve_bare(settings: Any, port: int) -> None:
    import jwt
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async with httpx.AsyncClient() as http:
        scope = {"client_id": CLIENT, "client_secret": SECRET, "scope": "https://api.botframework.com/.default"}
        token = (await http.post(f"{settings.teams_login_url}/{HOME}/oauth2/v2.0/token", data=scope)).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        keys = (await http.get(settings.teams_keys_url.replace("openidconfiguration", "keys"))).json()
        [key] = jwt.PyJWKSet.from_dict(keys).keys

        async def answer(request: Request) -> Response:
            signature = request.headers["authorization"].removeprefix("Bearer ")
            jwt.decode(signature, key, algorithms=["RS256"], audience=CLIENT, issuer=ISSUER)
            asked = await request.json()
            url = f"{asked['serviceUrl']}v3/conversations/{asked['conversation']['id']}/activities"
            await http.post(url, json={"type": "message", "text": "Threshold"}, headers=headers)
            return Response()

        await _listen(Starlette(routes=[Route("/api/messages", answer, methods=["POST"])]), port)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", choices=["bare", "bot"])
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.port)
    else:
        run()
