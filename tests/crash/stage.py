"""The stage of one run: a database, a chat server, the bots on it, and the book of what was queued."""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db import engine as database
from db import migrate
from db.deliveries import State
from db.tables import metadata
from tests import databases
from tests.crash.ledger import Ledger, reading
from tests.crash.places import Places, Teams
from tests.crash.processes import SECRET, TOKEN, Bot, ChatServer, Pace, wait_until
from tests.crash.report import Report
from tests.databases import Cluster
from tests.teams.fake_microsoft import CLIENT, HOME
from tests.teams.fake_microsoft import SECRET as CLIENT_SECRET

# The real paces would only make it last longer.
QUICKLY = {"slack_channel_pace": "0.05", "slack_per_second": "0", "teams_pace": "0.05", "teams_per_second": "0"}
SECRETARY, SECRETARY_IN_TEAMS = "slack:U-secretary", "teams:5ec5ec5e-0000-4000-8000-000000000000"
EACH = 10  # deliveries for each channel, so that order matters and one doubt does not hold up everything
_LOOKS = ("conversations.history", "conversations.replies", "graph")
KEPT_LINES = 12  # of what a bot printed, where something is wrong
_COMPLAINT = re.compile(r'"level": "(?:error|warning)"|Error\b')
_EVENT = re.compile(r'.*"event": ("[^"]*").*')
NAME = "crash"  # of the database


@dataclass(frozen=True)
class Setup:
    """What a run begins with."""

    name: str
    deliveries: int
    postgresql: bool = False
    processes: int = 1
    seed: int = 1
    rate: float = 1.0
    chat: tuple[str, ...] = ()  # further options of the chat server
    pace: Pace = field(default_factory=Pace)
    steps_clock: bool = False
    teams: Teams = Teams.NONE


class Stage:
    """Everything that one run needs. It lives as long as the run."""

    def __init__(self, setup: Setup, folder: Path, url: str, chat: ChatServer, cluster: Cluster | None) -> None:
        self.setup = setup
        self.folder = folder
        self.url = url
        self.chat = chat
        self.cluster = cluster
        self.random = random.Random(setup.seed)  # noqa: S311 - to be repeated, not to be secret
        self.ledger = Ledger(url, setup.seed, places=Places(setup.deliveries // EACH, setup.teams))
        self.report = Report(setup.name)
        self.host_clock = folder / "clock" if setup.steps_clock else None
        self.bots = [self._bot(number) for number in range(setup.processes)]
        self._began = self._troubled = time.monotonic()
        self.set_host_clock(0)

    def _bot(self, number: int) -> Bot:
        settings = {
            "database_url": self.url, "slack_bot_token": TOKEN, "slack_signing_secret": SECRET,
            "slack_api_url": self.chat.api_url, "secretariat": SECRETARY, "log_level": "INFO", **QUICKLY,
        }  # fmt: skip
        if self.setup.teams is not Teams.NONE:
            settings |= self._teams() | {"secretariat": f"{SECRETARY},{SECRETARY_IN_TEAMS}"}
        return Bot(self.folder, f"bot-{number}", settings, self.setup.pace, self.host_clock)

    def _teams(self) -> dict[str, str]:
        return {
            "teams_client_id": CLIENT, "teams_client_secret": CLIENT_SECRET, "teams_tenant_ids": HOME,
            "teams_login_url": self.chat.address, "teams_graph_url": self.chat.address,
            "teams_keys_url": f"{self.chat.address}/v1/.well-known/openidconfiguration",
            "teams_history": str(self.setup.teams is Teams.SEEN),
        }  # fmt: skip

    # --- what is done to the bots --------------------------------------------------------------------------

    def start(self, bots: Iterable[Bot] | None = None) -> None:
        """Start some of the bots, or all, and wait until they are ready."""
        chosen = self.bots if bots is None else list(bots)
        for bot in chosen:
            bot.start()
        self.wait(chosen)

    def wait(self, bots: Iterable[Bot] | None = None) -> None:
        """Wait until some of the bots that were started, or all, are ready."""
        for bot in self.bots if bots is None else bots:
            bot.wait()

    def kill(self, *bots: Bot) -> None:
        """Kill bots at once with SIGKILL, and note where the deliveries were at that moment."""
        for bot in bots:
            bot.kill()
        self.troubled()
        with reading(self.url) as connection:
            phases = self.ledger.phases(connection, self.ledger.accepted(self.chat.journal()))
        self.report.kills += len(bots)
        for phase in phases:
            self.report.kills_by_phase[phase] += len(bots)

    def set_host_clock(self, seconds: int) -> None:
        """Step the clock that the bots believe to be the machine's to this many seconds from the true one."""
        if self.host_clock:
            new = self.host_clock.with_suffix(".new")
            new.write_text(f"{seconds:+d}\n", encoding="ascii")
            new.replace(self.host_clock)  # at once: a file that is half written would be the year 1970

    def troubled(self) -> None:
        """Note that the last trouble was now: recovery is counted from here."""
        self._troubled = time.monotonic()

    # --- what is seen of them ------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Return how many deliveries are in each state now."""
        with reading(self.url) as connection:
            return self.ledger.counts(connection)

    def settle(self, *states: State, seconds: float) -> None:
        """Wait until no delivery is in a state, or where it must not stay, for so many seconds at the most.

        Without a state it is also waited for that the secretariat knows of what only a person can settle.
        """
        chosen = states or (State.PENDING, State.SENDING, State.VERIFY)
        with reading(self.url) as connection:
            wait_until(
                lambda: not any(self.ledger.unsettled(connection).get(state.value) for state in chosen),
                seconds=seconds, every=0.2,
            )  # fmt: skip
            self.report.recovery = time.monotonic() - self._troubled
            if not states:
                self.chat.goes_wrong(0)  # one place gets all the notices, and each doubt there holds up the next
                wait_until(
                    lambda: not self.ledger.untold(connection, self.ledger.accepted(self.chat.journal())),
                    seconds=seconds, every=0.2,
                )  # fmt: skip

    def finished(self, *, needed: Iterable[str] = ()) -> Report:
        """Stop everything in good order and return what was found; `needed` names what must have been hit."""
        for bot in self.bots:
            if bot.running:
                bot.ask_to_stop()
        ends = {bot.name: bot.ended() for bot in self.bots}
        journal = self.chat.journal()
        with reading(self.url) as connection:
            verdict = self.ledger.judge(connection, journal)
            for delivery in verdict.lost[:5]:
                self.report.wrong.append(f"lost {self._described(connection, delivery)}")
            self._note_asked(self.ledger.asked(connection), self.ledger.accepted(journal))
            twice = [one for one, times in self.ledger.accepted(journal).items() if len(times) > 1]
            self.report.wrong += [f"sent twice: {self._described(connection, one)}" for one in twice[:5]]
        report = self.report
        report.deliveries, report.faults = verdict.deliveries, verdict.faults
        report.injected = Counter(journal["faults"])
        report.looks = sum(journal["calls"].get(name, 0) for name in _LOOKS)
        report.seconds = time.monotonic() - self._began
        report.wrong += [f"{number} {fault}" for fault, number in verdict.faults.items() if number]
        report.wrong += [f"recorded wrongly: {one}" for one in verdict.misrecorded[:5]]
        report.wrong += [f"{name} ended with {code} when asked to stop" for name, code in ends.items() if code]
        report.wrong += [f"no kill while a delivery was {one}" for one in needed if not report.kills_by_phase[one]]
        if report.wrong:
            report.wrong += self._last_words()
        return report

    def _note_asked(self, asked: Collection[str], accepted: Collection[str]) -> None:
        """Say in the report what only a person can settle, and how much of it had arrived."""
        in_teams = sum(one.destination.platform == "teams" for one in self.ledger.entries.values())
        if in_teams:
            self.report.done.append(f"Teams has {in_teams} of the deliveries: {self.setup.teams.value}")
        arrived = sum(one in accepted for one in asked)
        self.report.done.append(f"{len(asked)} put to a person, of which {arrived} had arrived")

    def _described(self, connection: Any, delivery: str) -> str:
        entry = self.ledger.entries.get(delivery)
        known = f"number {entry.number}, {entry.fate.value}" if entry else "a notice to the secretariat"
        cursor = connection.execute(f"SELECT * FROM deliveries WHERE id = '{delivery}'")  # noqa: S608 - our own id
        names, row = [column[0] for column in cursor.description], cursor.fetchone()
        shown = {name: str(value) for name, value in zip(names, row or (), strict=bool(row)) if value is not None}
        return f"{delivery} ({known}): {shown or 'no row'}"

    def _last_words(self) -> list[str]:
        """Return what the bots complained of, each thing once, and how they ended where that was not in words."""
        lines = [line for bot in self.bots for line in bot.log.read_text(errors="replace").splitlines()]
        said = Counter(_EVENT.sub(r"\1", line)[:200] for line in lines if _COMPLAINT.search(line))
        return [f"printed {number} times: {line}" for line, number in said.most_common(KEPT_LINES)]


@contextmanager
def stage(setup: Setup) -> Iterator[Stage]:
    """Set a stage, and take it down in the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thscp-crash-")))
        cluster = _cluster(stack) if setup.postgresql else None
        url = cluster.url(NAME) if cluster else f"sqlite:///{folder}/crash.db"
        with stage_on(setup, folder, url, cluster) as found:
            yield found


@contextmanager
def stage_on(setup: Setup, folder: Path, url: str, cluster: Cluster | None = None) -> Iterator[Stage]:
    """Set a stage on a database that is there already, with or without tables."""
    engine = database.connect(url)
    migrate.upgrade(engine)
    engine.dispose()
    chat = ChatServer("--seed", str(setup.seed), "--rate", str(setup.rate), *setup.chat)
    found = Stage(setup, folder, url, chat, cluster)
    found.ledger.places.introduce(url, chat.service_url)
    try:
        yield found
    finally:
        for bot in found.bots:
            bot.kill()
        chat.close()


def _cluster(stack: ExitStack) -> Cluster:
    programs = databases.binaries()
    if programs is None:
        raise SystemExit(databases.NOT_INSTALLED)
    found = stack.enter_context(databases.cluster(programs, sorted(metadata.tables), connections=200))
    found.create(NAME)
    return found
