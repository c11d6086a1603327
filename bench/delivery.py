"""Delivery: what one message costs, how late it comes, and what a backlog, a crash and 20,000 messages change.

    python -m bench delivery            all of it
    python -m bench --quick delivery    smaller numbers

The bots are real `thscp serve`; the chat server is a process of its own that answers at once. Each figure that has
a baseline stands beside one of the same run: a loop that selects, posts, updates and commits one by one.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import lag
from bench.claims import print_claims
from bench.slack import _Client
from bot.settings import Settings
from db import deliveries, migrate
from db import engine as database
from db.deliveries import Destination
from db.tables import metadata
from handlers.messages import Card, Text, card_to_json
from tests import databases
from tests.crash.processes import SECRET, TOKEN, Bot, Pace, wait_until

CARD = card_to_json(Card("Bulletin", (Text("Every child that comes to notice is *seen* and **heard**."),)))
UNPACED = {"slack_channel_pace": "0", "slack_per_second": "0"}
AIM_SQLITE, AIM_POSTGRESQL, AIM_LAG_MS, AIM_CRASH_SECONDS, AIM_SHARE = 500, 700, 15, 60, 0.99
PUNCTUAL_SECONDS = 10
WORKSPACE = str(Settings.model_fields["slack_per_second"].default)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    sent: int = 4000
    naive: int = 400
    commands_seconds: float = 15
    due: int = 5000
    channels: int = 500
    few: int = 1000
    many: int = 20_000
    backlog: int = 100_000


QUICK = Sizes(sent=600, naive=100, commands_seconds=4, due=500, channels=50, few=200, many=2000, backlog=10_000)


def run(*, quick: bool = False) -> None:
    """Print the figures, their baselines, and whether the aims are met."""
    sizes = QUICK if quick else Sizes()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="thscp-bench-")))
        chat = stack.enter_context(_chat())
        programs = databases.binaries()
        cluster = None
        if programs:
            cluster = stack.enter_context(databases.cluster(programs, sorted(metadata.tables), connections=200))
        bench = _Bench(folder, chat, cluster, sizes)
        bench.print_cost()
        bench.print_lag()
        bench.print_punctuality()
        bench.print_crash()
        bench.print_memory()
        print_claims(bench.database("sqlite"), sizes.backlog)
        if cluster:
            print_claims(bench.database("postgresql"), sizes.backlog)


class _Chat:
    """The chat server that answers at once, from the outside."""

    def __init__(self, port: str) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self.api_url = f"{self._address}/api/"

    def asked(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self._address}/{what}", timeout=60) as answer:  # noqa: S310 - our own
            return json.load(answer)

    def wait_for(self, number: int, *, seconds: float = 300, every: float = 0.05) -> None:
        if not wait_until(lambda: self.asked("count") >= number, seconds=seconds, every=every):
            raise TimeoutError(f"{self.asked('count')} of {number} messages were posted in {seconds:.0f} s")


@contextmanager
def _chat() -> Iterator[_Chat]:
    process = subprocess.Popen([sys.executable, "-m", "bench.instant"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield _Chat(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class _Bench:
    """The parts of the measurement. Each has a new database."""

    def __init__(self, folder: Path, chat: _Chat, cluster: Any, sizes: Sizes) -> None:
        self.folder, self.chat, self.cluster, self.sizes = folder, chat, cluster, sizes
        self._number = 0

    @property
    def kinds(self) -> Sequence[str]:
        """Return the databases that can be measured here."""
        return ("sqlite", "postgresql") if self.cluster else ("sqlite",)

    def database(self, kind: str) -> str:
        """Return the address of a new database with every table."""
        self._number += 1
        name = f"bench_{self._number}"
        if kind == "postgresql":
            self.cluster.create(name)
        url = self.cluster.url(name) if kind == "postgresql" else f"sqlite:///{self.folder}/{name}.db"
        engine = database.connect(url)
        migrate.upgrade(engine)
        engine.dispose()
        self.chat.asked("restart")
        return url

    @contextmanager
    def serving(self, url: str, number: int = 1, program: str = "", **more: str) -> Iterator[list[Bot]]:
        """Run this many bots on a database; `program` is what they begin with."""
        settings = {
            "database_url": url, "slack_bot_token": TOKEN, "slack_signing_secret": SECRET,
            "slack_api_url": self.chat.api_url, "log_level": "WARNING", **UNPACED, **more,
        }  # fmt: skip
        bots = [Bot(self.folder, f"bot-{self._number}-{one}", settings, Pace(program)) for one in range(number)]
        try:
            for bot in bots:
                bot.start()
            for bot in bots:
                bot.wait()
            yield bots
        finally:
            for bot in bots:
                bot.kill()

    # --- what one costs ------------------------------------------------------------------------------------

    def print_cost(self) -> None:
        print("Messages a second, from the first that is posted to the last (HTTP and the chat server included)")
        for kind, workers, aim in (
            ("sqlite", 1, AIM_SQLITE), ("postgresql", 1, None), ("postgresql", 3, AIM_POSTGRESQL),
        ):  # fmt: skip
            if kind in self.kinds:
                naive, ours = self._naive(kind), self._rate(kind, workers)
                aimed = f"   aim {aim}: {_verdict(ours >= aim)}" if aim else ""
                print(f"  {kind:12}{workers} process{'es' if workers > 1 else '  '}{ours:8.0f}", end="")
                print(f"   naive loop{naive:6.0f}   ratio{ours / naive:6.1f}{aimed}")

    def _rate(self, kind: str, workers: int) -> float:
        url = self.database(kind)
        begin = datetime.now(UTC) + timedelta(seconds=5 + 4 * workers)  # when all of them are up
        queue(url, self.sizes.sent, self.sizes.channels, due=begin)
        with self.serving(url, workers):
            self.chat.wait_for(self.sizes.sent)
            times = [at for _, at in self.chat.asked("posted")]
        return len(times) / (max(times) - max(min(times), begin.timestamp()))

    def _naive(self, kind: str) -> float:
        url = self.database(kind)
        queue(url, self.sizes.naive, self.sizes.channels, due=datetime.now(UTC))
        return asyncio.run(_one_by_one(url, self.chat.api_url))

    # --- beside commands -----------------------------------------------------------------------------------

    def print_lag(self) -> None:
        print("\nHow late the event loop comes to what is due, in ms, with 100 commands at once")
        url = self.database("sqlite")
        file = self.folder / "lag"
        os.environ[lag.FILE] = str(file)
        for name, number in (("nothing to send", 0), ("while a bulletin goes out", self.sizes.sent)):
            if number:
                queue(url, number, self.sizes.channels, due=datetime.now(UTC))
            with self.serving(url, program="import bench.lag") as bots:
                answered = asyncio.run(_commands(bots[0].wait(), self.sizes.commands_seconds))
                bots[0].ask_to_stop()
                bots[0].ended()
            found = sorted(map(float, file.read_text(encoding="ascii").split()))
            p99 = found[len(found) * 99 // 100]
            verdict = f"   aim {AIM_LAG_MS}: {_verdict(p99 < AIM_LAG_MS)}" if number else ""
            print(
                f"  {name:28}p50 {statistics.median(found):6.2f}   p99 {p99:6.2f}   "
                f"{answered / self.sizes.commands_seconds:6.0f} commands a second{verdict}"
            )
        del os.environ[lag.FILE]

    # --- in time -------------------------------------------------------------------------------------------

    def print_punctuality(self) -> None:
        due, channels = self.sizes.due, self.sizes.channels
        print(f"\nOf {due} posts over {channels} channels, one a second to each, the share within 10 s of its time")
        for name, spread, per_second, kinds in (
            ("due within one minute", 60.0, "0", self.kinds),
            ("due at the same instant", 0.0, "0", self.kinds),
            (f"within one minute, {WORKSPACE} a second in the whole workspace", 60.0, WORKSPACE, self.kinds[-1:]),
        ):
            for kind in kinds:
                share, median, last = self._punctual(kind, 1 if kind == "sqlite" else 3, spread, per_second)
                verdict = f"   aim 99%: {_verdict(share >= AIM_SHARE)}" if per_second == "0" else ""
                print(f"  {name}, {kind}: {share:.1%}, median {median:.1f} s, last {last:.1f} s{verdict}")

    def _punctual(self, kind: str, workers: int, spread: float, per_second: str) -> tuple[float, float, float]:
        url = self.database(kind)
        begin = datetime.now(UTC) + timedelta(seconds=6 + 4 * workers)
        due = queue(url, self.sizes.due, self.sizes.channels, due=begin, spread=spread)
        with self.serving(url, workers, slack_channel_pace="1", slack_per_second=per_second):
            self.chat.wait_for(self.sizes.due, seconds=600, every=0.5)
            late = sorted(at - due[delivery] for delivery, at in self.chat.asked("posted"))
        return sum(one <= PUNCTUAL_SECONDS for one in late) / len(late), late[len(late) // 2], late[-1]

    # --- after a crash -------------------------------------------------------------------------------------

    def print_crash(self) -> None:
        print("\nSeconds after a SIGKILL")
        for kind in self.kinds:
            url, number = self.database(kind), self.sizes.sent
            queue(url, number, self.sizes.channels, due=datetime.now(UTC))
            with self.serving(url) as bots:
                self.chat.wait_for(number // 4, every=0.005)
                bots[0].kill()
                killed = time.time()
                bots[0].start()
                self.chat.wait_for(self.chat.asked("count") + 1, every=0.005)
                again = time.time() - killed
                _wait_for_sent(url, number)
                whole = time.time() - killed
            verdict = _verdict(whole < AIM_CRASH_SECONDS)
            print(f"  {kind:12}the next is posted {again:5.1f}   all settled {whole:5.1f}   aim 60: {verdict}")

    # --- memory --------------------------------------------------------------------------------------------

    def print_memory(self) -> None:
        few, many = self.sizes.few, self.sizes.many
        url = self.database("sqlite")
        queue(url, many, self.sizes.channels, due=datetime.now(UTC))
        with self.serving(url) as bots:
            self.chat.wait_for(few, every=0.02)
            first = _resident(bots[0].pid)
            self.chat.wait_for(many)
            last = _resident(bots[0].pid)
        print(f"\nMemory after {few} messages {first:.0f} MB, after {many} {last:.0f} MB, ratio {last / first:.2f}")


def queue(url: str, number: int, channels: int, *, due: datetime, spread: float = 0.0) -> dict[str, float]:
    """Queue bulletins, each for every channel, due in even steps over `spread` seconds; return when each is due."""
    engine = database.connect(url)
    times: dict[str, float] = {}
    bulletins = -(-number // channels)
    for bulletin in range(bulletins):
        at = due + timedelta(seconds=spread * bulletin / bulletins)
        to = [Destination("slack", f"C{one}") for one in range(min(channels, number - bulletin * channels))]
        key = f"bench:{bulletin}:{time.time()}"
        with database.transaction(engine) as session:
            deliveries.put(
                session, key=key, kind="bulletin", card=CARD, destinations=to, now=datetime.now(UTC), due_at=at
            )
            times.update({row.delivery_id: at.timestamp() for row in deliveries.report(session, key)})
    engine.dispose()
    return times


async def _one_by_one(url: str, api_url: str) -> float:
    """Send everything in the plainest way: select, post, update, commit; return how many a second."""
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy import select

    from bot.slack.sender import SlackSender
    from db.deliveries import Delivery, Occurrence
    from handlers.messages import card_from_json

    engine = database.connect(url)
    sender = SlackSender(AsyncWebClient(TOKEN, api_url, retry_handlers=[]))
    sent, began = 0, time.perf_counter()
    while True:
        with database.transaction(engine) as session:
            row = session.scalar(select(Delivery).where(Delivery.state == "pending").order_by(Delivery.due_at).limit(1))
            if row is None:
                break
            occurrence = session.get_one(Occurrence, row.occurrence_id)
            to = Destination(row.platform, row.address)
            row.message_id = await sender.send(to, card_from_json(occurrence.card), delivery_id=row.id)
            row.state = "sent"
        sent += 1
    engine.dispose()
    return sent / (time.perf_counter() - began)


async def _commands(port: int, seconds: float) -> int:
    """Ask with 100 clients at once, each again when it is answered; return how many answers there were."""
    clients = [await _Client.connected(port) for _ in range(100)]
    until = time.perf_counter() + seconds

    async def asks(client: _Client) -> int:
        number = 0
        while time.perf_counter() < until:
            await client.ask()
            number += 1
        client.close()
        return number

    return sum(await asyncio.gather(*map(asks, clients)))


def _wait_for_sent(url: str, number: int) -> None:
    from tests.crash.ledger import reading

    with reading(url) as connection:
        count = "SELECT count(*) FROM deliveries WHERE state = 'sent'"
        if not wait_until(lambda: connection.execute(count).fetchone()[0] >= number, seconds=300, every=0.2):
            raise TimeoutError("not everything was sent")


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say how much memory a process holds")


def _verdict(met: bool) -> str:  # noqa: FBT001 - it says one thing of one figure
    return "met" if met else "NOT met"
